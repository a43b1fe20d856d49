package search

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/argss/argss/wiki"
)

// Hit is a page that was found.
type Hit struct {
	Page    string
	Title   string // its main heading, "" if it has none
	Extract []Piece
}

// Result is what a search found, the best first: pages with the words in their
// names, then the others, each by BM25, which puts short names first.
type Result struct {
	Hits []Hit
	More bool // there are more hits behind these
	// Loose says that no page has all the words, so these have some of them.
	Loose bool
	// Done of All revisions are in the index; what the others say is not found.
	Done, All wiki.Seq
}

// Find returns up to limit pages after the first skip ones. A query of no words
// finds nothing.
func (x *Index) Find(ctx context.Context, text string, skip, limit int) (Result, error) {
	var r Result
	r.Done, r.All = x.Progress()
	q := parse(text)
	if len(q.wanted) == 0 {
		return r, nil
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	var err error
	if r.Hits, err = x.hits(ctx, q, false, skip, limit+1); err != nil {
		return r, err
	}
	if len(r.Hits) == 0 && skip == 0 && len(q.wanted) > 1 {
		r.Loose = true
		if r.Hits, err = x.hits(ctx, q, true, 0, limit+1); err != nil {
			return r, err
		}
	}
	if r.More = len(r.Hits) > limit; r.More {
		r.Hits = r.Hits[:limit]
	}
	if r.Loose {
		r.More = false // a few are a hint, more are noise
	}
	return r, nil
}

// hits returns the pages whose names have the words, then those whose names
// have the last one as a beginning, then the others.
func (x *Index) hits(ctx context.Context, q query, loosely bool, skip, limit int) ([]Hit, error) {
	var ids []int64
	for _, match := range []string{q.finished().match("name", loosely), q.match("name", loosely), q.match("", loosely)} {
		if len(ids) >= skip+limit {
			break
		}
		more, err := x.ranked(ctx, match, skip+limit+len(ids))
		if err != nil {
			return nil, err
		}
		ids = append(ids, slices.DeleteFunc(more, func(id int64) bool { return slices.Contains(ids, id) })...)
	}
	var hits []Hit
	for _, id := range ids[min(skip, len(ids)):min(skip+limit, len(ids))] {
		switch h, err := x.hit(ctx, id, q); {
		case errors.Is(err, sql.ErrNoRows): // it was changed this moment
		case err != nil:
			return nil, err
		default:
			hits = append(hits, h)
		}
	}
	return hits, nil
}

// ordinary is how many pages what is looked for may be in for its place in each
// to say which page is meant. To rank more costs a moment that is noticed.
const ordinary = 1000

// ranked returns the rows that match, the best by BM25 first; where they are
// more than ordinary, the latest written first.
func (x *Index) ranked(ctx context.Context, match string, limit int) ([]int64, error) {
	latest, err := x.ids(ctx, `SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?`, match, ordinary+1)
	if err != nil || len(latest) > ordinary {
		return latest[:min(limit, len(latest))], err
	}
	return x.ids(ctx, `SELECT rowid FROM words WHERE words MATCH ? AND rank MATCH 'bm25(10.0, 4.0, 1.0)' ORDER BY rank, rowid DESC LIMIT ?`, match, limit)
}

func (x *Index) ids(ctx context.Context, query string, args ...any) (all []int64, err error) {
	err = x.rows(ctx, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		all = append(all, id)
		return err
	}, query, args...)
	return all, err
}

func (x *Index) hit(ctx context.Context, id int64, q query) (h Hit, err error) {
	var zipped []byte
	if err := x.db.QueryRowContext(ctx, `SELECT name, title, plain FROM page WHERE id = ?`, id).Scan(&h.Page, &h.Title, &zipped); err != nil {
		return h, err
	}
	plain, err := x.unzip.DecodeAll(zipped, nil)
	if err != nil {
		return h, err
	}
	h.Extract = extract(string(plain), q)
	return h, nil
}
