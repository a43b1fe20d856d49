package watchdog

import (
	"os"

	"golang.org/x/sys/unix"
)

// file is a watchdog device of the kernel, Documentation/watchdog/watchdog-api.
type file struct{ *os.File }

func (f file) SetTimeout(seconds int) (int, error) {
	err := unix.IoctlSetPointerInt(int(f.Fd()), unix.WDIOC_SETTIMEOUT, seconds)
	if err != nil {
		return 0, err
	}
	return unix.IoctlGetInt(int(f.Fd()), unix.WDIOC_GETTIMEOUT)
}
