package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/page"
)

// saves compares one writer's durable saves with the floor.
func (c *Copying) saves(ctx context.Context) error {
	floor, err := openFloor(c.Folder)
	if err != nil {
		return err
	}
	defer floor.close()
	t, err := c.openTwins(ctx)
	if err != nil {
		return err
	}
	defer t.close()
	kinds := []struct {
		name string
		do   func() error
		sample
	}{
		{name: "one raw sync", do: floor.sync},
		{name: "one round trip, TCP", do: floor.turn},
		{name: "sync + round trip", do: both(floor.sync, floor.turn)},
		{name: "sync + round trip by net/http", do: both(floor.sync, floor.httpTurn)},
		{name: "two syncs at once on this one disk", do: floor.twoSyncs},
		{name: "the same + round trip by net/http", do: both(floor.twoSyncs, floor.httpTurn)},
		{name: "union.Publish", do: func() error { return t.publish(ctx) }},
		{name: "page.Save", do: func() error { return t.save(ctx) }},
		{name: "PUT /raw to a box", do: t.put},
	}
	for i := range c.Saves + warmUp {
		if err := t.write(); err != nil {
			return err
		}
		for k := range kinds {
			if err := kinds[k].time(kinds[k].do); err != nil {
				return fmt.Errorf("%s: %w", kinds[k].name, err)
			}
		}
		for k := range kinds {
			if i == warmUp-1 {
				kinds[k].sample = nil
			}
		}
	}
	c.head("durable save of %d bytes of text on two boxes, one writer, %d each in turns", textBytes, c.Saves)
	c.row("", "p50 ms", "p99 ms", "p50 against sync + round trip")
	base := kinds[2].quantile(0.5)
	for _, k := range kinds {
		c.row(k.name, ms(k.quantile(0.5)), ms(k.quantile(0.99)), ratio(k.quantile(0.5), base))
	}
	c.row("answered from one copy, of all these", fmt.Sprint(t.alone))
	return c.costs(t)
}

const warmUp = 50

func both(first, second func() error) func() error {
	return func() error {
		if err := first(); err != nil {
			return err
		}
		return second()
	}
}

// costs counts what one save alone takes of disks and lines.
func (c *Copying) costs(t *twins) error {
	const n = 20
	time.Sleep(3 * time.Second) // the indexes are flushed
	syncs := t.a.syncs.Load() + t.b.syncs.Load()
	wire := t.a.wire.Load() + t.b.wire.Load()
	for range n {
		if err := errors.Join(t.write(), t.put()); err != nil {
			return err
		}
	}
	syncs, wire = t.a.syncs.Load()+t.b.syncs.Load()-syncs, t.a.wire.Load()+t.b.wire.Load()-wire
	c.row("a PUT: syncs on both boxes together", fmt.Sprintf("%.1f", float64(syncs)/n))
	c.row("a PUT: bytes on the wire, client and peer", fmt.Sprint(wire/n))
	return nil
}

// twins are two boxes, and two spaces, that know each other.
type twins struct {
	author *Author
	a, b   *Box
	x, y   *Space
	client *http.Client
	serial int
	text   string          // of the next saves
	edit   []wiki.Revision // the next to be published
	alone  int             // saves that were answered from one copy
}

func (c *Copying) openTwins(ctx context.Context) (*twins, error) {
	t := &twins{author: NewAuthor(1, 1000), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}}}
	var err error
	if t.x, t.y, err = c.openSpaces(ctx, t.author); err != nil {
		return nil, err
	}
	if t.a, t.b, err = c.openBoxes(); err != nil {
		return nil, err
	}
	return t, t.settle()
}

func (c *Copying) openSpaces(ctx context.Context, author *Author) (x, y *Space, err error) {
	at, err := freeAddresses(2)
	if err != nil {
		return nil, nil, err
	}
	if x, err = startSpace("x", c.Folder, at[0], map[string]string{"y": at[1]}); err != nil {
		return nil, nil, err
	}
	if y, err = startSpace("y", c.Folder, at[1], map[string]string{"x": at[0]}); err != nil {
		return nil, nil, err
	}
	return x, y, x.settled(ctx, author)
}

func (c *Copying) openBoxes() (a, b *Box, err error) {
	at, err := freeAddresses(2)
	if err != nil {
		return nil, nil, err
	}
	folders := make([]string, 2)
	for i, name := range []string{"a", "b"} {
		if folders[i], err = within(c.Folder, name); err != nil {
			return nil, nil, err
		}
	}
	if a, err = startBox("a", folders[0], at[0], map[string]string{"b": at[1]}); err != nil {
		return nil, nil, err
	}
	b, err = startBox("b", folders[1], at[1], map[string]string{"a": at[0]})
	return a, b, err
}

// settle waits until the first box answers for two.
func (t *twins) settle() error {
	for {
		copies, err := t.putOne(t.author.Text())
		if err != nil || strings.Contains(copies, ",") {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (t *twins) close() {
	for _, stop := range []func() error{t.x.stop, t.y.stop, t.a.stop, t.b.stop} {
		_ = stop() // what was measured is measured
	}
}

// write writes what the next saves say: that takes longer than sending it.
func (t *twins) write() (err error) {
	t.text = t.author.Text()
	t.edit, err = t.author.Write(1)
	return err
}

func (t *twins) publish(ctx context.Context) error {
	ack, err := t.x.Exchange.Publish(ctx, t.edit...)
	return t.answered(ack.Copies, err)
}

func (t *twins) save(ctx context.Context) error {
	t.serial++
	saved, err := t.x.Pages.Save(ctx, page.Draft{Page: fmt.Sprint("saved ", t.serial), Content: t.text})
	return t.answered(saved.Copies, err)
}

func (t *twins) put() error {
	copies, err := t.putOne(t.text)
	return t.answered(strings.Split(copies, ","), err)
}

// putOne saves a new page over HTTP and returns the boxes that have it.
func (t *twins) putOne(text string) (copies string, err error) {
	t.serial++
	return putPage(t.client, t.a.Address, fmt.Sprint("put ", t.serial), text)
}

func putPage(client *http.Client, address, name, text string) (copies string, err error) {
	r, err := http.NewRequest(http.MethodPut, "http://"+address+"/raw/"+url.PathEscape(name), strings.NewReader(text))
	if err != nil {
		return "", err
	}
	r.Header.Set("If-None-Match", "*")
	answer, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusCreated {
		err = fmt.Errorf("answered %d: %s", answer.StatusCode, body)
	}
	return answer.Header.Get("Wiki-Copies"), err
}

// answered counts a save that only one box had when it was answered.
func (t *twins) answered(copies []string, err error) error {
	if err == nil && len(copies) < 2 {
		t.alone++
	}
	return err
}
