package search

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/argss/argss/wiki"
)

const (
	batch  = 256                    // revisions taken in one transaction
	gather = 300 * time.Millisecond // from a revision to its index, when there was nothing to do
	pause  = 5 * time.Second        // after a failure that is not the file's
)

// Run follows the set until ctx ends. A page that cannot be read is left as it
// was and read again when it changes; a damaged file is made anew. It returns
// nil, or why the file cannot be made at all.
func (x *Index) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := x.follow(ctx)
		switch {
		case ctx.Err() != nil || errors.Is(err, wiki.ErrClosed):
			return nil
		case damage(err):
			x.Log.Warn("the search index is made anew", "reason", err)
			if err := x.renew(); err != nil {
				return err
			}
		default:
			x.Log.Warn("the search index waits", "reason", err)
			rest(ctx, pause)
		}
	}
	return nil
}

// damage tells whether a failure is the file's own.
func damage(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return errors.Is(err, errStore)
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_FORMAT:
		return true
	}
	return false
}

var errStore = errors.New("it is of another store")

// renew makes the file anew, while nobody reads it.
func (x *Index) renew() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := errors.Join(x.db.Close(), x.discard()); err != nil {
		return err
	}
	return x.open()
}

// follow takes what is new until something fails.
func (x *Index) follow(ctx context.Context) error {
	for {
		place := wiki.Seq(x.place.Load())
		entries := x.Set.Since(place, batch)
		if len(entries) == 0 {
			if err := x.Set.Wait(ctx, place); err != nil {
				return err
			}
			rest(ctx, gather) // whoever saved this is still being answered
			continue
		}
		began, latest := time.Now(), x.Set.Latest()
		if err := x.take(ctx, entries); err != nil {
			return err
		}
		if x.Set.Latest() > latest {
			rest(ctx, min(7*time.Since(began), pause))
		}
	}
}

// rest leaves the processor to those who write. Taking a page in costs several
// times what saving it does, and who saves waits while who searches can do
// without the last moment: while revisions keep coming, the index works an
// eighth of the time. What it has not taken in then, it takes in afterwards.
func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// take brings the pages of these revisions up to date.
func (x *Index) take(ctx context.Context, entries []wiki.Entry) error {
	if string(x.Set.Identity()) != x.store() {
		return errStore
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Header.Page)
	}
	slices.Sort(names)
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	for _, name := range slices.Compact(names) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := x.update(tx, name); err != nil {
			return fmt.Errorf("index %q: %w", name, err)
		}
	}
	last := uint64(entries[len(entries)-1].Seq)
	if _, err := tx.Exec(`UPDATE meta SET place = ?`, last); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	x.place.Store(last)
	return nil
}

func (x *Index) store() (identity string) {
	// A failure shows at the next statement.
	_ = x.db.QueryRow(`SELECT store FROM meta`).Scan(&identity)
	return identity
}

func (x *Index) update(tx *sql.Tx, name string) error {
	page, exists, err := x.Read(name)
	if err != nil {
		x.Log.Warn("a page is not in the search index as it reads now", "page", name, "reason", err)
		return nil
	}
	var id int64
	switch err := tx.QueryRow(`SELECT id FROM page WHERE name = ?`, name).Scan(&id); {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return err
	default:
		if err := forget(tx, id); err != nil {
			return err
		}
	}
	if !exists {
		return nil
	}
	return x.insert(tx, name, page)
}

func forget(tx *sql.Tx, id int64) error {
	for _, statement := range []string{
		`DELETE FROM words WHERE rowid = ?`, `DELETE FROM link WHERE page = ?`, `DELETE FROM page WHERE id = ?`,
	} {
		if _, err := tx.Exec(statement, id); err != nil {
			return err
		}
	}
	return nil
}

func (x *Index) insert(tx *sql.Tx, name string, p Page) error {
	row, err := tx.Exec(`INSERT INTO page (name, title, plain) VALUES (?, ?, ?)`, name, p.Title, x.zip.EncodeAll([]byte(p.Plain), nil))
	if err != nil {
		return err
	}
	id, err := row.LastInsertId()
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO words (rowid, name, headings, text) VALUES (?, ?, ?, ?)`, id,
		spaced(name+" "+apart(name)+" "+p.Title), spaced(strings.Join(p.Headings, "\n")), spaced(p.Plain))
	if err != nil {
		return err
	}
	for _, target := range p.Links {
		if _, err := tx.Exec(`INSERT OR IGNORE INTO link (target, page) VALUES (?, ?)`, target, id); err != nil {
			return err
		}
	}
	return nil
}

// spaced is a text as FTS5 is given it.
func spaced(text string) string {
	var b strings.Builder
	b.Grow(len(text) + len(text)/4)
	for w := range words(text) {
		b.WriteString(w.term)
		b.WriteByte(' ')
	}
	return b.String()
}
