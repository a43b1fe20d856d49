package vip

import "time"

// sending notices that adverts do not leave this box. A master that hears but
// is not heard would otherwise answer every rival in silence for ever, and
// both would hold the address. After OpenBSD: three failures in a row cost one
// of demotion, three successes in a row give it back. So does a minute without
// failures, since a backup sends nothing that could succeed.
type sending struct {
	failures  int
	successes int
	until     time.Duration // demoted until then
}

const (
	sendingRow    = 3
	sendingMemory = time.Minute
)

func (s *sending) failed(now time.Duration) {
	s.successes = 0
	s.failures++
	if s.failures >= sendingRow {
		s.until = now + sendingMemory
	}
}

func (s *sending) worked() {
	s.failures = 0
	s.successes++
	if s.successes >= sendingRow {
		s.until = 0
	}
}

func (s *sending) demotion(now time.Duration) int {
	if now < s.until {
		return 1
	}
	return 0
}
