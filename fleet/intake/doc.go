// Package intake takes a new version over HTTP and has it put into the slot
// that is not running. Nobody gets in without the secret that the boxes of a
// wiki share; the version is what its holder sends. It will be tried, and stays
// only if it becomes healthy; package slot says how.
//
// # Wire format
//
//	GET /version   {"slot":"a","serial":1,"trial":false,"failed":0,"nonce":"…"}
//	PUT /version   a release; 202 {"serial":2} when it is on the disk as sent;
//	               the box starts again
//
// A release is one line of JSON (a Manifest), a line feed, the root, the kernel.
// The request carries
//
//	Authorization: ARGSS KEYED
//
// where KEYED is the hex HMAC-SHA256 of the nonce, a line feed and the manifest
// with neither end of line, under the key HMAC-SHA256(secret, "argss update 1").
// The manifest holds the hashes of what follows it, so all of it is covered. A
// nonce is of use once and for an hour, so what was sent once cannot be
// sent again by somebody else.
package intake
