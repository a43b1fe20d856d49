package store

import "os"

// Usage is the room a store takes on its disk, in bytes.
type Usage struct {
	Log   int64 // the revisions
	Index int64 // its file; 0 when it is in memory
	Quota int64 // what the log may take; 0: what the disk has
}

// Usage returns the room the store takes now.
func (s *Store) Usage() Usage {
	u := Usage{Log: s.logBytes(), Quota: s.options.Quota}
	if info, err := os.Stat(s.options.IndexPath); err == nil {
		u.Index = info.Size()
	}
	return u
}

func (s *Store) logBytes() (n int64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, seg := range s.segments {
		n += seg.end
	}
	return n
}
