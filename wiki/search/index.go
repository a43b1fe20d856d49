package search

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
	_ "modernc.org/sqlite" // the driver

	"github.com/argss/argss/wiki"
)

// form is the version of the file, see the package comment.
const form = 1

// Page is what the index knows a page by.
type Page struct {
	Title    string   // its main heading, "" if it has none
	Headings []string // the others
	Plain    string   // its text without markup
	Links    []string // names of the pages it links to, each once
}

// Config is what an Index is made of; all of it is required.
type Config struct {
	// Path is where the index keeps its file, "" for memory.
	Path string
	// Set is followed: what it says is what is found.
	Set Set
	// Read returns a page as it reads now; false: there is no such page to be
	// found.
	Read func(name string) (Page, bool, error)
	Log  *slog.Logger
}

// Set is the set of revisions an index follows.
type Set interface {
	Identity() wiki.Identity
	wiki.Feed
}

// Index finds pages. It is safe for concurrent use.
type Index struct {
	Config
	mu    sync.RWMutex // held for writing while the file is made anew
	db    *sql.DB
	place atomic.Uint64 // the last sequence that is in it
	zip   *zstd.Encoder
	unzip *zstd.Decoder
}

// Open opens the index of a set, or begins a new one where the file is missing,
// damaged, of another version or of another set.
func Open(c Config) (*Index, error) {
	x := &Index{Config: c}
	var err error
	if x.zip, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true)); err != nil {
		return nil, err
	}
	if x.unzip, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(16<<20)); err != nil {
		return nil, err
	}
	if err = x.open(); err == nil {
		return x, nil
	}
	c.Log.Info("the search index is made anew", "reason", err)
	if err := x.discard(); err != nil {
		return nil, err
	}
	if err := x.open(); err != nil {
		return nil, fmt.Errorf("open search index: %w", err)
	}
	return x, nil
}

// Close closes the file. Run must have returned.
func (x *Index) Close() error { return x.db.Close() }

var errForm = errors.New("it has another form")

func (x *Index) open() error {
	db, err := sql.Open("sqlite", x.address())
	if err != nil {
		return err
	}
	x.db = db
	db.SetMaxOpenConns(4)
	if x.Path == "" {
		db.SetMaxOpenConns(1) // each connection would have a memory of its own
	}
	if err := x.check(); err != nil {
		return errors.Join(err, db.Close())
	}
	return nil
}

func (x *Index) address() string {
	options := "_pragma=journal_mode(wal)&_pragma=synchronous(normal)&_pragma=busy_timeout(10000)&_pragma=cache_size(-2000)&_txlock=immediate"
	if x.Path == "" {
		return "file::memory:?" + options
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: x.Path}).EscapedPath(), RawQuery: options}).String()
}

// check reads the file's version and place, and fills an empty file.
func (x *Index) check() error {
	var version, tables int
	if err := x.db.QueryRow(`PRAGMA user_version`).Scan(&version); err != nil {
		return err
	}
	if err := x.db.QueryRow(`SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil {
		return err
	}
	if version == 0 && tables == 0 {
		if _, err := x.db.Exec(schema); err != nil {
			return err
		}
	} else if version != form {
		return errForm
	}
	var sound string
	if err := x.db.QueryRow(`PRAGMA quick_check(1)`).Scan(&sound); err != nil {
		return err
	}
	if sound != "ok" {
		return errors.New(sound)
	}
	return x.claim()
}

// claim makes sure that the file is of this store, and not ahead of it.
func (x *Index) claim() error {
	var store string
	var place uint64
	if err := x.db.QueryRow(`SELECT store, place FROM meta`).Scan(&store, &place); err != nil {
		return err
	}
	x.place.Store(place)
	identity := string(x.Set.Identity())
	if store == identity && place <= uint64(x.Set.Latest()) {
		return nil
	}
	if store != "" || place > 0 {
		return errStore
	}
	_, err := x.db.Exec(`UPDATE meta SET store = ?`, identity)
	return err
}

const schema = `
BEGIN;
CREATE TABLE page (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL, plain BLOB NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (name, headings, text, content='', contentless_delete=1,
	prefix='2 3', tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* Co'");
CREATE TABLE link (target TEXT NOT NULL, page INTEGER NOT NULL, PRIMARY KEY (target, page)) WITHOUT ROWID;
CREATE INDEX link_page ON link (page);
CREATE TABLE meta (store TEXT NOT NULL, place INTEGER NOT NULL);
INSERT INTO meta VALUES ('', 0);
PRAGMA user_version = 1;
COMMIT;`

// discard deletes the file.
func (x *Index) discard() error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(x.Path + suffix); x.Path != "" && err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("make search index anew: %w", err)
		}
	}
	return nil
}

// Progress tells how much of the set is in the index.
func (x *Index) Progress() (done, all wiki.Seq) {
	all = x.Set.Latest()
	return min(wiki.Seq(x.place.Load()), all), all
}

// rows asks, and has each row read by a function.
func (x *Index) rows(ctx context.Context, read func(*sql.Rows) error, query string, args ...any) error {
	rows, err := x.db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
