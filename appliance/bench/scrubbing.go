package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/argss/argss/appliance"
	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/disks/monitor"
	"github.com/argss/argss/disks/probe"
)

// Scrubbing measures what looking after disks costs: a scrub beside sha256sum
// over the same files, both from a disk the kernel has forgotten, and the looks
// of the monitor.
type Scrubbing struct {
	Folder string // on the disk to measure, empty
	Out    io.Writer
	Rounds int
	Files  int // of 8 MB
	Pages  int // of 4 KB
	Looks  int // of the monitor
}

// Run measures and prints.
func (s *Scrubbing) Run(ctx context.Context) error {
	addresses, err := freeAddresses(1)
	if err != nil {
		return err
	}
	box, err := startBox("bench", s.Folder, addresses[0], nil)
	if err != nil {
		return err
	}
	err = s.scrubs(ctx, box)
	if stopped := box.stop(); err == nil {
		err = stopped
	}
	if err != nil {
		return err
	}
	return s.looks()
}

func (s *Scrubbing) scrubs(ctx context.Context, box *Box) error {
	if err := s.fill(ctx, box); err != nil {
		return fmt.Errorf("fill a box: %w", err)
	}
	files, size, err := s.content()
	if err != nil {
		return err
	}
	parts := appliance.RealParts(s.Folder, slog.New(slog.DiscardHandler))
	fmt.Fprintf(s.Out, "%d MB in %d files, read from a disk that was forgotten\n", size>>20, len(files))
	for i := range s.Rounds {
		parts.Forget("public")
		parts.Forget("blobs")
		start := time.Now()
		if err := exec.CommandContext(ctx, "sha256sum", files...).Run(); err != nil {
			return fmt.Errorf("sha256sum: %w", err)
		}
		plain := time.Since(start)
		scrub, err := scrubOnce(ctx, box)
		if err != nil {
			return fmt.Errorf("scrub: %w", err)
		}
		fmt.Fprintf(s.Out, "round %d: sha256sum %.0f MB/s, scrub %.0f MB/s, %.2f of it\n", i+1, rate(size, plain), rate(size, scrub), plain.Seconds()/scrub.Seconds())
	}
	fmt.Fprintf(s.Out, "by itself a box scrubs at %d MB/s, while nobody reads\n", monitor.Rate>>20)
	return nil
}

func rate(size int64, d time.Duration) float64 { return float64(size) / (1 << 20) / d.Seconds() }

// fill puts files and pages into the box.
func (s *Scrubbing) fill(ctx context.Context, box *Box) error {
	rng := rand.NewChaCha8([32]byte{7})
	put := func(path string, size int) error {
		content := make([]byte, size)
		_, _ = rng.Read(content) // never fails
		if size < 1<<20 {
			for i := range content {
				content[i] = 'a' + content[i]%26
			}
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://"+box.Address+path, bytes.NewReader(content))
		if err != nil {
			return err
		}
		r.Header.Set("If-None-Match", "*")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusCreated {
			return fmt.Errorf("put %s: %s", path, answer.Status)
		}
		return nil
	}
	for i := range s.Files {
		if err := put(fmt.Sprintf("/files/%d.bin", i), 8<<20); err != nil {
			return err
		}
	}
	for i := range s.Pages {
		if err := put(fmt.Sprintf("/raw/Page%d", i), 4<<10); err != nil {
			return err
		}
	}
	return nil
}

// content lists the files a scrub reads.
func (s *Scrubbing) content() (names []string, size int64, err error) {
	for _, folder := range []string{"public/log", "keeper/log", "blobs/blobs"} {
		err = filepath.WalkDir(filepath.Join(s.Folder, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			info, err := os.Stat(path)
			if err == nil {
				names, size = append(names, path), size+info.Size()
			}
			return err
		})
		if err != nil {
			return nil, 0, err
		}
	}
	return names, size, nil
}

// scrubOnce asks for a scrub and waits for its end.
func scrubOnce(ctx context.Context, box *Box) (time.Duration, error) {
	start := time.Now()
	answer, err := http.PostForm("http://"+box.Address+"/status", url.Values{"do": {"scrub"}})
	if err != nil {
		return 0, err
	}
	answer.Body.Close()
	for {
		answer, err := http.Get("http://" + box.Address + "/status.json")
		if err != nil {
			return 0, err
		}
		var now dashboard.Status
		err = json.NewDecoder(answer.Body).Decode(&now)
		answer.Body.Close()
		if err != nil {
			return 0, err
		}
		if p := now.Scrub.Progress; !p.Running && p.Started.After(start) && p.Finished.After(p.Started) {
			return p.Finished.Sub(p.Started), nil
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// looks measures the monitor on this machine's own disks.
func (s *Scrubbing) looks() error {
	system := probe.System{Sys: os.DirFS("/sys"), Proc: os.DirFS("/proc"), Open: probe.Open}
	m := monitor.New(monitor.Config{
		Prober: system, Load: func() []byte { return nil }, Save: func([]byte) error { return nil }, Log: slog.New(slog.DiscardHandler),
		Data: func() string { mount, _ := system.Mount(s.Folder); return mount.Disk },
	})
	before, err := used()
	if err != nil {
		return err
	}
	at := time.Now()
	for range s.Looks {
		m.Look(at)
		at = at.Add(monitor.LookEvery)
	}
	after, err := used()
	if err != nil {
		return err
	}
	a := float64(after-before) / float64(s.Looks)
	day := float64(24 * time.Hour / monitor.LookEvery)
	fmt.Fprintf(s.Out, "monitoring %d disks: %.0f µs of CPU a look, %.0f looks and wake-ups a day, %.1f s of CPU a day\n",
		len(m.Reports(at)), a/1e3, day, a*day/1e9)
	return nil
}

// used is how long this process has computed.
func used() (time.Duration, error) {
	var u unix.Rusage
	err := unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), err
}
