package household

import (
	"context"
	"time"

	"github.com/argss/argss/wiki"
)

// auditEvery is how often acknowledged saves are looked for.
const auditEvery = 2 * time.Second

// auditor looks for every acknowledged save on every box.
type auditor struct {
	boxes  func() []Box
	asker  *asker
	ledger *ledger
}

// auditOn looks until ctx ends.
func (a *auditor) auditOn(ctx context.Context) {
	for wait(ctx, auditEvery) {
		a.audit(ctx)
	}
}

// audit looks once.
func (a *auditor) audit(ctx context.Context) {
	q := a.ledger.inquire()
	f := finding{whole: true, agree: true}
	var digest wiki.Digest
	for i, b := range a.boxes() {
		missing, condition, err := a.ask(ctx, b, q.ids)
		if err != nil {
			f.whole, f.agree = false, false
			continue
		}
		if i > 0 && condition.SetDigest != digest {
			f.agree = false
		}
		digest = condition.SetDigest
		f.missing = append(f.missing, missing)
	}
	if ctx.Err() == nil {
		a.ledger.found(q, f)
	}
}

func (a *auditor) ask(ctx context.Context, b Box, ids []wiki.ID) (map[wiki.ID]bool, Condition, error) {
	condition, err := a.asker.condition(ctx, b.URL)
	if err != nil {
		return nil, condition, err
	}
	missing, err := a.asker.missing(ctx, b.URL, ids)
	return missing, condition, err
}
