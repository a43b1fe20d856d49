package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
)

// lags measures how long after a save began a peer's reader hears of it: the
// twin gets it pushed; the follower knows only the way of the feed, since the
// saving box does not know it.
func (c *Copying) lags(ctx context.Context) error {
	author := NewAuthor(2, 1000)
	x, y, err := c.openSpaces(ctx, author)
	if err != nil {
		return err
	}
	defer x.stop()
	defer y.stop()
	at, err := freeAddresses(1)
	if err != nil {
		return err
	}
	z, err := startSpace("z", c.Folder, at[0], map[string]string{"x": x.address})
	if err != nil {
		return err
	}
	defer z.stop()
	if err := z.Store.Wait(ctx, x.Store.Latest()-1); err != nil {
		return err
	}
	c.head("live copy, from the beginning of a save until a reader of the peer's feed hears of it, %d saves", c.Lags)
	c.row("", "p50 ms", "p99 ms", "max ms")
	for _, peer := range []struct {
		name string
		*Space
	}{{"a twin, pushed", y}, {"a follower, by the feed", z}} {
		took, err := c.lag(ctx, author, x, peer.Space)
		if err != nil {
			return fmt.Errorf("%s: %w", peer.name, err)
		}
		c.row(peer.name, ms(took.quantile(0.5)), ms(took.quantile(0.99)), ms(took.quantile(1)))
	}
	return nil
}

// lag saves at one place and listens at another, over HTTP.
func (c *Copying) lag(ctx context.Context, author *Author, from, to *Space) (took sample, err error) {
	reader := &couch.Client{URL: "http://" + to.address, Space: wiki.Public.Name}
	heard := ""
	for range c.Lags {
		r, err := author.Write(1)
		if err != nil {
			return nil, err
		}
		if heard == "" {
			heard = couch.LatestMark(to.Store).String()
		}
		told, failed := make(chan time.Time, 1), make(chan error, 1)
		go func() {
			heard, err = await(ctx, reader, heard, r[0].ID)
			told <- time.Now()
			failed <- err
		}()
		time.Sleep(2 * time.Millisecond) // the reader asks first, and feeds come to rest
		began := time.Now()
		if _, err := from.Exchange.Publish(ctx, r...); err != nil {
			return nil, err
		}
		took = append(took, (<-told).Sub(began))
		if err := <-failed; err != nil {
			return nil, err
		}
	}
	return took, nil
}

// await follows a feed until it names a revision, and returns where that was.
func await(ctx context.Context, reader *couch.Client, since string, id wiki.ID) (string, error) {
	for {
		changes, err := reader.Changes(ctx, since, 100, 10*time.Second)
		if err != nil {
			return "", err
		}
		since = changes.Last
		for _, told := range changes.IDs {
			if told == id {
				return since, nil
			}
		}
	}
}
