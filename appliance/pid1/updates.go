package pid1

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/argss/argss/appliance/settings"
	"github.com/argss/argss/fleet/intake"
	"github.com/argss/argss/fleet/slot"
)

// UpdatesAddress is where new versions are taken.
const UpdatesAddress = ":8077"

// Updates takes new versions until it is told to end. It is a program of its
// own, so that nothing from the network reaches the first process.
func Updates(version string) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	s, err := settings.Load(settingsFile)
	if err != nil {
		return fmt.Errorf("take updates: %w", err)
	}
	// Bounds the connections, and so the memory.
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 64, Max: 64}); err != nil {
		return fmt.Errorf("take updates: %w", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	web := &http.Server{
		Addr:    UpdatesAddress,
		Handler: intake.NewServer(&slots{version: version, log: log}, s.Secret, randomSecret, time.Now),
		// An image over a slow line takes its time; a header does not.
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Hour, IdleTimeout: 10 * time.Second, MaxHeaderBytes: 8 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- web.ListenAndServe() }()
	select {
	case err = <-served:
		return fmt.Errorf("take updates: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return errors.Join(web.Shutdown(end), web.Close())
}

// slots are this box's, as package intake wants them.
type slots struct {
	version string
	log     *slog.Logger
	once    sync.Once
}

var errNoSlots = errors.New("this box was not started from a slot, so there is none beside it")

func (s *slots) running() (slot.Running, error) {
	cmdline, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return slot.Running{}, err
	}
	run, managed := slot.ParseRunning(string(cmdline))
	if !managed {
		return run, errNoSlots
	}
	return run, nil
}

// State implements intake.Box.
func (s *slots) State() (intake.State, error) {
	run, err := s.running()
	if err != nil {
		return intake.State{}, err
	}
	state := intake.State{Slot: run.Slot, Serial: run.Serial, Version: s.version}
	var trial, failed error
	state.Trial, trial = slot.OnTrial(slot.Dir("/boot"), run)
	state.Failed, failed = slot.Failed(slot.Dir("/boot"), run)
	return state, errors.Join(trial, failed)
}

// Install implements intake.Box.
func (s *slots) Install(r slot.Release) (serial uint64, err error) {
	run, err := s.running()
	if err != nil {
		return 0, err
	}
	disk, err := findOwnDisk()
	if err != nil {
		return 0, err
	}
	dev, id, err := disk.root(run.Slot.Other())
	if err != nil {
		return 0, err
	}
	r.Options = "root=PARTUUID=" + id + " " + r.Options
	s.log.Info("a new version is being installed", "slot", run.Slot.Other(), "bytes", r.RootSize+r.KernelSize)
	err = writable("/boot", func() error {
		serial, err = slot.Install(slot.Dir("/boot"), slot.Device(dev), run, r)
		return err
	})
	if err != nil {
		s.log.Error("a new version was not installed; nothing has changed", "error", err)
		return 0, err
	}
	s.log.Info("a new version is installed and will be tried", "slot", run.Slot.Other(), "serial", serial)
	return serial, nil
}

// Restart implements intake.Box.
func (s *slots) Restart() {
	s.once.Do(func() {
		time.AfterFunc(500*time.Millisecond, func() { // the answer goes out first
			if err := syscall.Kill(1, syscall.SIGTERM); err != nil {
				s.log.Error("the box cannot be told to start again", "error", err)
			}
		})
	})
}
