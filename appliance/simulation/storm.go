package simulation

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/wiki"
)

// Options say how a storm is.
type Options struct {
	Length time.Duration // of the storm, in virtual time
	People int
	Out    io.Writer    // where every event is written; nil: nowhere
	Log    *slog.Logger // of the boxes; nil: discarded
	Bug    Bug          // of the program
	Hasty  bool         // end with the first broken promise
}

// patience is how long boxes may take to agree once the sky is clear.
const patience = 5 * time.Minute

// Storm lets people edit while the weather rages, then heals everything and
// checks every promise. It must be called inside a synctest bubble, and all
// its goroutines have ended when it returns.
func Storm(seed uint64, o Options) Report {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	tale := newChronicle(seed, o.Out)
	world := NewWorld(seed, o.Log)
	world.bug = o.Bug
	notes := &book{lines: map[string]string{}}
	world.witness = &witness{world, tale}
	c := checker{world: world, book: notes, tale: tale, http: world.Client("checker")}
	for _, n := range world.Boxes {
		c.start(n)
	}
	sky := &weather{world: world, rng: rand.New(rand.NewPCG(seed, 0x77)), tale: tale, check: c}
	c.sky = sky

	ctx, cancel := context.WithTimeout(context.Background(), o.Length)
	defer cancel()
	if o.Hasty {
		tale.broken = cancel
	}
	var all sync.WaitGroup
	for i := range o.People {
		p := &person{
			name: fmt.Sprintf("person-%d", i), world: world, book: notes, tale: tale,
			rng: rand.New(rand.NewPCG(seed, uint64(0x100+i))), http: world.Client(fmt.Sprintf("laptop-%d", i)),
		}
		all.Go(func() { p.run(ctx) })
	}
	k := &keeper{person{
		name: "keeper", world: world, book: notes, tale: tale,
		rng: rand.New(rand.NewPCG(seed, 0xff)), http: world.Client("phone"),
	}}
	all.Go(func() { k.run(ctx) })
	sky.run(ctx)
	all.Wait()

	tale.note("the storm is over")
	sky.clear()
	if !o.Hasty || tale.quiet() {
		c.check()
	}
	for _, n := range world.Boxes {
		if n.On() && !n.Ended() {
			c.stop(n)
		}
	}
	world.Wait()
	return tale.finish()
}

// checker compares what the boxes hold after the storm with what was promised
// during it.
type checker struct {
	world *World
	book  *book
	tale  *chronicle
	sky   *weather
	http  *http.Client
}

func (c checker) check() {
	for _, n := range c.world.Boxes {
		if n.On() && n.Ended() {
			n.PullPlug()
		}
		if !n.On() {
			c.start(n)
		}
	}
	if !c.agree() {
		return
	}
	c.identities()
	c.oneHolder()
	for _, n := range c.world.Boxes {
		c.holdsAcked(n)
		c.hasFiles(n)
	}
	c.readsAlike()
	c.erased()
}

func (c checker) start(n *Node) {
	if err := n.Start(); err != nil {
		c.tale.problem("%s does not start: %v", n.Name, err)
	}
}

func (c checker) stop(n *Node) {
	if err := n.Stop(); err != nil {
		c.tale.problem("%s did not stop in order: %v", n.Name, err)
	}
}

func (c checker) get(address, path string) (*http.Response, []byte, error) {
	return c.ask("GET", address, path, "")
}

func (c checker) ask(method, address, path, body string) (*http.Response, []byte, error) {
	p := person{http: c.http}
	return p.ask(context.Background(), method, address, path, body, nil)
}

func (c checker) status(n *Node) (s dashboard.Status, err error) {
	_, body, err := c.get(n.Address, "/status.json")
	if err == nil {
		err = json.Unmarshal(body, &s)
	}
	return s, err
}

// agree waits until all boxes hold the same set and no box limps.
func (c checker) agree() bool {
	start := time.Now()
	for {
		problem := c.disagreement()
		if problem == "" {
			c.tale.count(func(r *Report) { r.Calm = time.Since(start) })
			c.tale.note("all boxes agree")
			return true
		}
		if time.Since(start) > patience {
			c.tale.problem("after %v of calm: %s", patience, problem)
			return false
		}
		time.Sleep(250 * time.Millisecond)
	}
}

