// Package wikitest holds the complete fakes of the wiki's interfaces and the
// conformance suites that every implementation passes.
//
// Memory is a wiki.Store that is obviously right. Disk is a wiki.Files whose
// power can be cut at any write: what was not synced is then kept, lost or torn
// as a seed decides. TestStore, TestBlobs and TestFiles hold the promises of the
// interfaces' comments; each runs against every implementation there is.
package wikitest
