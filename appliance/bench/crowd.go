package bench

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// writers is how many save at a time.
const writers = 64

// crowd measures many writers at a time, on their own pages.
func (c *Copying) crowd(ctx context.Context) error {
	t, err := c.openTwins(ctx)
	if err != nil {
		return err
	}
	defer t.close()
	c.head("%d writers, %d saves each time; both boxes and all writers share this machine's processors", writers, c.Crowd)
	c.row("", "saves/s", "best", "CPU µs/save, all together", "p50 ms", "p99 ms", "bytes on the wire/save", "syncs/save", "answered from one copy")
	alone := &atomic.Int64{}
	err = c.throng("union.Publish", &t.x.Meter, &t.y.Meter, alone, func() (func(int) error, error) {
		revisions, err := t.author.Write(c.Crowd)
		return func(i int) error {
			ack, err := t.x.Exchange.Publish(ctx, revisions[i])
			if ack.Alone {
				alone.Add(1)
			}
			return err
		}, err
	})
	if err != nil {
		return err
	}
	return c.throng("PUT /raw to a box", &t.a.Meter, &t.b.Meter, alone, func() (func(int) error, error) {
		texts := make([]string, c.Crowd)
		for i := range texts {
			texts[i] = t.author.Text()
		}
		t.serial++
		round := t.serial
		return func(i int) error {
			copies, err := putPage(t.client, t.a.Address, fmt.Sprintf("crowd %d %d", round, i), texts[i])
			if err == nil && len(copies) < 3 {
				alone.Add(1)
			}
			return err
		}, nil
	})
}

// throng has all writers do what prepare gives, Crowd times, in each round.
func (c *Copying) throng(name string, a, b *Meter, alone *atomic.Int64, prepare func() (func(int) error, error)) error {
	var rates, costs []float64
	var took sample
	var syncs, wire int64
	alone.Store(0)
	for range c.Rounds {
		do, err := prepare()
		if err != nil {
			return err
		}
		syncs, wire = syncs-a.syncs.Load()-b.syncs.Load(), wire-a.wire.Load()-b.wire.Load()
		spent, began := cpu(), time.Now()
		times, err := each(c.Crowd, do)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		elapsed := time.Since(began)
		syncs, wire = syncs+a.syncs.Load()+b.syncs.Load(), wire+a.wire.Load()+b.wire.Load()
		rates = append(rates, float64(c.Crowd)/elapsed.Seconds())
		costs = append(costs, float64((cpu()-spent).Microseconds())/float64(c.Crowd))
		took = append(took, times...)
	}
	n := float64(c.Rounds * c.Crowd)
	c.row(name, whole(median(rates)), whole(best(rates)), whole(median(costs)), ms(took.quantile(0.5)), ms(took.quantile(0.99)),
		whole(float64(wire)/n), fmt.Sprintf("%.3f", float64(syncs)/n), fmt.Sprint(alone.Load()))
	return nil
}

// each calls do for 0 to n-1 from all writers and returns how long each took.
func each(n int, do func(int) error) (sample, error) {
	var next atomic.Int64
	var all sync.WaitGroup
	times, errs := make([]sample, writers), make([]error, writers)
	for w := range writers {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && errs[w] == nil; i = int(next.Add(1)) - 1 {
				errs[w] = times[w].time(func() error { return do(i) })
			}
		})
	}
	all.Wait()
	var took sample
	for w := range writers {
		if errs[w] != nil {
			return nil, errs[w]
		}
		took = append(took, times[w]...)
	}
	return took, nil
}
