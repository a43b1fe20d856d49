package union

import (
	"context"
	"errors"
	"net/http"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
)

// Fetch asks the living peers for revisions, the nearest first. What none of
// them gave in good time is left out. It blocks for at most Timing.Silence a
// peer and batch.
func (x *Exchange) Fetch(ctx context.Context, ids []wiki.ID) []wiki.Revision {
	return x.fetch(ctx, x.living(), ids)
}

func (x *Exchange) fetch(ctx context.Context, from []*peer, ids []wiki.ID) (found []wiki.Revision) {
	for _, p := range from {
		got, lacking := p.ask(ctx, ids)
		found = append(found, got...)
		if ids = lacking; len(ids) == 0 || ctx.Err() != nil {
			break
		}
	}
	return found
}

// ask returns what one peer gave of ids, and what it did not.
func (p *peer) ask(ctx context.Context, ids []wiki.ID) (found []wiki.Revision, lacking []wiki.ID) {
	for len(ids) > 0 {
		n := min(len(ids), batchDocuments)
		turn, cancel := context.WithTimeout(ctx, p.x.config.Timing.Silence)
		got, err := p.client.BulkGet(turn, ids[:n], batchBytes)
		cancel()
		if err != nil {
			return found, append(lacking, ids...)
		}
		found = append(found, got.Revisions...)
		for _, r := range got.Refused {
			lacking = append(lacking, r.ID)
		}
		ids = append(got.Rest[:len(got.Rest):len(got.Rest)], ids[n:]...)
	}
	return found, lacking
}

// FetchBlob asks the living peers for a piece of a file, the nearest first.
// wiki.ErrNotFound: none of them has it.
func (x *Exchange) FetchBlob(ctx context.Context, hash wiki.Hash) ([]byte, error) {
	return x.fetchBlob(ctx, x.living(), hash)
}

func (x *Exchange) fetchBlob(ctx context.Context, from []*peer, hash wiki.Hash) ([]byte, error) {
	err := wiki.ErrNotFound
	for _, p := range from {
		data, failed := p.askBlob(ctx, hash)
		var status *couch.StatusError
		switch {
		case failed == nil:
			return data, nil
		case ctx.Err() != nil:
			return nil, failed
		case !errors.As(failed, &status) || status.Status != http.StatusNotFound:
			err = failed
		}
	}
	return nil, err
}

// askBlob gives a piece a quarter of a minute on a slow line.
func (p *peer) askBlob(ctx context.Context, hash wiki.Hash) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*p.x.config.Timing.Silence)
	defer cancel()
	return p.client.GetBlob(ctx, hash)
}
