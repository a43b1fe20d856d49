package web

import (
	"fmt"
	"html"
	"strings"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/merge"
)

// How many versions of a conflict are written out, and how many bytes of them.
const (
	maxSides     = 16
	maxSideBytes = 2 << 20
)

// conflictView sets all versions of a page side by side.
func (s *Site) conflictView(boxes []Box, v wiki.View, notices []notice) conflictView {
	c := conflictView{
		Page: v.Page, Notices: notices, Chips: s.chips(boxes, "", v),
		Sentence: count(len(v.Heads)) + " versions of this page were written apart and do not fit together by themselves. " +
			"Both are kept; somebody should settle what the page says.",
	}
	if len(v.Heads) > 2 {
		c.Sentence = strings.Replace(c.Sentence, "Both are", "All are", 1)
	}
	written := 0
	for i, r := range v.Heads {
		side := version{
			byline: bylineFor(r), Label: versionLabel(i),
			Address: string(address("wiki", v.Page, "revision", r.ID.String())),
		}
		switch {
		case !textual(r):
			side.Sentence = sentenceFor(r)
		case i >= maxSides || written > maxSideBytes:
			side.Sentence = "There is no room here for its text."
		default:
			side.HTML = s.document(v.Page, r.Body.Type, r.Body.Content).HTML
			written += len(side.HTML)
		}
		c.Versions = append(c.Versions, side)
	}
	return c
}

// versionLabel names the versions of a conflict: Version A, Version B, …
func versionLabel(i int) string {
	if i < 26 {
		return "Version " + string(rune('A'+i))
	}
	return fmt.Sprintf("Version %d", i+1)
}

func paragraph(text string) string { return "<p>" + html.EscapeString(text) + "</p>" }

// settled proposes one text for a conflict, in which no version's words are
// missing. Of fewer than two texts it is the one there is.
func (s *Site) settled(view wiki.View) (result string, shown clashView, err error) {
	var labels, texts []string
	var ids []wiki.ID
	for i, r := range view.Heads {
		if textual(r) {
			labels, texts, ids = append(labels, versionLabel(i)), append(texts, r.Body.Content), append(ids, r.ID)
		}
	}
	if len(texts) < 2 {
		return view.Content, clashView{}, nil
	}
	base, err := s.baseText(view.Page, ids)
	if err != nil {
		return "", clashView{}, err
	}
	result, shown = settle(labels, base, texts...)
	return result, shown, nil
}

// settle proposes one text for versions of a base, and shows the places where
// they differ. Where they conflict, a merge word by word is proposed if that
// is clean; otherwise the result holds every version, one after the other, so
// that saving it unread loses nothing.
func settle(labels []string, base string, sides ...string) (result string, shown clashView) {
	shown.Sides = labels
	var text strings.Builder
	before := ""
	for _, c := range merge.NewBase(base).Merge(sides...).Chunks {
		if !c.Conflict {
			text.WriteString(c.Text)
			before = c.Text
			continue
		}
		proposed, how := propose(c)
		text.WriteString(proposed)
		shown.Places = append(shown.Places, placeOf(c, before, how))
		before = ""
	}
	return text.String(), shown
}

func propose(c merge.Chunk) (text, how string) {
	if text, ok := c.Propose(); ok {
		return text, "The result below joins them word by word; read whether it still makes sense."
	}
	var all strings.Builder
	for _, side := range c.Sides {
		all.WriteString(side)
		if side != "" && !strings.HasSuffix(side, "\n") {
			all.WriteByte('\n')
		}
	}
	return all.String(), "The result below has them one after the other; keep what is right."
}

func placeOf(c merge.Chunk, before, how string) place {
	p := place{Before: lastLines(before, 2), Settled: how}
	if len(c.Sides) == 2 {
		left, right := words(c.Sides[0], c.Sides[1])
		p.Sides = [][]part{left, right}
		return p
	}
	for _, side := range c.Sides {
		p.Sides = append(p.Sides, whole(side))
	}
	return p
}

// lastLines returns the last n lines of a text.
func lastLines(text string, n int) string {
	lines := merge.Lines(text)
	return strings.TrimRight(strings.Join(lines[max(0, len(lines)-n):], ""), "\n")
}

// ancestry implements wiki.Graph over one page of a store.
type ancestry struct {
	store wiki.Reader
	page  string
}

// Parents implements wiki.Graph.
func (a ancestry) Parents(id wiki.ID) ([]wiki.ID, uint64) {
	e, err := a.store.Entry(id)
	if err != nil || e.Header.Page != a.page {
		return nil, 0
	}
	return e.Header.Parents, uint64(e.Seq)
}

// baseText returns the text that all lines of descent have in common, "" where
// there is none to be had. What only some of them share is no base: to the
// others it would look like something they took away.
func (s *Site) baseText(page string, ids []wiki.ID) (string, error) {
	common := ids[:1]
	for _, id := range ids[1:] {
		common = wiki.CommonAncestors(ancestry{s.Pages.Store, page}, common, []wiki.ID{id})
	}
	if len(common) == 0 {
		return "", nil
	}
	v, err := wiki.LookAt(s.Pages.Store, s.Pages.Merger, page, common)
	return v.Content, err
}
