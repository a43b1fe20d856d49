package lan

import (
	"time"

	"github.com/argss/argss/vip"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// patience is how long to wait before something that failed is tried again.
const patience = 100 * time.Millisecond

// subscribe asks the kernel for news of interfaces, beginning with what is.
func (l *Link) subscribe() (<-chan netlink.LinkUpdate, chan struct{}, error) {
	updates, stop := make(chan netlink.LinkUpdate, 64), make(chan struct{})
	err := netlink.LinkSubscribeWithOptions(updates, stop, netlink.LinkSubscribeOptions{
		ListExisting: true,
		ErrorCallback: func(err error) {
			select {
			case <-l.closed: // of course
			default:
				l.log.Warn("read news of the interface; asking again", "err", err)
			}
		},
	})
	return updates, stop, err
}

// watch follows the interface until the link is closed. The news may get lost,
// as when the kernel has more than fits; then they are asked for again, and a
// look each second catches what nobody told.
func (l *Link) watch(updates <-chan netlink.LinkUpdate, stop chan struct{}) {
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for {
		select {
		case <-l.closed:
			close(stop)
			for range updates { // until the subscription has ended
			}
			return
		case u, open := <-updates:
			if !open {
				close(stop)
				updates, stop = l.resubscribe()
				continue
			}
			if u.Attrs().Name == l.config.Interface {
				l.observe(u.Link, u.Header.Type == unix.RTM_DELLINK)
			}
		case <-look.C:
			found, err := l.kernel.LinkByName(l.config.Interface)
			_, missing := err.(netlink.LinkNotFoundError)
			if err == nil || missing {
				l.observe(found, missing)
			}
		}
	}
}

func (l *Link) resubscribe() (<-chan netlink.LinkUpdate, chan struct{}) {
	for {
		select {
		case <-l.closed:
		case <-time.After(patience):
			updates, stop, err := l.subscribe()
			if err == nil {
				return updates, stop
			}
			continue
		}
		none := make(chan netlink.LinkUpdate)
		close(none)
		return none, make(chan struct{})
	}
}

// observe brings the wire into accord with the interface, and tells.
func (l *Link) observe(i netlink.Link, gone bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone {
		return
	}
	l.carrier = false
	if gone {
		l.cut()
	} else {
		a := i.Attrs()
		l.carrier = a.RawFlags&unix.IFF_UP != 0 && a.RawFlags&unix.IFF_RUNNING != 0
		l.connect(a.Index, a.HardwareAddr)
	}
	if l.wire == nil {
		l.carrier = false
	}
	if l.carrier && !l.checked && !l.claims.asked {
		l.claims.asked = true
		l.work.Go(l.check)
	}
	l.tellCarrier()
}

// connect makes the wire one of this interface with this hardware address.
func (l *Link) connect(index int, address []byte) {
	if w := l.wire; w != nil && w.index == index && string(w.hardware[:]) == string(address) {
		return
	}
	l.cut()
	if len(address) != len(hardware{}) {
		l.log.Error("this interface is no Ethernet; nothing can be heard on it", "interface", l.config.Interface)
		return
	}
	w, err := openWire(l.config, index, hardware(address), l.arrived)
	if err != nil {
		l.log.Warn("open the interface; trying again", "interface", l.config.Interface, "err", err)
		return
	}
	l.wire = w
	l.work.Go(w.packets.listen)
}

// cut closes the wire, and tells if the carrier was up: a new wire begins with
// a LinkUp of its own.
func (l *Link) cut() {
	if l.wire == nil {
		return
	}
	if err := l.remove(l.wire.index); err != nil {
		l.log.Warn("leave the interface", "err", err)
	}
	l.wire.close()
	l.wire = nil
	if l.told {
		l.told = false
		l.inbox.give(vip.LinkDown{})
	}
}

// tellCarrier gives the news once, and none before the first check is over.
func (l *Link) tellCarrier() {
	up := l.carrier && l.checked
	if up == l.told {
		return
	}
	l.told = up
	if up {
		l.inbox.give(vip.LinkUp{})
	} else {
		l.inbox.give(vip.LinkDown{})
	}
}
