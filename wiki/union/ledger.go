package union

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
)

// ledger keeps the receipts: which of our sequences each peer holds.
type ledger struct {
	store wiki.Store
	boxes []string // the peers, in the order they are told

	mu       sync.Mutex
	ours     wiki.Identity // of the store whose sequences are booked
	holdings map[string]*holding
}

// holding is what one peer's store holds of ours.
type holding struct {
	store   wiki.Identity
	retired map[wiki.Identity]bool // the peer's former stores: late word of them counts no more
	held    spans
	early   map[wiki.ID]bool // receipts that overtook our own sync
	dirty   bool
}

// maxEarly bounds receipts for revisions that never come.
const maxEarly = 1 << 16

const receiptNote = "union/receipts/"

// receipts is the form of a note. Ours is our latest place when it was written:
// a disk that was rolled back meanwhile numbers other revisions the same.
type receipts struct {
	Ours  string        `json:"ours"`
	Store wiki.Identity `json:"store"`
	Held  spans         `json:"held"`
}

func newLedger(store wiki.Store, boxes []string) *ledger {
	l := &ledger{store: store, boxes: boxes, ours: store.Identity(), holdings: map[string]*holding{}}
	for _, box := range boxes {
		h := &holding{retired: map[wiki.Identity]bool{}, early: map[wiki.ID]bool{}}
		var note receipts
		if json.Unmarshal(store.Note(receiptNote+box), &note) == nil && stands(note.Ours, store) {
			h.store = note.Store
			h.held = joined(note.Held) // a note is not believed to be in order
		}
		l.holdings[box] = h
	}
	return l
}

func stands(place string, store wiki.Store) bool {
	m, ok := couch.ParseMark(place)
	return ok && m.Stand(store) == couch.Standard
}

// own forgets what was booked of another store of ours: another disk of this
// box leads, and numbers its revisions in its own way. A renewed store keeps its
// numbers, see renewed.
func (l *ledger) own() {
	if id := l.store.Identity(); id != l.ours {
		l.ours = id
		for _, h := range l.holdings {
			h.held, h.early, h.dirty = nil, map[wiki.ID]bool{}, true
		}
	}
}

// of returns the holding of a peer's store, emptied if the store is new; nil
// for boxes that are no peers and for stores that are gone.
func (l *ledger) of(p couch.Peer) *holding {
	h := l.holdings[p.Box]
	if h == nil || p.Store == "" || h.retired[p.Store] {
		return nil
	}
	if h.store != p.Store {
		if h.store != "" {
			h.retired[h.store] = true
		}
		h.store, h.held, h.early, h.dirty = p.Store, nil, map[wiki.ID]bool{}, true
	}
	return h
}

// meet hears which store a peer has now. Receipts of another one die.
func (l *ledger) meet(p couch.Peer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.own()
	l.of(p)
}

// upToMark notes that a peer holds everything up to a place in our feed.
func (l *ledger) upToMark(p couch.Peer, m couch.Mark) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.own()
	if h := l.of(p); h != nil && m.Seq > 0 && m.Store == l.ours {
		h.held.add(1, min(m.Seq, l.store.Latest()))
		h.dirty = true
	}
}

// upTo notes that a peer holds everything up to one of our sequences.
func (l *ledger) upTo(p couch.Peer, seq wiki.Seq) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.own()
	if h := l.of(p); h != nil && seq > 0 {
		h.held.add(1, min(seq, l.store.Latest()))
		h.dirty = true
	}
}

// holds notes that a peer holds these revisions. Those that we do not hold
// ourselves have no sequence to book.
func (l *ledger) holds(p couch.Peer, ids []wiki.ID) {
	l.book(p, ids, func(*holding, wiki.ID) {})
}

// receipt notes that a peer made our push durable, which it may have done
// before our own sync: then the booking waits for settle.
func (l *ledger) receipt(p couch.Peer, ids []wiki.ID) {
	l.book(p, ids, func(h *holding, id wiki.ID) {
		if len(h.early) < maxEarly {
			h.early[id] = true
		}
	})
}

func (l *ledger) book(p couch.Peer, ids []wiki.ID, unknown func(*holding, wiki.ID)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.own()
	h := l.of(p)
	if h == nil {
		return
	}
	h.dirty = true
	for _, id := range ids {
		if e, err := l.store.Entry(id); err == nil {
			h.held.add(e.Seq, e.Seq)
		} else {
			unknown(h, id)
		}
	}
}

// settle counts receipts that came before our own sync of these revisions.
func (l *ledger) settle(ids []wiki.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.own()
	for _, h := range l.holdings {
		for _, id := range ids {
			if !h.early[id] {
				continue
			}
			if e, err := l.store.Entry(id); err == nil {
				h.held.add(e.Seq, e.Seq)
				delete(h.early, id)
			}
		}
	}
}

// copies returns the peers that hold a revision of ours.
func (l *ledger) copies(id wiki.ID) []string {
	e, err := l.store.Entry(id)
	if err != nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.own()
	var boxes []string
	for _, box := range l.boxes {
		if l.holdings[box].held.has(e.Seq) {
			boxes = append(boxes, box)
		}
	}
	return boxes
}

// lag returns how many of our revisions a peer is not known to hold.
func (l *ledger) lag(box string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.own()
	latest := l.store.Latest()
	return int(latest - l.holdings[box].held.count(latest))
}

// anywhere returns the sequences that some peer holds, and our latest.
func (l *ledger) anywhere() (spans, wiki.Seq) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.own()
	latest := l.store.Latest() // first: what comes later is not yet expected to be copied
	var sets []spans
	for _, h := range l.holdings {
		sets = append(sets, h.held)
	}
	if len(sets) == 1 {
		return slices.Clone(sets[0]), latest
	}
	return joined(sets...), latest
}

// uncopied returns how many revisions no peer is known to hold, and the first.
func (l *ledger) uncopied() (count int, first wiki.Seq) {
	held, latest := l.anywhere()
	for seq := range held.gaps(1, latest) {
		first = seq
		break
	}
	return int(latest - held.count(latest)), first
}

// uncopiedAfter returns up to limit sequences after one that no peer holds.
func (l *ledger) uncopiedAfter(after wiki.Seq, limit int) (seqs []wiki.Seq) {
	held, latest := l.anywhere()
	for seq := range held.gaps(after+1, latest) {
		if seqs = append(seqs, seq); len(seqs) == limit {
			break
		}
	}
	return seqs
}

// renewed lets our store take a new identity and has all notes written again
// under it: the sequences stay.
func (l *ledger) renewed(renew func() (wiki.Identity, error)) (fresh wiki.Identity, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.own()
	if fresh, err = renew(); err != nil {
		return "", err
	}
	l.ours = fresh
	for _, h := range l.holdings {
		h.dirty = true
	}
	return fresh, nil
}

// save writes the notes of what changed.
func (l *ledger) save() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.own()
	ours := couch.LatestMark(l.store).String()
	for _, box := range slices.Sorted(maps.Keys(l.holdings)) {
		h := l.holdings[box]
		if !h.dirty {
			continue
		}
		h.dirty = false
		data, err := json.Marshal(receipts{ours, h.store, h.held})
		if err != nil {
			panic(err) // numbers and strings always have a form
		}
		l.store.SetNote(receiptNote+box, data)
	}
}
