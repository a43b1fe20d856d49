package agent_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/argss/argss/vip"
	"github.com/argss/argss/vip/agent"
	"github.com/argss/argss/vip/viptest"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func source(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 77, 0, byte(i)}) }

// twin is an agent on a segment, with what a test wants to do to it.
type twin struct {
	*agent.Agent
	link *viptest.Link
	stop func() error // in good order; waits
}

// machine is the i-th box of a group with adverts every 10 to 20 ms.
func machine(i int) vip.Config {
	return vip.Config{VHID: 7, Source: source(i), Skew: uint8(2 + i)}
}

// start runs an agent over a link, which may wrap the segment's own.
func start(t *testing.T, c agent.Config, link vip.Link) (*agent.Agent, func() error) {
	t.Helper()
	a, err := agent.New(c, link)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	stop := func() error {
		cancel()
		err := <-done
		done <- err // asked again, it answers the same
		return err
	}
	t.Cleanup(func() { stop() })
	return a, stop
}

func join(t *testing.T, s *viptest.Segment, i int) twin {
	t.Helper()
	link := s.Attach(source(i))
	a, stop := start(t, agent.Config{Machine: machine(i)}, link)
	return twin{Agent: a, link: link, stop: stop}
}

func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestAgentAloneTakesTheAddressAndAnnouncesItFourTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := viptest.NewSegment(1)
		begin := time.Now()
		a := join(t, s, 1)
		after(time.Second)
		want := agent.Status{
			State: vip.Master, Since: begin.Add(machine(1).DeadTime()), Reason: "no master heard",
			Transitions: 2, Master: source(1),
		}
		if diff := cmp.Diff(want, a.Status(), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Errorf("status:\n%s", diff)
		}
		if at, ok := s.Reached(); !ok || at != source(1) || a.link.Announcements() != 4 {
			t.Errorf("clients reach %v after %d announcements, want %v after 4", at, a.link.Announcements(), source(1))
		}
	})
}

func TestAddressSurvivesSuddenDeathWithinTheDeadTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := viptest.NewSegment(1)
		s.SetDelay(100*time.Microsecond, 200*time.Microsecond)
		a := join(t, s, 1)
		after(time.Second)
		b := join(t, s, 2)
		after(time.Second)
		if m := b.Status(); m.Master != source(1) || time.Since(m.MasterHeard) > machine(1).Interval() {
			t.Fatalf("the backup follows %v, heard %v ago", m.Master, time.Since(m.MasterHeard))
		}
		a.link.Kill()
		after(machine(2).DeadTime() + time.Millisecond)
		if at, ok := s.Reached(); !ok || at != source(2) {
			t.Errorf("clients reach %v (%v), want %v", at, ok, source(2))
		}
		if err := a.stop(); !errors.Is(err, agent.ErrLinkGone) {
			t.Errorf("the dead box's agent ended with %v, want %v", err, agent.ErrLinkGone)
		}
		join(t, s, 1) // better, but back too late
		after(time.Minute)
		if at, _ := s.Reached(); at != source(2) {
			t.Errorf("the returned box moved the address to %v", at)
		}
	})
}

// recorder writes down what is done to a link.
type recorder struct {
	vip.Link
	mu      sync.Mutex
	calls   []string
	dropErr error
}

func (r *recorder) failDrop(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropErr = err
}

func (r *recorder) seen() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

func (r *recorder) Send(a vip.Advert) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a.IsBowOut() {
		r.calls = append(r.calls, "bow out")
	}
	return r.Link.Send(a)
}

func (r *recorder) Drop() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, "drop")
	if r.dropErr != nil {
		return r.dropErr
	}
	return r.Link.Drop()
}

func TestAgentDropsBeforeItSaysGoodbye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := viptest.NewSegment(1)
		r := &recorder{Link: s.Attach(source(1))}
		_, stop := start(t, agent.Config{Machine: machine(1)}, r)
		after(time.Second)
		b := join(t, s, 2)
		after(time.Second)
		if err := stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
		synctest.Wait() // no time passes
		if diff := cmp.Diff([]string{"drop", "bow out", "bow out", "bow out"}, r.seen()); diff != "" {
			t.Errorf("what the leaving master did:\n%s", diff)
		}
		if at, ok := s.Reached(); !ok || at != source(2) {
			t.Errorf("clients reach %v (%v) at once, want %v: %+v", at, ok, source(2), b.Status())
		}
	})
}

func TestDemotionMovesTheAddressAtOnceAndHealthDoesNotMoveItBack(t *testing.T) {
	for _, exclusive := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := viptest.NewSegment(1)
			s.SetExclusive(exclusive)
			a := join(t, s, 1)
			after(time.Second)
			b := join(t, s, 2)
			after(time.Second)
			a.Demote(1000) // counts as 255
			after(machine(2).Interval() / 4)
			if at, _ := s.Reached(); at != source(2) || a.Status().Demotion != 255 || len(s.Holders()) != 1 {
				t.Errorf("exclusive %v: clients reach %v, holders %v: %+v %+v", exclusive, at, s.Holders(), a.Status(), b.Status())
			}
			a.Demote(-1) // counts as 0
			after(time.Minute)
			if at, _ := s.Reached(); at != source(2) || a.Status().Demotion != 0 {
				t.Errorf("exclusive %v: clients reach %v, demotion %d", exclusive, at, a.Status().Demotion)
			}
		})
	}
}

// kernel is a link whose adverts wait below the channel until drained.
type kernel struct {
	vip.Link
	inputs  chan vip.Input
	waiting []vip.Input
}

