package web

import (
	"context"
	"html"
	"io"
	"strings"

	"github.com/a-h/templ"
	"github.com/argss/argss/wiki/merge"
)

// parts draws runs of text, byte for byte: it stands inside <pre>, where a
// template's own blanks would show.
func parts(list []part) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for _, p := range list {
			text := html.EscapeString(p.Text)
			if p.Mark {
				text = "<mark>" + text + "</mark>"
			}
			b.WriteString(text)
		}
		if len(list) == 0 {
			b.WriteString("<i>nothing here</i>")
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// whole returns a text as one unmarked part, or none.
func whole(text string) []part {
	if text == "" {
		return nil
	}
	return []part{{Text: text}}
}

// words marks in two texts what the other does not have. Texts that share
// little are left unmarked: colour all over says nothing.
func words(old, new string) (left, right []part) {
	shared := 0
	for _, e := range merge.DiffWords(old, new) {
		switch e.Op {
		case merge.Equal:
			shared += len(strings.TrimSpace(e.Text))
			left = append(left, part{Text: e.Text})
			right = append(right, part{Text: e.Text})
		case merge.Delete:
			left = append(left, part{Text: e.Text, Mark: true})
		case merge.Insert:
			right = append(right, part{Text: e.Text, Mark: true})
		}
	}
	if 3*shared < min(len(old), len(new)) {
		return whole(old), whole(new)
	}
	return left, right
}

// byLine cuts parts behind every newline, which it drops.
func byLine(list []part) [][]part {
	var lines [][]part
	var line []part
	for _, p := range list {
		for text := range strings.Lines(p.Text) {
			bare, ended := strings.CutSuffix(text, "\n")
			if bare != "" {
				line = append(line, part{bare, p.Mark})
			}
			if ended {
				lines, line = append(lines, line), nil
			}
		}
	}
	if len(line) > 0 {
		lines = append(lines, line)
	}
	return lines
}
