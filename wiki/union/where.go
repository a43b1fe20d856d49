package union

import (
	"context"
	"fmt"
	"sync"

	"github.com/argss/argss/wiki"
)

// Where asks all peers at once where a revision is. Each is named in the
// answer, in the order of the settings; who does not answer within
// Timing.Silence, or by another name, is silent.
func (x *Exchange) Where(ctx context.Context, id wiki.ID) []wiki.Whereabouts {
	ctx, cancel := context.WithTimeout(ctx, x.config.Timing.Silence)
	defer cancel()
	answers := make([]wiki.Whereabouts, len(x.peers))
	var all sync.WaitGroup
	for i, p := range x.peers {
		all.Go(func() { answers[i] = p.where(ctx, id) })
	}
	all.Wait()
	return answers
}

func (p *peer) where(ctx context.Context, id wiki.ID) wiki.Whereabouts {
	silent := wiki.Whereabouts{Receipt: wiki.Receipt{Box: p.Name}, Found: wiki.Silent}
	if !p.reachable() {
		return silent
	}
	w, err := p.client.Find(ctx, id)
	if err == nil && w.Box != p.Name {
		err = fmt.Errorf("its address is answered by %q", w.Box)
	}
	if err != nil {
		p.x.config.Log.Debug("a peer did not say where a revision is", "peer", p.Name, "err", err)
		return silent
	}
	return w
}
