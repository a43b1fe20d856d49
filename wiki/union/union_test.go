package union_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
	"github.com/argss/argss/wiki/union"
)

func TestSaveIsAnsweredByTheFirstReceipt(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		w.net.Cut(a.name, c.name) // a has not noticed yet
		began := time.Now()
		r, ack := w.save(a, "Home")
		if diff := cmp.Diff(wiki.Acknowledgement{Copies: []string{a.name, b.name}, Receipts: []wiki.Receipt{receiptOf(a), receiptOf(b)}}, ack); diff != "" || time.Since(began) > 10*time.Millisecond {
			t.Errorf("after %v: %s", time.Since(began), diff)
		}
		if !b.holds(r.ID) {
			t.Error("the receipt came before the copy")
		}
		if got := a.Copies(r.ID); !slices.Equal(got, []string{a.name, b.name}) {
			t.Errorf("copies on %v", got)
		}
		w.net.Heal(a.name, c.name)
		w.until("all three are told", func() bool { return len(a.Copies(r.ID)) == 3 && len(b.Copies(r.ID)) == 3 })
		w.until("limp mode ends", func() bool { return !a.Limp().Active })
	})
}

func TestDeadPeerCostsOneDeadline(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		c.stop()
		w.until("the death of one is noticed", func() bool { return !a.Peers()[1].Alive })
		if _, ack := w.save(a, "Home"); ack.Alone {
			t.Error("alone although one peer lives")
		}
		w.net.Cut(a.name, b.name)
		began := time.Now()
		if _, ack := w.save(a, "Home"); !ack.Alone || time.Since(began) > time.Second || time.Since(began) < 50*time.Millisecond {
			t.Errorf("%+v after %v", ack, time.Since(began))
		}
		began = time.Now()
		if _, ack := w.save(a, "Home"); !ack.Alone || time.Since(began) > 0 {
			t.Errorf("the next save: %+v after %v", ack, time.Since(began))
		}
		if limp := a.Limp(); !limp.Active || limp.Uncopied != 2 {
			t.Errorf("limp mode: %+v", limp)
		}
		w.net.Heal(a.name, b.name)
		w.until("the peer is awaited again", func() bool { _, ack := w.save(a, "Home"); return !ack.Alone })
		w.until("nothing is uncopied", func() bool { return a.Limp().Uncopied == 0 })
	})
}

func TestPeerThatCannotStoreGivesNoReceipt(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		c.stop()
		b.store.Fail(fmt.Errorf("write log: %w", wiki.ErrReadOnly))
		began := time.Now()
		r, ack := w.save(a, "Home")
		if !ack.Alone || len(a.Copies(r.ID)) != 1 || time.Since(began) > 0 {
			t.Errorf("%+v, copies on %v, after %v", ack, a.Copies(r.ID), time.Since(began))
		}
		b.store.Fail(nil)
		w.until("it is copied in the end", func() bool { return len(a.Copies(r.ID)) == 2 })
	})
}

func TestReceiptMayOvertakeTheOwnSync(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		w.net.Delay(time.Millisecond)
		a.store.Slow(100 * time.Millisecond)
		r, ack := w.save(a, "Home")
		if len(ack.Copies) != 3 || len(a.Copies(r.ID)) != 3 || a.Limp().Uncopied != 0 {
			t.Errorf("%+v, copies on %v, %+v", ack, a.Copies(r.ID), a.Limp())
		}
	})
}

func TestSlowPeerIsAwaitedAgainAfterAHeartbeat(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		c.stop()
		time.Sleep(5 * time.Second)
		b.store.Slow(5 * time.Second)
		began := time.Now()
		if _, ack := w.save(a, "Home"); !ack.Alone || time.Since(began) != time.Second {
			t.Errorf("%+v after %v", ack, time.Since(began))
		}
		b.store.Slow(0)
		time.Sleep(10 * time.Second)
		if _, ack := w.save(a, "Home"); ack.Alone {
			t.Error("the peer is not awaited any more")
		}
	})
}

func TestOwnFailureIsAnErrorWhoeverElseTookIt(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		full := fmt.Errorf("write log: %w", wiki.ErrReadOnly)
		a.store.Fail(full)
		if _, err := a.Publish(t.Context(), w.edit("Home")); !errors.Is(err, wiki.ErrReadOnly) {
			t.Errorf("got %v", err)
		}
		a.store.Fail(nil)
		w.equal(a, b, c)
	})
}

