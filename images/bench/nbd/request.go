package nbd

import (
	"context"
	"fmt"
	"io"
	"time"
)

const (
	magicRequest = 0x25609513
	magicSimple  = 0x67446698

	cmdRead       = 0
	cmdWrite      = 1
	cmdDisconnect = 2
	cmdFlush      = 3
	cmdTrim       = 4
	cmdZero       = 6

	flagFUA    = 1 << 0
	flagNoHole = 1 << 1

	errnoIO      = 5
	errnoInvalid = 22
)

type request struct {
	flags, command uint16
	cookie, off    uint64
	length         uint32
}

func (r request) forced() bool { return r.flags&flagFUA != 0 }

// valid tells whether the request is one that this server offers.
func (r request) valid(size int64) bool {
	if r.flags&^(flagFUA|flagNoHole) != 0 || r.off > uint64(size) || uint64(r.length) > uint64(size)-r.off {
		return false
	}
	switch r.command {
	case cmdRead, cmdWrite:
		return r.length <= maxRequest
	case cmdFlush, cmdTrim, cmdZero:
		return true
	}
	return false
}

func readRequest(r io.Reader) (request, error) {
	var b [28]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return request{}, err
	}
	if order.Uint32(b[:]) != magicRequest {
		return request{}, fmt.Errorf("%w: request %x", errProtocol, b)
	}
	return request{
		flags: order.Uint16(b[4:]), command: order.Uint16(b[6:]),
		cookie: order.Uint64(b[8:]), off: order.Uint64(b[16:]), length: order.Uint32(b[24:]),
	}, nil
}

// transmit performs requests until the client says goodbye.
func transmit(ctx context.Context, conn io.ReadWriter, d Disk) error {
	for {
		r, err := readRequest(conn)
		if err != nil || r.command == cmdDisconnect {
			return err
		}
		data, err := payload(conn, r)
		if err != nil {
			return err
		}
		if err := pause(ctx, d.Delay()); err != nil {
			return err
		}
		answer := perform(d, r, data)
		if _, err := conn.Write(answer); err != nil {
			return err
		}
	}
}

// payload reads what a write brings, also if it will be refused.
func payload(conn io.Reader, r request) ([]byte, error) {
	if r.command != cmdWrite {
		return nil, nil
	}
	if r.length > maxRequest {
		return nil, fmt.Errorf("%w: a write of %d bytes", errProtocol, r.length)
	}
	data := make([]byte, r.length)
	_, err := io.ReadFull(conn, data)
	return data, err
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// perform returns the bytes of the reply.
func perform(d Disk, r request, data []byte) []byte {
	if !r.valid(d.Size()) {
		return reply(r, errnoInvalid, nil)
	}
	var err error
	off, n := int64(r.off), int64(r.length)
	switch r.command {
	case cmdRead:
		data = make([]byte, n)
		err = d.Read(data, off)
	case cmdWrite:
		err, data = d.Write(data, off, r.forced()), nil
	case cmdTrim, cmdZero:
		err = d.Zero(off, n, r.forced())
	case cmdFlush:
		err = d.Flush()
	}
	if err != nil {
		return reply(r, errnoIO, nil)
	}
	return reply(r, 0, data)
}

func reply(r request, errno uint32, data []byte) []byte {
	b := make([]byte, 0, 16+len(data))
	b = order.AppendUint32(b, magicSimple)
	b = order.AppendUint32(b, errno)
	b = order.AppendUint64(b, r.cookie)
	return append(b, data...)
}
