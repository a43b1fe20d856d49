package appliance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/disks"
	"github.com/argss/argss/disks/monitor"
	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/mirror"
)

// repairs are the pieces of data that were found damaged and written anew from
// another copy: how many ever, and which lately.
type repairs struct {
	mu     sync.Mutex
	total  uint64
	latest []dashboard.Repair // oldest first
}

// mostRepairs bounds what the status lists.
const mostRepairs = 2000

func (r *repairs) note(what string, hash wiki.Hash, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total++
	r.latest = append(r.latest, dashboard.Repair{At: now, What: what + "/" + hash.String()})
	if over := len(r.latest) - mostRepairs; over > 0 {
		r.latest = slices.Delete(r.latest, 0, over)
	}
}

func (r *repairs) list() (uint64, []dashboard.Repair) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.total, slices.Clone(r.latest)
}

// repaired counts the repairs of one kind.
func (b *Box) repaired(what string) func(wiki.Hash) {
	return func(hash wiki.Hash) { b.repairs.note(what, hash, b.parts.Now()) }
}

// scrubbed is what the status says of the scrub.
func (b *Box) scrubbed() *dashboard.Scrub {
	s := &dashboard.Scrub{Progress: b.scrub.Progress(), Next: b.scrub.Window(b.parts.Now()).Start}
	s.Repaired, s.Repairs = b.repairs.list()
	return s
}

// order does what a person asks for on the status page.
func (b *Box) order(o dashboard.Order) error {
	switch {
	case o.Do == "scrub":
		b.scrub.Start()
	case o.Do == "acknowledge" && b.disks != nil:
		return b.disks.Acknowledge(o.Disk, o.Code, disks.Signal(o.Signal), time.Now())
	default:
		return fmt.Errorf("this box cannot do %q", o.Do)
	}
	return nil
}

// mending is the pieces of files on this disk; one that was damaged and is put
// again is read again, and counted as repaired.
type mending struct {
	mirror.Pieces
	repaired func(wiki.Hash)
}

// PutBlob implements wiki.Blobs.
func (m mending) PutBlob(ctx context.Context, data []byte) (wiki.Hash, error) {
	damaged := m.Damaged()
	hash, err := m.Pieces.PutBlob(ctx, data)
	if err != nil || !slices.Contains(damaged, hash) {
		return hash, err
	}
	if _, err := m.Blob(hash); err != nil {
		return hash, fmt.Errorf("read the repaired piece: %w", err)
	}
	m.repaired(hash)
	return hash, nil
}

// scrubNote is where a space's notes keep how far the scrub has come.
const scrubNote = "appliance/scrub"

func (b *Box) newScrub() *monitor.Scrub {
	var shelves []monitor.Shelf
	for _, named := range spaces {
		shelves = append(shelves, records{b.spaces[named.Name], b.forget(named.Name)})
	}
	shelves = append(shelves, pieces{b, b.forget("blobs")})
	notes := b.spaces[wiki.Public.Name].set
	return &monitor.Scrub{
		Shelves: shelves, Now: b.parts.Now, Log: b.log, Idle: b.idle,
		Window: func(now time.Time) monitor.Window {
			var others []string
			for _, p := range b.settings.Peers {
				others = append(others, p.Name)
			}
			return monitor.ScrubWindow(others, b.settings.Box, now)
		},
		Load: func() (p monitor.Progress) {
			_ = json.Unmarshal(notes.Note(scrubNote), &p) // without one the scrub begins anew
			p.Running = false
			return p
		},
		Save: func(p monitor.Progress) {
			if data, err := json.Marshal(p); err == nil {
				notes.SetNote(scrubNote, data)
			}
		},
	}
}

// forget makes the system's memory of a folder's files go, so that a scrub
// reads the disk.
func (b *Box) forget(folder string) func() {
	return func() {
		if b.parts.Forget != nil {
			b.parts.Forget(folder)
		}
	}
}

// quietFor is how long nobody must have read or written a page before the disk
// counts as idle.
const quietFor = 2 * time.Second

func (b *Box) idle() bool { return time.Since(time.Unix(0, b.asked.Load())) > quietFor }

// records is a space's log as a shelf.
type records struct {
	*space
	forget func()
}

// Name implements monitor.Shelf.
func (r records) Name() string { return r.space.Name }

// Begin implements monitor.Shelf.
func (r records) Begin() { r.forget() }

// scrubBatch is how many records are read before the scrub looks up.
const scrubBatch = 64

// Check implements monitor.Shelf. The store notes what it finds damaged, and
// it is repaired at once.
func (r records) Check(ctx context.Context, after string) (next string, pieces int, bytes int64, err error) {
	since, err := strconv.ParseUint("0"+after, 10, 64)
	if err != nil {
		return "", 0, 0, fmt.Errorf("go on at %q: %w", after, err)
	}
	damaged := false
	entries := r.store.Since(wiki.Seq(since), scrubBatch)
	for _, e := range entries {
		if ctx.Err() != nil {
			return after, pieces, bytes, ctx.Err()
		}
		rev, err := r.store.Get(e.ID)
		damaged = damaged || errors.Is(err, wiki.ErrDamaged)
		pieces++
		bytes += int64(len(rev.Document()))
		next = strconv.FormatUint(uint64(e.Seq), 10)
	}
	if m, several := r.store.(*mirror.Store); several {
		m.Check(idsOf(entries))
	}
	if damaged {
		r.heal(ctx)
	}
	return next, pieces, bytes, nil
}

// pieces is the pieces of files as a shelf.
type pieces struct {
	box    *Box
	forget func()
}

// Name implements monitor.Shelf.
func (p pieces) Name() string { return "files" }

// Begin implements monitor.Shelf.
func (p pieces) Begin() { p.forget() }

// Check implements monitor.Shelf.
func (p pieces) Check(ctx context.Context, after string) (next string, n int, bytes int64, err error) {
	var from wiki.Hash
	if after != "" {
		if from, err = wiki.ParseHash(after); err != nil {
			return "", 0, 0, fmt.Errorf("go on at %q: %w", after, err)
		}
	}
	hashes, err := p.box.blobs.Hashes(from, 8)
	if err != nil {
		return "", 0, 0, err
	}
	for _, h := range hashes {
		if ctx.Err() != nil {
			return after, n, bytes, ctx.Err()
		}
		data, err := p.box.blobs.Blob(h)
		if errors.Is(err, wiki.ErrDamaged) {
			p.box.healBlob(ctx, h)
		}
		n++
		bytes += int64(len(data))
		next = h.String()
	}
	return next, n, bytes, nil
}

// healBlob fetches a damaged piece from another box.
func (b *Box) healBlob(ctx context.Context, hash wiki.Hash) {
	data, err := b.spaces[wiki.Public.Name].exchange.FetchBlob(ctx, hash)
	if err == nil {
		_, err = b.blobs.PutBlob(ctx, data)
	}
	if err != nil {
		b.log.Warn("a damaged piece of a file could not be repaired; it is tried again", "hash", hash.Short(), "error", err)
	}
}

// healBlobs repairs pieces that anybody found damaged, until ctx ends.
func (b *Box) healBlobs(ctx context.Context) error {
	tick := time.NewTicker(healEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		for _, h := range b.blobs.Damaged() {
			b.healBlob(ctx, h)
		}
	}
}
