package bench

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/store"
)

// floor is what no durable save on two boxes can go below: one sync of its
// bytes and one round trip to carry them.
type floor struct {
	file   wiki.File
	other  wiki.File // of another box on the same disk
	at     int64
	echo   net.Listener
	line   net.Conn
	server *httptest.Server
	client *http.Client
}

func openFloor(folder string) (*floor, error) {
	path, err := within(folder, "floor")
	if err != nil {
		return nil, err
	}
	f := &floor{}
	if f.file, err = store.Dir(path).Open("raw", true); err != nil {
		return nil, err
	}
	if f.other, err = store.Dir(path).Open("other", true); err != nil {
		return nil, err
	}
	if f.echo, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	go answerPackets(f.echo)
	if f.line, err = net.Dial("tcp", f.echo.Addr().String()); err != nil {
		return nil, err
	}
	f.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the client sees it if that fails
	}))
	f.client = f.server.Client()
	return f, nil
}

func (f *floor) close() {
	f.file.Close()
	f.other.Close()
	f.echo.Close()
	f.line.Close()
	f.server.Close()
}

// packet is what answerPackets takes for one message: a save's bytes.
const packet = 2560

// answerPackets answers each packet with a short one.
func answerPackets(l net.Listener) {
	c, err := l.Accept()
	if err != nil {
		return
	}
	defer c.Close()
	b := make([]byte, packet)
	for {
		if _, err := io.ReadFull(c, b); err != nil {
			return
		}
		if _, err := c.Write(b[:128]); err != nil {
			return
		}
	}
}

// sync appends a save's bytes to a file, durably.
func (f *floor) sync() error {
	f.at += packet
	return f.append(f.file)
}

func (f *floor) append(file wiki.File) error {
	if _, err := file.WriteAt(make([]byte, packet), f.at); err != nil {
		return err
	}
	return file.Sync()
}

// twoSyncs does so in two files at once: here both boxes share a disk, whose
// journal takes one sync after the other.
func (f *floor) twoSyncs() error {
	f.at += packet
	other := make(chan error, 1)
	go func() { other <- f.append(f.other) }()
	return errors.Join(f.append(f.file), <-other)
}

// turn carries a save's bytes over loopback and waits for the answer.
func (f *floor) turn() error {
	if _, err := f.line.Write(make([]byte, packet)); err != nil {
		return err
	}
	_, err := io.ReadFull(f.line, make([]byte, 128))
	return err
}

// httpTurn does the same with net/http and a handler that does nothing.
func (f *floor) httpTurn() error {
	answer, err := f.client.Post(f.server.URL, "application/json", bytes.NewReader(make([]byte, packet)))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
	return err
}
