package web

import (
	"net/http"
	"strings"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/merge"
)

// diff answers GET /diff/{Name}?from=&to=. Without "to" it is the newest
// version, without "from" the one before that.
func (s *Site) diff(w http.ResponseWriter, r *http.Request, name string) error {
	to, err := s.chosen(name, r.URL.Query().Get("to"))
	if err != nil {
		return err
	}
	from, err := s.fromOf(name, to, r.URL.Query().Get("from"))
	if err != nil {
		return err
	}
	v, err := s.diffView(name, from, to)
	if err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, s.sheet(r, "diff", name, "Changes of "+name), diffPage(v))
	return nil
}

// chosen returns the revision a query names, or the newest held here.
func (s *Site) chosen(name, text string) (wiki.Revision, error) {
	if text == "" {
		newest := s.Pages.Store.History(name, 0, 1)
		if len(newest) == 0 {
			return wiki.Revision{}, refuse(http.StatusNotFound, "absent", "Nobody has written this page yet, so nothing changed.")
		}
		text = newest[0].ID.String()
	}
	id, err := parseRevision(text)
	if err != nil {
		return wiki.Revision{}, err
	}
	if _, err := s.Pages.At(name, id); err != nil {
		return wiki.Revision{}, err
	}
	return s.Pages.Store.Get(id)
}

// fromOf returns the older side, nil before the first version.
func (s *Site) fromOf(name string, to wiki.Revision, text string) (*wiki.Revision, error) {
	if text == "" {
		if len(to.Header.Parents) == 0 {
			return nil, nil
		}
		text = to.Header.Parents[0].String()
	}
	from, err := s.chosen(name, text)
	return &from, err
}

func (s *Site) diffView(name string, from *wiki.Revision, to wiki.Revision) (diffView, error) {
	v := diffView{Page: name, From: diffSide{Nothing: true}, To: sideOf(to)}
	old := ""
	if from != nil {
		v.From = sideOf(*from)
		if !textual(*from) {
			v.Sentence = "The older side is no text. " + sentenceFor(*from)
		} else {
			old = from.Body.Content
		}
	}
	if !textual(to) {
		v.Sentence = sentenceFor(to)
	}
	if v.Sentence != "" {
		return v, nil
	}
	v.Rows = diffRows(old, to.Body.Content)
	v.Same = old == to.Body.Content
	return v, s.offerUndo(&v, from)
}

// offerUndo puts the older side's restore button below the difference.
func (s *Site) offerUndo(v *diffView, from *wiki.Revision) error {
	if from == nil || v.Same {
		return nil
	}
	token, err := s.token()
	v.Restore = restoreView{
		Page: v.Page, Revision: from.ID.String(), Base: joinIDs(idsOf(s.Pages.Store.Heads(v.Page))), Token: token,
		Label: "Restore the older version (−)",
	}
	return err
}

func textual(r wiki.Revision) bool { return r.Body != nil && r.Header.Kind == wiki.Edit }

func sideOf(r wiki.Revision) diffSide {
	return diffSide{byline: bylineFor(r), Address: string(address("wiki", r.Header.Page, "revision", r.ID.String()))}
}

// around is how many equal lines stand around a change.
const around = 3

// differ numbers lines while it writes rows.
type differ struct {
	rows     []diffRow
	old, new int // lines written so far, on each side
}

// diffRows compares two texts line by line, and word by word where lines were
// replaced.
func diffRows(old, new string) []diffRow {
	var d differ
	edits := merge.Diff(old, new)
	for i := 0; i < len(edits); i++ {
		e := edits[i]
		switch {
		case e.Op == merge.Equal:
			d.equal(merge.Lines(e.Text), i == 0, i == len(edits)-1)
		case e.Op == merge.Delete && i+1 < len(edits) && edits[i+1].Op == merge.Insert:
			left, right := words(e.Text, edits[i+1].Text)
			d.lines("-", byLine(left))
			d.lines("+", byLine(right))
			i++
		case e.Op == merge.Delete:
			d.lines("-", byLine(whole(e.Text)))
		default:
			d.lines("+", byLine(whole(e.Text)))
		}
	}
	return d.rows
}

// equal writes the lines near a change and folds those between.
func (d *differ) equal(lines []string, first, last bool) {
	head, tail := around, around
	if first {
		head = 0
	}
	if last {
		tail = 0
	}
	hidden := len(lines) - head - tail
	if hidden < 2 { // a fold as high as what it hides helps nobody
		d.lines("=", plainLines(lines))
		return
	}
	d.lines("=", plainLines(lines[:head]))
	d.rows = append(d.rows, diffRow{Op: "…", Hidden: hidden})
	d.old += hidden
	d.new += hidden
	d.lines("=", plainLines(lines[len(lines)-tail:]))
}

func plainLines(lines []string) [][]part {
	list := make([][]part, len(lines))
	for i, line := range lines {
		list[i] = []part{{Text: strings.TrimSuffix(line, "\n")}}
	}
	return list
}

func (d *differ) lines(op string, lines [][]part) {
	for _, line := range lines {
		if op != "+" {
			d.old++
		}
		if op != "-" {
			d.new++
		}
		if len(line) == 0 {
			line = []part{{}} // an empty line, not "nothing here"
		}
		d.rows = append(d.rows, diffRow{Op: op, Old: d.old, New: d.new, Parts: line})
	}
}
