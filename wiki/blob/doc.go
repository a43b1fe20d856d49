// Package blob keeps pieces of files on one disk, each under the hash of its
// content: it is the wiki.Blobs that boxes run on.
//
// A piece lies in blobs/ab/<hash>, its bytes as they are, where ab are the first
// two digits of the hash; the name is the checksum. It is written to
// blobs/tmp/<hash>, synced, renamed and the folder synced before it is
// acknowledged: a power cut leaves the whole piece or none, and leftovers are
// removed at Open. Every read is checked against the hash. A piece that does
// not fit its name is damaged, and put again it is whole again.
package blob
