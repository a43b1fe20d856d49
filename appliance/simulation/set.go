package simulation

import "github.com/argss/argss/wiki"

// set is a space's store with the notes on the simulated disk.
type set struct {
	wiki.Store
	renewer
	run   *run
	space string
	real  wiki.Store // without bugs
}

// renewer is a union.Renewer.
type renewer interface {
	Renew() (wiki.Identity, error)
}

// Note implements wiki.Notes.
func (s *set) Note(key string) []byte { return s.run.disk.notes.get(s.space + " " + key) }

// SetNote implements wiki.Notes.
func (s *set) SetNote(key string, value []byte) {
	if w := s.run.node.world.witness; w != nil && s.space == wiki.Public.Name && !s.run.over.Load() {
		w.booked(s.run.node, s.real, key, s.Note(key), value)
	}
	s.run.disk.notes.set(s.space+" "+key, value)
}
