package format

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	errPower = errors.New("the power fails")
	at       = time.Unix(1_700_000_000, 0)
)

const testSize = 24<<20 + 512

func TestBlankDiskIsPreparedAndThenOurs(t *testing.T) {
	for _, s := range []Shape{{testSize, 512}, {MinSize, 4096}, {16e12, 512}, {16e12, 4096}} {
		d := blankDisk(s.Size)
		if f, err := Recognise(d, s.Size); err != nil || f.Kind != Blank {
			t.Fatalf("%v: a blank disk is %v, %v", s, f, err)
		}
		data, err := Prepare(d, s, [16]byte{1}, at)
		if err != nil {
			t.Fatal(err)
		}
		if data.Start%alignment != 0 || data.Size%alignment != 0 || data.Start+data.Size > s.Size-tableSectors(s.Sector)*s.Sector {
			t.Errorf("%v: the file system is at %v", s, data)
		}
		if f, err := Recognise(d, s.Size); err != nil || f.Kind != Ours || f.Data != data {
			t.Errorf("%v: a prepared disk is %v, %v", s, f, err)
		}
		writes := d.writes
		if again, err := Prepare(d, s, [16]byte{2}, at); err != nil || again != data || d.writes != writes {
			t.Errorf("%v: preparing a prepared disk: %v, %v, %d writes", s, again, err, d.writes-writes)
		}
	}
}

// TestPowerCutAtAnyWriteLeavesADiskThatCanBePrepared drops any of the writes not
// yet synced.
func TestPowerCutAtAnyWriteLeavesADiskThatCanBePrepared(t *testing.T) {
	s := Shape{testSize, 512}
	whole := blankDisk(s.Size)
	if _, err := Prepare(whole, s, [16]byte{1}, at); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	step := 0
	for cut := 0; cut < whole.writes; cut += step {
		d := blankDisk(s.Size)
		d.cut = cut
		if _, err := Prepare(d, s, [16]byte{1}, at); !errors.Is(err, errPower) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		chance := random.Float64()
		d.settle(func(int) bool { return random.Float64() < chance })
		f, err := Recognise(d, s.Size)
		if err != nil || f.Kind != Half && f.Kind != Blank && !(f.Kind == Ours && cut == whole.writes-1) {
			t.Fatalf("cut at %d: the disk is %v, %v", cut, f, err)
		}
		d.cut = -1
		if _, err := Prepare(d, s, [16]byte{9}, at.Add(time.Hour)); err != nil {
			t.Fatalf("cut at %d: prepare again: %v", cut, err)
		}
		if f.Kind == Half && !cmp.Equal(d.kept, whole.kept) {
			t.Fatalf("cut at %d: the disk prepared again differs", cut)
		}
		if step = 1; cut > 20 && cut < whole.writes-60 {
			step = 1 + random.IntN(400) // the long run of zeros
		}
	}
}

func TestHalfPreparedDiskWithAnythingElseOnItIsLeftAlone(t *testing.T) {
	s := Shape{testSize, 512}
	half := blankDisk(s.Size)
	half.cut = 3000
	Prepare(half, s, [16]byte{1}, at)
	half.settle(func(int) bool { return true })
	half.cut = -1
	random := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		d := half.clone()
		place := random.Int64N(s.Size - 1)
		d.WriteAt([]byte{0xA7}, place)
		d.Sync()
		f, err := Recognise(d, s.Size)
		inMarker := place >= alignment && place < alignment+markerSize
		if err != nil || f.Kind != Foreign && !inMarker {
			t.Fatalf("one byte at %d: the disk is %v, %v", place, f, err)
		}
		writes := d.writes
		var refused *Refused
		if _, err := Prepare(d, s, [16]byte{9}, at); !errors.As(err, &refused) || d.writes != writes {
			t.Fatalf("one byte at %d: %v, %d writes", place, err, d.writes-writes)
		}
	}
}

func TestDiskWithOneByteIsNotBlank(t *testing.T) {
	for _, place := range []int64{0, 511, 1 << 20, 8<<20 + 77, testSize - 1} {
		d := blankDisk(testSize)
		d.WriteAt([]byte{1}, place)
		if f, err := Recognise(d, testSize); err != nil || f.Kind != Foreign {
			t.Errorf("one byte at %d: %v, %v", place, f, err)
		}
	}
}

