package swap

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Save keeps the state in a file, whole or not at all.
func Save(path string, s Swap) error {
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("save swap: %w", err)
	}
	if err := replace(path, b); err != nil {
		return fmt.Errorf("save swap: %w", err)
	}
	return nil
}

func replace(path string, b []byte) error {
	f, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Load returns the state kept in a file; false if there is none. A file that
// makes no sense is an error: the owner begins again.
func Load(path string) (Swap, bool, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Swap{}, false, nil
	}
	if err != nil {
		return Swap{}, false, fmt.Errorf("load swap: %w", err)
	}
	s, err := parse(b)
	if err != nil {
		return Swap{}, false, fmt.Errorf("load swap: %w", err)
	}
	return s, true, nil
}

func parse(b []byte) (Swap, error) {
	var s Swap
	if err := json.Unmarshal(b, &s); err != nil {
		return Swap{}, err
	}
	steps := []Step{Confirm, Release, TakeOut, PutIn, BurnIn, Prepare, Refill, Verify, Done, Given}
	working := slices.Contains([]Step{BurnIn, Prepare, Refill, Verify, Done}, s.Step)
	if !slices.Contains(steps, s.Step) || s.Old.Serial == "" || working != (s.New.Serial != "") || working && s.known(s.New.Serial) {
		return Swap{}, fmt.Errorf("step %q with old disk %q and new disk %q makes no sense", s.Step, s.Old.Serial, s.New.Serial)
	}
	return s, nil
}
