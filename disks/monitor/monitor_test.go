package monitor

import (
	"log/slog"
	"testing"
	"time"

	"github.com/argss/argss/disks"
	"github.com/argss/argss/disks/diskstest"
	"github.com/argss/argss/disks/probe"
)

var _ Prober = probe.System{}

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

type world struct {
	*diskstest.Machine
	*Monitor
	kept  []byte
	news  []disks.Alarm
	beats int
	at    time.Time
}

func newWorld(fakes map[string]*diskstest.Fake) *world {
	w := &world{Machine: &diskstest.Machine{Disks: fakes, Stats: map[string]probe.Stat{}}, at: start}
	w.restart(Policy{})
	return w
}

func (w *world) restart(p Policy) {
	w.Monitor = New(Config{
		Prober: w.Machine, Policy: p, Log: slog.New(slog.DiscardHandler),
		Load: func() []byte { return w.kept }, Save: func(b []byte) error { w.kept = b; return nil },
		Tell: func(a disks.Alarm) { w.news = append(w.news, a) }, Beat: func() { w.beats++ },
		Data: func() string { return "nvme0n1" }, Volume: func() *disks.Volume { return &disks.Volume{Free: 1 << 39} },
	})
}

// pass lets time go by.
func (w *world) pass(d time.Duration) {
	for end := w.at.Add(d); w.at.Before(end); w.at = w.at.Add(LookEvery) {
		w.Look(w.at)
	}
}

func (w *world) verdict(t *testing.T, name string) disks.Verdict {
	t.Helper()
	for _, r := range w.Reports(w.at) {
		if r.Disk.Name == name {
			return r.Verdict
		}
	}
	t.Fatalf("no disk %s", name)
	return disks.Verdict{}
}

func nvme() *diskstest.Fake {
	return &diskstest.Fake{Observation: disks.Observation{
		Disk: disks.Disk{Kind: disks.NVMe, Model: "N", Serial: "1", Bytes: 1 << 39},
		NVMe: &disks.Health{Temperature: 40, AvailableSpare: 100, AvailableSpareThreshold: 10, PercentageUsed: 3},
	}}
}

func hdd() *diskstest.Fake {
	return &diskstest.Fake{Observation: disks.Observation{
		Disk: disks.Disk{Kind: disks.HDD, Model: "H", Serial: "2", Bytes: 1 << 40},
		ATA:  &disks.ATA{Attributes: []disks.Attribute{{ID: 5, Value: 100, Worst: 100, Threshold: 10}, {ID: 197, Value: 100, Worst: 100}}},
	}}
}

func TestAWarningIsAnAlarmWithinHalfAMinute(t *testing.T) {
	w := newWorld(map[string]*diskstest.Fake{"nvme0n1": nvme()})
	w.pass(10 * time.Minute)
	if v := w.verdict(t, "nvme0n1"); v.Grade != disks.Good || len(w.news) > 0 {
		t.Fatalf("a well disk is %s, %+v", v.Grade, w.news)
	}
	w.Machine.Disks["nvme0n1"].Observation.NVMe.CriticalWarning = disks.WarnReliability
	w.pass(30 * time.Second)
	if v := w.verdict(t, "nvme0n1"); v.Grade != disks.Failed || len(w.news) != 1 || w.news[0].Code != "failing" {
		t.Fatalf("half a minute after the warning: %s, %+v", v.Grade, w.news)
	}
	if w.beats < 120 {
		t.Errorf("only %d beats for the watchdog", w.beats)
	}
}

func TestASleepingDiskIsWokenOnceADayAtMost(t *testing.T) {
	f := hdd()
	w := newWorld(map[string]*diskstest.Fake{"sda": f})
	w.pass(time.Hour)
	f.Asleep = true
	woken := 0
	for range 3 * 24 * 60 {
		w.Look(w.at)
		w.at = w.at.Add(time.Minute)
		if f.Woken {
			woken++
			f.Woken = false // it goes to sleep again by itself
		}
	}
	if woken < 2 || woken > 3 {
		t.Errorf("woken %d times in three days", woken)
	}
	if v := w.verdict(t, "sda"); v.Grade != disks.Good {
		t.Errorf("a disk that sleeps is %s: %+v", v.Grade, v.Reasons)
	}
}

