package union_test

import (
	"context"
	"testing"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
	"github.com/argss/argss/wiki/union"
	"github.com/argss/argss/wiki/union/uniontest"
	"github.com/argss/argss/wiki/wikitest"
)

// busy is a store that takes a revision right after each look at its digest.
type busy struct {
	*uniontest.Store
	next []wiki.Revision
}

func (s *busy) Digest() (wiki.Digest, uint64) {
	digest, count := s.Store.Digest()
	if len(s.next) > 0 {
		if _, err := s.Add(context.Background(), s.next[0]); err != nil {
			panic(err) // it is in memory
		}
		s.next = s.next[1:]
	}
	return digest, count
}

func TestHeartbeatsPlaceIsCoveredByItsDigest(t *testing.T) {
	s := &busy{Store: uniontest.NewStore("disk"), next: wikitest.NewGenerator(1).Revisions(2)}
	x := union.New(union.Config{Box: "tulsa", Space: wiki.Public, Store: s})
	for range 3 {
		b := x.Heartbeat(couch.Peer{Box: "stranger", Store: "other"}, couch.Heartbeat{Box: "stranger", Store: "other"})
		if m, ok := couch.ParseMark(b.Seq); !ok || uint64(m.Seq) > b.Count {
			t.Errorf("a heartbeat names the place %s beside a digest of %d revisions", b.Seq, b.Count)
		}
	}
}
