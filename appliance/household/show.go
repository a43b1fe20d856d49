package household

import (
	"context"
	crypto "crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/argss/argss/appliance/manual"
	"github.com/argss/argss/wiki/transfer"
)

// Show is what "make run" shows.
type Show struct {
	Boxd    string // path of the program that is a box
	Data    string // folder of everything
	Import  string // folder of Markdown to bring in, "" for none
	Network Network
	In, Out *os.File // keys come from In if it is a terminal
}

// Run starts the boxes and blocks until ctx ends or somebody types q. It stops
// the boxes in order before it returns.
func (s Show) Run(ctx context.Context) error {
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	keyboard, err := openTerminal(s.In)
	if err != nil {
		return err
	}
	if keyboard != nil {
		defer keyboard.close()
		defer context.AfterFunc(ctx, keyboard.close)() // before the boxes take their time
	}
	p := newPerformance(s, quit)
	if p.house, err = Start(ctx, Config{Boxd: s.Boxd, Data: s.Data, Network: s.Network, Tell: p.tell}); err != nil {
		if ctx.Err() != nil {
			return nil // somebody changed their mind
		}
		return err
	}
	defer p.house.Stop()
	defer p.screen.show("")
	return p.run(ctx, keyboard)
}

// performance is one Show that is on.
type performance struct {
	Show
	quit   func()
	screen *screen
	ledger *ledger
	house  *Household // set before anything but tell is called
	monkey *monkey
	work   sync.WaitGroup
}

func newPerformance(s Show, quit func()) *performance {
	p := &performance{
		Show: s, quit: quit,
		screen: &screen{out: s.Out, columns: func() int { return columnsOf(s.Out) }},
		ledger: newLedger(time.Now()),
	}
	p.monkey = &monkey{
		random: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
		boxes:  func() []Box { return p.house.Boxes() },
		toggle: p.toggle,
		say:    p.screen.linef,
	}
	return p
}

// tell prints what happens to boxes and enters it into the ledger.
func (p *performance) tell(e Event) {
	switch e.Kind {
	case Ready:
		p.ledger.replugged(time.Now())
		p.screen.linef("box %s %s pid %d", e.Box.Name, e.Box.URL, e.Box.PID)
	case Unplugged:
		p.ledger.unplugged(time.Now())
		p.screen.linef("unplugged %s", e.Box.Name)
	case Failed:
		p.screen.linef("%v", e.Err)
	}
}

func (p *performance) run(ctx context.Context, keyboard *terminal) error {
	p.screen.linef("wiki %s", p.house.URL())
	if p.house.Port() != firstPort {
		p.screen.linef("port %d was taken when these boxes were first started, so they use %d", firstPort, p.house.Port())
	}
	p.work.Go(func() { p.content(ctx) })
	p.count(ctx)
	p.help(keyboard != nil)
	var typed <-chan byte
	if keyboard != nil {
		typed = keyboard.keys()
	}
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case key := <-typed:
			p.press(ctx, key)
		}
	}
	p.work.Wait()
	p.monkey.done.Wait()
	p.screen.linef("ledger: %s", strings.Join(p.ledger.figures(time.Now()).Lines(), ", "))
	p.screen.linef("stopping the boxes; %s keeps everything", p.house.folder.path)
	return nil
}

// count keeps the ledger.
func (p *performance) count(ctx context.Context) {
	guest := newVisitor(p.house.URL(), &http.Transport{}, p.ledger, crypto.Reader)
	auditor := auditor{p.house.Boxes, p.house.asker, p.ledger}
	p.work.Go(func() { guest.readOn(ctx) })
	p.work.Go(func() { guest.saveOn(ctx) })
	p.work.Go(func() { auditor.auditOn(ctx) })
	p.work.Go(func() { p.publishOn(ctx) })
}

// publishEvery is how often the figures are shown anew.
const publishEvery = 250 * time.Millisecond