func TestAnIdleDiskSleepsAndAWornOneStaysUp(t *testing.T) {
	f := hdd()
	w := newWorld(map[string]*diskstest.Fake{"sda": f})
	w.restart(Policy{SpinDown: 20 * time.Minute})
	w.Stats["sda"] = probe.Stat{Done: 1}
	w.pass(time.Minute)
	w.Stats["sda"] = probe.Stat{Done: 2}
	w.pass(time.Hour)
	if len(w.Slept) != 1 {
		t.Fatalf("sent to sleep %d times in an idle hour", len(w.Slept))
	}
	s := State{Kind: disks.HDD, Asked: w.at, Answered: w.at, Worked: w.at.Add(-time.Hour)}
	if !(Policy{SpinDown: time.Minute}).Plan(s, w.at).Sleep {
		t.Error("an idle disk stays up")
	}
	for _, change := range []func(*State){
		func(s *State) { s.Worn = true }, func(s *State) { s.Testing = true }, func(s *State) { s.Kind = disks.SSD }, func(s *State) { s.Asleep = true },
	} {
		other := s
		change(&other)
		if (Policy{SpinDown: time.Minute}).Plan(other, w.at).Sleep {
			t.Errorf("sent to sleep: %+v", other)
		}
	}
}

func TestSelfTestsRunWeeklyAndMonthlyWhereTheOwnerWantsThem(t *testing.T) {
	w := newWorld(map[string]*diskstest.Fake{"nvme0n1": nvme()})
	work := func(days int) {
		for range days * 24 {
			s := w.Stats["nvme0n1"]
			s.Done++
			w.Stats["nvme0n1"] = s
			w.pass(2 * LookEvery)
			w.at = w.at.Add(time.Hour - 2*LookEvery)
		}
	}
	work(10)
	if len(w.Tests) > 0 {
		t.Fatalf("tested without being asked to: %v", w.Tests)
	}
	w.restart(Policy{SelfTests: true})
	work(60)
	long := 0
	for _, name := range w.Tests {
		if name == "nvme0n1 long" {
			long++
		}
	}
	if long != 2 || len(w.Tests) < 8 || len(w.Tests) > 10 {
		t.Errorf("%d long tests of %d in two months", long, len(w.Tests))
	}
}

func TestAcknowledgementsHistoryAndAlarmsSurviveARestart(t *testing.T) {
	f := hdd()
	w := newWorld(map[string]*diskstest.Fake{"sda": f})
	f.Observation.ATA.Attributes[1].Raw = 2
	w.pass(time.Hour)
	if v := w.verdict(t, "sda"); v.Grade != disks.Watch || len(w.news) != 1 {
		t.Fatalf("%+v, %d alarms", v, len(w.news))
	}
	if err := w.Acknowledge("H-2", "pending", disks.Pending, w.at); err != nil {
		t.Fatal(err)
	}
	w.restart(Policy{})
	w.pass(time.Hour)
	if v := w.verdict(t, "sda"); v.Grade != disks.Good || len(w.news) != 1 {
		t.Fatalf("after a restart: %+v, %d alarms", v, len(w.news))
	}
	f.Observation.ATA.Attributes[1].Raw = 7
	w.Stats["sda"] = probe.Stat{Done: 1}
	w.pass(time.Minute)
	w.Stats["sda"] = probe.Stat{Done: 2}
	w.pass(15 * time.Minute)
	if v := w.verdict(t, "sda"); v.Grade < disks.Watch || len(w.news) != 2 {
		t.Fatalf("after it grew: %+v, %d alarms", v, len(w.news))
	}
	if err := w.Acknowledge("H-2", "wear", disks.Wear, w.at); err == nil {
		t.Error("a reason that is not there was acknowledged")
	}
}

