package pid1

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// bury waits for dead orphans once in a while. It asks for each by its number:
// waiting for any child would take those that os/exec waits for.
func (f *family) bury(ctx context.Context) {
	for tick := time.NewTicker(5 * time.Second); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
		f.buryOnce("/proc")
	}
}

func (f *family) buryOnce(proc string) {
	files, _ := filepath.Glob(filepath.Join(proc, "[0-9]*", "stat")) // fails for bad patterns only
	for _, file := range files {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		b, readErr := os.ReadFile(file)
		if err != nil || readErr != nil || !deadChild(string(b)) {
			continue
		}
		f.mu.Lock()
		if _, waitedFor := f.pids[pid]; !waitedFor {
			_, _ = syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
		}
		f.mu.Unlock()
	}
}

// deadChild reads /proc/PID/stat: state Z, parent 1. The name before them may
// hold anything.
func deadChild(stat string) bool {
	i := strings.LastIndexByte(stat, ')')
	if i < 0 {
		return false
	}
	fields := strings.Fields(stat[i+1:])
	return len(fields) > 1 && fields[0] == "Z" && fields[1] == "1"
}