func TestPartsThatWriteApartBecomeEqual(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		first, _ := w.save(a, "Home")
		w.equal(a, b, c)
		w.until("the third box knows of a second copy", func() bool { return c.Limp().Uncopied == 0 })
		w.net.Cut(a.name, c.name)
		w.net.Cut(b.name, c.name)
		time.Sleep(10 * time.Second)
		for range 20 {
			w.save(a, "Home", first.ID)
			w.save(b, "Other")
			w.save(c, "Home", first.ID)
		}
		if limp := c.Limp(); !limp.Active || limp.Uncopied != 20 {
			t.Errorf("the lonely box: %+v", limp)
		}
		w.net.Heal(a.name, c.name)
		w.net.Heal(b.name, c.name)
		w.equal(a, b, c)
		if n := len(a.store.Heads("Home")); n != 40 {
			t.Errorf("%d heads", n)
		}
		w.until("every box knows of all copies", func() bool {
			for _, x := range []*box{a, b, c} {
				if x.Limp().Active || x.Peers()[0].Lag+x.Peers()[1].Lag > 0 {
					return false
				}
			}
			return true
		})
	})
}

func TestUncopiedRevisionsGoFirstToAPeerThatReturns(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		c.stop()
		time.Sleep(5 * time.Second)
		copied, ack := w.save(a, "copied")
		if ack.Alone {
			t.Fatal("nobody took it")
		}
		b.stop()
		time.Sleep(5 * time.Second)
		var alone []wiki.ID
		for range 3 {
			r, ack := w.save(a, "alone", alone...)
			if !ack.Alone {
				t.Fatalf("%+v with no peer", ack)
			}
			alone = []wiki.ID{r.ID}
		}
		w.startKnowing(c.name, nil) // so that it cannot pull
		w.until("the returned box has them", func() bool { return c.holds(alone[0]) })
		if took := c.pushed(); len(took) != 3 || took[2] != alone[0] || slices.Contains(took, copied.ID) {
			t.Errorf("pushed %v", took)
		}
		w.until("nothing is uncopied", func() bool { return a.Limp().Uncopied == 0 })
		w.start(b.name)
		w.equal(a, b)
	})
}

func TestExchangeGoesOnFromItsNotes(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		for range 10 {
			w.save(a, "Home")
		}
		w.equal(a, b, c)
		time.Sleep(10 * time.Second)
		a.stop()
		b.stop()
		c.stop()
		w.start(a.name)
		if limp := a.Limp(); !limp.Active || limp.Uncopied != 0 {
			t.Errorf("after the restart, alone: %+v", limp)
		}
		if got := a.Copies(a.store.Since(0, 1)[0].ID); len(got) != 3 {
			t.Errorf("receipts were forgotten: %v", got)
		}
		w.start(b.name)
		w.start(c.name)
		w.until("limp mode ends", func() bool { return !a.Limp().Active })
		if len(b.pushed())+len(c.pushed()) > 20 {
			t.Error("what was copied was pushed again")
		}
	})
}

func TestHostileDocumentsAreRefusedAndBlockNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		_, stranger, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		target, _ := w.save(a, "Home")
		w.equal(a, b, c)
		record, err := wiki.New(wiki.Header{Page: "Home", Kind: wiki.Erase}, wiki.SignErasure(stranger, "", target.ID), wiki.Hash{})
		if err != nil {
			t.Fatal(err)
		}
		// A box that was taken over holds what nobody else admits.
		if _, err := c.store.Add(t.Context(), record, w.edit("orphan", wiki.HashOf(nil))); err != nil {
			t.Fatal(err)
		}
		after, _ := w.save(c, "after")
		w.until("the feed goes on", func() bool { return a.holds(after.ID) && b.holds(after.ID) })
		time.Sleep(time.Minute)
		if _, n := a.store.Digest(); n != 2 {
			t.Errorf("the box holds %d revisions", n)
		}
		if told := strings.Count(a.log.String(), record.ID.String()); told > 2 {
			t.Errorf("the refusal was logged %d times", told)
		}
		if r, err := a.store.Get(target.ID); err != nil || r.Body == nil {
			t.Errorf("the target was erased: %v", err)
		}
	})
}

