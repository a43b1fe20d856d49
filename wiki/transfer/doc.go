// Package transfer brings a folder of Markdown into a wiki, over the same HTTP
// interface that every program uses, so that an import is a crowd of ordinary
// saves: durable on two boxes, in the history, undone like any other.
//
// # What becomes what
//
// A file that ends in .md or .markdown becomes the page of its name without
// the ending; folders become namespaces; every other regular file becomes an
// attachment under its full name. Where the name without the ending cannot be
// a page ("..md", which is "."), the page keeps the ending and the report says
// so. Folders and files that begin with a dot are left out and counted, but a
// Markdown file is a page whatever its name begins with. What a wiki cannot
// hold (odd names, texts too large or not UTF-8, links out of the folder,
// devices) is left out with one sentence each, and the rest goes on.
//
// # Doing it again
//
// A second import changes only what changed in the folder. What people wrote
// in the wiki is never overwritten: their edits and a newer file are merged
// where that is clean, and where it is not the wiki's text stays and the report
// says so. A page they deleted or renamed stays as they left it.
//
// The wiki's history is the only memory: the newest revision written by the
// import's author is what was imported last. Its comment ends in the first
// sixteen digits of the file's SHA-256, "imported from a file (3f0a…)", because a
// merge's own digest is that of no file.
//
// # When a box dies meanwhile
//
// Every save carries an idempotency key made of name, content and base, so a
// save whose answer was lost is sent again without being done twice. Requests
// are repeated, with longer and longer pauses, until a box answers or the
// caller's context ends.
package transfer
