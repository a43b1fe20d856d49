package probe

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// Messages opens the kernel's messages from now on; each read gives one.
func Messages() (io.ReadCloser, error) {
	// Non-blocking, so that closing ends a read.
	f, err := os.OpenFile("/dev/kmsg", os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekEnd); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Hear reads messages until they end and tells what they say of disks. Messages
// that were overwritten before they were read are passed over.
func Hear(messages io.Reader, tell func(Trouble)) error {
	record := make([]byte, longestMessage)
	for {
		n, err := messages.Read(record)
		if t, ok := ParseMessage(string(record[:n])); ok {
			tell(t)
		}
		if err != nil && !errors.Is(err, syscall.EPIPE) {
			return err
		}
	}
}
