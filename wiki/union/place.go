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
	notes wiki.Notes

	mu    sync.Mutex
	store wiki.Identity // "" until the peer was heard
	note  checkpoint
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
	if p.store != m.Store {
		p.save()
		p.store, p.note = m.Store, checkpoint{}
		if json.Unmarshal(p.notes.Note(checkpointNote+string(m.Store)), &p.note) != nil {
			p.note = checkpoint{} // never heard of this store
		}
	}
	if seen, ok := couch.ParseMark(p.note.Seen); !ok || m.Seq > seen.Seq {
		p.note.Seen, p.dirty = latest, true
	}
}

// advance notes that we hold everything up to a place of the peer's feed; a
// place of another store than the present one says nothing.
func (p *place) advance(held string) {
	m, ok := couch.ParseMark(held)
	p.mu.Lock()
	defer p.mu.Unlock()
	if ok && m.Store == p.store && held != p.note.Held {
		p.note.Held, p.dirty = held, true
	}
}

// rewind makes the feed be read from its beginning.
func (p *place) rewind() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.note.Held, p.dirty = "", true
}

// now returns the places to tell the peer; "" for none.
func (p *place) now() checkpoint {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.note
}

// behind tells whether the feed goes on beyond what we hold.
func (p *place) behind(latest string) bool {
	l, ok := couch.ParseMark(latest)
	held, known := couch.ParseMark(p.now().Held)
	return !ok || l.Seq > 0 && (!known || held.Store != l.Store || held.Seq < l.Seq)
}

// keep writes the note if it changed.
func (p *place) keep() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.save()
}

func (p *place) save() {
	if !p.dirty || p.store == "" {
		return
	}
	p.dirty = false
	data, err := json.Marshal(p.note)
	if err != nil {
		panic(err) // strings always have a form
	}
	p.notes.SetNote(checkpointNote+string(p.store), data)
}
