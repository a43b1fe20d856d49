package store

// Failure returns why the store takes no more writes until it is opened again,
// nil while it does.
func (s *Store) Failure() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.failure
}
