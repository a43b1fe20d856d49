package web

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/argss/argss/wiki"
)

// notices says what a reader should know first: what became of the save that
// led here, that the page moved, that nobody saved this merge.
func (s *Site) notices(query url.Values, v wiki.View) []notice {
	var list []notice
	if id, err := wiki.ParseHash(query.Get("saved")); err == nil {
		list = s.savedNotices(id, v, query.Get("how"))
	}
	if from := query.Get("from"); wiki.CheckName(from) == nil {
		list = append(list, notice{
			Text:   fmt.Sprintf("“%s” moved here.", from),
			Action: Link{"See the old page", string(address("wiki", from, "moved", "no"))},
		})
	}
	if v.State == wiki.Merged {
		list = append(list, notice{
			Text: fmt.Sprintf("%s versions were written apart and fit together; this is their merge, which nobody has saved yet.",
				count(len(v.Heads))),
			Action: Link{"Read it through and save it", string(address("edit", v.Page))},
		})
	}
	return list
}

// savedNotices says where a save of this page is now: not what was promised
// when it was made, but what is known as this is read.
func (s *Site) savedNotices(id wiki.ID, v wiki.View, how string) []notice {
	e, err := s.Pages.Store.Entry(id)
	if err != nil || e.Header.Page != v.Page {
		return nil
	}
	told := savedNotice(s.Pages.Copies(id))
	told.Text = map[string]string{
		"unchanged": "Nothing was changed: the page says that already. ",
		"merged":    "Your changes were combined with what others wrote meanwhile. ",
	}[how]
	told.From = string(address("raw", v.Page, "revision", id.String()))
	if s.Receipts != nil {
		told.Action = Link{"Receipt", string(address("receipt", "", "revision", id.String()))}
	}
	return []notice{told}
}

// savedNotice says in one sentence who holds a save.
func savedNotice(copies []string) notice {
	if len(copies) < 2 {
		return notice{Kind: "limp", Live: true,
			Where: "Only here: no other box answered. It will be copied when one returns."}
	}
	return notice{Kind: "good", Live: true, Where: "Saved on " + enumerate(copies) + "."}
}

// enumerate joins names as a sentence does.
func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// count writes a small number as a word.
func count(n int) string {
	words := []string{"No", "One", "Two", "Three", "Four", "Five", "Six"}
	if n < len(words) {
		return words[n]
	}
	return fmt.Sprint(n)
}
