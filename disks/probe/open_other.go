//go:build !linux

package probe

import "errors"

// Open is for Linux, which is what boxes run.
func Open(string) (Device, error) { return nil, errors.ErrUnsupported }
