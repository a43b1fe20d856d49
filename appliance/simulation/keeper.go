package simulation

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/argss/argss/wiki"
)

// keeperKey signs erase records in every World.
var keeperKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{0x6b}, ed25519.SeedSize))

func keepers() []string { return []string{hex.EncodeToString(keeperKey[ed25519.PublicKeySize:])} }

// keeper writes what must go, each on a page of its own, and erases it: at
// once or after it has spread, on any box.
type keeper struct{ person }

// erasure is an erase record that a box took; its Line is what must be gone.
type erasure struct{ ack }

func (k *keeper) run(ctx context.Context) {
	for sleep(ctx, 10*time.Second+time.Duration(k.rng.Int64N(int64(50*time.Second)))) == nil {
		k.saves++
		page, text := fmt.Sprintf("regret/%d", k.saves), fmt.Sprintf("what %s regrets by now, no %d.", k.name, k.saves)
		a, known := k.put(ctx, "/raw/"+wiki.EscapeName(page), text, 1) // sent to two boxes it might be two versions
		if !known || sleep(ctx, time.Duration(k.rng.Int64N(int64(20*time.Second)))) != nil {
			continue
		}
		k.erase(ctx, page, text, a.Revision)
	}
}

// erase sends one record until a box has taken it.
func (k *keeper) erase(ctx context.Context, page, text string, id wiki.ID) {
	record, err := wiki.New(wiki.Header{Page: page, Kind: wiki.Erase}, wiki.SignErasure(keeperKey, "a storm", id), wiki.HashOf([]byte(text)))
	if err != nil {
		k.tale.problem("no erase record can be made: %v", err)
		return
	}
	body := `{"new_edits":false,"docs":[` + string(record.AppendWire(nil)) + `]}`
	for range 20 {
		n := k.world.Boxes[k.rng.IntN(len(k.world.Boxes))]
		resp, answer, err := k.ask(ctx, "POST", n.Address, "/db/public/_bulk_docs", body, nil)
		switch {
		case err != nil || resp.StatusCode >= 500:
			k.tale.note("%s cannot erase %s on %s", k.name, id.Short(), n.Name)
		case resp.StatusCode != http.StatusCreated || string(bytes.TrimSpace(answer)) != "[]":
			k.tale.problem("%s refused an erase record: %d %.200s", n.Name, resp.StatusCode, answer)
			return
		default:
			k.tale.note("%s erased %s on %s by %s", k.name, id.Short(), n.Name, record.ID.Short())
			k.tale.count(func(r *Report) { r.Erased++ })
			k.book.mu.Lock()
			k.book.erased = append(k.book.erased, erasure{ack{record.ID, page, text, []string{n.Name}, time.Now()}})
			k.book.mu.Unlock()
			return
		}
		if sleep(ctx, time.Duration(k.rng.Int64N(int64(3*time.Second)))) != nil {
			return
		}
	}
}

// put makes a page or file that is not there yet, with so many attempts; known
// tells that a box has acknowledged it.
func (p *person) put(ctx context.Context, path, content string, attempts int) (a ack, known bool) {
	headers := map[string]string{"Idempotency-Key": path, "Wiki-Author": p.name, "If-None-Match": "*"}
	for range attempts {
		resp, body, err := p.ask(ctx, "PUT", p.target(), path, content, headers)
		if err == nil && resp.StatusCode < 300 && json.Unmarshal(body, &a) == nil {
			p.tale.note("%s put %s: %s on %v", p.name, path, a.Revision.Short(), a.Copies)
			p.world.witness.acknowledged(a.Revision, path, a.Copies)
			a.Line, a.At = path, time.Now()
			return a, true
		}
		if sleep(ctx, time.Duration(p.rng.Int64N(int64(3*time.Second)))) != nil {
			break
		}
	}
	return ack{}, false
}

// erased checks that what was erased cannot be read on any box, and that its
// bytes are on no disk.
func (c checker) erased() {
	start := time.Now()
	for _, e := range c.book.erased {
		if !c.world.Boxes[0].knows(e.Revision) {
			if !c.sky.excused(e.ack) {
				c.tale.problem("the erase record %s, taken by %v, is lost", e.Revision.Short(), e.Copies)
			}
			continue
		}
		for _, n := range c.world.Boxes {
			for where := c.remains(n, e); where != ""; where = c.remains(n, e) {
				if time.Since(start) > patience {
					c.tale.problem("%q was erased, but %s %s", e.Line, n.Name, where)
					break
				}
				time.Sleep(time.Second)
			}
		}
	}
}

// remains tells where a box still has what was erased.
func (c checker) remains(n *Node, e erasure) string {
	_, body, err := c.get(n.Address, "/raw/"+wiki.EscapeName(e.Page))
	if err != nil {
		return fmt.Sprintf("does not answer: %v", err)
	}
	if bytes.Contains(body, []byte(e.Line)) {
		return "shows it"
	}
	if found := n.Disk().folders["public"].Search(e.Line); len(found) > 0 {
		return fmt.Sprintf("has it in %v", found)
	}
	return ""
}
