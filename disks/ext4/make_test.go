package ext4

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var options = Options{Label: "argss-data", UUID: [16]byte{1, 2, 3}, HashSeed: [16]byte{4}, Time: time.Unix(1_700_000_000, 0)}

// sparse makes a file of a size that takes room only where it is written.
func sparse(t testing.TB, size int64) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "disk"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	return f
}

// digest hashes what is written, with its places.
type digest struct{ hash func([]byte) }

func (d digest) WriteAt(p []byte, at int64) (int, error) {
	d.hash(binary.LittleEndian.AppendUint64(nil, uint64(at)))
	d.hash(p)
	return len(p), nil
}

// TestBytesAreThoseThatE2fsckPassed fixes the bytes: the system test has
// e2fsck look at the same sizes.
func TestBytesAreThoseThatE2fsckPassed(t *testing.T) {
	for _, c := range passed {
		h := sha256.New()
		if err := Make(digest{func(b []byte) { h.Write(b) }}, c.size, options); err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(h.Sum(nil)[:8]); got != c.digest {
			t.Errorf("%d bytes: digest %s, want %s", c.size, got, c.digest)
		}
	}
}

var passed = []struct {
	size   int64
	digest string
}{
	{MinSize, "6e83062d8b939274"}, {17<<20 + 5000, "68540a4fd24a522b"}, {128 << 20, "20cb1730540b0e75"}, {130 << 20, "20cb1730540b0e75"}, {131 << 20, "038667c64bb50293"}, {256 << 20, "a823db2ca2b74736"},
	{300 << 20, "9901a4d22c0d6e8e"}, {1 << 30, "f46fc87ff03d4a6f"}, {64 << 30, "17f5fc96cb62093e"}, {1<<40 + 1<<20, "02a530a62d840f6b"}, {16e12, "3bc0e4f64c45a37e"},
}

func TestNothingIsWrittenOutsideOrIntoTheBootBlock(t *testing.T) {
	for size := int64(MinSize); size < 1<<41; size = size*9/8 + 4097 {
		bounds := bounded{t, size}
		if err := Make(bounds, size, options); err != nil {
			t.Fatal(err)
		}
	}
}

type bounded struct {
	t    *testing.T
	size int64
}

func (b bounded) WriteAt(p []byte, at int64) (int, error) {
	if at < 1024 || at+int64(len(p)) > b.size {
		b.t.Errorf("size %d: writes %d bytes at %d", b.size, len(p), at)
	}
	return len(p), nil
}

func TestSizesThatCannotBeAreRefused(t *testing.T) {
	for _, size := range []int64{-1, 0, MinSize - 1, MaxSize + 1} {
		if err := Make(bounded{t, 0}, size, options); err == nil {
			t.Errorf("size %d is taken", size)
		}
	}
}

func TestSuperblockTellsWhatWasMade(t *testing.T) {
	f := sparse(t, 300<<20)
	if err := Make(f, 300<<20, options); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1024)
	if _, err := f.ReadAt(b, 1024); err != nil {
		t.Fatal(err)
	}
	s, err := ParseSuperblock(b)
	want := Superblock{Label: options.Label, UUID: options.UUID, Size: 300 << 20, Made: options.Time, Sound: true}
	if err != nil || s != want {
		t.Errorf("got %+v, %v, want %+v", s, err, want)
	}
	b[0x78]++
	if s, _ := ParseSuperblock(b); s.Sound {
		t.Error("a changed superblock is called sound")
	}
}

type failing struct{ after int }

func (f *failing) WriteAt(p []byte, _ int64) (int, error) {
	if f.after--; f.after < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestEveryFailedWriteIsAnError(t *testing.T) {
	for after := 0; ; after++ {
		w := &failing{after}
		if err := Make(w, 300<<20, options); err == nil {
			if w.after < 0 {
				t.Fatalf("write %d failed and Make says nothing", after)
			}
			return
		}
	}
}

func FuzzParseSuperblock(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, 1024))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := ParseSuperblock(b); err == nil && s.Size < 0 {
			t.Errorf("size %d", s.Size)
		}
	})
}
