package daemon

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/argss/argss/vip/agent"
	"github.com/argss/argss/vip/control"
	"github.com/argss/argss/vip/lan"
)

// again is how long to wait before the interface is opened again.
const again = time.Second

// Main is the program. It runs in the foreground until it is told to end by
// SIGTERM or SIGINT, logs on out, and returns the exit code: 2 for a command
// line that cannot work.
func Main(args []string, out io.Writer) int {
	s, err := Parse(args, out)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	log := slog.New(slog.NewTextHandler(out, nil))
	s.LAN.Log = log
	if os.Getenv(roleEnv) == watcherRole {
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP) // it ends with the other
		err = watch(s, os.Stdin, os.Stdout)
	} else {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
		defer stop()
		err = run(ctx, s, args, log)
	}
	if err != nil {
		log.Error("vipd ends", "err", err)
		return 1
	}
	return 0
}

// run starts in order and stops in reverse; the watcher is first and last.
func run(ctx context.Context, s Settings, args []string, log *slog.Logger) error {
	if refusal != nil {
		log.Warn("not real-time: under load this box may be taken for dead; give vipd CAP_SYS_NICE and CAP_IPC_LOCK", "err", refusal)
	}
	w, err := startWatcher(args, log)
	if err != nil {
		return err
	}
	var work sync.WaitGroup
	watching, unwatch := context.WithCancel(context.Background())
	work.Go(func() { w.keep(watching) })
	defer work.Wait()
	defer unwatch()

	notify("READY=1")
	defer notify("STOPPING=1")
	link, err := openLink(ctx, s.LAN, log)
	if err != nil || link == nil {
		return err
	}
	err = take(ctx, s, link, log)
	return errors.Join(err, link.Close())
}

// openLink tries until it works or the context ends; then the link is nil. The
// interface may appear, or get its address, after we start.
func openLink(ctx context.Context, c lan.Config, log *slog.Logger) (*lan.Link, error) {
	told := ""
	for {
		link, err := lan.Open(c)
		if err == nil {
			return link, nil
		}
		if err.Error() != told {
			told = err.Error()
			log.Warn("open the network; trying again", "err", err)
		}
		notify("WATCHDOG=1")
		select {
		case <-ctx.Done():
			return nil, nil
		case <-time.After(again):
		}
	}
}

// take takes part in the election until the context ends.
func take(ctx context.Context, s Settings, link *lan.Link, log *slog.Logger) error {
	a, err := agent.New(agent.Config{Machine: s.Machine, Log: log}, link)
	if err != nil {
		return err
	}
	if s.Control != "" {
		server, err := control.Listen(s.Control, &target{a, link, s.Profile}, log)
		if err != nil {
			return err
		}
		defer server.Close()
	}
	log.Info("vipd begins", "interface", s.LAN.Interface, "shared", fmt.Sprint(s.LAN.Shared),
		"source", s.LAN.Source, "vhid", s.LAN.VHID, "profile", s.Profile,
		"interval", s.Machine.Interval(), "dead", s.Machine.DeadTime(), "realtime", isRealtime())
	var work sync.WaitGroup
	defer work.Wait()
	pulse, stop := context.WithCancel(ctx)
	defer stop()
	work.Go(func() { tellProgress(pulse, a) })
	return a.Run(ctx)
}

// target is the agent as the control socket sees it.
type target struct {
	*agent.Agent
	link    *lan.Link
	profile string
}

// Status implements control.Target.
func (t *target) Status() control.Status {
	a := t.Agent.Status()
	s := control.Status{
		State: a.State.String(), Since: a.Since, Reason: a.Reason, Transitions: a.Transitions,
		Demotion: int(a.Demotion), Profile: t.profile, Realtime: isRealtime(),
		Peers: names(t.link.Stats().Speaking),
	}
	if a.Master.IsValid() {
		s.Master = a.Master.String()
	}
	if a.TakeError != nil {
		s.TakeError = a.TakeError.Error()
	}
	for _, c := range t.History() {
		s.History = append(s.History, control.Change{At: c.At, From: c.From.String(), To: c.To.String(), Reason: c.Reason})
	}
	return s
}

func names(list []netip.Addr) (out []string) {
	for _, a := range list {
		out = append(out, a.String())
	}
	return out
}
