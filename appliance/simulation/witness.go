package simulation

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/argss/argss/wiki"
)

// witness compares what boxes say about copies with what is on the platters.
type witness struct {
	world *World
	tale  *chronicle
}

// holds tells whether a box has a revision where no power cut takes it away.
// It is not asked about disks that lost something lately.
func (n *Node) holds(id wiki.ID) bool {
	n.mu.Lock()
	d, lost := n.disk, n.lost
	n.mu.Unlock()
	if n.rotten.Load() || time.Since(lost) < 20*time.Second {
		return true
	}
	return d.folders["public"].OnPlatter(id[:])
}

// holdsLine tells whether the box at an own address has a revision with a line.
func (w *World) holdsLine(address, line string) bool {
	for _, n := range w.Boxes {
		if n.Address == address {
			return n.holdsLine(line)
		}
	}
	return false
}

func (n *Node) holdsLine(line string) bool {
	return n.Disk().folders["public"].OnPlatter([]byte(line + `\n`))
}

// acknowledged checks that an answer names boxes, each once, and that each has
// the revision.
func (w *witness) acknowledged(id wiki.ID, line string, copies []string) {
	if len(copies) == 0 || len(slices.Compact(slices.Sorted(slices.Values(copies)))) < len(copies) {
		w.tale.problem("%s, the save %q, was acknowledged by %v", id.Short(), line, copies)
	}
	for _, name := range copies {
		if !w.world.Box(name).holds(id) {
			w.tale.problem("%s, the save %q, was acknowledged by %v, but %s does not have it", id.Short(), line, copies, name)
		}
	}
}

// receipts is what union's notes of receipts say.
type receipts struct {
	Ours  wiki.Identity `json:"ours"`
	Store wiki.Identity `json:"store"`
	Held  [][2]wiki.Seq `json:"held"`
}

const receiptNote = "union/receipts/"

// booked checks what a box's ledger claims anew about a peer: a receipt is
// never more than true. Every fourth revision is looked for.
func (w *witness) booked(box *Node, s wiki.Store, key string, before, after []byte) {
	peer, ours := strings.CutPrefix(key, receiptNote)
	var old, now receipts
	if !ours || json.Unmarshal(after, &now) != nil || now.Ours != s.Identity() {
		return
	}
	if json.Unmarshal(before, &old) != nil || old.Ours != now.Ours || old.Store != now.Store {
		old.Held = nil
	}
	n := w.world.Box(peer)
	if n.taints(now.Store) {
		return
	}
	for _, span := range now.Held {
		for _, e := range s.Since(span[0]-1, int(span[1]-span[0])+1) {
			if e.ID[0]%4 == 0 && !within(old.Held, e.Seq) && !n.holds(e.ID) {
				w.tale.problem("%s believes that %s holds %s, which it does not", box.Name, peer, e.ID.Short())
			}
		}
	}
}

func within(held [][2]wiki.Seq, seq wiki.Seq) bool {
	return slices.ContainsFunc(held, func(span [2]wiki.Seq) bool { return span[0] <= seq && seq <= span[1] })
}

// taints tells whether a store identity is of a time before the box lost part
// of its disk: receipts of it are believed until the box is heard again.
func (n *Node) taints(id wiki.Identity) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.tainted[id]
}

// lose replaces the disk by one that lacks something; the plug is out.
func (n *Node) lose(d *disk) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if id := n.disk.identity(); id != "" {
		n.tainted[id] = true
	}
	n.disk, n.lost = d, time.Now()
}

// identity is the public space's, "" when there is none.
func (d *disk) identity() wiki.Identity {
	f, err := d.folders["public"].Open("identity", false)
	if err != nil {
		return ""
	}
	defer f.Close()
	b := make([]byte, 4096)
	n, _ := f.ReadAt(b, 0) // ends with io.EOF
	lines := bytes.Split(b[:n], []byte("\n"))
	if len(lines) < 2 {
		return ""
	}
	return wiki.Identity(lines[1])
}
