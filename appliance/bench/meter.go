package bench

import (
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/argss/argss/wiki"
)

// Meter counts what goes over a box's sockets and how often its disk syncs.
type Meter struct {
	wire  atomic.Int64 // bytes, both ways, without the headers of TCP and below
	syncs atomic.Int64
}

// listener counts the bytes of all connections it accepts.
type listener struct {
	net.Listener
	meter *Meter
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return conn{c, l.meter}, nil
}

type conn struct {
	net.Conn
	meter *Meter
}

func (c conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.meter.wire.Add(int64(n))
	return n, err
}

func (c conn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.meter.wire.Add(int64(n))
	return n, err
}

// files counts syncs of files and folders.
type files struct {
	wiki.Files
	meter *Meter
}

func (f files) Open(name string, create bool) (wiki.File, error) {
	opened, err := f.Files.Open(name, create)
	if err != nil {
		return nil, err
	}
	return file{opened, f.meter}, nil
}

func (f files) SyncDir(name string) error {
	f.meter.syncs.Add(1)
	return f.Files.SyncDir(name)
}

type file struct {
	wiki.File
	meter *Meter
}

func (f file) Sync() error {
	f.meter.syncs.Add(1)
	return f.File.Sync()
}

// cpu returns the processor time this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
