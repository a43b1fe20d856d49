// Package web owns the pages people read and write, and the HTTP interface
// for programs. It asks wiki/page, fills a view struct and renders it; it
// decides nothing about revisions itself.
//
// # Addresses
//
// The first segment of a path says what is asked for, all the rest is the
// page's name, percent-encoded. Paths are never cleaned: names hold slashes,
// "%", "[[" and "?".
//
//	/                  leads to /wiki/Home
//	/wiki/{Name}       GET   the page; ?revision= an earlier version
//	/raw/{Name}        GET   its text; PUT, DELETE
//	/files/{Name}      GET   its bytes, ranges; PUT
//	/edit/{Name}       GET   the form; POST
//	/delete/{Name}     GET   asks; POST
//	/restore/{Name}    POST  an earlier version becomes the newest
//	/history/{Name}    GET   HTML, or JSON by Accept; ?before= ?limit=
//	/diff/{Name}       GET   ?from= ?to= (revisions)
//	/recent            GET   ?before= (revision or sequence) ?system=yes
//	/pages             GET   ?prefix= ?after=
//	/search            GET   ?q= ?skip= HTML, or JSON by Accept
//	/backlinks/{Name}  GET   the pages that link to it; ?after=
//	/wanted            GET   what is linked to and nobody wrote; ?skip=
//	/orphans           GET   what no page links to; ?after=
//	/receipt           GET   ?revision= a signed receipt to keep; POST one to
//	                         check it: is the edit still in every city?
//	/static/…          GET   style and script, named by their content
//
// # For programs
//
// GET /raw/{Name} answers the text as text/plain; charset=utf-8, whatever type
// is stored, with these headers:
//
//	ETag           the view tag in quotes: what a save is based on
//	Wiki-State     absent, deleted, text, merged, conflict, file, moved, …
//	Wiki-Revision  the IDs of the page's heads, separated by commas
//	Wiki-Copies    the boxes that hold all of them, this one first
//	Repr-Digest    sha-256=:…: of the bytes (RFC 9530)
//
// ?revision=ID answers one revision. A page that moved answers 302 to where it
// is, a file 302 to /files/, an absent or deleted page 404, an erased one 410.
// Of a page in conflict it answers a text with all versions in it, as the form
// proposes it; ?revision= gets each.
//
// PUT /raw/{Name} saves a text, PUT /files/{Name} a file of any size up to 16
// GiB, DELETE /raw/{Name} a deletion. Headers of the request:
//
//	If-Match         "tag" or *: the page as it was seen, or whatever it is
//	If-None-Match    *: the page must not exist
//	Idempotency-Key  any text up to 255 bytes: sent again, to any box, it is
//	                 the same save; with other content it is refused (422)
//	Wiki-Merge       yes: on a stale If-Match merge, if that is clean
//	Wiki-Comment     the summary, UTF-8 or UTF-8''percent-encoded (RFC 8187)
//	Wiki-Author      an opaque name for the writer. Until there are accounts
//	                 nobody checks it. It is in a header that can never be
//	                 erased, so it must not be a person's name.
//	Content-Type     PUT /raw: text/markdown, which is also what no type and
//	                 text/plain mean; other text/ types are kept. PUT /files:
//	                 the file's type.
//
// The answer is 201 for a page that did not exist, otherwise 200, with the
// JSON of type Receipt and the new ETag; its "receipt" is a signed text to keep
// (package receipt). POST it to /receipt, at any box and any time, and the
// answer is the JSON of type ReceiptCheck, or 422 if it is not genuine. 412 carries the current tag in
// "etag" and ETag; 428 asks for If-Match.
//
// Every refusal is a 4xx or 5xx with one sentence: {"error":word,"reason":
// sentence} for programs, a page for who accepts text/html. What was refused
// was not stored.
//
// # Mounting
//
// A Site must see paths as they came. Below a http.ServeMux, which cleans
// them, "//" and ".." would be answered by a redirect before it is asked.
package web
