package union_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/argss/argss/wiki"
)

func TestReceiptsDieWithTheStoreTheyName(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		r, _ := w.save(a, "Home")
		w.until("all three have it", func() bool { return len(a.Copies(r.ID)) == 3 })
		b.stop()
		c.stop()
		empty, err := b.store.Clone(0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := empty.Renew(); err != nil {
			t.Fatal(err)
		}
		b.store = empty
		w.net.Delay(20 * time.Millisecond)
		w.start(b.name)
		w.until("the new disk is known", func() bool { return a.Peers()[0].Store == b.store.Identity() })
		if got := a.Copies(r.ID); b.holds(r.ID) || slices.Contains(got, b.name) {
			t.Errorf("an empty disk counts as a copy: %v", got)
		}
		w.until("the new disk has it", func() bool { return b.holds(r.ID) && slices.Contains(a.Copies(r.ID), b.name) })
	})
}

// Each way a disk can have two futures: nothing may be lost, whoever notices.
func TestRolledBackDiskTakesANewIdentity(t *testing.T) {
	for name, lost := range map[string]int{"empty": 0, "half": 5} {
		for _, alone := range []int{0, 3, 20} {
			t.Run(fmt.Sprintf("%s, %d written alone", name, alone), func(t *testing.T) {
				inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
					for range 10 {
						w.save(a, "Home")
					}
					w.equal(a, b, c)
					time.Sleep(10 * time.Second)
					a.stop()
					old := a.store.Identity()
					rolled, err := a.store.Clone(lost)
					if err != nil {
						t.Fatal(err)
					}
					a.store = rolled
					for range alone { // before any peer is heard
						if _, err := a.store.Add(t.Context(), w.edit("Alone")); err != nil {
							t.Fatal(err)
						}
					}
					w.start(a.name)
					w.equal(a, b, c)
					if a.store.Identity() == old {
						t.Error("the identity is the old one")
					}
					if _, n := b.store.Digest(); n != uint64(10+alone) {
						t.Errorf("%d of %d survived", n, 10+alone)
					}
					r, ack := w.save(a, "Home")
					if ack.Alone {
						t.Error("the first save afterwards is alone")
					}
					w.until("receipts are right again", func() bool { return !a.Limp().Active && len(b.Copies(r.ID)) == 3 })
				})
			})
		}
	}
}

func TestClonedDiskAsAPeerTakesANewIdentity(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		for range 5 {
			w.save(a, "Home")
		}
		w.equal(a, b, c)
		b.stop()
		twin, err := a.store.Clone(5)
		if err != nil {
			t.Fatal(err)
		}
		b.store = twin
		w.start(b.name)
		w.save(a, "Home")
		w.save(b, "Home")
		w.equal(a, b, c)
		w.until("identities differ", func() bool { return a.store.Identity() != b.store.Identity() })
		w.save(a, "Home")
		w.save(b, "Home")
		w.equal(a, b, c)
	})
}

func TestTreeFindsWhatTheFeedSkipped(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		for range 10 {
			w.save(a, "Home")
		}
		w.equal(a, b, c)
		time.Sleep(10 * time.Second)
		// A disk that forgot a few, unnoticed, and is believed to hold them.
		for _, x := range []*box{a, b, c} {
			x.stop()
		}
		damaged, err := b.store.Clone(6)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []*box{a, c} {
			key := "union/checkpoint/" + string(x.store.Identity())
			damaged.SetNote(key, b.store.Note(key))
		}
		if _, err := damaged.Renew(); err != nil {
			t.Fatal(err)
		}
		b.store = damaged
		for _, x := range []*box{a, b, c} {
			w.start(x.name)
		}
		w.equal(a, b, c)
		if !strings.Contains(b.log.String(), "digest tree found") {
			t.Errorf("something else than the tree found them:\n%s", b.log)
		}
	})
}

// brokenFeed answers the feed of a box with what it is given instead.
func brokenFeed(instead func(w http.ResponseWriter, feed []byte)) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/_changes") {
				h.ServeHTTP(w, r)
				return
			}
			r.Header.Del("Accept-Encoding")
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, r)
			instead(w, answer.Body.Bytes())
		})
	}
}

// TestFeedThatLiesIsWalkedAround has one box hold what its feed never tells,
// or whose feed only fails. It is long copied elsewhere, so nobody pushes it;
// and nobody writes anything any more.
func TestFeedThatLiesIsWalkedAround(t *testing.T) {
	for _, how := range []string{"skips", "fails"} {
		t.Run(how, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
				w.save(a, "Home")
				w.equal(a, b, c)
				b.stop()
				a.stop()
				secret := w.edit("Home")
				a.wire = brokenFeed(func(rw http.ResponseWriter, feed []byte) {
					if how == "fails" {
						http.Error(rw, "{}", http.StatusInternalServerError)
						return
					}
					var page struct {
						Results []map[string]any `json:"results"`
						Last    string           `json:"last_seq"`
						Pending int              `json:"pending"`
					}
					if err := json.Unmarshal(feed, &page); err != nil {
						t.Error(err)
					}
					page.Results = slices.DeleteFunc(page.Results, func(row map[string]any) bool { return row["id"] == wiki.DocID(secret.ID) })
					_ = json.NewEncoder(rw).Encode(page) // whoever asked may be gone
				})
				w.start(a.name)
				w.until("the other twin's death is noticed", func() bool { return !a.Peers()[0].Alive && a.Peers()[1].Alive })
				if ack, err := a.Publish(t.Context(), secret); err != nil || ack.Alone {
					t.Fatal(ack, err)
				}
				c.stop() // with the only other copy
				w.start(b.name)
				began := time.Now()
				for !b.holds(secret.ID) && time.Since(began) < time.Hour {
					time.Sleep(time.Second)
				}
				took := time.Since(began)
				if !b.holds(secret.ID) || took > 15*time.Minute {
					t.Fatalf("after %v the box still lacks what the feed does not tell\n%s", took, b.log)
				}
				if !strings.Contains(b.log.String(), "digest tree found") {
					t.Errorf("something else than the tree found it:\n%s", b.log)
				}
			})
		})
	}
}
