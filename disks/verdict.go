package disks

import (
	"cmp"
	"fmt"
	"slices"
)

// Grade orders how well a disk is, from the best to the worst.
type Grade int

// The grades. Unknown stands above Good: a disk nobody has looked at is worse
// than one known to be well.
const (
	Good Grade = iota
	Unknown
	Watch   // works; something wants a look within days
	Replace // works; replace it soon
	Failed  // does not do its work, or says itself that it is about to stop
)

var gradeNames = [...]string{"good", "unknown", "watch", "replace", "failed"}

func (g Grade) String() string {
	if g < 0 || int(g) >= len(gradeNames) {
		return fmt.Sprintf("Grade(%d)", int(g))
	}
	return gradeNames[g]
}

// MarshalText writes the grade's word.
func (g Grade) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads the grade's word.
func (g *Grade) UnmarshalText(text []byte) error {
	i := slices.Index(gradeNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%q is no grade of a disk", text)
	}
	*g = Grade(i)
	return nil
}

// Reason is one finding behind a verdict.
type Reason struct {
	Code         string `json:"code"`                   // for programs: write-error, pending, cable, wear, …
	Grade        Grade  `json:"grade"`                  // how grave it is by itself
	Text         string `json:"text"`                   // one sentence for the owner: the number and what to do
	Signal       Signal `json:"signal,omitempty"`       // what was read, where it is one number
	Mark         uint64 `json:"mark,omitempty"`         // how far it has come: an acknowledgement holds up to here
	Acknowledged bool   `json:"acknowledged,omitempty"` // the owner knows
}

// Verdict is the judgement of a disk: the worst of its reasons that are not
// acknowledged. The gravest reason stands first.
type Verdict struct {
	Grade   Grade    `json:"grade"`
	Reasons []Reason `json:"reasons,omitempty"`
}

// Sentence says the most important thing about the disk.
func (v Verdict) Sentence() string {
	if len(v.Reasons) == 0 {
		return "This disk is well."
	}
	return v.Reasons[0].Text
}

// Join makes one verdict of several looks at a disk: the worst counts.
func Join(verdicts ...Verdict) Verdict {
	var all Verdict
	for _, v := range verdicts {
		for _, r := range v.Reasons {
			all.join(r)
		}
	}
	all.settle()
	return all
}

// join adds a reason, or puts it in the place of a lesser one of its kind.
func (v *Verdict) join(r Reason) {
	i := slices.IndexFunc(v.Reasons, func(x Reason) bool { return x.Code == r.Code && x.Signal == r.Signal })
	switch {
	case i < 0:
		v.Reasons = append(v.Reasons, r)
	case r.Acknowledged || r.Grade > v.Reasons[i].Grade:
		v.Reasons[i] = r
	}
}

func (v *Verdict) add(reasons ...Reason) {
	v.Reasons = append(v.Reasons, reasons...)
	v.settle()
}

// settle puts the reasons in order and grades the whole by them.
func (v *Verdict) settle() {
	v.Grade = Good
	for _, r := range v.Reasons {
		v.Grade = max(v.Grade, r.weight())
	}
	slices.SortStableFunc(v.Reasons, func(a, b Reason) int { return cmp.Compare(b.weight(), a.weight()) })
}

// weight is what a reason counts: nothing once it is acknowledged. A disk that
// does not do its work cannot be acknowledged into doing it.
func (r Reason) weight() Grade {
	if r.Acknowledged && r.Grade < Failed {
		return Good
	}
	return r.Grade
}
