package appliance

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"

	"github.com/argss/argss/vip"
	"github.com/argss/argss/vip/agent"
)

// shareAddress takes part in the election for the shared address, if this box
// has a twin.
func (b *Box) shareAddress(services *stack) error {
	shared := b.settings.Shared
	if shared == nil {
		return nil
	}
	source, err := netip.ParseAddrPort(shared.Source)
	if err != nil {
		return fmt.Errorf("share an address: %w", err)
	}
	link, err := b.parts.Link(*shared, b.groupSecret(), b.serveShared)
	if err != nil {
		return fmt.Errorf("share address %s: %w", shared.Address, err)
	}
	b.agent, err = agent.New(agent.Config{
		Machine: vip.Config{VHID: shared.VHID, Source: source.Addr(), Skew: shared.Skew},
		Log:     b.log,
	}, link)
	if err != nil {
		return fmt.Errorf("share address %s: %w", shared.Address, err)
	}
	services.start("shared address", func(ctx context.Context) error {
		defer link.Close()
		return b.agent.Run(ctx)
	})
	return nil
}

// serveShared answers on the shared address as long as this box holds it.
func (b *Box) serveShared(l net.Listener) {
	server := b.server()
	_ = server.Serve(l) // ends when the address is given up
	server.finish()
}

// groupSecret is the CARP passphrase: 19 characters, the most that ucarp
// takes, derived so that a captured digest says nothing about the pair secret.
func (b *Box) groupSecret() string {
	mac := hmac.New(sha256.New, []byte(b.settings.Secret))
	mac.Write([]byte("carp"))
	return hex.EncodeToString(mac.Sum(nil))[:19]
}
