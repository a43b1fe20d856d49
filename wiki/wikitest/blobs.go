package wikitest

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"github.com/argss/argss/wiki"
)

// Blobs is a wiki.Blobs that keeps everything in memory.
type Blobs struct {
	mu    sync.Mutex
	blobs map[wiki.Hash][]byte
}

var _ wiki.Blobs = (*Blobs)(nil)

// NewBlobs returns an empty one.
func NewBlobs() *Blobs { return &Blobs{blobs: map[wiki.Hash][]byte{}} }

// PutBlob implements wiki.Blobs.
func (b *Blobs) PutBlob(ctx context.Context, data []byte) (wiki.Hash, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return wiki.Hash{}, err
	}
	if len(data) == 0 || len(data) > wiki.MaxBlob {
		return wiki.Hash{}, fmt.Errorf("put blob: %d bytes, want 1 to %d", len(data), wiki.MaxBlob)
	}
	hash := wiki.HashOf(data)
	b.blobs[hash] = bytes.Clone(data)
	return hash, nil
}

// Blob implements wiki.Blobs.
func (b *Blobs) Blob(hash wiki.Hash) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	data, ok := b.blobs[hash]
	if !ok {
		return nil, wiki.ErrNotFound
	}
	return bytes.Clone(data), nil
}

// HasBlob implements wiki.Blobs.
func (b *Blobs) HasBlob(hash wiki.Hash) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, ok := b.blobs[hash]
	return ok
}
