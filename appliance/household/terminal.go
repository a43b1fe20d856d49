package household

import (
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// terminal gives single keys as they are typed, without an Enter.
type terminal struct {
	file    *os.File
	before  unix.Termios
	restore sync.Once
}

// openTerminal returns nil, and no error, where there is nobody to type: file
// is no terminal, or this program is not in its foreground.
func openTerminal(file *os.File) (*terminal, error) {
	fd := int(file.Fd())
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, nil
	}
	group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	if err != nil || group != unix.Getpgrp() {
		return nil, nil
	}
	now := *before
	now.Lflag &^= unix.ICANON | unix.ECHO // but ISIG stays: Ctrl-C is a signal
	now.Cc[unix.VMIN], now.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &now); err != nil {
		return nil, fmt.Errorf("read single keys from the terminal: %w", err)
	}
	return &terminal{file: file, before: *before}, nil
}

// keys delivers what is typed for as long as the program runs: a read from a
// terminal cannot be called off.
func (t *terminal) keys() <-chan byte {
	typed := make(chan byte)
	go func() {
		var b [1]byte
		for {
			if n, err := t.file.Read(b[:]); n == 0 || err != nil {
				return
			}
			typed <- b[0]
		}
	}()
	return typed
}

// close gives the terminal back as it was. It may be called twice.
func (t *terminal) close() {
	t.restore.Do(func() {
		// A terminal that is gone needs nothing restored.
		_ = unix.IoctlSetTermios(int(t.file.Fd()), unix.TCSETS, &t.before)
	})
}

// columnsOf returns the width of a terminal now, 0 for anything else.
func columnsOf(file *os.File) int {
	size, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	if size.Col == 0 {
		return 80 // a terminal that does not say
	}
	return int(size.Col)
}
