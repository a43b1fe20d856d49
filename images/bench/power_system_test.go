//go:build system

package bench

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// saved is what a box has acknowledged.
type saved map[string]string

// saveUntilPulled saves one page after the other and pulls the power at a moment
// that the seed draws. What was answered is in acknowledged.
func (s *story) saveUntilPulled(b *Box, seed uint64, acknowledged saved) {
	s.t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			page := fmt.Sprintf("Pull-%d-%d", seed, i)
			text := fmt.Sprintf("%s %x", page, random.Uint64())
			if _, err := s.Save(s.ctx, b.URL, page, text); err == nil {
				acknowledged[page] = text
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	}()
	time.Sleep(time.Second + time.Duration(rand.New(rand.NewPCG(seed, 1)).Int64N(int64(4*time.Second))))
	s.pull(b, seed)
	close(stop)
	<-done
}

// lost tells what an acknowledged page does not say any more.
func (s *story) lost(b *Box, acknowledged saved) error {
	var all []error
	for page, text := range acknowledged {
		if got, err := s.Read(s.ctx, b.URL, page); err != nil || got != text {
			all = append(all, fmt.Errorf("%s says %q, %w", page, got, err))
		}
	}
	return errors.Join(all...)
}

func TestBenchNothingAcknowledgedIsLostWhenThePowerIsPulled(t *testing.T) {
	s := tell(t, Plan{Name: "box", Alone: true})
	box, acknowledged := s.Boxes[0], saved{}
	s.boot(box)
	for i := range *pulls {
		s.saveUntilPulled(box, *first+uint64(i), acknowledged)
		s.must(box.CheckData())
		took := s.boot(box)
		s.must(s.lost(box, acknowledged))
		t.Logf("served %v after the power returned; %d saves acknowledged so far, all there", took, len(acknowledged))
	}
	if len(acknowledged) == 0 {
		t.Fatal("nothing was acknowledged: this test proved nothing")
	}
}

// The same on a disk that only says that it flushed: if nothing were lost then,
// the test above could not fail.
func TestBenchADiskThatLiesIsFoundOut(t *testing.T) {
	s := tell(t, Plan{Name: "box", Alone: true})
	box := s.Boxes[0]
	s.boot(box)
	for seed := *first; seed < *first+10; seed++ {
		acknowledged := saved{}
		box.Disk().Lie(true)
		s.saveUntilPulled(box, seed, acknowledged)
		box.Disk().Lie(false)
		if err := box.CheckData(); err != nil {
			t.Logf("found out by the file system: %.300v", err)
			return
		}
		s.boot(box)
		if err := s.lost(box, acknowledged); err != nil {
			t.Logf("found out by what is lost: %.300v", err)
			return
		}
	}
	t.Error("a disk that performs no flush lost nothing in ten power pulls: the bench proves nothing")
}
