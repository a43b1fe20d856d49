package disks

import (
	"cmp"
	"slices"
	"time"
)

// Acknowledgement says that an owner knows of a reason, up to a mark.
type Acknowledgement struct {
	Code   string    `json:"code"`
	Signal Signal    `json:"signal,omitempty"`
	Mark   uint64    `json:"mark"`
	Grade  Grade     `json:"grade"`
	At     time.Time `json:"at"`
}

// Acknowledgements are those of one disk.
type Acknowledgements []Acknowledgement

func (a Acknowledgements) find(code string, s Signal) int {
	return slices.IndexFunc(a, func(x Acknowledgement) bool { return x.Code == code && x.Signal == s })
}

// Acknowledge returns the acknowledgements with that of a reason as it stands.
// What is Failed cannot be acknowledged away, and is left as it is.
func (a Acknowledgements) Acknowledge(r Reason, now time.Time) Acknowledgements {
	next := slices.Clone(a)
	if i := next.find(r.Code, r.Signal); i >= 0 {
		next = slices.Delete(next, i, i+1)
	}
	if r.Grade >= Failed {
		return next
	}
	next = append(next, Acknowledgement{r.Code, r.Signal, r.Mark, r.Grade, now})
	slices.SortFunc(next, func(x, y Acknowledgement) int {
		return cmp.Or(cmp.Compare(x.Code, y.Code), cmp.Compare(x.Signal, y.Signal))
	})
	return next
}

// Apply returns the verdict with the acknowledged reasons marked, and the
// acknowledgements that still stand: one whose reason is gone is forgotten, one
// whose number fell holds for the lower number, and one whose reason grew or got
// graver is broken.
func (a Acknowledgements) Apply(v Verdict) (Verdict, Acknowledgements) {
	v.Reasons = slices.Clone(v.Reasons)
	var still Acknowledgements
	for i, r := range v.Reasons {
		at := a.find(r.Code, r.Signal)
		if at < 0 || r.Grade >= Failed || r.Mark > a[at].Mark || r.Grade > a[at].Grade {
			continue
		}
		v.Reasons[i].Acknowledged = true
		kept := a[at]
		kept.Mark = r.Mark
		still = append(still, kept)
	}
	v.settle()
	return v, still
}
