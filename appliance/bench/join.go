package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/argss/argss/wiki/store"
)

// The line between two cities.
const (
	lineRate  = 100e6 // bits a second
	roundTrip = 30 * time.Millisecond
)

// join is how one new box came to hold everything.
type join struct {
	elapsed time.Duration
	cpu     time.Duration
	wire    int64
	waited  time.Duration // of elapsed, until the first revision was there
}

// joins measures new boxes that take everything from one that has it.
func (c *Copying) joins(ctx context.Context) error {
	source, err := within(c.Folder, "source")
	if err != nil {
		return err
	}
	plain, err := c.fill(ctx, source)
	if err != nil {
		return err
	}
	c.head("join of a new box: %d revisions, %d bytes of document each on average", c.Revisions, plain/int64(c.Revisions))
	c.row("", "revisions/s", "best", "seconds", "until the first", "CPU µs/revision", "wire bytes/revision", "line used", "documents against line")
	for _, line := range []struct {
		name string
		rate float64
	}{{"a box, loopback", 0}, {"a box, 100 Mbit/s and 30 ms", lineRate}} {
		var all []join
		for range c.Rounds {
			j, err := c.join(ctx, source, line.rate)
			if err != nil {
				return fmt.Errorf("join: %w", err)
			}
			all = append(all, j)
		}
		c.joined(line.name, line.rate, plain, all)
	}
	return c.pouch(ctx, source, plain)
}

// joined prints the medians of some joins.
func (c *Copying) joined(name string, rate float64, plain int64, all []join) {
	n := float64(c.Revisions)
	var rates, seconds, waits, costs, wires []float64
	for _, j := range all {
		rates = append(rates, n/j.elapsed.Seconds())
		seconds = append(seconds, j.elapsed.Seconds())
		waits = append(waits, j.waited.Seconds())
		costs = append(costs, float64(j.cpu.Microseconds())/n)
		wires = append(wires, float64(j.wire))
	}
	used, goodput := "", ""
	if rate > 0 {
		used = fmt.Sprintf("%.2f", median(wires)*8/rate/median(seconds))
		goodput = fmt.Sprintf("%.2f", float64(plain)*8/rate/median(seconds))
	}
	c.row(name, whole(median(rates)), whole(best(rates)), fmt.Sprintf("%.1f", median(seconds)), fmt.Sprintf("%.2f", median(waits)),
		whole(median(costs)), whole(median(wires)/n), used, goodput)
}

// fill writes what the source has and returns how many bytes of documents.
func (c *Copying) fill(ctx context.Context, folder string) (plain int64, err error) {
	path := filepath.Join(folder, "public")
	if err := os.MkdirAll(path, 0o700); err != nil {
		return 0, err
	}
	s, err := store.Open(store.Dir(path), store.Options{IndexPath: filepath.Join(path, "index.db")})
	if err != nil {
		return 0, err
	}
	author := NewAuthor(3, c.Revisions/20+1)
	for left := c.Revisions; left > 0; left -= 1000 {
		revisions, err := author.Write(min(left, 1000))
		if err != nil {
			return 0, err
		}
		for _, r := range revisions {
			plain += int64(len(r.Document()))
		}
		if _, err := s.Add(ctx, revisions...); err != nil {
			return 0, err
		}
	}
	return plain, s.Close()
}

// join starts a box on the source and a new one, over loopback or a line of
// that rate, and waits until the new one has everything.
func (c *Copying) join(ctx context.Context, source string, rate float64) (j join, err error) {
	folder, err := within(c.Folder, "new")
	if err != nil {
		return j, err
	}
	at, err := freeAddresses(2)
	if err != nil {
		return j, err
	}
	near := at // as the other box sees them
	if rate > 0 {
		near = make([]string, 2)
		for i := range at {
			k, err := OpenLink(at[i], rate, roundTrip)
			if err != nil {
				return j, err
			}
			defer k.Close()
			near[i] = k.Address()
		}
	}
	old, err := startBox("old", source, at[0], map[string]string{"new": near[1]})
	if err != nil {
		return j, err
	}
	defer old.stop()
	spent, began := cpu(), time.Now()
	young, err := startBox("new", folder, at[1], map[string]string{"old": near[0]})
	if err != nil {
		return j, err
	}
	defer young.stop()
	j.waited, err = c.filled(ctx, young, began)
	j.elapsed, j.cpu = time.Since(began), cpu()-spent
	j.wire = old.wire.Load() + young.wire.Load()
	return j, err
}

// filled waits until a box has everything.
func (c *Copying) filled(ctx context.Context, b *Box, began time.Time) (first time.Duration, err error) {
	for held := 0; held < c.Revisions; time.Sleep(20 * time.Millisecond) {
		if held, err = b.latest(ctx); err != nil {
			return 0, err
		}
		if held > 0 && first == 0 {
			first = time.Since(began)
		}
	}
	return first, nil
}

// pouch has PouchDB take the same from the same box.
func (c *Copying) pouch(ctx context.Context, source string, plain int64) error {
	if c.Pouch == "" {
		c.row("PouchDB: not asked for")
		return nil
	}
	for _, line := range []struct {
		name string
		rate float64
	}{{"PouchDB, loopback", 0}, {"PouchDB, 100 Mbit/s and 30 ms", lineRate}} {
		j, err := c.pouchOnce(ctx, source, line.rate)
		if err != nil {
			return fmt.Errorf("PouchDB: %w", err)
		}
		c.joined(line.name, line.rate, plain, []join{j})
	}
	return nil
}

func (c *Copying) pouchOnce(ctx context.Context, source string, rate float64) (j join, err error) {
	folder, err := within(c.Folder, "pouch")
	if err != nil {
		return j, err
	}
	at, err := freeAddresses(1)
	if err != nil {
		return j, err
	}
	old, err := startBox("old", source, at[0], nil)
	if err != nil {
		return j, err
	}
	defer old.stop()
	near := at[0]
	if rate > 0 {
		k, err := OpenLink(at[0], rate, roundTrip)
		if err != nil {
			return j, err
		}
		defer k.Close()
		near = k.Address()
	}
	spent := cpu()
	node := exec.CommandContext(ctx, "node", c.Pouch, "http://"+near+"/db/public", folder)
	node.Stderr = os.Stderr
	out, err := node.Output()
	if err != nil {
		return j, err
	}
	var said struct {
		Docs    int
		Seconds float64
	}
	if err := json.Unmarshal([]byte(strings.TrimSpace(string(out))), &said); err != nil {
		return j, err
	}
	if said.Docs != c.Revisions {
		return j, fmt.Errorf("it took %d of %d revisions", said.Docs, c.Revisions)
	}
	j.elapsed = time.Duration(said.Seconds * float64(time.Second))
	j.cpu = cpu() - spent + node.ProcessState.UserTime() + node.ProcessState.SystemTime()
	j.wire = old.wire.Load()
	return j, nil
}