func TestADataDiskThatIsPulledOutIsFailedAndAnAlarm(t *testing.T) {
	w := newWorld(map[string]*diskstest.Fake{"nvme0n1": nvme(), "sda": hdd()})
	w.pass(5 * time.Minute)
	delete(w.Machine.Disks, "nvme0n1")
	delete(w.Machine.Disks, "sda")
	w.pass(2 * time.Minute)
	if v := w.verdict(t, "nvme0n1"); v.Grade != disks.Failed || v.Reasons[0].Code != "gone" || len(w.news) == 0 {
		t.Errorf("%+v", v)
	}
	if n := len(w.Reports(w.at)); n != 1 {
		t.Errorf("%d disks are reported", n)
	}
	w.Machine.Disks["nvme0n1"] = nvme()
	w.pass(2 * time.Minute)
	if v := w.verdict(t, "nvme0n1"); v.Grade != disks.Good {
		t.Errorf("put back it is %+v", v)
	}
}

func TestAMonitorThatStopsLookingMakesEveryDiskUnknown(t *testing.T) {
	w := newWorld(map[string]*diskstest.Fake{"nvme0n1": nvme()})
	w.pass(time.Minute)
	w.at = w.at.Add(disks.Stale + time.Minute)
	if v := w.verdict(t, "nvme0n1"); v.Grade != disks.Unknown || v.Reasons[0].Code != "stale" {
		t.Errorf("%+v", v)
	}
}

func TestTroubleInTheKernelCountsForItsDisk(t *testing.T) {
	w := newWorld(map[string]*diskstest.Fake{"nvme0n1": nvme(), "sda": hdd()})
	w.pass(time.Minute)
	for range 5 {
		w.Heard(probe.Trouble{Disk: "sda", Medium: true})
	}
	w.pass(time.Minute)
	if v := w.verdict(t, "sda"); v.Grade != disks.Watch || v.Reasons[0].Code != "io-error" {
		t.Errorf("%+v", v)
	}
	if v := w.verdict(t, "nvme0n1"); v.Grade != disks.Good {
		t.Errorf("%+v", v)
	}
}

func TestHalfAYearOfHistoryStaysSmall(t *testing.T) {
	m := Memory{}
	l := m.life(disks.Disk{Model: "H", Serial: "2"})
	for h := range 400 * 24 {
		l.add(disks.Sample{At: start.Add(time.Duration(h) * time.Hour), Values: disks.Values{
			disks.Reallocated: uint64(h / 100), disks.Temperature: uint64(30 + h%7), disks.Free: uint64(1<<39 - h*4096), disks.PowerOnHours: uint64(h),
		}})
	}
	data, err := m.bytes()
	if err != nil || len(l.Samples) > 8*24+180+2 || len(data) > 64<<10 {
		t.Errorf("%d samples in %d bytes, %v", len(l.Samples), len(data), err)
	}
	span := l.Samples[len(l.Samples)-1].At.Sub(l.Samples[0].At)
	if span < 170*disks.Day || span > 181*disks.Day {
		t.Errorf("the history spans %v", span)
	}
	back, err := ParseMemory(data)
	if err != nil || len(back.Disks["H-2"].Samples) != len(l.Samples) {
		t.Errorf("read back: %v", err)
	}
}

func FuzzMemoryTakesAnything(f *testing.F) {
	m := Memory{}
	m.life(disks.Disk{Model: "H", Serial: "2"}).add(disks.Sample{At: start, Values: disks.Values{disks.Pending: 1}})
	data, err := m.bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseMemory(data)
		if err != nil {
			return
		}
		for _, l := range m.Disks {
			disks.Judge(disks.Observation{At: start, ATA: &disks.ATA{}}, l.Samples, start)
		}
	})
}
