// Package search finds pages by their words, and knows which page links to
// which.
//
// What it keeps is derived from the set and never the truth: one SQLite file
// (full-text search of FTS5) that can be deleted at any time. It is made anew
// from the pages when it is missing, damaged, of another version of this
// package, or of another store than the one it follows. A box answers before
// its index is complete, and says how far it is.
//
// # Words
//
// A word is a run of letters, digits and their marks, folded: lower case,
// compatibility forms as their plain ones, and without the accents of Latin,
// Greek, Cyrillic, Hebrew and Arabic, so that "resume" finds "Résumé". Scripts
// that are written without spaces (Chinese, Japanese, Thai and others), and
// Korean, are cut into single characters; a query's run of them is a phrase, so
// that any part of a sentence is found, however short. One function cuts pages,
// queries and extracts, so they can never disagree; FTS5 only splits at the
// spaces put between the words.
//
// # The file
//
//	page   id, name, title, plain: the text without markup, zstd
//	words  FTS5 without content, of name, headings and text; rowid is page.id
//	link   page (id), target (name)
//	meta   store: the identity of the store followed; place: the last sequence
//	       that is in the index
//
// PRAGMA user_version is the version of this form. It is written in WAL mode
// without waiting for the disk: after a power cut it is an earlier state of
// itself, and its place says which.
package search
