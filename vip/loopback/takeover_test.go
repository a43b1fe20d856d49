package loopback_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/argss/argss/vip"
	"github.com/argss/argss/vip/agent"
	"github.com/argss/argss/vip/loopback"
)

// box is a whole one: a web server that says its name, a link and an agent.
type box struct {
	name    string
	link    *loopback.Link
	agent   *agent.Agent
	server  *http.Server
	changes chan vip.Transition
	ended   chan error
	leave   context.CancelFunc
}

func boot(t *testing.T, c loopback.Config, rank int) *box {
	t.Helper()
	b := &box{
		name:    fmt.Sprint("box ", rank),
		changes: make(chan vip.Transition, 100),
		ended:   make(chan error, 1),
	}
	b.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, b.name)
	})}
	c.Serve = func(l net.Listener) { b.server.Serve(l) }
	b.link = open(t, c)
	var err error
	b.agent, err = agent.New(agent.Config{
		Machine: c.Election(rank),
		Changed: func(change vip.Transition) { b.changes <- change },
	}, b.link)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	b.leave = cancel
	go func() { b.ended <- b.agent.Run(ctx) }()
	t.Cleanup(func() { b.die() })
	return b
}

// die is what SIGKILL does to a process: everything is closed, nothing said.
func (b *box) die() {
	b.link.Close()
	b.server.Close()
	b.leave()
}

// becomes waits for a state.
func (b *box) becomes(t *testing.T, want vip.State) {
	t.Helper()
	timeout := time.After(limit)
	for {
		select {
		case change := <-b.changes:
			t.Logf("%s %v to %v: %s", b.name, change.From, change.To, change.Reason)
			if change.To == want {
				return
			}
		case <-timeout:
			t.Fatalf("%s did not become %v within %v: %+v", b.name, want, limit, b.agent.Status())
		}
	}
}

// oneBecomesMaster waits for either; which one is a question of milliseconds.
func oneBecomesMaster(t *testing.T, a, b *box) *box {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < limit; time.Sleep(time.Millisecond) {
		for _, b := range []*box{a, b} {
			if b.agent.Status().State == vip.Master {
				return b
			}
		}
	}
	t.Fatalf("neither became master within %v: %+v, %+v", limit, a.agent.Status(), b.agent.Status())
	return nil
}

func waitFor(t *testing.T, b *box, ok func(agent.Status) bool) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < limit; time.Sleep(time.Millisecond) {
		if ok(b.agent.Status()) {
			return
		}
	}
	t.Fatalf("%s did not get there within %v: %+v", b.name, limit, b.agent.Status())
}

// follows waits until the box has heard the master.
func (b *box) follows(t *testing.T, master *box) {
	t.Helper()
	waitFor(t, b, func(s agent.Status) bool { return s.Master == master.agent.Status().Master })
}

// ask opens a new connection to the shared address and says who answered.
func ask(t *testing.T, c loopback.Config) string {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: limit}
	answer, err := client.Get("http://" + c.Shared.String())
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func answers(t *testing.T, c loopback.Config, want *box) {
	t.Helper()
	if got := ask(t, c); got != want.name {
		t.Errorf("the shared address answers %q, want %q", got, want.name)
	}
}

func TestSharedAddressSurvivesItsHolder(t *testing.T) {
	c := group(t, 3)
	first := boot(t, c[0], 0)
	first.becomes(t, vip.Master)
	answers(t, c[0], first)

	second, third := boot(t, c[1], 1), boot(t, c[2], 2)
	second.follows(t, first)
	third.follows(t, first)
	first.die()
	if err := <-first.ended; err != agent.ErrLinkGone {
		t.Errorf("the dead box's agent ended with %v, want %v", err, agent.ErrLinkGone)
	}
	heir := oneBecomesMaster(t, second, third)
	answers(t, c[0], heir)

	back := boot(t, c[0], 0)
	back.follows(t, heir) // better by rank, and yet
	heard := back.agent.Status().MasterHeard
	waitFor(t, back, func(s agent.Status) bool { return s.MasterHeard.Sub(heard) > 3*c[0].Election(0).Interval() })
	answers(t, c[0], heir)
	if got := heir.agent.Status(); got.State != vip.Master || got.Transitions != 2 {
		t.Errorf("the new holder was disturbed: %+v", got)
	}
}

// A stop in good order costs clients next to nothing, even those in the middle
// of a connection, which stays with the old box until that ends it.
func TestPlannedStopHandsOverAtOnce(t *testing.T) {
	c := group(t, 2)
	first := boot(t, c[0], 0)
	first.becomes(t, vip.Master)
	second := boot(t, c[1], 1)
	second.follows(t, first)
	open, err := net.Dial("tcp", c[0].Shared.String())
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	answers(t, c[0], first)

	first.leave()
	if err := <-first.ended; err != nil {
		t.Errorf("the agent ended with %v", err)
	}
	second.becomes(t, vip.Master)
	answers(t, c[0], second)
	if reason := second.agent.Status().Reason; reason != c[0].Source.Addr().String()+" bowed out" {
		t.Errorf("it took over because %q", reason)
	}
	fmt.Fprint(open, "GET / HTTP/1.0\r\n\r\n")
	if answer, err := io.ReadAll(open); err != nil || len(answer) == 0 {
		t.Errorf("the old connection answered %q (%v)", answer, err)
	}
}

// The demoted holder still listens when the healthy box wants to; the claim
// makes it let go.
func TestDemotionMovesTheSharedAddress(t *testing.T) {
	c := group(t, 2)
	first := boot(t, c[0], 0)
	first.becomes(t, vip.Master)
	second := boot(t, c[1], 1)
	second.follows(t, first)
	first.agent.Demote(20)
	first.becomes(t, vip.Backup)
	second.becomes(t, vip.Master)
	answers(t, c[0], second)
	if d := second.agent.Status().Demotion; d != 0 {
		t.Errorf("the new holder is demoted by %d", d)
	}
}

// Something else listens on the shared address when the boxes start.
func TestAgentWaitsForAPortInUse(t *testing.T) {
	c := group(t, 1)
	squatter, err := net.Listen("tcp", c[0].Shared.String())
	if err != nil {
		t.Fatal(err)
	}
	b := boot(t, c[0], 0)
	waitFor(t, b, func(s agent.Status) bool { return s.TakeError != nil })
	squatter.Close()
	b.becomes(t, vip.Master)
	answers(t, c[0], b)
}