func TestDiskThatClaimsMoreThanItHasIsAnError(t *testing.T) {
	d := blankDisk(1 << 30)
	d.liar = 256 << 20
	if _, err := Prepare(d, Shape{1 << 30, 512}, [16]byte{1}, at); !errors.Is(err, errNotKept) {
		t.Errorf("got %v", err)
	}
}

func TestUnreadableDiskIsNotBlank(t *testing.T) {
	d := blankDisk(testSize)
	if f, err := Recognise(d, testSize+(1<<20)); err == nil {
		t.Errorf("a disk whose end cannot be read is %v", f)
	}
}

// imageDisk is a disk with an image on it that was made for a smaller one.
func imageDisk(t *testing.T, s Shape) *memory {
	t.Helper()
	const small = 40 << 20
	d := blankDisk(s.Size)
	image := &table{size: small, sector: s.Sector, id: [16]byte{7}, parts: []partition{
		{row: 0, kind: linuxData, id: [16]byte{8}, name: "root-a", first: alignment / s.Sector, last: 16<<20/s.Sector - 1},
		{row: 1, kind: linuxData, id: [16]byte{9}, name: "data", first: 16 << 20 / s.Sector, last: 32<<20/s.Sector - 1},
	}}
	if err := image.write(d); err != nil {
		t.Fatal(err)
	}
	d.WriteAt([]byte("what the disk held before"), 50<<20)
	d.Sync()
	return d
}

func TestDataPartitionTakesTheRestOfTheDisk(t *testing.T) {
	for _, s := range []Shape{{64 << 20, 512}, {64 << 20, 4096}, {16e12, 512}} {
		d := imageDisk(t, s)
		in, err := PrepareRest(d, s, "data", [16]byte{1}, at)
		if err != nil {
			t.Fatal(err)
		}
		if in.Start != 16<<20 || in.Start+in.Size < s.Size-2*alignment {
			t.Errorf("%v: got %v", s, in)
		}
		if sb, err := superblock(d, in); err != nil || sb.Label != Label || sb.Size < in.Size-128<<20 {
			t.Errorf("%v: file system %+v, %v", s, sb, err)
		}
		writes := d.writes
		if again, err := PrepareRest(d, s, "data", [16]byte{2}, at); err != nil || again != in || d.writes != writes {
			t.Errorf("%v: second boot: %v, %v, %d writes", s, again, err, d.writes-writes)
		}
	}
}

func TestBoxBootsAndPreparesItsDiskWhereverThePowerFails(t *testing.T) {
	s := Shape{64 << 20, 512}
	whole := imageDisk(t, s)
	first := whole.writes
	if _, err := PrepareRest(whole, s, "data", [16]byte{1}, at); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 6))
	step := 0
	for cut := first; cut < whole.writes; cut += step {
		d := imageDisk(t, s)
		d.cut = cut
		if _, err := PrepareRest(d, s, "data", [16]byte{1}, at); !errors.Is(err, errPower) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		chance := random.Float64()
		d.settle(func(int) bool { return random.Float64() < chance })
		if boot, err := readTableAt(d, s.Size, s.Sector, 1); err != nil || boot == nil || boot.parts[0].name != "root-a" {
			t.Fatalf("cut at %d: the box does not find its root: %v, %v", cut, boot, err)
		}
		d.cut = -1
		if _, err := PrepareRest(d, s, "data", [16]byte{9}, at); err != nil {
			t.Fatalf("cut at %d: next boot: %v", cut, err)
		}
		if step = 1; cut > first+150 && cut < whole.writes-60 {
			step = 1 + random.IntN(400)
		}
	}
}

func TestDataPartitionWithADamagedBeginningIsLeftAlone(t *testing.T) {
	s := Shape{64 << 20, 512}
	d := imageDisk(t, s)
	in, err := PrepareRest(d, s, "data", [16]byte{1}, at)
	if err != nil {
		t.Fatal(err)
	}
	d.WriteAt(make([]byte, 4096), in.Start)
	d.Sync()
	writes := d.writes
	var refused *Refused
	if _, err := PrepareRest(d, s, "data", [16]byte{2}, at); !errors.As(err, &refused) || d.writes != writes {
		t.Errorf("got %v, %d writes", err, d.writes-writes)
	}
}
