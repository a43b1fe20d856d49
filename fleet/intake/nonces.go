package intake

import (
	"crypto/hmac"
	"slices"
	"sync"
	"time"
)

// nonces are the open questions. Those that are asked for later push out the
// oldest, so that asking costs no memory.
type nonces struct {
	mu   sync.Mutex
	open []nonce
}

type nonce struct {
	text string
	made time.Time
}

const (
	maxNonces = 64
	nonceLife = time.Hour
)

func (n *nonces) add(text string, now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.open) == maxNonces {
		n.open = n.open[1:]
	}
	n.open = append(n.open, nonce{text, now})
}

// use finds the nonce that a header was made with, and takes it away.
func (n *nonces) use(header, secret string, line []byte, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, o := range n.open {
		if hmac.Equal([]byte(header), []byte(Authorization(secret, o.text, line))) {
			n.open = slices.Delete(n.open, i, i+1)
			return now.Sub(o.made) < nonceLife
		}
	}
	return false
}
