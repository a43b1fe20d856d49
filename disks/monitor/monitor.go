package monitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/argss/argss/disks"
	"github.com/argss/argss/disks/probe"
)

// Prober looks at disks: a probe.System, or a fake.
type Prober interface {
	List() ([]disks.Disk, error)
	Ask(d disks.Disk, wake bool, now time.Time) (disks.Observation, error)
	Stat(name string) (probe.Stat, bool)
	Standby(d disks.Disk) error
	SelfTest(d disks.Disk, long bool) error
}

// Config is what a Monitor needs. Data and Volume may be nil where nothing is
// known of what is on the disks.
type Config struct {
	Prober Prober
	Policy Policy
	Data   func() string                          // kernel name of the disk the wiki is on, "" if not known
	Volume func() *disks.Volume                   // what the wiki and its file system say
	Beside func(disks.Observation) []disks.Reason // what is known of the wiki's disk from elsewhere; nil: nothing
	Load   func() []byte                          // the memory file, nil if there is none
	Save   func([]byte) error
	Tell   func(disks.Alarm) // what an owner should hear; must not block
	Beat   func()            // called with each look: the loop goes on
	Log    *slog.Logger
}

// Monitor looks after the disks of a box.
type Monitor struct {
	Config

	mu      sync.Mutex
	disks   map[string]*care // by kernel name
	memory  Memory
	trouble map[string][2]uint64 // by the kernel's name: medium, link
	saved   time.Time
	listed  time.Time
	data    string // kernel name of the disk the wiki is on
}

// care is a disk that is looked after.
type care struct {
	disk    disks.Disk
	state   State
	latency probe.Latency
	seen    disks.Observation
	verdict disks.Verdict // as of the last look
	gone    bool
}

// New returns a monitor that has seen nothing.
func New(c Config) *Monitor {
	m := &Monitor{Config: c, disks: map[string]*care{}, trouble: map[string][2]uint64{}}
	if data := c.Load(); len(data) > 0 {
		var err error
		if m.memory, err = ParseMemory(data); err != nil {
			c.Log.Warn("what was remembered of the disks is lost", "error", err)
		}
	}
	return m
}

// LookEvery is how often the disks' counters are read.
const LookEvery = 5 * time.Second

// Run looks after the disks until ctx ends.
func (m *Monitor) Run(ctx context.Context) error {
	tick := time.NewTicker(LookEvery)
	defer tick.Stop()
	for {
		m.Look(time.Now())
		select {
		case <-ctx.Done():
			m.save(time.Now())
			return nil
		case <-tick.C:
		}
	}
}

const (
	listEvery = time.Minute
	saveEvery = time.Hour
)

// Look looks at all disks once. One goroutine calls it.
func (m *Monitor) Look(now time.Time) {
	if now.Sub(m.listed) >= listEvery || now.Before(m.listed) {
		m.find()
		m.list(now)
	}
	for _, c := range m.all() {
		m.attend(c, now)
	}
	if m.Beat != nil {
		m.Beat()
	}
	if now.Sub(m.saved) >= saveEvery || now.Before(m.saved) {
		m.save(now)
	}
}

// find asks which disk the wiki is on. One that was pulled out is still it.
func (m *Monitor) find() {
	if m.Data == nil {
		return
	}
	if name := m.Data(); name != "" {
		m.mu.Lock()
		m.data = name
		m.mu.Unlock()
	}
}

// all returns the disks by name.
func (m *Monitor) all() []*care {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []*care
	for _, c := range m.disks {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *care) int { return strings.Compare(a.disk.Name, b.disk.Name) })
	return list
}

