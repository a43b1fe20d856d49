package uniontest

import (
	"context"
	"fmt"
	"sync"

	"github.com/argss/argss/wiki"
)

// Blobs is a wiki.Blobs in memory.
type Blobs struct {
	mu     sync.Mutex
	pieces map[wiki.Hash][]byte
}

var _ wiki.Blobs = (*Blobs)(nil)

// PutBlob implements wiki.Blobs.
func (b *Blobs) PutBlob(ctx context.Context, data []byte) (wiki.Hash, error) {
	if len(data) == 0 || len(data) > wiki.MaxBlob {
		return wiki.Hash{}, fmt.Errorf("a piece of %d bytes", len(data))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pieces == nil {
		b.pieces = map[wiki.Hash][]byte{}
	}
	hash := wiki.HashOf(data)
	b.pieces[hash] = append([]byte(nil), data...)
	return hash, ctx.Err()
}

// Blob implements wiki.Blobs.
func (b *Blobs) Blob(hash wiki.Hash) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	data, ok := b.pieces[hash]
	if !ok {
		return nil, wiki.ErrNotFound
	}
	return data, nil
}

// HasBlob implements wiki.Blobs.
func (b *Blobs) HasBlob(hash wiki.Hash) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, ok := b.pieces[hash]
	return ok
}
