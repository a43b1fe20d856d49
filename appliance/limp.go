package appliance

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/argss/argss/wiki/union"
	"github.com/argss/argss/wiki/web"
)

// limpWatch remembers when limp mode ended, so that the pages can say so once.
// Whether the box limps is never remembered: it is asked each time.
type limpWatch struct {
	mu     sync.Mutex
	limped bool
	ended  time.Time
}

// goodNews is how long pages say that everything is copied again.
const goodNews = 30 * time.Second

// settled is how long limp mode must last before its end is news: between an
// own sync and the first receipt every save is alone for a moment.
const settled = 2 * time.Second

func (l *limpWatch) look(now union.Limp) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case now.Active && time.Since(now.Since) > settled:
		l.limped = true
	case !now.Active && l.limped:
		l.limped, l.ended = false, time.Now()
	}
}

func (l *limpWatch) justEnded() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.ended.IsZero() && time.Since(l.ended) < goodNews
}

// lasting tells limp mode from the moment every save passes through between
// its own sync and the first receipt.
func lasting(limp union.Limp, peers []union.PeerStatus) bool {
	if !limp.Active {
		return false
	}
	alone := !slices.ContainsFunc(peers, func(p union.PeerStatus) bool { return p.Alive })
	return alone || time.Since(limp.Since) > settled
}

// banner is the sentence above every page, if there is something to say.
func (b *Box) banner(limp union.Limp, peers []union.PeerStatus) web.Banner {
	why := web.Link{Text: "What does this mean?", Address: "/wiki/Manual/Saving"}
	if h := b.health.get(); h.Disk.Grade >= gravest {
		return web.Banner{Sentence: h.Disk.Reasons[0].Text, Severity: web.Grave, Link: why}
	}
	switch {
	case lasting(limp, peers):
		return web.Banner{Sentence: limpSentence(limp, peers), Severity: web.Limp, Link: why}
	case b.limp.justEnded():
		return web.Banner{Sentence: "Everything is copied again.", Severity: web.Good}
	}
	return web.Banner{}
}

// limpSentence tells what is missing, for how long, and what it means for the
// reader: nothing, but the box must stay on.
func limpSentence(limp union.Limp, peers []union.PeerStatus) string {
	waiting := ""
	switch {
	case limp.Uncopied == 1:
		waiting = " One edit waits to be copied; keep this box on."
	case limp.Uncopied > 1:
		waiting = fmt.Sprintf(" %d edits wait to be copied; keep this box on.", limp.Uncopied)
	}
	if slices.ContainsFunc(peers, func(p union.PeerStatus) bool { return p.Alive }) {
		return "Limp mode: copying to the other boxes is behind. You can read and edit." + waiting
	}
	return fmt.Sprintf("Limp mode: no other box has answered for %s. You can read and edit.%s",
		roughly(time.Since(limp.Since)), waiting)
}

// roughly says a duration as people do.
func roughly(d time.Duration) string {
	switch {
	case d < 90*time.Second:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 90*time.Minute:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	case d < 36*time.Hour:
		return fmt.Sprintf("%d h", int(d.Round(time.Hour).Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Round(24*time.Hour).Hours()/24))
}
