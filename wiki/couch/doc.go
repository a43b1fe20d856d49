// Package couch is the wire between boxes, both ends: the CouchDB replication
// protocol over HTTP and JSON, so that curl can read it, PouchDB in a browser
// can replicate with it and a real CouchDB can take over when a wiki outgrows
// boxes. It promises that nothing enters a set that is not a verified revision
// the space's gate admits, with its parents and the pieces of its files held.
//
// # The database
//
// A space is a database under /db/{space}/, a revision is a document:
//
//	_id   "rev:" and the revision's ID
//	_rev  "1-" and the ID's first 32 digits
//
// Documents are never updated or deleted, so a database never sees a conflict.
// A writer's own _rev is not believed after the content has been checked
// against the _id: for a held ID every generation-1 rev counts as present.
//
//	GET  /db/                     welcome, with the box's lasting uuid
//	GET  /db/_all_dbs             the spaces the caller may read
//	GET  /db/{space}/             facts; PUT answers 412, it exists
//	GET  …/_changes               also POST; since limit style feed=normal|longpoll|continuous
//	                              heartbeat timeout include_docs descending doc_ids
//	POST …/_revs_diff             {id:[rev…]} → what is missing
//	POST …/_bulk_get              {"docs":[{"id":…,"rev":…}]}, ?revs=true
//	POST …/_bulk_docs             {"docs":[…],"new_edits":false} → 201 and the refused ones
//	GET  …/{docid}                rev, open_revs (JSON or multipart/mixed), revs, latest
//	GET  …/_all_docs              also POST; keys startkey endkey limit include_docs
//	GET PUT DELETE …/_local/{id}  others' checkpoints; bounded, the oldest make room
//	POST …/_ensure_full_commit    every answer is durable already
//
// What this face refuses by design, each with one sentence: new_edits:true,
// also by omission (a database that minted its own _id could not name
// revisions by their content), updates and deletions of documents, making and
// deleting databases, filters but _doc_ids, views, attachments (files are
// blobs). A refused document is listed by itself, {"id","error","reason"}:
//
//	forbidden            not a revision, not the one its _id names, a deletion,
//	                     a later generation, or the space's rules do not admit it
//	precondition_failed  its parents or its files' pieces are not known here or
//	                     on any live peer; sent again with them it is taken. One
//	                     that lacks parents is kept aside meanwhile, within
//	                     bounds, and joins by itself when they come
//
// A place in the feed is an opaque string to its readers, here
//
//	<sequence>-<store identity>-<first 16 digits of the ID at that sequence>
//
// and 0-<store identity> at the beginning. A place of another store, beyond
// the end, or at which another revision stands, is no place: the feed starts
// from 0. So a restored or cloned disk never makes a reader skip anything.
//
// # Who may what
//
// Requests with "Authorization: Bearer <pair secret>" come from a paired box.
// It names itself in Argss-Box and its store in Argss-Store, and so does every
// answer to it: that pair of names makes an answered push a receipt (its answer
// adds in Argss-Seq up to where that store was filled then), and a pull since N
// the proof that the peer holds everything up to N. A box that reads a
// feed ahead of what it holds leaves its name out. All others are
// outsiders, and a space whose read rule is "boxes" does not exist for them.
//
// # Between boxes only
//
//	POST …/_heartbeat           Heartbeat for Heartbeat
//	GET  …/_tree?prefix=hex     prefix of 0 or 1 bytes: {"nodes":[256 digests]};
//	                            of 2 bytes: {"ids":[…]}
//	GET HEAD PUT /blob/{hash}   pieces of files; PUT is durable before its 201
//
// Bodies and answers may be compressed, gzip or zstd. A body that unpacks to
// more than Limits.Bytes is a 413 however small it came.
package couch