func TestFilesTravelWithTheirPieces(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		upload := func(name string) (wiki.Revision, wiki.Hash) {
			hash, err := a.blobs.PutBlob(t.Context(), []byte(name))
			if err != nil {
				t.Fatal(err)
			}
			r, err := wiki.New(wiki.Header{Page: name, Kind: wiki.Upload}, wiki.Body{Type: "image/png", Size: int64(len(name)),
				Blobs: []wiki.BlobRef{{Hash: hash, Size: int64(len(name))}}}, wiki.HashOf([]byte(name)))
			if err != nil {
				t.Fatal(err)
			}
			return r, hash
		}
		c.stop()
		r, hash := upload("a.png")
		if ack, err := a.Publish(t.Context(), r); err != nil || ack.Alone || !b.blobs.HasBlob(hash) {
			t.Errorf("%+v, %v; the receipt covers the piece: %v", ack, err, b.blobs.HasBlob(hash))
		}
		w.start(c.name)
		w.until("the piece was pulled before its revision", func() bool {
			if c.holds(r.ID) && !c.blobs.HasBlob(hash) {
				t.Fatal("a revision is held without its piece")
			}
			return c.holds(r.ID)
		})
		if data, err := b.FetchBlob(t.Context(), wiki.HashOf(nil)); !errors.Is(err, wiki.ErrNotFound) {
			t.Errorf("a piece nobody has: %q, %v", data, err)
		}
	})
}

func TestConcurrentSavesShareAPush(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		w.net.Delay(10 * time.Millisecond)
		w.save(a, "warm")
		revisions := make([]wiki.Revision, 64)
		for i := range revisions {
			revisions[i] = w.edit(fmt.Sprint("page ", i))
		}
		began := time.Now()
		var all sync.WaitGroup
		for _, r := range revisions {
			all.Go(func() {
				if ack, err := a.Publish(t.Context(), r); err != nil || ack.Alone {
					t.Errorf("%+v, %v", ack, err)
				}
			})
		}
		all.Wait()
		if took := time.Since(began); took > 150*time.Millisecond {
			t.Errorf("64 saves took %v, which is more than three round trips", took)
		}
		w.equal(a, b, c)
	})
}

func TestWhatIsPushedIsNotFetchedToo(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		w.net.Delay(10 * time.Millisecond)
		w.save(a, "Home")
		w.equal(a, b, c)
		time.Sleep(200 * time.Millisecond) // the first push was not yet known to be one
		before := a.given()
		for range 50 { // the peers hear of each in the feed before its push arrives
			w.save(a, "Home")
		}
		w.equal(a, b, c)
		if n := a.given() - before; n > 0 {
			t.Errorf("asked %d times for revisions that were pushed", n)
		}
	})
}

func TestPullThatFailsClaimsNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		b.store.Fail(fmt.Errorf("write log: %w", wiki.ErrReadOnly))
		r := w.edit("Home")
		if _, err := a.store.Add(t.Context(), r); err != nil { // no push
			t.Fatal(err)
		}
		w.until("the other peer has it", func() bool { return c.holds(r.ID) })
		time.Sleep(20 * time.Second)
		if got := a.Copies(r.ID); !slices.Equal(got, []string{a.name, c.name}) {
			t.Errorf("copies on %v", got)
		}
		if told := strings.Count(b.log.String(), "cannot follow a peer"); told != 2 {
			t.Errorf("two feeds failed for a while, which was logged %d times", told)
		}
		b.store.Fail(nil)
		w.equal(a, b, c)
	})
}

func TestWhatIsPassedOverIsNotClaimed(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		parent := w.edit("Home")
		orphan, next := w.edit("Home", parent.ID), w.edit("Other")
		if _, err := a.store.Add(t.Context(), orphan, next); err != nil { // no push
			t.Fatal(err)
		}
		w.until("the peers have what follows", func() bool { return b.holds(next.ID) && c.holds(next.ID) })
		time.Sleep(10 * time.Second)
		if got := a.Copies(orphan.ID); !slices.Equal(got, []string{a.name}) {
			t.Errorf("copies of what nobody takes on %v", got)
		}
		w.save(a, "Third")
		if _, err := c.store.Add(t.Context(), parent); err != nil {
			t.Fatal(err)
		}
		w.equal(a, b, c)
		w.until("all is known to be copied", func() bool { return a.Limp().Uncopied == 0 && len(a.Copies(orphan.ID)) == 3 })
	})
}

func TestPushIsNoReceipt(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		a.store.Fail(fmt.Errorf("write log: %w", wiki.ErrReadOnly))
		r := w.edit("Home")
		if _, err := a.Publish(t.Context(), r); err == nil {
			t.Fatal("published on a disk that takes no writes")
		}
		w.until("a peer has it", func() bool { return b.holds(r.ID) && c.holds(r.ID) })
		if got := b.Copies(r.ID); slices.Contains(got, a.name) {
			t.Errorf("copies on %v, and %s could not keep it", got, a.name)
		}
		a.store.Fail(nil)
		w.equal(a, b, c)
	})
}

func TestCatchUpFindsABaseAPeerHas(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		r := w.edit("Home")
		if _, err := b.store.Add(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if err := a.CatchUp(t.Context()); err != nil || !a.holds(r.ID) {
			t.Errorf("caught up: %v, %v", a.holds(r.ID), err)
		}
		w.net.Cut(a.name, b.name)
		w.net.Cut(a.name, c.name)
		began := time.Now()
		if err := a.CatchUp(t.Context()); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > time.Second {
			t.Errorf("with nobody: %v after %v", err, time.Since(began))
		}
	})
}

