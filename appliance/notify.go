package appliance

import (
	"net"
	"os"
	"time"
)

// notify tells whoever watches over this program how it is, in the protocol of
// sd_notify. Where nobody watches it does nothing.
func notify(state string) {
	path := os.Getenv(notifyEnv)
	if path == "" {
		return
	}
	conn, err := net.Dial("unixgram", path)
	if err != nil {
		return // the watcher draws its own conclusions
	}
	defer conn.Close()
	_ = conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	_, _ = conn.Write([]byte(state))
}

// tell notifies in a box that runs as a program.
func (b *Box) tell(state string) {
	if b.parts.Notify != nil {
		b.parts.Notify(state)
	}
}

const (
	notifyEnv = "NOTIFY_SOCKET"
	noDiskEnv = "ARGSS_NO_DISK" // set by package pid1
)