func (p *performance) publishOn(ctx context.Context) {
	said := ""
	for wait(ctx, publishEvery) {
		if p.house.TwinsOut() {
			p.ledger.excuse()
		}
		f := p.ledger.figures(time.Now())
		if err := publish(p.house.LedgerFile(), f); err != nil && err.Error() != said {
			said = err.Error()
			p.screen.linef("%s", said)
		}
		p.screen.show(strings.Join(f.Lines(), ", "))
	}
}

// content brings in the manual, and then what the caller asked for.
func (p *performance) content(ctx context.Context) {
	p.bring(ctx, "the manual", manual.FS(), transfer.Options{OnlyMissing: true, Author: "manual"})
	if p.Import == "" || ctx.Err() != nil {
		return
	}
	folder, err := transfer.OpenFolder(p.Import)
	if err != nil {
		p.screen.linef("%v", err)
		return
	}
	defer folder.Close()
	p.bring(ctx, p.Import, folder.FS(), transfer.Options{Progress: p.progress()})
}

func (p *performance) bring(ctx context.Context, what string, folder fs.FS, o transfer.Options) {
	client := transfer.NewClient(p.house.URL(), nil)
	defer client.Close()
	report, err := transfer.Import(ctx, folder, client, o)
	if err != nil && !errors.Is(err, context.Canceled) {
		p.screen.linef("%v", err)
	}
	if o.OnlyMissing && report.Created == 0 {
		return // nothing new to tell
	}
	p.screen.linef("imported %s: %v", what, report)
	p.notes("skipped", report.Skipped)
	p.notes("noted", report.Renamed)
	if !o.OnlyMissing {
		p.notes("kept", report.Kept)
	}
}

// maxNotes is how many sentences of a kind are printed.
const maxNotes = 50

func (p *performance) notes(what string, notes []transfer.Note) {
	for _, n := range notes[:min(len(notes), maxNotes)] {
		p.screen.linef("  %s %q: %s", what, n.Path, n.Reason)
	}
	if more := len(notes) - maxNotes; more > 0 {
		p.screen.linef("  and %d more %s", more, what)
	}
}

// progressEvery is how often an import's progress is printed.
const progressEvery = time.Second

func (p *performance) progress() func(transfer.Progress) {
	var said time.Time
	return func(now transfer.Progress) {
		if time.Since(said) < progressEvery && now.Done < now.Total {
			return
		}
		said = time.Now()
		p.screen.linef("importing: %v", now)
	}
}

func (p *performance) help(keys bool) {
	if keys {
		p.screen.linef("pull a plug: 1, 2 or 3 kills that box or brings it back, m lets a monkey do it, q stops all, ? says this again")
		return
	}
	p.screen.linef("pull a plug: kill -9 one of the pids above; Ctrl-C or SIGTERM stops all")
}

// press does what a key says.
func (p *performance) press(ctx context.Context, key byte) {
	switch boxes := p.house.Boxes(); key {
	case '1', '2', '3':
		b := boxes[key-'1']
		p.work.Go(func() { p.toggle(ctx, b) })
	case 'm', 'M':
		p.monkey.switchOver(ctx)
	case 'q', 'Q':
		p.quit()
	case '?', 'h':
		p.help(true)
		for i, b := range boxes {
			p.screen.linef("  %d %s", i+1, stateOf(b))
		}
	}
}

func stateOf(b Box) string {
	if b.PID == 0 {
		return b.Name + " is unplugged"
	}
	return fmt.Sprintf("%s runs at %s with pid %d", b.Name, b.URL, b.PID)
}

// toggle kills a box or brings it back. The events that follow say so.
func (p *performance) toggle(ctx context.Context, b Box) {
	if b.PID == 0 {
		if err := p.house.Revive(ctx, b.Name); err != nil && ctx.Err() == nil {
			p.screen.linef("%v", err)
		}
		return
	}
	if _, err := p.house.Kill(b.Name); err != nil {
		p.screen.linef("%v", err)
	}
	if p.house.TwinsOut() {
		p.ledger.excuse()
	}
}
