package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/store"
	"github.com/argss/argss/wiki/wikitest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 3)) }

func open(t testing.TB, files wiki.Files) *Blobs {
	t.Helper()
	b, err := Open(files, Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Reserve: -1})
	must(t, err)
	return b
}

func put(t testing.TB, b *Blobs, text string) wiki.Hash {
	t.Helper()
	hash, err := b.PutBlob(context.Background(), []byte(text))
	must(t, err)
	return hash
}

func TestBlobsOnSimulatedDisk(t *testing.T) {
	wikitest.TestBlobs(t, func(t *testing.T) wiki.Blobs { return open(t, wikitest.NewDisk()) })
}

func TestBlobsOnRealDisk(t *testing.T) {
	wikitest.TestBlobs(t, func(t *testing.T) wiki.Blobs { return open(t, store.Dir(t.TempDir())) })
}

// script puts pieces, some twice, and returns those that were acknowledged.
func script(files wiki.Files) (acked []string, err error) {
	for range 2 {
		b, err := Open(files, Options{Reserve: -1})
		if err != nil {
			return acked, err
		}
		for i := range 6 {
			text := strings.Repeat(fmt.Sprint("piece ", i), 200)
			if _, err := b.PutBlob(context.Background(), []byte(text)); err != nil {
				return acked, err
			}
			acked = append(acked, text)
		}
	}
	return acked, nil
}

// survives checks a found disk: what was acknowledged is whole, nothing is
// damaged, and no leftover stays.
func survives(t *testing.T, found *wikitest.Disk, acked []string) {
	t.Helper()
	b := open(t, found)
	for _, text := range acked {
		if got, err := b.Blob(wiki.HashOf([]byte(text))); err != nil || string(got) != text {
			t.Errorf("acknowledged piece: %d bytes, %v", len(got), err)
		}
	}
	hashes, err := b.Hashes(wiki.Hash{}, 100)
	must(t, err)
	for _, hash := range hashes {
		if _, err := b.Blob(hash); err != nil {
			t.Errorf("listed piece: %v", err)
		}
	}
	for _, name := range found.Names() {
		if strings.HasPrefix(name, tmpDir) {
			t.Errorf("leftover %s", name)
		}
	}
}

func TestAcknowledgedPiecesSurviveWhereverThePowerFails(t *testing.T) {
	for n := 1; ; n++ {
		disk := wikitest.NewDisk()
		disk.CutAfter(n)
		acked, err := script(disk)
		for seed := range uint64(8) {
			survives(t, disk.Image(seeded(seed)), acked)
		}
		if err == nil {
			break
		}
	}
}

func TestFailedWriteOrSyncIsNotAcknowledged(t *testing.T) {
	for n := 1; ; n++ {
		disk := wikitest.NewDisk()
		disk.FailAfter(n, nil)
		acked, err := script(disk)
		survives(t, disk.Crash(seeded(uint64(n))), acked)
		if err == nil {
			break
		}
		if !errors.Is(err, wiki.ErrReadOnly) || !errors.Is(err, syscall.EIO) {
			t.Errorf("failure %d: %v", n, err)
		}
	}
}

// A process that died before it synced the folder leaves a piece that only
// seems to be there.
func TestPieceOfAKilledProcessIsSettledBeforeItCounts(t *testing.T) {
	for _, ask := range []func(b *Blobs, text string) bool{
		func(b *Blobs, text string) bool { return b.HasBlob(wiki.HashOf([]byte(text))) },
		func(b *Blobs, text string) bool {
			_, err := b.PutBlob(context.Background(), []byte(text))
			return err == nil
		},
	} {
		disk := wikitest.NewDisk()
		disk.Hook(func(op wikitest.Op) error {
			if op.Kind == wikitest.OpSyncDir {
				return errors.New("killed")
			}
			return nil
		})
		if _, err := open(t, disk).PutBlob(context.Background(), []byte("x")); err == nil {
			t.Fatal("acknowledged without a synced folder")
		}
		disk.Hook(nil)
		if !ask(open(t, disk), "x") {
			t.Error("the piece is not there")
		}
		for seed := range uint64(10) {
			survives(t, disk.Image(seeded(seed)), []string{"x"})
		}
	}
}

