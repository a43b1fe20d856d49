package appliance

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/disks"
	"github.com/argss/argss/disks/monitor"
	"github.com/argss/argss/disks/probe"
)

// DiskParts are what a box sees its disks with.
type DiskParts struct {
	Prober monitor.Prober
	// Mount tells on which file system the wiki lies.
	Mount func() (probe.Mount, bool)
	// Messages opens the kernel's messages, one a read; nil: none are read.
	Messages func() (io.ReadCloser, error)
	Load     func() []byte
	Save     func([]byte) error
}

// realDisks are those of this machine. What is remembered of them lies beside
// the wiki.
func realDisks(data string, log *slog.Logger) *DiskParts {
	system := probe.System{Sys: os.DirFS("/sys"), Proc: os.DirFS("/proc"), Open: probe.Open}
	path := filepath.Join(data, "health.json.gz")
	if whole, err := filepath.Abs(data); err == nil {
		data = whole
	}
	return &DiskParts{
		Prober:   system,
		Mount:    func() (probe.Mount, bool) { return system.Mount(data) },
		Messages: probe.Messages,
		Load: func() []byte {
			memory, err := os.ReadFile(path)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				log.Warn("what was remembered of the disks cannot be read", "error", err)
			}
			return memory
		},
		Save: func(memory []byte) error { return replaceFile(path, memory) },
	}
}

// replaceFile writes a file whole, durably, or leaves the old one.
func replaceFile(path string, data []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// watchDisks starts the looking after the machine's disks, if it has parts for
// that.
func (b *Box) watchDisks(services *stack) {
	p := b.parts.Disks
	if p == nil {
		return
	}
	b.disks = monitor.New(monitor.Config{
		Prober: p.Prober, Load: p.Load, Save: p.Save, Log: b.log,
		Policy: monitor.Policy{SelfTests: b.settings.Disks.SelfTests, SpinDown: time.Duration(b.settings.Disks.SpinDownMinutes) * time.Minute},
		Beside: b.twinWear.reasons,
		Data:   func() string { m, _ := p.Mount(); return m.Disk },
		Volume: func() *disks.Volume {
			v := b.observe().Volume
			m, _ := p.Mount()
			v.ReadOnly, v.Errors = m.ReadOnly, m.Errors
			return v
		},
	})
	services.start("disks", b.disks.Run)
	services.start("twin's wear", b.compareWear)
	if p.Messages != nil {
		services.start("kernel messages", b.hearKernel)
	}
}

// hearKernel counts what the kernel says of disks. Where it may not be heard,
// the disks' own words must do.
func (b *Box) hearKernel(ctx context.Context) error {
	messages, err := b.parts.Disks.Messages()
	if err != nil {
		b.log.Info("the kernel's messages cannot be read", "error", err)
		<-ctx.Done()
		return nil
	}
	stop := context.AfterFunc(ctx, func() { messages.Close() })
	defer stop()
	err = probe.Hear(messages, b.disks.Heard)
	if ctx.Err() == nil {
		b.log.Warn("the kernel's messages ended", "error", err)
	}
	<-ctx.Done()
	return nil
}

// judgeDisk returns the verdict on the disk the wiki is on: what the stores say
// this moment, and what the disk itself said lately.
func (b *Box) judgeDisk(now time.Time) disks.Verdict {
	v := disks.Judge(b.observe(), nil, now)
	if b.disks == nil {
		return v
	}
	if said, known := b.disks.DataVerdict(now); known {
		return disks.Join(v, said)
	}
	return v
}

// diskReports is what the status says of the disks.
func (b *Box) diskReports() (list []dashboard.Disk) {
	if b.disks == nil {
		return nil
	}
	for _, r := range b.disks.Reports(time.Now()) {
		list = append(list, dashboard.Disk{Report: r, Sentence: r.Verdict.Sentence(), Signals: r.Signals()})
	}
	return list
}
