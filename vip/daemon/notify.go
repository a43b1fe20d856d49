package daemon

import (
	"context"
	"net"
	"os"
	"time"

	"github.com/argss/argss/vip/agent"
)

// notify tells whoever watches over this program how it is, in the protocol of
// sd_notify: one datagram to the socket named in the environment. Where nobody
// watches it does nothing, and what cannot be told is not told: the watcher
// draws its own conclusions.
func notify(state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	conn, err := net.Dial("unixgram", path)
	if err != nil {
		return
	}
	defer conn.Close()
	conn.SetWriteDeadline(time.Now().Add(notifyPatience))
	conn.Write([]byte(state))
}

const (
	notifyPatience = 100 * time.Millisecond
	progress       = time.Second // between two words of progress
)

// tellProgress says each second that the election goes on, if it does.
func tellProgress(ctx context.Context, a *agent.Agent) {
	tick := time.NewTicker(progress)
	defer tick.Stop()
	for a.Pulse(ctx) == nil {
		notify("WATCHDOG=1")
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
