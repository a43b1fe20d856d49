package network

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// end is a thing at the end of a cable that notes what it gets and when.
type end struct {
	name  string
	cable *Cable
	got   []string
	at    []time.Time
}

func join(s *Switch, name string) *end {
	e := &end{name: name}
	e.cable = s.Join(name, func(f []byte) {
		e.got = append(e.got, string(f[headerSize:]))
		e.at = append(e.at, time.Now())
	})
	return e
}

// frame goes to the thing whose address ends in to ("*": everybody).
func frame(from, to byte, text string) []byte {
	b := []byte{2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 0x88, 0xb5}
	if to == '*' {
		copy(b, "\xff\xff\xff\xff\xff\xff")
	}
	return append(b, text...)
}

func bench(t *testing.T, f func(s *Switch, a, b, c *end)) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSwitch("home")
		defer s.Close()
		f(s, join(s, "a"), join(s, "b"), join(s, "c"))
	})
}

// settle lets everything arrive that is under way.
func settle() {
	time.Sleep(time.Minute)
	synctest.Wait()
}

func expect(t *testing.T, what string, e *end, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, e.got); diff != "" {
		t.Errorf("%s: %s got\n%s", what, e.name, diff)
	}
	e.got, e.at = nil, nil
}

func TestSwitchFloodsUntilItHasLearned(t *testing.T) {
	bench(t, func(s *Switch, a, b, c *end) {
		a.cable.Send(frame('a', 'b', "who"))
		settle()
		expect(t, "unknown", b, "who")
		expect(t, "unknown", c, "who")
		b.cable.Send(frame('b', 'a', "me"))
		settle()
		a.cable.Send(frame('a', 'b', "you"))
		a.cable.Send(frame('a', '*', "all"))
		settle()
		expect(t, "learned", a, "me")
		expect(t, "learned", b, "you", "all")
		expect(t, "learned", c, "all")
	})
}

func TestAddressThatMovesIsFoundAtItsNewPlace(t *testing.T) {
	bench(t, func(s *Switch, a, b, c *end) {
		b.cable.Send(frame('v', '*', "mine"))
		settle()
		c.cable.Send(frame('v', '*', "now mine"))
		settle()
		a.cable.Send(frame('a', 'v', "hello"))
		settle()
		expect(t, "moved", b, "now mine")
		expect(t, "moved", c, "mine", "hello")
	})
}

func TestPulledCableLosesBothWaysAndOneWayCutsOnlyOne(t *testing.T) {
	bench(t, func(s *Switch, a, b, c *end) {
		b.cable.Pull()
		a.cable.Send(frame('a', 'b', "1"))
		b.cable.Send(frame('b', 'a', "2"))
		settle()
		expect(t, "pulled", a)
		expect(t, "pulled", b)
		b.cable.Plug()
		b.cable.Set(In, Weather{Cut: true})
		a.cable.Send(frame('a', 'b', "3"))
		b.cable.Send(frame('b', 'a', "4"))
		settle()
		expect(t, "mute", a)
		expect(t, "mute", b, "3")
		if n := b.cable.Lost(); n != 3 {
			t.Errorf("the cable lost %d frames, want 3", n)
		}
	})
}

func TestFramesUnderWayAreLostWhenTheCableIsPulled(t *testing.T) {
	bench(t, func(s *Switch, a, b, c *end) {
		b.cable.Set(Out, Weather{Delay: time.Second})
		a.cable.Send(frame('a', 'b', "late"))
		time.Sleep(time.Second / 2)
		b.cable.Pull()
		settle()
		expect(t, "pulled", b)
	})
}

func TestLineDelaysShapesAndDropsWhatWouldWaitTooLong(t *testing.T) {
	bench(t, func(s *Switch, a, b, c *end) {
		b.cable.Set(Out, Weather{Delay: 30 * time.Millisecond, Rate: 10_000})
		start := time.Now()
		for range 20 {
			a.cable.Send(frame('a', 'b', string(make([]byte, 986)))) // 1000 bytes: 100 ms each
		}
		settle()
		if len(b.at) < 5 || len(b.at) > 7 {
			t.Fatalf("%d frames of 20 came; the queue holds half a second", len(b.at))
		}
		for i, at := range b.at {
			want := time.Duration(i+1)*100*time.Millisecond + 30*time.Millisecond
			if got := at.Sub(start); got != want {
				t.Errorf("frame %d took %v, want %v", i, got, want)
			}
		}
	})
}

func TestRecordingIsAPcapFile(t *testing.T) {
	bench(t, func(s *Switch, a, b, c *end) {
		var file bytes.Buffer
		r := NewRecorder(&file)
		s.Record(r)
		a.cable.Send(frame('a', 'b', "hello"))
		settle()
		got := file.Bytes()
		if r.Err() != nil || len(got) != 24+16+19 || binary.LittleEndian.Uint32(got) != 0xa1b2c3d4 ||
			binary.LittleEndian.Uint32(got[20:]) != 1 || binary.LittleEndian.Uint32(got[24+8:]) != 19 {
			t.Errorf("recorded %x, %v", got, r.Err())
		}
	})
}

// dial speaks QEMU's framing.
func dial(t *testing.T, path string) net.Conn {
	t.Helper()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestSocketServesOneMachineAfterTheOther(t *testing.T) {
	s := NewSwitch("home")
	defer s.Close()
	path := filepath.Join(t.TempDir(), "socket")
	k, err := s.Listen("box", path)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	heard := make(chan string, 10)
	c := s.Join("other", func(f []byte) { heard <- string(f[headerSize:]) })
	for _, text := range []string{"first", "second"} {
		conn := dial(t, path)
		f := frame('b', '*', text)
		conn.Write(append([]byte{0, 0, 0, byte(len(f))}, f...))
		if got := <-heard; got != text {
			t.Errorf("the switch heard %q", got)
		}
		c.Send(frame('o', 'b', "answer"))
		answer := make([]byte, 4+headerSize+6)
		if _, err := io.ReadFull(conn, answer); err != nil || string(answer[18:]) != "answer" || answer[3] != 20 {
			t.Errorf("the box heard %q, %v", answer, err)
		}
		conn.Close()
	}
}

func FuzzReceive(f *testing.F) {
	f.Add([]byte{0, 0, 0, 2, 1, 2, 0, 0, 0, 0})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		s := NewSwitch("x")
		defer s.Close()
		c := s.Join("a", func([]byte) {})
		if receive(bytes.NewReader(data), c.Send) == nil {
			t.Error("a stream without an end")
		}
	})
}
