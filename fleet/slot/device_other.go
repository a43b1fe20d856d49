//go:build !linux

package slot

import "os"

func forget(*os.File) error { return nil }

func syncAll(f *os.File) error { return f.Sync() }
