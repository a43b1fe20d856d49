// Package wiki is the heart of the wiki: a grow-only set of immutable
// revisions, and the pure rules that read pages out of it.
//
// # The idea
//
// A page is the set of revisions that carry its name. Its heads are the
// revisions no other held revision of the page names as a parent; two heads
// are a conflict, or a merge when their texts combine. Deleting, renaming,
// uploading and erasing are revisions too. Nothing is changed in place, so
// copying is set union and nothing can be lost by copying.
//
// # Frozen bytes
//
// These are the same on every box and in every version; testdata/vectors.json
// holds examples that Go and JavaScript both reproduce.
//
// A document is a JSON object {"body":…,"header":…,"salt":…}. Its canonical
// bytes follow RFC 8785 (JCS) with these restrictions: the only numbers are
// integers with absolute value below 2^53, written without fraction or
// exponent; no lone surrogates, no invalid UTF-8, no member twice; members
// whose name starts with "_" are dropped at every depth.
//
//	header  author   opaque ID of the writer, "" for nobody in particular
//	        body     SHA-256(salt ‖ canonical body), 64 lower-case hex digits
//	        kind     edit, upload, delete, rename, erase; others are kept, not read
//	        page     the page's name, see CheckName
//	        parents  IDs of the revisions this one follows, ascending, each once
//	        time     milliseconds since 1970 UTC; shown, never used to order
//	        token    SHA-256(account ‖ 0x00 ‖ token) of the save, or ""
//	body    type     media type of the content, "" where there is none
//	        comment  the writer's summary
//	        content  the text (edit), or
//	        blobs    [{"hash":…,"size":…}…], the content in pieces, and size
//	        target   the new name (rename)
//	        erases, key, signature: see Erasure
//	salt    32 random bytes in hex: an erased body cannot be guessed from its hash
//
// A revision's ID is the SHA-256 of its header's canonical bytes. All seven
// header members and the body's type and comment are always present; members
// this version does not know are kept and hashed, so a newer box's revisions
// pass through an older one unharmed.
//
// The rules for names and media types and the limits (MaxDocument, MaxText and
// the others) belong to the frozen bytes: a box that refused what another
// admits could never hold the same set. For the same reason all boxes of a
// wiki must know the same keepers.
//
// On the CouchDB wire the document gains "_id": "rev:<ID>" and "_rev":
// "1-<first 32 digits of the ID>". A revision whose body was erased travels as
// {"erased":<the erase record's document>,"header":…}: the record that
// justifies the missing body comes with it.
package wiki