func TestDamagedPieceIsRefusedAndRepairedByPuttingItAgain(t *testing.T) {
	disk := wikitest.NewDisk()
	b := open(t, disk)
	good, bad := put(t, b, "good"), put(t, b, strings.Repeat("bad", 1000))
	disk.FlipBits(seeded(1), 1, func(name string) bool { return strings.HasSuffix(name, bad.String()) })
	if _, err := b.Blob(bad); !errors.Is(err, wiki.ErrDamaged) {
		t.Errorf("read: %v", err)
	}
	if b.HasBlob(bad) || !b.HasBlob(good) {
		t.Error("a damaged piece counts as held, or a good one does not")
	}
	if diff := cmp.Diff([]wiki.Hash{bad}, b.Damaged()); diff != "" {
		t.Error(diff)
	}
	put(t, b, strings.Repeat("bad", 1000))
	if got, err := b.Blob(bad); err != nil || len(got) != 3000 || len(b.Damaged()) > 0 || !b.HasBlob(bad) {
		t.Errorf("after the repair: %d bytes, %v", len(got), err)
	}
}

func TestUnnoticedDamageIsRepairedByPuttingItAgain(t *testing.T) {
	disk := wikitest.NewDisk()
	b := open(t, disk)
	hash := put(t, b, "text")
	disk.FlipBits(seeded(1), 1, nil)
	put(t, b, "text")
	if got, err := b.Blob(hash); err != nil || string(got) != "text" {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestFullDiskRefusesAndGoesOn(t *testing.T) {
	disk := wikitest.NewDisk()
	b := open(t, disk)
	held := put(t, b, "held")
	disk.SetFree(100)
	big := bytes.Repeat([]byte("x"), 1000)
	if _, err := b.PutBlob(context.Background(), big); !errors.Is(err, wiki.ErrReadOnly) || !strings.Contains(err.Error(), "full") {
		t.Errorf("put: %v", err)
	}
	disk.FailAfter(2, syscall.ENOSPC) // the truncation, then the write
	if _, err := b.PutBlob(context.Background(), []byte("y")); !errors.Is(err, wiki.ErrReadOnly) {
		t.Errorf("put: %v", err)
	}
	put(t, b, "held")
	disk.SetFree(-1)
	put(t, b, string(big))
	if got, err := b.Blob(held); err != nil || string(got) != "held" {
		t.Errorf("read %q, %v", got, err)
	}
	survives(t, disk, []string{"held", string(big)})
}

func TestHashesListsAllInOrder(t *testing.T) {
	b := open(t, wikitest.NewDisk())
	var want []wiki.Hash
	for i := range 700 {
		want = append(want, put(t, b, fmt.Sprint(i)))
	}
	wiki.SortIDs(want)
	var got []wiki.Hash
	for after := (wiki.Hash{}); ; after = got[len(got)-1] {
		part, err := b.Hashes(after, 33)
		must(t, err)
		if len(part) == 0 {
			break
		}
		got = append(got, part...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRemovedPieceStaysAway(t *testing.T) {
	disk := wikitest.NewDisk()
	b := open(t, disk)
	hash := put(t, b, "a secret that must go")
	must(t, b.Remove(hash))
	must(t, b.Remove(hash))
	for seed := range uint64(10) {
		if names := disk.Image(seeded(seed)).Search("a secret"); len(names) > 0 {
			t.Errorf("came back in %v", names)
		}
	}
	if _, err := b.Blob(hash); !errors.Is(err, wiki.ErrNotFound) {
		t.Errorf("read: %v", err)
	}
}
