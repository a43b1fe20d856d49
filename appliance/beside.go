package appliance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/appliance/settings"
	"github.com/argss/argss/vip/control"
	"github.com/argss/argss/vip/daemon"
)

// beside is the shared address where the program vipd holds it. The two watch
// each other: vipd demotes this box when it hears nothing, and this box ends a
// vipd that does not answer and removes the address a dead one left.
//
// Nothing is listened on when the address comes: the box's own listener is
// bound to no address and answers the first client of a new holder at once.
type beside struct {
	vhid uint8
	lan  settings.LAN
	door *door
	log  *slog.Logger

	beats chan int // the latest demotion not yet told

	mu     sync.Mutex
	status control.Status
	known  bool // vipd answered last time
}

func newBeside(shared settings.Shared, d *door, log *slog.Logger) *beside {
	return &beside{vhid: shared.VHID, lan: *shared.LAN, door: d, log: log, beats: make(chan int, 1)}
}

// redial is how long to wait before vipd is looked for again.
const redial = 200 * time.Millisecond

// run talks to vipd until ctx ends, and then hands the address to another box
// that is well.
func (v *beside) run(ctx context.Context) error {
	told := ""
	for {
		err := v.talk(ctx)
		if err == nil {
			return nil
		}
		v.learn(control.Status{}, false)
		if err.Error() != told {
			told = err.Error()
			v.log.Warn("the shared address: vipd does not answer; trying again", "err", err)
		}
		if err := daemon.Clean(v.lan.Interface, v.vhid, v.lan.Prefixes()); err != nil {
			v.log.Warn("remove the shared address that vipd left", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(redial):
		}
	}
}

// talk passes on each look at the box's health. It repeats nothing by itself:
// when the looking stops, vipd must hear silence.
func (v *beside) talk(ctx context.Context) error {
	c, err := control.Dial(v.lan.Control)
	if err != nil {
		return err
	}
	defer c.Close()
	for {
		select {
		case <-ctx.Done():
			v.handOver(c)
			return nil
		case demotion := <-v.beats:
			if err := v.tell(c, demotion); err != nil {
				return err
			}
		}
	}
}

func (v *beside) tell(c *control.Client, demotion int) error {
	err := c.Demote(demotion)
	var s control.Status
	if err == nil {
		s, err = c.Status()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		// It holds the address and does not live: its watcher cleans up.
		if pid, unknown := c.Peer(); unknown == nil && pid > 1 {
			v.log.Error("vipd does not answer and is ended", "pid", pid)
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	if err != nil {
		return err
	}
	v.learn(s, true)
	return nil
}

// handingOver is how long another box may take to take the address.
const handingOver = time.Second

// handOver makes way while this box still answers: it lets the clients of the
// shared address finish, and then steps back behind any other box.
func (v *beside) handOver(c *control.Client) {
	s, err := c.Status()
	if err != nil {
		return
	}
	v.learn(s, true)
	if s.State == "master" {
		defer v.door.reopen()
		if v.letGo(c) != nil {
			return
		}
	}
	for end := time.Now().Add(handingOver); time.Now().Before(end); time.Sleep(2 * glance) {
		if err := v.tell(c, Demotion(Health{})); err != nil {
			return
		}
		if v.now().State != "master" {
			return
		}
	}
	v.log.Info("no other box takes the shared address")
}

// letGo waits for the clients. Vipd goes on hearing how this box is, for it may
// still be the only one.
func (v *beside) letGo(c *control.Client) error {
	cleared := make(chan struct{})
	go func() {
		defer close(cleared)
		v.door.clear(v.lan.SharedAddresses())
	}()
	for {
		select {
		case <-cleared:
			return nil
		case demotion := <-v.beats:
			if err := v.tell(c, demotion); err != nil {
				<-cleared
				return err
			}
		}
	}
}

func (v *beside) demote(n int) {
	select {
	case <-v.beats: // an older look, not passed on yet
	default:
	}
	v.beats <- n
}

func (v *beside) learn(s control.Status, known bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.status, v.known = s, known
}

func (v *beside) now() control.Status {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.status
}

// sharing implements sharer.
func (v *beside) sharing() dashboard.Sharing {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.known {
		return dashboard.Sharing{Role: dashboard.None, Problem: "The program that holds the shared address does not answer."}
	}
	s := dashboard.Sharing{
		Role: dashboard.Backup, Holder: v.status.Master, Reason: v.status.Reason, Problem: v.status.TakeError,
	}
	if v.status.State == "master" {
		s.Role = dashboard.Master
	}
	if !v.status.Since.IsZero() {
		since := v.status.Since
		s.Since = &since
	}
	for _, c := range v.status.History {
		s.Changes = append(s.Changes, dashboard.Change{At: c.At, To: c.To, Reason: c.Reason})
	}
	return s
}

// Vipd returns the arguments with which vipd holds the shared address of a
// box, for whoever starts it, and writes the passphrase where they say.
func Vipd(s settings.Settings) ([]string, error) {
	if s.Shared == nil || s.Shared.LAN == nil {
		return nil, errors.New("start vipd: this box shares no address of a network")
	}
	lan := s.Shared.LAN
	secret := lan.SecretFile
	if secret == "" {
		secret = filepath.Join(s.Data, "group-secret")
		if err := os.MkdirAll(s.Data, 0o700); err != nil {
			return nil, fmt.Errorf("write the group's passphrase: %w", err)
		}
		if err := os.WriteFile(secret, []byte(groupSecret(s.Secret)+"\n"), 0o600); err != nil {
			return nil, fmt.Errorf("write the group's passphrase: %w", err)
		}
	}
	args := []string{
		"-interface", lan.Interface, "-source", lan.Source, "-vhid", fmt.Sprint(s.Shared.VHID),
		"-skew", fmt.Sprint(s.Shared.Skew), "-secret-file", secret, "-control", lan.Control,
	}
	for _, p := range lan.Peers {
		args = append(args, "-peer", p)
	}
	for _, a := range lan.Addresses {
		args = append(args, "-address", a)
	}
	if lan.Profile != "" {
		args = append(args, "-profile", lan.Profile)
	}
	return args, nil
}
