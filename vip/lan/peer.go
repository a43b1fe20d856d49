package lan

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/argss/argss/vip"
	"github.com/argss/argss/vip/heartbeat"
	"golang.org/x/sys/unix"
)

// idleBeat is how often a box that is not master speaks, so that its peers
// know that it can.
const idleBeat = time.Second

// peer is another box that was named.
type peer struct {
	plain netip.Addr // without zone
	talk  *heartbeat.Talk
	at    unix.Sockaddr
}

func newPeer(c Config, key *heartbeat.Key, a netip.Addr) *peer {
	random := func() uint64 {
		var b [8]byte
		rand.Read(b[:])
		return binary.BigEndian.Uint64(b[:])
	}
	return &peer{plain: a.WithZone(""), talk: heartbeat.NewTalk(key, c.VHID, c.Source, a, random)}
}

func (l *Link) openBeats(index int) error {
	source := l.config.Source.WithZone("")
	if source.IsLinkLocalUnicast() && source.Is6() {
		source = source.WithZone(l.config.Interface)
	}
	for _, p := range l.peers {
		p.at = sockaddr(p.plain, l.config.Port, index)
	}
	var err error
	if l.beats, err = openUDP(netip.AddrPortFrom(source, l.config.Port), l.hearBeat); err != nil {
		return err
	}
	l.work.Go(l.beats.listen)
	return nil
}

// tell sends a heartbeat to every peer. It fails if none could be sent.
func (l *Link) tell(state vip.State, a vip.Advert) error {
	var failed []error
	for _, p := range l.peers {
		// A refusal is the answer of a box whose program is dead, and about the
		// datagram before.
		err := l.beats.writeTo(p.talk.Say(nil, state, a), p.at)
		if err != nil && !errors.Is(err, unix.ECONNREFUSED) {
			failed = append(failed, err)
		}
	}
	if len(failed) > 0 && len(failed) == len(l.peers) {
		return fmt.Errorf("send heartbeat: %w", errors.Join(failed...))
	}
	return nil
}

// beat speaks while this box is not master; a master speaks by its adverts.
func (l *Link) beat() {
	for {
		if l.now()-time.Duration(l.spoke.Load()) > idleBeat {
			l.tell(vip.Backup, vip.Advert{}) // nobody waits for it, and the next one comes
		}
		if !l.pause(idleBeat) {
			return
		}
	}
}
