package search

import (
	"context"
	"database/sql"
)

// Wanted is a page that others link to and nobody wrote.
type Wanted struct {
	Page string
	From int // pages that link to it
}

// Backlinks returns up to limit names above after of the pages that link to a
// page, in byte order.
func (x *Index) Backlinks(ctx context.Context, page, after string, limit int) ([]string, error) {
	return x.names(ctx, `SELECT name FROM link JOIN page ON id = page WHERE target = ? AND name <> target AND name > ? ORDER BY name LIMIT ?`,
		page, after, limit)
}

// Orphans returns up to limit names above after of the pages no other links to,
// in byte order.
func (x *Index) Orphans(ctx context.Context, after string, limit int) ([]string, error) {
	return x.names(ctx, `SELECT name FROM page WHERE name > ? AND NOT EXISTS
		(SELECT 1 FROM link WHERE target = name AND link.page <> page.id) ORDER BY name LIMIT ?`, after, limit)
}

// Wanted returns up to limit pages after the first skip ones, the most wanted
// first.
func (x *Index) Wanted(ctx context.Context, skip, limit int) (all []Wanted, err error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	err = x.rows(ctx, func(rows *sql.Rows) error {
		var w Wanted
		err := rows.Scan(&w.Page, &w.From)
		all = append(all, w)
		return err
	}, `SELECT target, count(*) AS n FROM link WHERE NOT EXISTS (SELECT 1 FROM page WHERE name = target)
		GROUP BY target ORDER BY n DESC, target LIMIT ?, ?`, skip, limit)
	return all, err
}

func (x *Index) names(ctx context.Context, query string, args ...any) (all []string, err error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	err = x.rows(ctx, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		all = append(all, name)
		return err
	}, query, args...)
	return all, err
}
