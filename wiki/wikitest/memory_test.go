package wikitest

import (
	"testing"

	"github.com/argss/argss/wiki"
)

func TestMemoryIsAStore(t *testing.T) {
	TestStore(t, func(*testing.T) wiki.Store { return NewMemory("memory") })
}

func TestGeneratorDrawsTheSameForASeed(t *testing.T) {
	a, b := NewGenerator(5).Revisions(50), NewGenerator(5).Revisions(50)
	for i := range a {
		if !a[i].Equal(b[i]) {
			t.Fatalf("revision %d differs", i)
		}
	}
}

func TestMemoryBlobsAreBlobs(t *testing.T) {
	TestBlobs(t, func(*testing.T) wiki.Blobs { return NewBlobs() })
}
