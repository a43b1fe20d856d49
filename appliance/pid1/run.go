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
	settings settings.Settings
	network  settings.Network
	iface    string
	mac      string
	wrong    []string
	pids     *family
	services []service
	answers  chan struct{} // closed once boxd has said that it is ready
	once     sync.Once
}

// Main is the first process. It returns only when the box is to stop.
func Main(version string) {
	b := &box{
		log:     slog.New(slog.NewTextHandler(os.Stderr, nil)),
		version: version, pids: &family{pids: map[int]bool{}}, answers: make(chan struct{}),
	}
	stop := make(chan os.Signal, 4)
	// dhcp sends SIGHUP to the first process at each lease; without a handler
	// that would be the end of it.
	signal.Ignore(syscall.SIGHUP, syscall.SIGPIPE, syscall.SIGUSR1, syscall.SIGUSR2)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	if err := mountSystem(); err != nil {
		b.attention(err)
	}
	b.prepare()
	how := b.live(stop)
	unix.Sync()
	_ = unix.Mount("", "/perm", "", unix.MS_REMOUNT|unix.MS_RDONLY, "")
	b.log.Info("the box stops now")
	_ = unix.Reboot(how)
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
	cmdline, err := os.ReadFile("/proc/cmdline")
	b.attention(err)
	b.cmdline = string(cmdline)
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
		b.attention(scratchData())
	}
}

// live runs the programs until the box is told to stop.
func (b *box) live(stop <-chan os.Signal) int {
	ctx, cancel := context.WithCancel(context.Background())
	dog, err := openWatchdog("/dev/watchdog")
	if err != nil {
		b.log.Warn("no hardware watchdog", "error", err)
		dog = nil
	}
	signs := make(chan sign, 16)
	b.attention(hearSigns(ctx, notifySocket, signs))
	b.plan()
	var running sync.WaitGroup
	for _, s := range b.services {
		running.Go(func() { s.keep(ctx, b.pids, b.log) })
	}
	running.Go(func() { b.pids.bury(ctx) })
	running.Go(func() { watch(ctx, dog, newDeadman(signDeadline), signs, b.ready, b.log) })
	running.Go(func() { b.showChanges(ctx) })
	again := make(chan struct{}, 1)
	running.Go(func() { b.trial(ctx, b.answers, func() { again <- struct{}{} }) })
	select {
	case <-stop:
	case <-again:
	}
	cancel()
	running.Wait()
	return unix.LINUX_REBOOT_CMD_RESTART
}

// plan lists the programs.
func (b *box) plan() {
	env := []string{"NOTIFY_SOCKET=" + notifySocket}
	b.services = []service{{"boxd", []string{"/argss/boxd", "-settings", settingsFile}, env}}
	if len(b.network.Addresses) == 0 && b.iface != "" {
		b.services = append(b.services, service{"dhcp", []string{"/argss/dhcp", "-interface", b.iface}, nil})
	}
	b.services = append(b.services, service{"ntp", append([]string{"/argss/ntp"}, b.network.NTP...), nil})
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

func (b *box) ready(program string) {
	b.log.Info("a program is ready", "program", program)
	if program == "boxd" {
		b.once.Do(func() { close(b.answers) })
	}
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
