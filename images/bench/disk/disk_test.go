package disk

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

const testSize = 256 << 10

func newDisk(t testing.TB, c Config) *Disk {
	t.Helper()
	if c.Size == 0 {
		c.Size = testSize
	}
	d, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func contents(t testing.TB, d *Disk) []byte {
	t.Helper()
	b := make([]byte, d.Size())
	must(t, d.Read(b, 0))
	return b
}

// fill is n bytes that name their write.
func fill(n int, mark byte) []byte { return bytes.Repeat([]byte{mark}, n) }

// model keeps, for each sector, every content it had since it was last certain
// to survive.
type model struct {
	sector   int64
	now      []byte
	versions [][][]byte
}

func newModel(base []byte, sector int64) *model {
	m := &model{sector: sector, now: bytes.Clone(base), versions: make([][][]byte, int64(len(base))/sector)}
	m.flush()
	return m
}

func (m *model) at(s int64) []byte { return bytes.Clone(m.now[s*m.sector : (s+1)*m.sector]) }

func (m *model) flush() {
	for s := range m.versions {
		m.versions[s] = [][]byte{m.at(int64(s))}
	}
}

// write notes the versions: what lands of a write that covers a part of a
// sector is that part.
func (m *model) write(off int64, b []byte, forced bool) {
	copy(m.now[off:], b)
	for s := off / m.sector; s*m.sector < off+int64(len(b)); s++ {
		if forced {
			m.versions[s] = nil
		}
		m.versions[s] = append(m.versions[s], m.at(s))
	}
}

// act does one random thing to disk and model. Writes are whole sectors, as
// guests write them.
func act(t testing.TB, random *rand.Rand, d *Disk, m *model, mark byte) {
	t.Helper()
	sectors := d.Size() / d.Sector()
	off := random.Int64N(sectors)
	n := min(1+random.Int64N(24), sectors-off) * d.Sector()
	off *= d.Sector()
	switch random.IntN(10) {
	case 0:
		must(t, d.Flush())
		m.flush()
	case 1:
		must(t, d.Zero(off, n, false))
		m.write(off, make([]byte, n), false)
	case 2:
		b := fill(int(n), mark)
		must(t, d.Write(b, off, true))
		m.write(off, b, true)
	default:
		b := fill(int(n), mark)
		must(t, d.Write(b, off, false))
		clear(b) // the caller may reuse it
		m.write(off, fill(int(n), mark), false)
	}
}

func TestReadsSeeTheNewestWriteAndCutsLeaveSomeVersionOfEachSector(t *testing.T) {
	for seed := range uint64(150) {
		for _, sector := range []int64{512, 4096} {
			random := rand.New(rand.NewPCG(seed, 1))
			base := fill(testSize-100, 0xff) // an image may end amid a sector
			d := newDisk(t, Config{Base: bytes.NewReader(base), Sector: sector, Cache: 40 << 10})
			m := newModel(append(base, make([]byte, 100)...), sector)
			for i := range 60 {
				act(t, random, d, m, byte(i+1))
			}
			if !bytes.Equal(contents(t, d), m.now) {
				t.Fatalf("seed %d: a read does not see the newest write", seed)
			}
			cut, err := d.PowerCut(seed)
			must(t, err)
			after := contents(t, d)
			for s, versions := range m.versions {
				got := after[int64(s)*sector : int64(s+1)*sector]
				if !containsBytes(versions, got) {
					t.Fatalf("%v: sector %d holds %x…, which it never held since it was flushed", cut, s, got[:4])
				}
			}
		}
	}
}

func containsBytes(list [][]byte, b []byte) bool {
	for _, v := range list {
		if bytes.Equal(v, b) {
			return true
		}
	}
	return false
}

func TestFlushedAndForcedWritesSurviveEveryCut(t *testing.T) {
	for seed := range uint64(100) {
		d := newDisk(t, Config{})
		must(t, d.Write(fill(8192, 1), 0, false))
		must(t, d.Flush())
		must(t, d.Write(fill(4096, 2), 65536, false))
		must(t, d.Write(fill(4096, 3), 65536, true)) // over the one before, which may not come back
		must(t, d.Write(fill(4096, 4), 131072, false))
		_, err := d.PowerCut(seed)
		must(t, err)
		got := contents(t, d)
		if !bytes.Equal(got[:8192], fill(8192, 1)) || !bytes.Equal(got[65536:65536+4096], fill(4096, 3)) {
			t.Fatalf("seed %d: a write that was flushed or forced is lost", seed)
		}
	}
}

// The bench proves little if its cuts are tame.
func TestCutsDropTearAndReorder(t *testing.T) {
	const sectors = 8
	seen := map[string]bool{}
	for seed := range uint64(200) {
		d := newDisk(t, Config{})
		must(t, d.Write(fill(sectors*512, 1), 0, false))
		must(t, d.Write(fill(sectors*512, 2), 65536, false))
		_, err := d.PowerCut(seed)
		must(t, err)
		all := contents(t, d)
		first, second := bytes.Count(all[:sectors*512], []byte{1})/512, bytes.Count(all[65536:], []byte{2})/512
		switch {
		case first == 0 && second == 0:
			seen["all lost"] = true
		case first == sectors && second == sectors:
			seen["nothing lost"] = true
		case second == sectors || first == 0:
			seen["reordered"] = true
		}
		if first%sectors != 0 || second%sectors != 0 {
			seen["torn"] = true
		}
	}
	for _, want := range []string{"all lost", "nothing lost", "reordered", "torn"} {
		if !seen[want] {
			t.Errorf("no cut of 200 was of the kind: %s", want)
		}
	}
}

func TestTheSameSeedCutsTheSame(t *testing.T) {
	after := func(seed uint64) string {
		d := newDisk(t, Config{})
		m := newModel(make([]byte, testSize), 512)
		random := rand.New(rand.NewPCG(7, 7))
		for i := range 40 {
			act(t, random, d, m, byte(i))
		}
		cut, err := d.PowerCut(seed)
		must(t, err)
		return fmt.Sprint(cut) + string(contents(t, d))
	}
	first := after(3)
	if again := after(3); again != first {
		t.Error("one seed, two outcomes")
	}
	if after(4) == first {
		t.Error("the seed changes nothing")
	}
}

func TestLyingDiskLosesWhatWasFlushed(t *testing.T) {
	lost := 0
	for seed := range uint64(50) {
		d := newDisk(t, Config{})
		d.Lie(true)
		must(t, d.Write(fill(512, 1), 0, false))
		must(t, d.Flush())
		must(t, d.Write(fill(512, 1), 8192, true))
		_, err := d.PowerCut(seed)
		must(t, err)
		if all := contents(t, d); all[0] == 0 && all[8192] == 0 {
			lost++
		}
	}
	if lost < 10 {
		t.Errorf("a disk that lies lost flushed and forced writes in %d of 50 cuts", lost)
	}
}

func TestAFullCacheLetsItsOldestWritesGo(t *testing.T) {
	d := newDisk(t, Config{Cache: 16 << 10})
	for i := range 32 {
		must(t, d.Write(fill(4096, byte(i+1)), int64(i)*4096, false))
	}
	if n := d.Unflushed(); n == 0 || n > 4 {
		t.Fatalf("a cache of 16 KiB holds %d writes of 4 KiB", n)
	}
	for seed := uint64(0); ; seed++ {
		c := d.Clone()
		cut, err := c.PowerCut(seed)
		must(t, err)
		if cut.Mode == "lost" {
			if all := contents(t, c); all[0] != 1 || all[31*4096] != 0 {
				t.Errorf("oldest %d, newest %d after everything in the cache was lost", all[0], all[31*4096])
			}
			return
		}
	}
}

func TestRecordingIsCutAfterEachRequest(t *testing.T) {
	d := newDisk(t, Config{})
	must(t, d.Write(fill(4096, 9), 0, false)) // in the cache when the recording starts
	live := []*Disk{d.Clone()}
	tape := d.Record()
	m := newModel(make([]byte, testSize), 512)
	random := rand.New(rand.NewPCG(5, 5))
	for i := range 50 {
		act(t, random, d, m, byte(i+1))
		live = append(live, d.Clone())
	}
	tape.Stop()
	must(t, d.Flush())
	if n := len(tape.Ops()); n != 50 {
		t.Fatalf("recorded %d requests of 50", n)
	}
	for n, want := range live {
		got, _, err := tape.Cut(n, uint64(n))
		must(t, err)
		_, err = want.PowerCut(uint64(n))
		must(t, err)
		if !bytes.Equal(contents(t, got), contents(t, want)) {
			t.Fatalf("cut after request %d: not what the disk itself would hold", n)
		}
	}
	if _, _, err := tape.Cut(51, 0); err == nil {
		t.Error("cut after a request that never came")
	}
}

func TestClonesGoTheirOwnWay(t *testing.T) {
	d := newDisk(t, Config{})
	must(t, d.Write(fill(512, 1), 0, false))
	c := d.Clone()
	must(t, c.Write(fill(512, 2), 0, false))
	must(t, d.Write(fill(512, 3), 512, false))
	if a, b := contents(t, d), contents(t, c); a[0] != 1 || b[0] != 2 || b[512] != 0 {
		t.Errorf("clones share a cache: %d %d %d", a[0], b[0], b[512])
	}
}

func TestBadSectorsFailUntilTheyAreWritten(t *testing.T) {
	d := newDisk(t, Config{})
	d.Spoil(4096, 1024)
	b := make([]byte, 512)
	for off, want := range map[int64]error{3584: nil, 4096: ErrBad, 4608: ErrBad, 5120: nil} {
		if err := d.Read(b, off); !errors.Is(err, want) {
			t.Errorf("read at %d: %v, want %v", off, err, want)
		}
	}
	must(t, d.Write(b, 4096, false))
	if err := d.Read(b, 4096); err != nil || d.Bad() != 1 {
		t.Errorf("after it was written: %v, %d still bad", err, d.Bad())
	}
}

func TestVanishedDiskFailsEverythingAndReturnsWithItsBytes(t *testing.T) {
	d := newDisk(t, Config{})
	must(t, d.Write(fill(512, 1), 0, false))
	d.Vanish()
	b := make([]byte, 512)
	for what, err := range map[string]error{
		"read": d.Read(b, 0), "write": d.Write(b, 0, false), "zero": d.Zero(0, 512, false), "flush": d.Flush(),
	} {
		if !errors.Is(err, ErrGone) {
			t.Errorf("%s: %v", what, err)
		}
	}
	d.Return()
	must(t, d.Read(b, 0))
	if b[0] != 1 {
		t.Error("the bytes are gone, too")
	}
}

func TestRequestsBeyondTheEndAreRefused(t *testing.T) {
	d := newDisk(t, Config{})
	for _, r := range [][2]int64{{testSize - 511, 512}, {testSize + 512, 0}, {-1, 1}, {1 << 62, 1 << 62}, {0, testSize + 1}} {
		if err := d.Zero(r[0], r[1], false); !errors.Is(err, ErrRange) {
			t.Errorf("%d bytes at %d: %v", r[1], r[0], err)
		}
	}
}

func TestExportIsWhatReadsSee(t *testing.T) {
	d := newDisk(t, Config{Base: bytes.NewReader(fill(8192, 7))})
	must(t, d.Write(fill(100, 1), 4000, false))
	path := filepath.Join(t.TempDir(), "image")
	must(t, d.Export(path, 0, testSize))
	got, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(got, contents(t, d)) {
		t.Error("the file differs from the disk")
	}
	again, closer, err := Open(path, 2*testSize)
	must(t, err)
	defer closer.Close()
	if !bytes.Equal(contents(t, again)[:testSize], got) || again.Size() != 2*testSize {
		t.Error("the disk made of the file differs from it")
	}
}
