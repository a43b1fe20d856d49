package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/page"
	"github.com/argss/argss/wiki/receipt"
)

// receiptText returns the signed receipt of a save that was made just now; ""
// where this site signs none. A save that was made before has its receipt
// already, and getReceipt gives another.
func (s *Site) receiptText(saved page.Saved) string {
	if s.Receipts == nil || len(saved.Receipts) == 0 {
		return ""
	}
	signed, err := s.Receipts.Sign(saved.Revision.ID, saved.Receipts)
	if err != nil {
		s.Log.Error("no receipt for a save", "revision", saved.Revision.ID, "error", err)
		return ""
	}
	return signed.String()
}

// getReceipt answers GET /receipt: the form to check a receipt, or with
// ?revision= a receipt for a version as it is copied now.
func (s *Site) getReceipt(w http.ResponseWriter, r *http.Request, _ string) error {
	if s.Receipts == nil {
		return noSuchAddress
	}
	asked := r.URL.Query().Get("revision")
	if asked == "" {
		s.showReceipt(w, r, http.StatusOK, receiptView{})
		return nil
	}
	id, err := parseRevision(asked)
	if err != nil {
		return err
	}
	signed, err := s.Receipts.Issue(r.Context(), id)
	if err != nil {
		return err
	}
	if !wantsHTML(r) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		write(w, r, http.StatusOK, []byte(signed.String()))
		return nil
	}
	v := receiptView{Text: signed.String(), Fresh: true}
	if e, err := s.Pages.Store.Entry(id); err == nil {
		v.Page = e.Header.Page
	}
	v.Mail = "mailto:?subject=" + url.PathEscape("Receipt for my edit of “"+v.Page+"”") + "&body=" + url.PathEscape(strings.ReplaceAll(v.Text, "\n", "\r\n"))
	s.showReceipt(w, r, http.StatusOK, v)
	return nil
}

func (s *Site) showReceipt(w http.ResponseWriter, r *http.Request, status int, v receiptView) {
	title := "Check a receipt"
	if v.Fresh {
		title = "Receipt"
	}
	s.show(w, r, status, s.sheet(r, "receipt", "", title), receiptPage(v))
}

// checkReceipt answers POST /receipt: is the receipt genuine, and where is the
// edit now?
func (s *Site) checkReceipt(w http.ResponseWriter, r *http.Request, _ string) error {
	if s.Receipts == nil {
		return noSuchAddress
	}
	text, err := receiptOf(w, r)
	if err != nil {
		return err
	}
	boxes := s.Frame(r).Boxes
	c, err := s.Receipts.Check(r.Context(), text)
	refusal, refused := receipt.Refusal(""), errors.As(err, new(receipt.Refusal))
	if refused {
		errors.As(err, &refusal)
	}
	switch {
	case refused && wantsHTML(r):
		s.showReceipt(w, r, http.StatusUnprocessableEntity, receiptView{Text: text, Notice: notice{Kind: "grave", Live: true, Text: string(refusal)}})
		return nil
	case refused:
		return refuse(http.StatusUnprocessableEntity, "receipt", "%s", string(refusal))
	case err != nil:
		return err
	}
	told := tellReceipt(c, boxes)
	if wantsHTML(r) {
		s.showReceipt(w, r, http.StatusOK, receiptView{Text: text, Page: c.Page, Notice: notice{Kind: told.kind, Live: true, Text: told.Sentence}, Told: told})
		return nil
	}
	s.json(w, r, http.StatusOK, told)
	return nil
}

// maxReceiptForm is a receipt with every byte escaped.
const maxReceiptForm = 3*receipt.MaxText + 1<<10

// receiptOf reads the receipt of a form, or of a body that is just that.
// Programs that say nothing of the type of a body often call it a form.
func receiptOf(w http.ResponseWriter, r *http.Request) (string, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxReceiptForm))
	if err != nil {
		return "", received(err)
	}
	text := string(body)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") && strings.HasPrefix(text, "receipt=") {
		form, err := url.ParseQuery(text)
		if err != nil {
			return "", refuse(http.StatusBadRequest, "form", "The form could not be read; send it again.")
		}
		text = form.Get("receipt")
	}
	return text, nil
}

// ReceiptCheck is the answer to a genuine receipt, for programs.
type ReceiptCheck struct {
	Sentence string        `json:"sentence"` // for people
	Safe     bool          `json:"safe"`     // every city of the wiki holds the edit now
	Revision string        `json:"revision"`
	Page     string        `json:"page"`
	Signed   string        `json:"signed"` // when
	Holders  []string      `json:"holders"`
	Cities   []string      `json:"cities"` // of the holders
	Copies   []ReceiptCopy `json:"copies"` // that the receipt names
	Now      []ReceiptBox  `json:"now"`    // all boxes

	kind string // of notice
}

