package heartbeat

import (
	"net/netip"
	"sync"
	"time"

	"github.com/argss/argss/vip"
)

const (
	// Memory is for how long a peer that spoke counts as one that speaks. A
	// peer silent for longer may have been replaced by a box that knows only
	// CARP, or something in between may have begun to filter.
	Memory = time.Minute
	// answerPause keeps a flood of old messages from making us flood.
	answerPause = 5 * time.Millisecond
)

// Talk is one box's side of the conversation with one peer. Its methods may be
// called from any goroutine.
type Talk struct {
	key        *Key
	vhid       uint8
	self, peer netip.Addr
	random     func() uint64

	mu        sync.Mutex
	session   uint64 // ours
	counter   uint64 // of our last message
	challenge uint64 // ours, to the peer
	echo      uint64 // the peer's latest challenge
	theirs    uint64 // the peer's session
	last      uint64 // the counter of its last message
	known     bool   // there is such a session
	heard     time.Duration
	answered  time.Duration
}

// NewTalk begins a conversation. Random draws numbers nobody can guess. The
// moments given to the methods are of one clock that only goes forward, and
// later than 0.
func NewTalk(key *Key, vhid uint8, self, peer netip.Addr, random func() uint64) *Talk {
	return &Talk{
		key: key, vhid: vhid, self: plain(self), peer: plain(peer), random: random,
		session: random(), challenge: random(), answered: -answerPause,
	}
}

// plain removes what differs between two boxes' names for one address.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// Say appends the next message to b. The advert counts only with state master.
func (t *Talk) Say(b []byte, state vip.State, a vip.Advert) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.say(b, state, a, t.echo)
}

func (t *Talk) say(b []byte, state vip.State, a vip.Advert, echo uint64) []byte {
	if state != vip.Master {
		a = vip.Advert{}
	}
	a.VHID = t.vhid
	t.counter++
	return t.key.Append(b, Message{
		State: state, Advert: a, From: t.self, To: t.peer,
		Session: t.session, Counter: t.counter, Challenge: t.challenge, Echo: echo,
	})
}

// Verdict is what to do with a datagram.
type Verdict uint8

const (
	// Foreign: not from this peer to us, or not of our group.
	Foreign Verdict = iota
	// Forged: its authentication is wrong.
	Forged
	// Old: authentic, and seen before or from a session we cannot believe.
	Old
	// Believed: new, and from the peer.
	Believed
)

// Hear judges one datagram. If answer is not nil it should be sent to the peer:
// without it the peer cannot begin its session.
func (t *Talk) Hear(datagram []byte, now time.Duration) (m Message, v Verdict, answer []byte) {
	m, err := t.key.Parse(datagram)
	switch {
	case err == ErrMAC:
		return m, Forged, nil
	case err != nil || m.Advert.VHID != t.vhid || m.From != t.peer || m.To != t.self:
		return m, Foreign, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known && m.Session == t.theirs {
		if m.Counter <= t.last {
			return m, Old, nil
		}
		t.believe(m, now)
		return m, Believed, nil
	}
	if m.Echo != t.challenge {
		return m, Old, t.invite(m, now)
	}
	t.theirs, t.known = m.Session, true
	t.challenge = t.random() // the old one has been used
	t.believe(m, now)
	return m, Believed, t.say(nil, vip.Init, vip.Advert{}, m.Challenge)
}

func (t *Talk) believe(m Message, now time.Duration) {
	t.last, t.echo, t.heard = m.Counter, m.Challenge, now
}

// invite answers a session that we cannot believe yet, with what it needs. The
// challenge is not remembered: the message may be an old one.
func (t *Talk) invite(m Message, now time.Duration) []byte {
	if now < t.answered+answerPause {
		return nil
	}
	t.answered = now
	return t.say(nil, vip.Init, vip.Advert{}, m.Challenge)
}

// Speaks reports whether the peer was believed within Memory: then CARP frames
// in its name are not.
func (t *Talk) Speaks(now time.Duration) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.known && now-t.heard < Memory
}
