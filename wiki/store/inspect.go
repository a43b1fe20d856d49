package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// An index file is looked at by a process of its own before it is opened:
// pages that lead in a circle overflow the stack or eat the memory, and neither
// can be recovered from in Go. The program runs itself again with inspectEnv
// set; whichever program holds this package answers, before its main begins.
const inspectEnv = "ARGSS_INSPECT_INDEX"

// What an inspector's process ends with.
const (
	inspectSound = iota
	inspectDamaged
	inspectBusy
)

// Bounds of an inspector: past them the file counts as damaged.
const (
	inspectStack  = 16 << 20
	inspectMemory = 1 << 30
	inspectTime   = time.Minute
)

func init() {
	path, asked := os.LookupEnv(inspectEnv)
	if !asked {
		return
	}
	debug.SetMaxStack(inspectStack)
	go boundMemory()
	err := inspect(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	switch {
	case errors.Is(err, errBusy):
		os.Exit(inspectBusy)
	case err != nil:
		os.Exit(inspectDamaged)
	}
	os.Exit(inspectSound)
}

// boundMemory ends an inspector that a damaged file leads into taking all.
func boundMemory() {
	for {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if m.HeapAlloc > inspectMemory {
			os.Exit(inspectDamaged)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// inspect reads an index file as a whole: its pages form one tree in order,
// each value fits its key, and there are as many as there should be.
func inspect(path string) error {
	return guard(func() error {
		db, err := bbolt.Open(path, 0o600, &bbolt.Options{
			ReadOnly: true, Timeout: lockPatience, FreelistType: bbolt.FreelistMapType, PageSize: page, NoStatistics: true,
		})
		if errors.Is(err, berrors.ErrTimeout) {
			return errBusy
		}
		if err != nil {
			return fmt.Errorf("open index: %w", err)
		}
		return db.View(func(tx *bbolt.Tx) error {
			for err := range tx.Check() {
				return fmt.Errorf("%w: %w", errIndex, err)
			}
			return inspectValues(tx)
		})
	})
}

func inspectValues(tx *bbolt.Tx) error {
	b := tx.Bucket(bucketName)
	if b == nil {
		return fmt.Errorf("%w: it has another version", errIndex)
	}
	want, err := readTally(b)
	if err != nil {
		return err
	}
	var found tally
	err = b.ForEach(func(k, sealed []byte) error {
		if string(k) == keyTally {
			return nil
		}
		found.flip(k)
		found.keys++
		_, err := openValue(string(k), sealed)
		return err
	})
	if err == nil && found != want {
		err = fmt.Errorf("%w: it holds %d keys and should hold %d", errIndex, found.keys, want.keys)
	}
	return err
}

// inspectApart lets a process of its own inspect an index file. It returns nil
// for a sound file and for one that another process has: opening finds that.
// Where no process can be started the file is inspected here.
func inspectApart(path string) error {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return nil // there is nothing to look at yet
	}
	ctx, cancel := context.WithTimeout(context.Background(), inspectTime)
	defer cancel()
	child := exec.CommandContext(ctx, "/proc/self/exe")
	child.Env = append(os.Environ(), inspectEnv+"="+path)
	var said bytes.Buffer
	child.Stderr = &said
	err := child.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &exit):
		if err = inspect(path); errors.Is(err, errBusy) {
			return nil
		}
		return err
	case exit.ExitCode() == inspectBusy:
		return nil
	}
	first, _, _ := strings.Cut(said.String(), "\n")
	return fmt.Errorf("%w: the process that inspected it ended with %w: %.200s", errIndex, err, first)
}
