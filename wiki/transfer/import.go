package transfer

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Options of an import; the zero value is an ordinary one.
type Options struct {
	Workers     int              // files on their way at once; 0 is 64
	Prefix      string           // namespace everything goes below, "" for none
	OnlyMissing bool             // only create: pages the wiki has or had stay as they are
	Author      string           // opaque name of the writer; "" is "import"
	Progress    func(Progress)   // told four times a second and at the end, never twice at once
	Now         func() time.Time // nil is time.Now
}

// Import brings everything in a folder into the wiki. It blocks until all is
// done or ctx ends, and waits out boxes that do not answer. The Report is true
// even beside an error; what it says was created or updated is durable.
func Import(ctx context.Context, folder fs.FS, to *Client, o Options) (Report, error) {
	if o.Workers <= 0 {
		o.Workers = 64
	}
	if o.Author == "" {
		o.Author = "import"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	plan, err := Walk(folder, o.Prefix)
	if err != nil {
		return Report{}, err
	}
	i := &importer{folder: folder, to: to, Options: o, meter: newMeter(plan, o)}
	i.tally.Report = Report{Skipped: plan.Skipped, Renamed: plan.Renamed, Hidden: plan.Hidden}
	err = i.run(ctx, plan.Items)
	return i.report(), err
}

type importer struct {
	Options
	folder fs.FS
	to     *Client
	meter  *meter
	tally  tally
}

func (i *importer) run(ctx context.Context, items []Item) error {
	group, working := errgroup.WithContext(ctx)
	group.SetLimit(i.Workers)
	for _, item := range items {
		if working.Err() != nil {
			break
		}
		group.Go(func() error { return i.bring(working, item) })
	}
	if err := cmp.Or(group.Wait(), ctx.Err()); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	return nil
}

func (i *importer) report() Report {
	r := i.tally.Report
	for _, notes := range [][]Note{r.Kept, r.Skipped} {
		slices.SortFunc(notes, func(a, b Note) int { return strings.Compare(a.Path, b.Path) })
	}
	r.Seconds = i.meter.elapsed().Seconds()
	return r
}

// bring deals with one file. Its error is ctx's or that of a wiki that cannot
// be talked to; all else is a sentence in the report.
func (i *importer) bring(ctx context.Context, item Item) error {
	c, err := read(i.folder, item)
	if err != nil {
		i.tally.skip(item, err.Error())
		i.meter.done(item.Size)
		return nil
	}
	v, reason, err := i.place(ctx, item, c)
	var no *Refusal
	switch {
	case errors.As(err, &no):
		i.tally.skip(item, "the wiki says: "+no.Reason)
	case errors.As(err, new(lasting)):
		i.tally.skip(item, err.Error())
	case err != nil:
		return err
	default:
		i.tally.count(v, item, reason, c.size)
	}
	i.meter.done(item.Size)
	return nil
}

// maxRounds bounds how often a page is looked at afresh because it came into
// being between the look and the save.
const maxRounds = 4

// place brings one file's content to its page.
func (i *importer) place(ctx context.Context, item Item, c content) (v verdict, reason string, err error) {
	for range maxRounds {
		var base string
		v, base, reason, err = i.decide(ctx, item, c)
		if err != nil || v != create && v != update {
			return v, reason, err
		}
		err = i.save(ctx, item, c, base)
		if !stale(err) {
			return v, "", err
		}
		if v == update {
			return keep, whyClash, nil
		}
	}
	return v, "", err
}

// decide finds out what is to be done, and for an update the tag it is based on.
func (i *importer) decide(ctx context.Context, item Item, c content) (v verdict, base, reason string, err error) {
	page, err := i.look(ctx, item, "")
	if err != nil {
		return v, "", "", err
	}
	v, reason = judge(page, c.digest, i.OnlyMissing)
	if v != compare {
		return v, "", reason, nil
	}
	history, err := i.history(ctx, item.Name)
	if err != nil {
		return v, "", "", err
	}
	v, base, reason = trace(page, history, c.digest, i.Author)
	if v != update || base == page.Revision {
		return v, page.Tag, reason, nil
	}
	then, err := i.look(ctx, item, base)
	return v, then.Tag, "", err
}

func (i *importer) look(ctx context.Context, item Item, revision string) (page Page, err error) {
	err = i.try(ctx, func() (err error) {
		page, err = i.to.Look(ctx, item, revision)
		return err
	})
	return page, err
}

// maxHistory bounds how far back the last import of a page is looked for.
const maxHistory = 20 * HistoryLimit

// history returns a page's revisions back to the last imported one.
func (i *importer) history(ctx context.Context, name string) (all []Version, err error) {
	for before := ""; len(all) < maxHistory; before = all[len(all)-1].Revision {
		var some []Version
		err := i.try(ctx, func() (err error) {
			some, err = i.to.History(ctx, name, before)
			return err
		})
		all = append(all, some...)
		found := slices.ContainsFunc(some, func(v Version) bool { return v.Author == i.Author })
		if err != nil || found || len(some) < HistoryLimit {
			return all, err
		}
	}
	return all, nil
}

func (i *importer) save(ctx context.Context, item Item, c content, base string) error {
	return i.try(ctx, func() error {
		return i.to.Put(ctx, Save{
			Item: item, Type: c.kind, Open: c.open, Size: c.size,
			Base: base, Key: key(item, c, base), Comment: commentFor(c.digest), Author: i.Author,
		})
	})
}

func (i *importer) try(ctx context.Context, f func() error) error {
	return patiently(ctx, i.meter.waiting, f)
}

// key names a save by what it does, so that a second import, of the same
// folder or on another computer, sends the same one.
func key(item Item, c content, base string) string {
	h := sha256.New()
	fmt.Fprintf(h, "import %q %s %q", item.Name, c.digest, base)
	return fmt.Sprintf("import-%x", h.Sum(nil)[:16])
}

func stale(err error) bool {
	var no *Refusal
	return errors.As(err, &no) && no.Status == http.StatusPreconditionFailed
}
