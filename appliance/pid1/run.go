package pid1

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/argss/argss/appliance/settings"
	"github.com/argss/argss/fleet/slot"
	"github.com/argss/argss/hardware/watchdog"
)

const (
	runDir       = "/run/argss"
	notifySocket = runDir + "/notify"
	settingsFile = runDir + "/settings.json" // for boxd: those in force
)

// box is the state of the first process.
type box struct {
	log      *slog.Logger
	version  string
	cmdline  string
	drill    drill
	settings settings.Settings
	network  settings.Network
	iface    string
	mac      string
	wrong    []string
	noDisk   bool // what is kept is in memory only
	pids     *family
	services []service
	answers  chan struct{} // closed once boxd has said that it is ready
	healthy  chan struct{} // closed once it has been so for a while
}

// Main is the first process. It returns only when the box is to stop.
func Main(version string) {
	b := &box{
		log:     slog.New(slog.NewTextHandler(os.Stderr, nil)),
		version: version, pids: &family{pids: map[int]string{}},
		answers: make(chan struct{}), healthy: make(chan struct{}),
	}
	stop := make(chan os.Signal, 4)
	// dhcp sends SIGHUP to the first process at each lease; without a handler
	// that would be the end of it.
	signal.Ignore(syscall.SIGHUP, syscall.SIGPIPE, syscall.SIGUSR1, syscall.SIGUSR2)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	b.attention(mountSystem())
	cmdline, err := os.ReadFile("/proc/cmdline")
	b.attention(err)
	b.cmdline, b.drill = string(cmdline), parseDrill(string(cmdline))
	ctx, cancel := context.WithCancel(context.Background())
	watched := b.watch(ctx) // before anything that may hang: disks, networks
	b.prepare()
	how := b.live(ctx, stop)
	cancel()
	<-watched
	unix.Sync()
	_ = unix.Mount("", "/perm", "", unix.MS_REMOUNT|unix.MS_RDONLY, "")
	b.log.Info("the box stops now")
	_ = unix.Reboot(how)
}

// watch arms the watchdog and feeds it until ctx ends.
func (b *box) watch(ctx context.Context) (ended <-chan struct{}) {
	timer, err := watchdog.Open("/dev/watchdog", hardwareTimeout)
	if err != nil {
		b.log.Warn("no hardware watchdog", "error", err)
		timer = nil
	}
	if b.drill.wedge == "init" {
		b.log.Warn("this is a drill: the first process stands still")
		standStill()
	}
	var answers, healthy sync.Once
	w := &watcher{
		guard: newGuard(time.Now()), timer: timer, log: b.log,
		ready: func() {
			b.log.Info("a program is ready", "program", "boxd")
			answers.Do(func() { close(b.answers) })
			b.stopWhenDrilled()
		},
		healthy: func() { healthy.Do(func() { close(b.healthy) }) },
		restart: func(program string) { b.pids.signal(program, syscall.SIGKILL) },
	}
	signs := make(chan sign, 16)
	b.attention(hearSigns(ctx, notifySocket, signs))
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.run(ctx, signs)
	}()
	return done
}

func (b *box) attention(err error) {
	if err == nil {
		return
	}
	b.wrong = append(b.wrong, strings.ReplaceAll(err.Error(), "\n", "; "))
	b.log.Error("needs attention", "error", err)
}

// prepare does what programs wait for: disk, settings, network.
func (b *box) prepare() {
	b.attention(loopbackUp())
	b.prepareDisk()
	l, err := firstLink("")
	b.attention(err)
	if err == nil {
		b.mac = strings.ReplaceAll(l.Attrs().HardwareAddr.String(), ":", "")
	}
	b.settings, err = sources{b.cmdline, "/perm", "/boot", b.mac, randomSecret}.choose()
	b.attention(err)
	if shared := b.settings.Shared; shared != nil && shared.LAN != nil && shared.LAN.Vipd == "" {
		shared.LAN.Vipd = "/argss/vipd" // boxd starts it and keeps it running
	}
	b.attention(unix.Sethostname([]byte(b.settings.Box)))
	b.attention(b.settings.Save(settingsFile))
	b.attention(os.MkdirAll(filepath.Dir(b.settings.Data), 0o700))
	if b.settings.Network != nil {
		b.network = *b.settings.Network
	}
	b.prepareNetwork()
}

func (b *box) prepareDisk() {
	disk, err := findOwnDisk()
	if err == nil {
		b.attention(mountBoot(disk, "boot"))
		err = mountData(disk)
	}
	if err != nil {
		b.attention(fmt.Errorf("this box has no disk for its data, and forgets all when it stops: %w", err))
		b.noDisk = true
		b.attention(scratchData())
	}
}

// live runs the programs until the box is told to stop.
func (b *box) live(box context.Context, stop <-chan os.Signal) int {
	ctx, cancel := context.WithCancel(box)
	b.plan()
	var running sync.WaitGroup
	for _, s := range b.services {
		running.Go(func() {
			if s.later {
				b.waitForAnswers(ctx)
			}
			s.keep(ctx, b.pids, b.log)
		})
	}
	running.Go(func() { b.pids.bury(ctx) })
	running.Go(func() { b.showChanges(ctx) })
	again := make(chan struct{}, 1)
	running.Go(func() { b.trial(ctx, func() { again <- struct{}{} }) })
	select {
	case <-stop:
	case <-again:
	}
	cancel()
	running.Wait()
	return unix.LINUX_REBOOT_CMD_RESTART
}

func (b *box) waitForAnswers(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-b.answers:
	case <-time.After(patientFor):
	}
}

// plan lists the programs.
func (b *box) plan() {
	if b.drill.wedge != "start" {
		env := []string{"NOTIFY_SOCKET=" + notifySocket}
		if b.noDisk {
			env = append(env, "ARGSS_NO_DISK=the box found no disk for its data, and forgets what it holds when it stops")
		}
		b.services = append(b.services, service{name: "boxd", args: []string{"/argss/boxd", "-settings", settingsFile}, env: env})
	}
	n := b.network
	byDHCP := len(n.Addresses) == 0
	if byDHCP && b.iface != "" {
		b.services = append(b.services, service{name: "dhcp", args: []string{"/argss/dhcp", "-interface", b.iface}})
	}
	// Without servers and without a way to find any it would try for ever.
	if byDHCP || len(n.NTP) > 0 || len(n.DNS) > 0 {
		b.services = append(b.services, service{name: "ntp", args: append([]string{"/argss/ntp"}, n.NTP...), later: true})
	}
	if _, managed := slot.ParseRunning(b.cmdline); managed {
		b.services = append(b.services, service{name: "updates", args: []string{"/argss/init", "updates"}, later: true})
	}
}

func (b *box) prepareNetwork() {
	l, err := firstLink(b.network.Interface)
	if err != nil {
		b.attention(err)
		return
	}
	b.iface = l.Attrs().Name
	b.attention(setUp(l))
	b.attention(setAddresses(l, b.network))
}

// showChanges writes the console anew when what it shows has changed.
func (b *box) showChanges(ctx context.Context) {
	shown := ""
	for {
		s := status{box: b.settings.Box, version: b.version, state: "running", addresses: addresses(), wrong: b.wrong}
		if text := s.String(); text != shown {
			s.show()
			shown = text
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(2 * time.Second):
		}
	}
}
