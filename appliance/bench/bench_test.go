package bench

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestBenchmarkMeasuresEverythingOnce runs the whole of it, small: the boxes
// and the line are real, so a copy that does not work shows here.
func TestBenchmarkMeasuresEverythingOnce(t *testing.T) {
	var out bytes.Buffer
	c := Copying{Folder: t.TempDir(), Out: &out, Rounds: 1, Saves: 5, Crowd: 128, Lags: 5, Revisions: 1500}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := c.Run(ctx); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{"one raw sync", "union.Publish", "PUT /raw to a box", "a twin, pushed", "a follower, by the feed", "a box, loopback", "a box, 100 Mbit/s and 30 ms"} {
		if !strings.Contains(out.String(), row) {
			t.Errorf("nothing about %q in\n%s", row, out.String())
		}
	}
}

func TestAuthorsOfOneSeedWriteTheSame(t *testing.T) {
	a, err := NewAuthor(7, 10).Write(50)
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewAuthor(7, 10).Write(50)
	if err != nil {
		t.Fatal(err)
	}
	parents := 0
	for i := range a {
		if !a[i].Equal(b[i]) {
			t.Fatalf("revision %d differs", i)
		}
		parents += len(a[i].Header.Parents)
	}
	if parents != 40 {
		t.Errorf("50 edits of 10 pages follow %d others", parents)
	}
}

func TestLinkIsAsFastAndAsFarAsItSays(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			_, _ = io.Copy(c, c) // ends when the link is cut
			c.Close()
		}
	}()
	const rate, size = 8e6, 100_000 // a megabyte a second
	link, err := OpenLink(l.Addr().String(), rate, 40*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	c, err := net.Dial("tcp", link.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sent, came := bytes.Repeat([]byte("0123456789"), size/10), make([]byte, size)
	began := time.Now()
	go c.Write(sent)
	if _, err := io.ReadFull(c, came); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(sent[:100]), string(came[:100])); diff != "" || !bytes.Equal(sent, came) {
		t.Error("the link changed what it carried", diff)
	}
	if least, took := 135*time.Millisecond, time.Since(began); took < least {
		t.Errorf("100 kB went there and back in %v, which takes at least %v", took, least)
	}
}

func TestQuantilesAreOfTheSample(t *testing.T) {
	s := sample{5, 1, 4, 2, 3}
	got := []time.Duration{s.quantile(0), s.quantile(0.5), s.quantile(0.99), s.quantile(1), sample(nil).quantile(0.5)}
	if diff := cmp.Diff([]time.Duration{1, 3, 5, 5, 0}, got); diff != "" {
		t.Error(diff)
	}
}

func TestScrubsAndLooksAreMeasured(t *testing.T) {
	var out bytes.Buffer
	s := Scrubbing{Folder: t.TempDir(), Out: &out, Rounds: 1, Files: 1, Pages: 5, Looks: 10}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{"round 1: sha256sum", "looks and wake-ups a day"} {
		if !strings.Contains(out.String(), row) {
			t.Errorf("nothing about %q in\n%s", row, out.String())
		}
	}
}
