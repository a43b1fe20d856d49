package union

import (
	"encoding/json"
	"sync"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
)

const checkpointNote = "union/checkpoint/"

// place is where we are in one peer's feed. It belongs to the peer's present
// store: with another, another note is read.
type place struct {
	notes interface {
		wiki.Notes
		Identity() wiki.Identity
	}

	mu    sync.Mutex
	ours  wiki.Identity // whose holdings the place speaks of: another disk of this box may lead
	store wiki.Identity // "" until the peer was heard
	note  checkpoint
	read  string // the feed was read up to here
	gaps  bool   // not all of that is held: something could not be taken
	dirty bool
}

// checkpoint is the form of a note.
type checkpoint struct {
	Held string `json:"held"` // up to here we hold everything
	Seen string `json:"seen"` // the highest we ever heard of
}

// heard notes the peer's latest place, and by it the store it has.
func (p *place) heard(latest string) {
	m, ok := couch.ParseMark(latest)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.store != m.Store || !p.current() {
		p.save()
		p.ours = p.notes.Identity()
		p.store, p.note = m.Store, checkpoint{}
		if json.Unmarshal(p.notes.Note(checkpointNote+string(m.Store)), &p.note) != nil {
			p.note = checkpoint{} // never heard of this store
		}
		p.read, p.gaps = p.note.Held, false
	}
	if seen, ok := couch.ParseMark(p.note.Seen); !ok || m.Seq > seen.Seq {
		p.note.Seen, p.dirty = latest, true
	}
}

// advance notes that the peer's feed was read up to a place, and whether all
// that was read is held: what is told to the peer is a receipt. A place of
// another store than the present one says nothing.
func (p *place) advance(read string, whole bool) {
	m, ok := couch.ParseMark(read)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !ok || m.Store != p.store || !p.current() {
		return
	}
	p.read, p.gaps = read, p.gaps || !whole
	if !p.gaps {
		p.hold(read)
	}
}

// current tells whether the store that holds what the place says still leads.
func (p *place) current() bool { return p.ours == p.notes.Identity() }

func (p *place) hold(held string) {
	if held != p.note.Held {
		p.note.Held, p.dirty = held, true
	}
}

// equal notes that our set is the one the peer had at a place: what could not
// be taken before came in another way.
func (p *place) equal(at string) {
	m, ok := couch.ParseMark(at)
	p.mu.Lock()
	defer p.mu.Unlock()
	read, known := couch.ParseMark(p.read)
	if !ok || m.Store != p.store || !p.current() || !p.gaps || known && read.Seq > m.Seq {
		return
	}
	p.read, p.gaps = at, false
	p.hold(at)
}

// reading returns where to go on in the feed, and whether all that stands
// before is held.
func (p *place) reading() (at string, whole bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.read, !p.gaps
}

// rewind makes the feed be read from its beginning.
func (p *place) rewind() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.note.Held, p.dirty = "", true
	p.read, p.gaps = "", false
}

// now returns the places to tell the peer; "" for none.
func (p *place) now() checkpoint {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.current() {
		return checkpoint{}
	}
	return p.note
}

// behind tells whether the feed goes on beyond what we read.
func (p *place) behind(latest string) bool {
	l, ok := couch.ParseMark(latest)
	at, _ := p.reading()
	read, known := couch.ParseMark(at)
	return !ok || l.Seq > 0 && (!known || read.Store != l.Store || read.Seq < l.Seq)
}

// keep writes the note if it changed.
func (p *place) keep() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.save()
}

func (p *place) save() {
	if !p.dirty || p.store == "" || !p.current() {
		return
	}
	p.dirty = false
	data, err := json.Marshal(p.note)
	if err != nil {
		panic(err) // strings always have a form
	}
	p.notes.SetNote(checkpointNote+string(p.store), data)
}
