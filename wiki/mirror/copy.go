package mirror

import (
	"context"
	"fmt"
	"slices"

	"github.com/argss/argss/wiki"
)

// Bounds of what is copied with one sync.
const (
	batchRevisions = 500
	batchBytes     = 4 << 20
)

// copyMissing gives one store what it lacks and another holds, in the order of
// that one's feed. What does not read is left out: another box may have it.
func copyMissing(ctx context.Context, from, to wiki.Store, progress func(n int)) (copied int, err error) {
	var batch []wiki.Revision
	size := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if _, err := to.Add(ctx, batch...); err != nil {
			return fmt.Errorf("copy to the other disk: %w", err)
		}
		copied += len(batch)
		if progress != nil {
			progress(len(batch))
		}
		batch, size = nil, 0
		return nil
	}
	for _, e := range lacking(from, to) {
		if err := ctx.Err(); err != nil {
			return copied, err
		}
		r, err := from.Get(e.ID)
		if err != nil {
			continue
		}
		batch, size = append(batch, r), size+len(r.Document())
		if len(batch) < batchRevisions && size < batchBytes {
			continue
		}
		if err := flush(); err != nil {
			return copied, err
		}
	}
	return copied, flush()
}

// place is where a revision stands in a feed.
type place struct {
	wiki.ID
	seq wiki.Seq
}

// lacking walks two digest trees to what one store holds and the other does not.
func lacking(from, to wiki.Store) (places []place) {
	theirs, ours := from.Branches(), to.Branches()
	for i := range theirs {
		if theirs[i] == ours[i] || theirs[i].IsZero() {
			continue
		}
		below, mine := from.Branches(byte(i)), to.Branches(byte(i))
		for j := range below {
			if below[j] == mine[j] || below[j].IsZero() {
				continue
			}
			for _, id := range to.Missing(from.Bucket([2]byte{byte(i), byte(j)})) {
				if e, err := from.Entry(id); err == nil {
					places = append(places, place{id, e.Seq})
				}
			}
		}
	}
	slices.SortFunc(places, func(a, b place) int { return int(a.seq) - int(b.seq) })
	return places
}
