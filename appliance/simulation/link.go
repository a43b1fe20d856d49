package simulation

import (
	"errors"
	"net"

	"github.com/argss/argss/vip/viptest"
)

// sharedLink is a place in the LAN whose holder answers on the address.
type sharedLink struct {
	*viptest.Link
	host     *Host
	address  string
	serve    func(net.Listener)
	listener net.Listener
	served   chan struct{}
}

// Take implements vip.Link.
func (l *sharedLink) Take() error {
	if l.listener != nil {
		return nil
	}
	if err := l.Link.Take(); err != nil {
		return err
	}
	listener, err := l.host.Listen(l.address)
	if err != nil {
		return errors.Join(err, l.Link.Drop())
	}
	l.listener, l.served = listener, make(chan struct{})
	go func(served chan struct{}) {
		defer close(served)
		l.serve(listener)
	}(l.served)
	return nil
}

// Drop implements vip.Link.
func (l *sharedLink) Drop() error {
	if l.listener != nil {
		l.listener.Close()
		l.listener = nil
	}
	return l.Link.Drop()
}

// Close waits until the last answer on the address is given.
func (l *sharedLink) Close() error {
	err := l.Drop()
	if l.served != nil {
		<-l.served
	}
	l.Link.Kill()
	return err
}
