package manual

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/markup"
	"github.com/argss/argss/wiki/transfer"
)

// written is a page that the running wiki writes by itself.
const written = "System/Ledger"

func pagesByName(t *testing.T) map[string]string {
	t.Helper()
	plan, err := transfer.Walk(FS(), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Skipped)+len(plan.Renamed) > 0 {
		t.Fatalf("the manual does not import whole: skipped %q, renamed %q", plan.Skipped, plan.Renamed)
	}
	texts := map[string]string{}
	for _, item := range plan.Items {
		data, err := fs.ReadFile(FS(), item.Path)
		if err != nil {
			t.Fatal(err)
		}
		texts[item.Name] = string(data)
	}
	return texts
}

func TestManualIsAFewPages(t *testing.T) {
	texts := pagesByName(t)
	if len(texts) < 8 || len(texts) > 12 || texts["Home"] == "" {
		t.Errorf("the manual has %d pages, want 8 to 12 with a Home", len(texts))
	}
}

func TestEveryLinkOfTheManualLeadsSomewhere(t *testing.T) {
	texts := pagesByName(t)
	linked := map[string]bool{"Home": true}
	for name, text := range texts {
		doc := markup.Render(text, markup.Context{Page: name, Exists: func(n string) bool { return texts[n] != "" || n == written }})
		if doc.Title == "" || doc.Notice != "" {
			t.Errorf("%s has the title %q and the notice %q", name, doc.Title, doc.Notice)
		}
		if len(doc.Wanted) > 0 {
			t.Errorf("%s links to pages nobody wrote: %q", name, doc.Wanted)
		}
		for _, l := range doc.Links {
			linked[l] = true
		}
	}
	for name := range texts {
		if !linked[name] {
			t.Errorf("no page leads to %s", name)
		}
	}
}

// TestEverySectionLinkFindsItsSection follows [[Page#Section]].
func TestEverySectionLinkFindsItsSection(t *testing.T) {
	texts := pagesByName(t)
	sections := map[string][]string{}
	for name, text := range texts {
		for _, h := range markup.Render(text, markup.Context{Page: name}).Headings {
			sections[name] = append(sections[name], h.Text)
		}
	}
	for name, text := range texts {
		for _, part := range strings.Split(text, "[[")[1:] {
			to, _, ok := strings.Cut(part, "]]")
			to, _, _ = strings.Cut(strings.TrimRight(to, `\`), "|")
			page, section, sectioned := strings.Cut(strings.TrimRight(to, `\`), "#")
			if page == "" {
				page = name
			}
			if ok && sectioned && !slices.Contains(sections[page], section) {
				t.Errorf("%s links to the section %q of %s, which has %q", name, section, page, sections[page])
			}
		}
	}
}

func TestManualLinesFitTheirReader(t *testing.T) {
	for name, text := range pagesByName(t) {
		if err := wiki.CheckName(name); err != nil {
			t.Error(err)
		}
		if strings.Contains(text, "\t") || strings.Contains(text, "\r") || !strings.HasSuffix(text, "\n") {
			t.Errorf("%s holds tabs or carriage returns, or does not end in a line", name)
		}
		for i, line := range strings.Split(text, "\n") {
			if len(line) > 100 && !strings.HasPrefix(line, "|") && !strings.Contains(line, "curl") {
				t.Errorf("%s: line %d has %d bytes", name, i+1, len(line))
			}
		}
	}
}

// TestProgramsPageNamesTheInterface keeps the reference complete.
func TestProgramsPageNamesTheInterface(t *testing.T) {
	text := pagesByName(t)["Manual/Programs"]
	for _, word := range []string{
		"GET /wiki/{Name}", "GET /raw/{Name}", "GET /files/{Name}", "PUT /files/{Name}", "DELETE /raw/{Name}",
		"/history/", "/status.json", "ETag", "Wiki-Revision", "Wiki-Copies", "Wiki-State", "Repr-Digest",
		"If-Match", "If-None-Match", "Idempotency-Key", "Wiki-Merge", "Wiki-Comment", "Wiki-Author",
		"| 201 |", "| 200 |", "| 400 |", "| 412 |", "| 413 |", "| 422 |", "| 428 |",
	} {
		if !strings.Contains(text, word) {
			t.Errorf("Manual/Programs does not mention %s", word)
		}
	}
}
