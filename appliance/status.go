package appliance

import (
	"encoding/json"
	"net/http"
	"os"
	"time"

	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/disks"
	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/union"
	"github.com/argss/argss/wiki/web"
)

// gravest is the grade from which a disk no longer does its work.
const gravest = disks.Failed

// Status returns the state of the box at this moment.
func (b *Box) Status() dashboard.Status {
	public := b.spaces[wiki.Public.Name]
	health := b.health.get()
	s := dashboard.Status{
		Wiki: b.settings.Wiki, Box: b.settings.Box, City: b.settings.City, Version: Version(),
		Role: dashboard.None, Demotion: Demotion(health), Disk: health.Disk, Ledger: b.ledger(), Scrub: b.scrubbed(), Disks: b.diskReports(),
	}
	if b.settings.Shared != nil {
		s.Shared = "http://" + b.settings.Shared.Address
	}
	if b.shared != nil {
		sharing := b.shared.sharing()
		s.Role, s.Sharing = sharing.Role, &sharing
	}
	s.SetDigest, s.Revisions = public.store.Digest()
	s.Copies, s.Room = b.copies(), b.room()
	peers := public.exchange.Peers()
	if limp := public.exchange.Limp(); lasting(limp, peers) {
		s.Limp = &dashboard.Limp{Since: limp.Since, Uncopied: limp.Uncopied}
	}
	for i, p := range peers {
		s.Peers = append(s.Peers, peer(p, b.settings.Peers[i].City))
	}
	return s
}

func peer(p union.PeerStatus, city string) dashboard.Peer {
	d := dashboard.Peer{
		Name: p.Name, City: city, URL: p.URL, Alive: p.Alive, Lag: uint64(p.Lag), SetDigest: p.Digest, Version: p.Version,
		RoundTripMS: float64(p.RoundTrip.Microseconds()) / 1000,
	}
	if !p.LastHeard.IsZero() {
		d.LastHeard = &p.LastHeard
	}
	return d
}

// ledger reads what "make run" counts; without it there is none.
func (b *Box) ledger() *dashboard.Ledger {
	if b.settings.Ledger == "" {
		return nil
	}
	data, err := os.ReadFile(b.settings.Ledger)
	if err != nil {
		return nil
	}
	l := new(dashboard.Ledger)
	if json.Unmarshal(data, l) != nil {
		return nil
	}
	return l
}

// frame is what stands around every page.
func (b *Box) frame(*http.Request) web.Frame {
	public := b.spaces[wiki.Public.Name].exchange
	limp, peers := public.Limp(), public.Peers()
	f := web.Frame{
		WikiName: b.settings.Wiki, BoxName: b.settings.Box, Version: Version(),
		Banner: b.banner(limp, peers),
		Boxes:  []web.Box{{Name: b.settings.Box, City: b.settings.City, Alive: true, State: "here"}},
		Links:  []web.Link{{Text: "Status", Address: "/status"}},
	}
	for i, p := range peers {
		f.Boxes = append(f.Boxes, web.Box{Name: p.Name, City: b.settings.Peers[i].City, Alive: p.Alive, State: presence(p)})
	}
	if l := b.ledger(); l != nil {
		f.Ledger = l.Lines()
	}
	return f
}

// presence says in a few words how a peer is.
func presence(p union.PeerStatus) string {
	switch {
	case p.LastHeard.IsZero():
		return "not heard yet"
	case p.Alive:
		return "answers"
	}
	return "silent for " + roughly(time.Since(p.LastHeard))
}
