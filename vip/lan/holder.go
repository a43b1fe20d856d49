package lan

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Take implements vip.Link: it adds the shared addresses to the interface. It
// takes all or none. The first time it fails with an InUseError while a
// stranger has one of them.
func (l *Link) Take() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.gone:
		return fmt.Errorf("take the shared address: %w", net.ErrClosed)
	case l.wire == nil:
		return errNoInterface
	}
	if err := l.claims.stranger(l.config.addresses()); err != nil {
		return err
	}
	for _, p := range l.config.Shared {
		err := l.kernel.AddrAdd(device(l.wire.index), address(p))
		if err != nil && !errors.Is(err, unix.EEXIST) {
			return errors.Join(fmt.Errorf("add %v to %s: %w", p, l.config.Interface, err), l.remove(l.wire.index))
		}
	}
	l.claims.settle()
	return nil
}

// Drop implements vip.Link.
func (l *Link) Drop() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wire == nil {
		return nil // addresses go with their interface
	}
	return l.remove(l.wire.index)
}

// remove takes the shared addresses off an interface, in whatever length they
// are there. That they are not there is not an error.
func (l *Link) remove(index int) error { return removeFrom(l.kernel, index, l.config.Shared) }

func removeFrom(kernel *netlink.Handle, index int, shared []netip.Prefix) error {
	var failed []error
	for _, p := range shared {
		err := kernel.AddrDel(device(index), address(p))
		switch err {
		case nil, unix.EADDRNOTAVAIL, unix.ENODEV, unix.ENXIO, unix.ENOENT:
		default:
			failed = append(failed, fmt.Errorf("remove %v: %w", p, err))
		}
	}
	return errors.Join(failed...)
}

// Remove takes shared addresses off an interface. It is for the program that
// cleans up behind one that was killed. An interface that is not there, or does
// not have the addresses, is clean.
func Remove(name string, shared []netip.Prefix) error {
	kernel, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("open netlink: %w", err)
	}
	defer kernel.Close()
	found, err := kernel.LinkByName(name)
	if _, missing := err.(netlink.LinkNotFoundError); missing {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find %s: %w", name, err)
	}
	return removeFrom(kernel, found.Attrs().Index, shared)
}

func device(index int) netlink.Link {
	return &netlink.Device{LinkAttrs: netlink.LinkAttrs{Index: index}}
}

// address is a shared address as the kernel takes it. The kernel's own check
// for duplicates would leave an IPv6 address unusable for a second.
func address(p netip.Prefix) *netlink.Addr {
	a := &netlink.Addr{IPNet: &net.IPNet{
		IP:   p.Addr().AsSlice(),
		Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
	}}
	if p.Addr().Is6() {
		a.Flags = unix.IFA_F_NODAD
	}
	return a
}
