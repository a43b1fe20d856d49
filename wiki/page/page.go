package page

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/argss/argss/wiki"
)

// Publisher makes revisions durable here and on other boxes. wiki/union
// implements it.
type Publisher interface {
	// Publish returns once the revisions are durable here and, if any other
	// box is alive, on one of those.
	Publish(ctx context.Context, revisions ...wiki.Revision) (wiki.Acknowledgement, error)
	// CatchUp asks the living boxes for what they have and we lack; it gives
	// up quickly.
	CatchUp(ctx context.Context) error
	// Copies returns the boxes known to hold a revision, this one first.
	Copies(id wiki.ID) []string
	// FetchBlob asks the living boxes for a piece that is missing here.
	FetchBlob(ctx context.Context, hash wiki.Hash) ([]byte, error)
}

// Config is what Pages is made of; all of it is required.
type Config struct {
	Store     wiki.Store
	Blobs     wiki.Blobs
	Merger    wiki.Merger
	Publisher Publisher
	Now       func() time.Time // the time a revision shows, never an order
	Random    io.Reader        // for salts
}

// Pages reads and saves the pages of one space. It is safe for concurrent use.
type Pages struct {
	Config
	locks locks
}

// New returns the pages of a space.
func New(c Config) *Pages { return &Pages{Config: c} }

// View returns a page as it reads now; a page nobody wrote is in state Absent.
// Errors: wiki.ErrName, or those of the store.
func (p *Pages) View(name string) (wiki.View, error) {
	if err := wiki.CheckName(name); err != nil {
		return wiki.View{}, err
	}
	return wiki.Look(p.Store, p.Merger, name)
}

// At returns the page as it read when one revision was its only head.
func (p *Pages) At(name string, id wiki.ID) (wiki.View, error) {
	e, err := p.Store.Entry(id)
	if err != nil {
		return wiki.View{}, err
	}
	if e.Header.Page != name || e.Header.Kind == wiki.Erase {
		return wiki.View{}, wiki.ErrNotFound
	}
	return wiki.LookAt(p.Store, p.Merger, name, []wiki.ID{id})
}

// Copies returns the boxes known to hold a revision, this one first.
func (p *Pages) Copies(id wiki.ID) []string { return p.Publisher.Copies(id) }

// Blob returns a piece of a file, from another box where the copy here is
// missing or damaged; what was fetched is kept. wiki.ErrNotFound says that no
// living box has it.
func (p *Pages) Blob(ctx context.Context, hash wiki.Hash) ([]byte, error) {
	data, err := p.Blobs.Blob(hash)
	if err == nil || !errors.Is(err, wiki.ErrNotFound) && !errors.Is(err, wiki.ErrDamaged) {
		return data, err
	}
	data, err = p.Publisher.FetchBlob(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("fetch piece %s: %w", hash.Short(), err)
	}
	if wiki.HashOf(data) != hash {
		return nil, fmt.Errorf("fetch piece %s: %w", hash.Short(), wiki.ErrDamaged)
	}
	// The reader is served even when this disk cannot keep the piece.
	_, _ = p.Blobs.PutBlob(ctx, data)
	return data, nil
}