func (c checker) disagreement() string {
	var first dashboard.Status
	for i, n := range c.world.Boxes {
		s, err := c.status(n)
		switch {
		case err != nil:
			return fmt.Sprintf("%s does not answer: %v", n.Name, err)
		case i == 0:
			first = s
		case s.SetDigest != first.SetDigest:
			return fmt.Sprintf("%s holds %d revisions, %s %d others", first.Box, first.Revisions, s.Box, s.Revisions)
		}
		if s.Limp != nil {
			return fmt.Sprintf("%s limps with %d uncopied", n.Name, s.Limp.Uncopied)
		}
		if damaged(s.Disk) {
			return fmt.Sprintf("%s knows of damage: %v", n.Name, s.Disk.Reasons)
		}
	}
	return ""
}

// identities checks that no two stores go by one name. Whose disk was cloned
// hears that from the other at the latest now that nothing is cut.
func (c checker) identities() {
	start := time.Now()
	for {
		twins := c.sameStore()
		if twins == "" {
			return
		}
		if time.Since(start) > patience {
			c.tale.problem("the stores of %s have one identity", twins)
			return
		}
		time.Sleep(250 * time.Millisecond)
	}
}

func (c checker) sameStore() string {
	owner := map[wiki.Identity]string{}
	for _, n := range c.world.Boxes {
		id := n.Disk().identity()
		if owner[id] != "" {
			return owner[id] + " and " + n.Name
		}
		owner[id] = n.Name
	}
	return ""
}

// oneHolder checks that exactly one twin answers the shared address.
func (c checker) oneHolder() {
	start := time.Now()
	for {
		holders := c.world.Segment.Holders()
		if len(holders) == 1 {
			if _, _, err := c.get(Shared, "/status.json"); err == nil {
				return
			}
		}
		if time.Since(start) > patience {
			c.tale.problem("the shared address has the holders %v", holders)
			return
		}
		time.Sleep(250 * time.Millisecond)
	}
}

// holdsAcked checks that a box holds every acknowledged save.
func (c checker) holdsAcked(n *Node) {
	ask := map[string][]string{}
	for _, a := range c.book.acked {
		ask[wiki.DocID(a.Revision)] = []string{wiki.Rev(a.Revision)}
	}
	body, err := json.Marshal(ask)
	if err != nil {
		panic(err) // strings
	}
	_, answer, err := c.ask("POST", n.Address, "/db/public/_revs_diff", string(body))
	var missing map[string]any
	if err == nil {
		err = json.Unmarshal(answer, &missing)
	}
	if err != nil {
		c.tale.problem("%s cannot say what it holds: %v", n.Name, err)
		return
	}
	for _, a := range c.book.acked {
		if _, lost := missing[wiki.DocID(a.Revision)]; lost && !c.sky.excused(a) {
			c.tale.problem("%s lacks the save %q of %q, acknowledged by %v", n.Name, a.Line, a.Page, a.Copies)
		}
	}
}

// readsAlike checks that every page reads the same on every box, that every
// acknowledged line can be seen there, and that no line was invented.
func (c checker) readsAlike() {
	for _, page := range pages {
		var first view
		for i, n := range c.world.Boxes {
			v, err := readPage(func(path string) (*http.Response, []byte, error) { return c.get(n.Address, path) }, page)
			switch {
			case err != nil:
				c.tale.problem("%s cannot read %q: %v", n.Name, page, err)
			case i == 0:
				first = v
				c.complete(n, page, v)
			case v.tag != first.tag || v.state != first.state || !slices.Equal(v.lines, first.lines):
				c.tale.problem("%q reads differently on %s (%s, %d lines) and %s (%s, %d lines)", page,
					c.world.Boxes[0].Name, first.state, len(first.lines), n.Name, v.state, len(v.lines))
			}
		}
	}
}

func (c checker) complete(n *Node, page string, v view) {
	for _, a := range c.book.acked {
		if a.Page == page && !slices.Contains(v.lines, a.Line) && !c.sky.excused(a) {
			c.tale.problem("the line %q, acknowledged by %v, cannot be seen on %q (%s)", a.Line, a.Copies, page, v.state)
		}
	}
	for _, line := range v.lines {
		if c.book.lines[line] != page {
			c.tale.problem("%s shows a line on %q that nobody wrote there: %q", n.Name, page, strings.ToValidUTF8(line, "?"))
		}
	}
}