func TestChildThatOvertakesItsParentsIsTaken(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		parent := w.edit("Home")
		if _, err := a.store.Add(t.Context(), parent); err != nil { // no push
			t.Fatal(err)
		}
		child, ack := w.save(a, "Home", parent.ID)
		if ack.Alone {
			t.Errorf("%+v", ack)
		}
		w.until("both are everywhere", func() bool { return b.holds(parent.ID, child.ID) && c.holds(parent.ID, child.ID) })
	})
}

func TestWrongAddressIsNoPeer(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		x := union.New(union.Config{Box: "other", Space: wiki.Public, Store: a.store, Secret: secret,
			Peers: []union.Peer{{Name: "tulsa", URL: "http://wichita-2:80"}}, HTTP: w.net.Transport("other")})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := x.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if p := x.Peers()[0]; p.Alive || !p.LastHeard.IsZero() {
			t.Errorf("%+v", p)
		}
	})
}

// receiptOf is what a box says of the last revision it took.
func receiptOf(b *box) wiki.Receipt {
	return wiki.Receipt{Box: b.name, Store: b.store.Identity(), Seq: b.store.Latest()}
}

func TestWhereAsksEveryBoxAndReadsItsDisk(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		r, _ := w.save(a, "Home")
		w.until("all hold it", func() bool { return b.holds(r.ID) && c.holds(r.ID) })
		w.net.Cut(a.name, c.name)
		time.Sleep(5 * time.Second)
		want := []wiki.Whereabouts{
			{Receipt: receiptOf(b), Found: wiki.Held},
			{Receipt: wiki.Receipt{Box: c.name}, Found: wiki.Silent},
		}
		if diff := cmp.Diff(want, a.Where(t.Context(), r.ID)); diff != "" {
			t.Error(diff)
		}
		w.net.Heal(a.name, c.name)
		w.until("the third answers", func() bool { return a.Where(t.Context(), wiki.HashOf(nil))[1].Found == wiki.Lacking })
	})
}

func TestBoxWithoutPeersIsAlone(t *testing.T) {
	w := newWorld(t, "only")
	x := union.New(union.Config{Box: "only", Space: wiki.Public, Store: w.boxes["only"].store})
	ack, err := x.Publish(t.Context(), w.edit("Home"))
	if diff := cmp.Diff(wiki.Acknowledgement{Copies: []string{"only"}, Receipts: []wiki.Receipt{receiptOf(w.boxes["only"])}, Alone: true}, ack); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if limp := x.Limp(); !limp.Active || limp.Uncopied != 1 || limp.Since.IsZero() {
		t.Errorf("%+v", limp)
	}
	if b := x.Heartbeat(couch.Peer{Box: "x", Store: "y"}, couch.Heartbeat{Box: "x", Store: "y"}); b.Box != "only" || b.Count != 1 {
		t.Errorf("%+v", b)
	}
}

// A peer whose line is shared must not seem dead while it is filled.
func TestRateOfAPeerIsKeptAndHeartbeatsPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rate, texts, size = 128 << 10, 40, 64 << 10
		w := newWorld(t, "old", "new")
		random := rand.New(rand.NewPCG(1, 2))
		for i := range texts {
			b := make([]byte, size)
			for j := range b {
				b[j] = '0' + byte(random.IntN(64)) // packs to three quarters
			}
			if _, err := w.boxes["old"].store.Add(t.Context(), w.write(fmt.Sprint("Page ", i), string(b))); err != nil {
				t.Fatal(err)
			}
		}
		w.startKnowing("old", []union.Peer{{Name: "new", URL: "http://new:80", Rate: rate}})
		w.startKnowing("new", []union.Peer{{Name: "old", URL: "http://old:80", Rate: rate}})
		defer w.stop()
		began := time.Now()
		held, silent := uint64(0), 0
		for held < texts && time.Since(began) < time.Minute {
			time.Sleep(100 * time.Millisecond)
			_, held = w.boxes["new"].store.Digest()
			if time.Since(began) > 3*time.Second && !w.boxes["new"].Peers()[0].Alive {
				silent++
			}
		}
		least := time.Duration(texts*size*6/10) * time.Second / rate
		if took := time.Since(began); held < texts || took < least || silent > 0 {
			t.Errorf("%d of %d came in %v, which takes at least %v; the peer seemed dead %d times", held, texts, took, least, silent)
		}
	})
}