// list finds disks that came and went.
func (m *Monitor) list(now time.Time) {
	found, err := m.Prober.List()
	if err != nil {
		m.Log.Warn("the disks cannot be listed", "error", err)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.listed = now
	here := map[string]bool{}
	for _, d := range found {
		here[d.Name] = true
		c := m.disks[d.Name]
		if c == nil || c.gone || d.Serial != "" && c.disk.Serial != "" && c.disk.Bytes != d.Bytes {
			m.disks[d.Name] = &care{disk: d, state: State{Kind: d.Kind}}
		}
	}
	for name, c := range m.disks {
		if here[name] {
			continue
		}
		if name != m.data {
			delete(m.disks, name)
			continue
		}
		c.gone = true
	}
}

// attend does what is to be done with one disk now.
func (m *Monitor) attend(c *care, now time.Time) {
	if stat, ok := m.Prober.Stat(c.disk.Name); ok && c.latency.Look(stat, now) {
		m.change(c, func(s *State) { s.Worked, s.Asleep = now, false })
	}
	step := m.Policy.Plan(c.state, now)
	seen, asked := c.seen, false
	if step.Ask && !c.gone {
		seen, asked = m.ask(c, step.Wake, now)
	}
	var volume *disks.Volume
	if m.Volume != nil && m.data == c.disk.Name {
		volume = m.Volume()
	}
	m.mu.Lock()
	seen.At, seen.Disk, seen.Volume = now, c.disk, volume
	if asked && seen.Access == disks.Answered {
		c.state.Answered = seen.HealthAt
	}
	seen.Kernel = m.kernel(c, now)
	c.seen = seen
	life := m.memory.life(c.disk)
	life.add(disks.Sample{At: now, Values: seen.Signals()})
	c.state.Tested, c.state.TestedLong = life.Tested, life.TestedLong
	news := m.alarms(c, life, now)
	m.mu.Unlock()
	for _, a := range news {
		m.Log.Warn("disk alarm", "disk", c.disk.Name, "code", a.Code, "grade", a.Grade, "over", a.Over, "text", a.Text)
		if m.Tell != nil {
			m.Tell(a)
		}
	}
	m.command(c, step, now)
}

// change changes a disk's state, which the status reads.
func (m *Monitor) change(c *care, f func(*State)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f(&c.state)
}

// ask asks a disk how it is. One that sleeps keeps what it said before.
func (m *Monitor) ask(c *care, wake bool, now time.Time) (disks.Observation, bool) {
	o, err := m.Prober.Ask(c.disk, wake, now)
	m.mu.Lock()
	defer m.mu.Unlock()
	c.state.Asked = now
	if errors.Is(err, probe.ErrAsleep) {
		c.state.Asleep = true
		return c.seen, false
	}
	c.state.Asleep = false
	c.disk = o.Disk
	c.state.Kind = o.Disk.Kind
	c.state.Testing = o.ATA != nil && o.ATA.SelfTest.Result == disks.TestRunning || o.NVMe != nil && o.NVMe.SelfTest.Result == disks.TestRunning
	return o, true
}

func (m *Monitor) kernel(c *care, now time.Time) *disks.Kernel {
	k := &disks.Kernel{Latency: c.latency.P99(), Stuck: c.latency.Stuck(now)}
	for name, counts := range m.trouble {
		if (probe.Trouble{Disk: name}).Of(c.disk.Name) {
			k.MediumErrors += counts[0]
			k.LinkErrors += counts[1]
		}
	}
	return k
}

// mostTroubled bounds the disks that troubles are counted of.
const mostTroubled = 256

// Heard counts what the kernel said of a disk. It may be called from any
// goroutine.
func (m *Monitor) Heard(t probe.Trouble) {
	m.mu.Lock()
	defer m.mu.Unlock()
	counts, known := m.trouble[t.Disk]
	if !known && len(m.trouble) >= mostTroubled {
		return
	}
	if t.Medium {
		counts[0]++
	} else {
		counts[1]++
	}
	m.trouble[t.Disk] = counts
}

// judge returns the verdict on a disk, and the acknowledgements that stand.
func (m *Monitor) judge(c *care, life *Life, now time.Time) (disks.Verdict, disks.Acknowledgements) {
	v := disks.Judge(c.seen, life.Samples, now)
	if c.gone {
		v = disks.Join(v, disks.Verdict{Reasons: []disks.Reason{{Code: "gone", Grade: disks.Failed, Text: "This disk is no longer found. Put it back, or replace it."}}})
	}
	if m.Beside != nil && c.disk.Name == m.data {
		v = disks.Join(v, disks.Verdict{Reasons: m.Beside(c.seen)})
	}
	return life.Known.Apply(v)
}

func (m *Monitor) alarms(c *care, life *Life, now time.Time) (news []disks.Alarm) {
	v, known := m.judge(c, life, now)
	life.Known, c.verdict = known, v
	c.state.Worn = slices.ContainsFunc(v.Reasons, func(r disks.Reason) bool { return r.Code == "spin-down" })
	life.Alarms, news = life.Alarms.Next(c.disk.ID(), v, now)
	return news
}

// command sends a disk to sleep or to test itself.
func (m *Monitor) command(c *care, step Step, now time.Time) {
	var err error
	switch {
	case c.gone:
	case step.Test:
		m.mu.Lock()
		life := m.memory.life(c.disk)
		if life.Tested = now; step.Long {
			life.TestedLong = now
		}
		m.mu.Unlock()
		m.change(c, func(s *State) { s.Testing = true })
		err = m.Prober.SelfTest(c.disk, step.Long)
	case step.Sleep:
		m.change(c, func(s *State) { s.Asleep = true })
		err = m.Prober.Standby(c.disk)
	}
	if err != nil {
		m.Log.Info("a disk does not take a command", "disk", c.disk.Name, "error", err)
	}
}

func (m *Monitor) save(now time.Time) {
	m.mu.Lock()
	data, err := m.memory.bytes()
	m.saved = now
	m.mu.Unlock()
	if err == nil {
		err = m.Save(data)
	}
	if err != nil {
		m.Log.Warn("what is known of the disks could not be kept; it is tried again in an hour", "error", err)
	}
}

// Report is what is known of one disk.
type Report struct {
	disks.Observation
	ID      string        `json:"id"`
	Asleep  bool          `json:"asleep,omitempty"`
	Data    bool          `json:"data,omitempty"` // the wiki is on it
	Verdict disks.Verdict `json:"verdict"`
	Past    disks.History `json:"past,omitempty"`
}

// Reports returns what is known of all disks at a time, by name.
func (m *Monitor) Reports(now time.Time) []Report {
	list := m.all()
	m.mu.Lock()
	defer m.mu.Unlock()
	var reports []Report
	for _, c := range list {
		life := m.memory.life(c.disk)
		v, _ := m.judge(c, life, now)
		reports = append(reports, Report{
			Observation: c.seen, ID: c.disk.ID(), Asleep: c.state.Asleep, Verdict: v, Past: thin(life.Samples),
			Data: c.disk.Name == m.data,
		})
	}
	return reports
}

// DataVerdict returns the verdict on the disk the wiki is on, as of the last
// look; false if it is not known which that is.
func (m *Monitor) DataVerdict(now time.Time) (disks.Verdict, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.disks[m.data]
	if c == nil || c.seen.At.IsZero() {
		return disks.Verdict{}, false
	}
	if now.Sub(c.seen.At) > disks.Stale {
		v, _ := m.judge(c, m.memory.life(c.disk), now)
		return v, true
	}
	return c.verdict, true
}

// thin returns a sample a day, as many as a page can show.
func thin(h disks.History) (daily disks.History) {
	for i := len(h) - 1; i >= 0 && len(daily) < 31; i-- {
		if n := len(daily); n == 0 || daily[n-1].At.Sub(h[i].At) >= disks.Day-time.Hour/2 {
			daily = append(daily, h[i])
		}
	}
	slices.Reverse(daily)
	return daily
}

// Acknowledge notes that the owner knows of a reason as it stands.
func (m *Monitor) Acknowledge(id, code string, s disks.Signal, now time.Time) error {
	for _, r := range m.Reports(now) {
		for _, reason := range r.Verdict.Reasons {
			if r.ID != id || reason.Code != code || reason.Signal != s {
				continue
			}
			if reason.Grade >= disks.Failed {
				return errors.New("a disk that does not do its work cannot be acknowledged; replace it")
			}
			m.mu.Lock()
			life := m.memory.life(r.Disk)
			life.Known = life.Known.Acknowledge(reason, now)
			m.mu.Unlock()
			m.save(now)
			return nil
		}
	}
	return fmt.Errorf("disk %q gives no such reason any more", id)
}
