package wikitest

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/argss/argss/wiki"
)

// TestBlobs checks the promises of wiki.Blobs. open returns an empty one.
func TestBlobs(t *testing.T, open func(t *testing.T) wiki.Blobs) {
	for name, test := range map[string]func(*testing.T, wiki.Blobs){
		"ReturnsWhatWasPut":     blobsReadBack,
		"KnowsWhatItHolds":      blobsHas,
		"RefusesSizes":          blobsSizes,
		"CancelledPutIsRefused": blobsCancelled,
		"ConcurrentPutsOfOne":   blobsConcurrent,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func blobsReadBack(t *testing.T, b wiki.Blobs) {
	for _, size := range []int{1, 2, Sector, 70_000, wiki.MaxBlob} {
		data := bytes.Repeat([]byte{byte(size)}, size)
		for range 2 {
			hash, err := b.PutBlob(context.Background(), data)
			if err != nil || hash != wiki.HashOf(data) {
				t.Fatalf("put %d bytes: %s, %v", size, hash.Short(), err)
			}
			if got, err := b.Blob(hash); err != nil || !bytes.Equal(got, data) {
				t.Errorf("%d bytes came back as %d: %v", size, len(got), err)
			}
		}
	}
}

func blobsHas(t *testing.T, b wiki.Blobs) {
	hash := wiki.HashOf([]byte("x"))
	if _, err := b.Blob(hash); !errors.Is(err, wiki.ErrNotFound) || b.HasBlob(hash) {
		t.Errorf("a blob nobody put: %v", err)
	}
	_, err := b.PutBlob(context.Background(), []byte("x"))
	must(t, err)
	if !b.HasBlob(hash) || b.HasBlob(wiki.Hash{}) {
		t.Error("does not know what it holds")
	}
}

func blobsSizes(t *testing.T, b wiki.Blobs) {
	for _, size := range []int{0, wiki.MaxBlob + 1} {
		if _, err := b.PutBlob(context.Background(), make([]byte, size)); err == nil {
			t.Errorf("took a blob of %d bytes", size)
		}
	}
}

func blobsCancelled(t *testing.T, b wiki.Blobs) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := b.PutBlob(ctx, []byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled put: %v", err)
	}
}

func blobsConcurrent(t *testing.T, b wiki.Blobs) {
	data := bytes.Repeat([]byte("same"), 5000)
	var writers sync.WaitGroup
	for i := range 16 {
		writers.Go(func() {
			hash, err := b.PutBlob(context.Background(), data)
			if got, readErr := b.Blob(hash); err != nil || readErr != nil || !bytes.Equal(got, data) {
				t.Errorf("put and read back: %v, %v", err, readErr)
			}
			if _, err = b.PutBlob(context.Background(), []byte{byte(i)}); err != nil {
				t.Errorf("put: %v", err)
			}
		})
	}
	writers.Wait()
}
