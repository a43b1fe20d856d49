package loopback

import (
	"fmt"
	"net"

	"github.com/argss/argss/vip"
)

// Take implements vip.Link: it listens on the shared address and hands the
// listener to Serve. It fails while another process listens there.
func (l *Link) Take() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone {
		return fmt.Errorf("take %v: %w", l.config.Shared, net.ErrClosed)
	}
	if l.listener != nil {
		return nil
	}
	listener, err := net.Listen("tcp", l.config.Shared.String())
	if err != nil {
		return fmt.Errorf("take %v: %w", l.config.Shared, err)
	}
	l.listener = listener
	l.work.Go(func() { l.serve(listener) })
	return nil
}

// Drop implements vip.Link. Connections that are open stay with this box, and
// end when Serve's owner ends them; only new ones go elsewhere.
func (l *Link) Drop() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.release()
}

// release closes the listener; the caller holds the lock. Closing waits until
// the kernel has let go, so another box can listen as soon as it returns.
func (l *Link) release() error {
	if l.listener == nil {
		return nil
	}
	err := l.listener.Close()
	l.listener = nil
	if err != nil {
		return fmt.Errorf("drop %v: %w", l.config.Shared, err)
	}
	return nil
}

// serve runs the owner's Serve. An owner that stops serving while we hold the
// address no longer deserves it: the link goes down for a moment, so that this
// box stands back and another can take over.
func (l *Link) serve(listener net.Listener) {
	l.config.Serve(listener)
	l.mu.Lock()
	early := l.listener == listener
	if early {
		l.listener = nil
	}
	l.mu.Unlock()
	if early {
		listener.Close() // the owner may have closed it already; either is fine
		l.give(vip.LinkDown{})
		l.give(vip.LinkUp{})
	}
}