// ReceiptCopy is a copy the receipt names: see receipt.Fate.
type ReceiptCopy struct {
	wiki.Receipt
	City string       `json:"city"`
	Fate receipt.Fate `json:"fate"`
}

// ReceiptBox is what a box found on its disk now: see wiki.Finding.
type ReceiptBox struct {
	wiki.Receipt
	City  string       `json:"city"`
	Found wiki.Finding `json:"found"`
}

// tellReceipt says what a check found, box by box and in one sentence.
func tellReceipt(c receipt.Check, boxes []Box) ReceiptCheck {
	city := func(box string) string {
		if i := slices.IndexFunc(boxes, func(b Box) bool { return b.Name == box }); i >= 0 {
			return boxes[i].City
		}
		return ""
	}
	told := ReceiptCheck{
		Revision: c.Revision.String(), Page: c.Page, Signed: c.Time.Format("2006-01-02T15:04:05.000Z"),
		Holders: append([]string{}, c.Holders()...), Cities: []string{},
	}
	var wanted []string // cities
	for _, w := range c.Now {
		told.Now = append(told.Now, ReceiptBox{w.Receipt, city(w.Box), w.Found})
		wanted = add(wanted, city(w.Box))
		if slices.Contains(told.Holders, w.Box) {
			told.Cities = add(told.Cities, city(w.Box))
		}
	}
	for _, then := range c.Then {
		told.Copies = append(told.Copies, ReceiptCopy{then.Receipt, city(then.Box), then.Fate})
	}
	told.Safe = len(told.Holders) > 1 && len(told.Cities) == len(wanted)
	told.kind, told.Sentence = verdictOf(c, told)
	return told
}

// add adds a name that is known and not there yet.
func add(names []string, name string) []string {
	if name == "" || slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}

// verdictOf is the one sentence, or two, that somebody with a receipt came for.
func verdictOf(c receipt.Check, told ReceiptCheck) (kind, sentence string) {
	edit := "your edit"
	if c.Page != "" {
		edit += " of “" + c.Page + "”"
	}
	if c.Erased() {
		return "limp", "The receipt is genuine. A keeper of this wiki erased what " + edit + " said; that it was made stays on record."
	}
	kind, sentence = "good", fmt.Sprintf("The receipt is genuine, and %s is on %s%s, read and verified just now.", edit, enumerate(told.Holders), in(told.Cities))
	switch {
	case len(told.Holders) == 0:
		kind, sentence = "grave", "The receipt is genuine, but no box that answers holds "+edit+". Keep the receipt and start every box that ever belonged to this wiki."
	case !told.Safe:
		kind = "limp"
	}
	var silent, renewed []string
	for _, w := range c.Now {
		if w.Found == wiki.Silent {
			silent = append(silent, w.Box)
		}
	}
	for _, then := range c.Then {
		switch then.Fate {
		case receipt.Renewed:
			renewed = append(renewed, then.Box)
		case receipt.Lost:
			kind = "grave"
			sentence += " " + then.Box + " signed for it and no longer holds it: its disk should be looked at."
		}
	}
	if len(silent) > 0 {
		sentence += " " + enumerate(silent) + plural(silent, " does", " do") + " not answer now."
	}
	if len(renewed) > 0 {
		sentence += " For " + enumerate(renewed) + " the receipt no longer counts: the disk there was replaced, restored or cloned since."
	}
	return kind, sentence
}

func in(cities []string) string {
	if len(cities) == 0 {
		return ""
	}
	return ", in " + enumerate(cities)
}

func plural(names []string, one, many string) string {
	if len(names) == 1 {
		return one
	}
	return many
}

// foundText says a finding to people.
func foundText(f wiki.Finding) string {
	switch f {
	case wiki.Held:
		return "holds it, read and verified just now"
	case wiki.HeldErased:
		return "knows it; its text was erased by a keeper"
	case wiki.HeldBroken:
		return "has a damaged copy, which is replaced from another box"
	case wiki.Lacking:
		return "does not hold it"
	}
	return "does not answer now"
}

// fateText says a fate to people.
func fateText(f receipt.Fate) string {
	switch f {
	case receipt.Stands:
		return "counts"
	case receipt.Lost:
		return "is broken: the same disk no longer holds the edit"
	case receipt.Renewed:
		return "no longer counts: the disk was replaced, restored or cloned since"
	case receipt.Left:
		return "no longer counts: no box of that name belongs to this wiki"
	}
	return "cannot be checked: the box does not answer"
}
