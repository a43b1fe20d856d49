package nbd

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/argss/argss/images/bench/disk"
)

const testSize = 1 << 20

func newDisk(t testing.TB) *disk.Disk {
	t.Helper()
	d, err := disk.New(disk.Config{Size: testSize})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// stream is a client that says everything at once.
type stream struct {
	io.Reader
	said bytes.Buffer
}

func (s *stream) Write(b []byte) (int, error) { return s.said.Write(b) }

// dialog returns what the server says to all this. The greeting is left out.
func dialog(t testing.TB, d Disk, parts ...[]byte) ([]byte, error) {
	t.Helper()
	hello := []byte{0, 0, 0, fixedNewstyle | noZeroes}
	s := &stream{Reader: bytes.NewReader(append(hello, bytes.Join(parts, nil)...))}
	err := Converse(t.Context(), s, d)
	return s.said.Bytes()[18:], err
}

func option(kind uint32, data []byte) []byte {
	b := binary.BigEndian.AppendUint64(nil, magicOption)
	b = binary.BigEndian.AppendUint32(b, kind)
	b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
	return append(b, data...)
}

func ask(flags, command uint16, off uint64, length uint32) []byte {
	b := binary.BigEndian.AppendUint32(nil, magicRequest)
	b = binary.BigEndian.AppendUint16(b, flags)
	b = binary.BigEndian.AppendUint16(b, command)
	b = binary.BigEndian.AppendUint64(b, 77)
	b = binary.BigEndian.AppendUint64(b, off)
	return binary.BigEndian.AppendUint32(b, length)
}

func TestRequestsReachTheDiskAndRefusalsDoNotEndTheTalk(t *testing.T) {
	d := newDisk(t)
	d.Spoil(8192, 512)
	said, err := dialog(t, d, option(optExportName, nil),
		ask(flagFUA, cmdWrite, 512, 4), []byte("text"),
		ask(0, cmdRead, 512, 4),
		ask(0, cmdRead, testSize-1, 2), // beyond the end
		ask(0, cmdRead, 1<<63, 1<<31),  // far beyond it
		ask(0, 99, 0, 0),               // no such command
		ask(1<<9, cmdFlush, 0, 0),      // no such flag
		ask(0, cmdRead, 8192, 512),     // bad sector
		ask(0, cmdZero, 512, 2),        // zeros over half of it
		ask(0, cmdTrim, 0, 0), ask(0, cmdFlush, 0, 0),
		ask(0, cmdRead, 512, 4),
		ask(0, cmdDisconnect, 0, 0), ask(0, cmdRead, 0, 4))
	if err != nil {
		t.Fatal(err)
	}
	want := binary.BigEndian.AppendUint64(nil, testSize)
	want = binary.BigEndian.AppendUint16(want, exportFlags)
	for _, r := range []struct {
		errno uint32
		data  string
	}{
		{}, {data: "text"}, {errno: errnoInvalid}, {errno: errnoInvalid}, {errno: errnoInvalid}, {errno: errnoInvalid},
		{errno: errnoIO}, {}, {}, {}, {data: "\x00\x00xt"},
	} {
		want = append(want, reply(request{cookie: 77}, r.errno, []byte(r.data))...)
	}
	if !bytes.Equal(said, want) {
		t.Errorf("the server said\n%x, want\n%x", said, want)
	}
}

func TestUnknownAndMalformedOptionsAreRefusedAndTheTalkGoesOn(t *testing.T) {
	said, err := dialog(t, newDisk(t),
		option(8, nil), // structured replies
		option(optGo, []byte{0, 0, 0, 9, 0, 0}),
		option(optList, []byte{1}),
		option(optGo, make([]byte, 6)),
		ask(0, cmdDisconnect, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	var kinds []uint32
	for len(said) >= 20 {
		kinds = append(kinds, binary.BigEndian.Uint32(said[12:]))
		said = said[20+binary.BigEndian.Uint32(said[16:]):]
	}
	want := []uint32{replyUnknown, replyInvalid, replyInvalid, replyInfo, replyInfo, replyAck}
	if len(kinds) != len(want) {
		t.Fatalf("replies %x, want %x", kinds, want)
	}
	for i := range want {
		if kinds[i] != want[i] {
			t.Errorf("reply %d is %x, want %x", i, kinds[i], want[i])
		}
	}
}

func TestSlowDiskTakesItsTimeAndClosingDoesNotWaitForIt(t *testing.T) {
	d := newDisk(t)
	d.Slow(time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	s := &stream{Reader: bytes.NewReader(bytes.Join([][]byte{{0, 0, 0, 3}, option(optExportName, nil), ask(0, cmdFlush, 0, 0)}, nil))}
	if err := Converse(ctx, s, d); err == nil {
		t.Error("an hour went by in a moment")
	}
}

func TestCloseHangsUp(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "nbd"))
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(l, newDisk(t))
	c, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.ReadFull(c, make([]byte, 18)); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s.Close()
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still open")
	}
}

func FuzzConverse(f *testing.F) {
	f.Add(option(optExportName, nil), ask(0, cmdRead, 0, 512))
	f.Add(option(optGo, make([]byte, 6)), append(ask(flagFUA, cmdWrite, 0, 4), 1, 2, 3, 4))
	f.Add(option(optList, nil), option(optInfo, []byte{0, 0, 0, 1, 'x', 0, 1, 0, 3}))
	f.Add(option(optAbort, nil), ask(0, cmdZero, 512, 4096))
	f.Fuzz(func(t *testing.T, options, requests []byte) {
		d := newDisk(t)
		_, _ = dialog(t, d, options, requests)
		if d.Size() != testSize {
			t.Error("the disk changed its size")
		}
	})
}
