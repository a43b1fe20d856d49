package transfer

import (
	"slices"
	"strings"

	"github.com/argss/argss/wiki"
)

// verdict is what is to be done about one file.
type verdict int

const (
	create    verdict = iota // the page does not exist
	update                   // the file changed since it was imported
	unchanged                // the page says what the file says
	keep                     // the wiki's own page stays, and reason says why
	compare                  // only the page's history can tell
)

// Why the wiki's own page stays.
const (
	whyThere    = "the wiki has this page already"
	whyForeign  = "the wiki has a page of its own under this name, which was never imported"
	whyEdited   = "it was edited in the wiki and the file has not changed since, so the wiki's version stays"
	whyDeleted  = "it was deleted in the wiki, and stays so"
	whyMoved    = "it was renamed in the wiki, and stays so"
	whyErased   = "it was erased by a keeper of the wiki, and stays so"
	whyNewer    = "it was written by a newer version of the software"
	whyConflict = "versions of it stand against each other in the wiki; settle them there first"
	whyClash    = "it was changed in the folder and in the wiki, in the same place; the wiki's version stays, join them by hand"
)

// judge decides from how a page stands, without its history.
func judge(p Page, digest string, onlyMissing bool) (verdict, string) {
	switch p.State {
	case wiki.Absent:
		return create, ""
	case wiki.Deleted:
		return keep, whyDeleted
	case wiki.Moved:
		return keep, whyMoved
	case wiki.Erased:
		return keep, whyErased
	case wiki.Newer:
		return keep, whyNewer
	case wiki.Conflict:
		if p.Digest == "" {
			return keep, whyConflict
		}
	}
	switch {
	case p.Digest == digest:
		return unchanged, ""
	case onlyMissing:
		return keep, whyThere
	}
	return compare, ""
}

// trace decides from a page and its history, the newest revision first, what
// to do with a file that is not what the page says. An update follows base.
func trace(p Page, history []Version, digest, author string) (v verdict, base, reason string) {
	last := slices.IndexFunc(history, func(v Version) bool { return v.Author == author })
	if last < 0 {
		return keep, "", whyForeign
	}
	imported := history[last]
	same := imported.Digest == digest || strings.HasSuffix(imported.Comment, mark(digest))
	switch {
	case same && p.Revision == imported.Revision:
		return unchanged, "", "" // a file too large for the page to say its digest
	case same:
		return keep, "", whyEdited
	}
	// Somebody may have brought the file's text into the wiki by another way.
	if slices.ContainsFunc(history[:last], func(v Version) bool { return v.Digest == digest }) {
		return keep, "", whyEdited
	}
	return update, imported.Revision, ""
}

// commentFor is the summary of an import's saves. It ends in the file's mark.
func commentFor(digest string) string { return "imported from a file " + mark(digest) }

func mark(digest string) string { return "(" + digest[:16] + ")" }