func (k *kernel) Inputs() <-chan vip.Input { return k.inputs }

func (k *kernel) Drain() {
	for _, in := range k.waiting {
		k.inputs <- in
	}
}

func TestAgentReadsTheKernelBeforeItJudgesSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &kernel{Link: viptest.NewSegment(1).Attach(source(1)), inputs: make(chan vip.Input, 9)}
		k.waiting = []vip.Input{vip.Heard{Advert: vip.Advert{VHID: 7, Skew: 2}, From: source(9)}}
		k.inputs <- vip.LinkUp{}
		a, _ := start(t, agent.Config{Machine: machine(1)}, k)
		after(time.Minute)
		if s := a.Status(); s.State != vip.Backup || s.Master != source(9) || s.Transitions != 1 {
			t.Errorf("%+v, want a backup of %v all the time", s, source(9))
		}
	})
}

func TestAgentThatStalledReadsItsQueueFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := viptest.NewSegment(1)
		a := join(t, s, 1)
		after(time.Second)
		c := agent.Config{Machine: machine(2), Changed: func(vip.Transition) { time.Sleep(300 * time.Millisecond) }}
		b, _ := start(t, c, s.Attach(source(2))) // stalls on "link up", far beyond its deadline
		after(time.Minute)
		if got := b.Status().Transitions; got != 1 {
			t.Errorf("the stalled backup changed state %d times, want 1: %+v", got, b.Status())
		}
		if got := a.Status().Transitions; got != 2 {
			t.Errorf("the master changed state %d times, want 2: %+v", got, a.Status())
		}
	})
}

func TestAgentTriesToTakeUntilItCanAndLogsItOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		link := viptest.NewSegment(1).Attach(source(1))
		link.RefuseTake(errors.New("port in use"))
		a, stop := start(t, agent.Config{Machine: machine(1), Log: slog.New(slog.NewTextHandler(&log, nil))}, link)
		after(5 * time.Second)
		if s := a.Status(); s.State != vip.Backup || s.TakeError == nil {
			t.Errorf("%+v, want a backup with an error", s)
		}
		link.RefuseTake(nil)
		after(machine(1).Interval())
		if s := a.Status(); s.State != vip.Master || s.TakeError != nil || s.Demotion != 0 {
			t.Errorf("%+v, want a healthy master", s)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		var said []string
		for line := range strings.Lines(log.String()) {
			_, line, _ = strings.Cut(line, "level=")
			said = append(said, strings.TrimSpace(line))
		}
		want := []string{
			`INFO msg="shared address" from=init to=backup reason="link up"`,
			`WARN msg="take the shared address; trying again" err="port in use"`,
			`INFO msg="shared address" from=backup to=master reason="no master heard"`,
			`INFO msg="shared address" from=master to=init reason=stopped`,
		}
		if diff := cmp.Diff(want, said); diff != "" {
			t.Errorf("log:\n%s", diff)
		}
	})
}

func TestAgentTriesToDropUntilItCan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := viptest.NewSegment(1)
		link := s.Attach(source(1))
		r := &recorder{Link: link, dropErr: errors.New("busy")}
		a, stop := start(t, agent.Config{Machine: machine(1)}, r)
		after(time.Second)
		link.Unplug()
		after(time.Second)
		if len(r.seen()) < 10 || len(s.Holders()) != 1 {
			t.Errorf("%d attempts, holders %v, want many and one", len(r.seen()), s.Holders())
		}
		r.failDrop(nil)
		after(time.Second)
		if len(s.Holders()) != 0 || a.Status().State != vip.Init {
			t.Errorf("still held by %v: %+v", s.Holders(), a.Status())
		}
		link.Plug()
		after(time.Second)
		busy := errors.New("busy")
		r.failDrop(busy)
		if err := stop(); !errors.Is(err, busy) {
			t.Errorf("stop said %v, want %v", err, busy)
		}
	})
}

func TestAgentRefusesAConfigurationThatCannotWork(t *testing.T) {
	_, err := agent.New(agent.Config{Machine: vip.Config{VHID: 7}}, viptest.NewSegment(1).Attach(source(1)))
	if err == nil {
		t.Error("an agent without source address was made")
	}
}

// Agents with real loops, on a bad LAN that becomes good: the promise of the
// machine holds for the whole.
func TestAgentsSettleOnOneMasterAfterAStorm(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := viptest.NewSegment(seed)
				s.SetExclusive(seed%2 == 0)
				s.SetLoss(0.4)
				s.SetDelay(0, 30*time.Millisecond)
				group := []twin{join(t, s, 1), join(t, s, 2), join(t, s, 3)}
				for i := range 10 {
					time.Sleep(time.Duration(20+i*7) * time.Millisecond)
					s.CutOneWay(source(1+i%3), source(1+(i+1)%3))
					group[i%3].Demote(i * 10)
					group[(i+1)%3].link.Unplug()
					time.Sleep(time.Duration(20+i*11) * time.Millisecond)
					group[(i+1)%3].link.Plug()
					group[(i+2)%3].Demote(0)
				}
				s.Heal()
				s.SetLoss(0)
				s.SetDelay(0, time.Millisecond)
				for _, b := range group {
					b.Demote(0)
				}
				after(time.Second)
				settled := s.Holders()
				moves := func() (n int) {
					for _, b := range group {
						n += b.Status().Transitions
					}
					return n
				}
				before := moves()
				after(time.Minute)
				if len(settled) != 1 || moves() != before {
					t.Errorf("held by %v, then %d moves in calm weather; now held by %v", settled, moves()-before, s.Holders())
				}
			})
		})
	}
}
