package dashboard

import (
	"fmt"
	"time"
)

func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// said tells how the scrub stands.
func (s *Scrub) said() string {
	switch {
	case s.Running:
		return fmt.Sprintf("All content is being read again and checked: %d pieces (%d MB) so far.", s.Pieces, s.Bytes>>20)
	case s.Started.After(s.Finished):
		return fmt.Sprintf("All content is being read again and checked: %d pieces (%d MB) so far; it goes on at %s.", s.Pieces, s.Bytes>>20, when(s.Next))
	case s.Finished.IsZero():
		return fmt.Sprintf("All content is read again and checked once a week, next at %s.", when(s.Next))
	}
	return fmt.Sprintf("All content was last read again and checked at %s (%d pieces, %d MB).", when(s.Finished), s.Pieces, s.Bytes>>20)
}

// mended tells what had to be repaired.
func (s *Scrub) mended() string {
	switch s.Repaired {
	case 0:
		return "Nothing had to be repaired since this box started."
	case 1:
		return "1 damaged piece of data was repaired from another copy."
	}
	return fmt.Sprintf("%d damaged pieces of data were repaired from other copies.", s.Repaired)
}

// shown is how many repairs the page lists; status.json has them all.
const shown = 20

func (s *Scrub) lately() []Repair { return s.Repairs[max(0, len(s.Repairs)-shown):] }
