package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/wikitest"
)

func TestFullDiskRefusesAndGoesOnWhenSpaceReturns(t *testing.T) {
	for free := int64(0); free < 9000; free += 333 {
		disk, l := wikitest.NewDisk(), newLedger()
		s := reopen(t, disk, crashOptions())
		g := wikitest.NewGenerator(71)
		must(t, l.add(s, g.Revisions(5)...))
		disk.SetFree(free)
		var refused error
		for i := 0; i < 40 && refused == nil; i++ {
			refused = l.add(s, g.Revisions(2)...)
		}
		if !errors.Is(refused, wiki.ErrReadOnly) || !strings.Contains(refused.Error(), "full") {
			t.Fatalf("%d bytes free: %v", free, refused)
		}
		l.check(t, s)
		disk.SetFree(-1)
		must(t, l.add(s, g.Revisions(3)...))
		l.check(t, s)
		found := disk.Crash(seeded(uint64(free)))
		s.Close()
		l.check(t, reopen(t, found, crashOptions()))
	}
}

func TestQuotaRefusesInWordsAndLeavesErasing(t *testing.T) {
	disk, l := wikitest.NewDisk(), newLedger()
	options := crashOptions()
	options.Quota = 20_000
	s := reopen(t, disk, options)
	g := wikitest.NewGenerator(84)
	secret := g.Edit("A", "a secret that must go")
	must(t, l.add(s, secret))
	var refused error
	for i := 0; i < 100 && refused == nil; i++ {
		refused = l.add(s, g.Edit("B", strings.Repeat("text ", 200)))
	}
	if !errors.Is(refused, wiki.ErrQuota) || !errors.Is(refused, wiki.ErrReadOnly) || errors.Is(refused, wiki.ErrFull) {
		t.Fatalf("add: %v", refused)
	}
	if u := s.Usage(); u.Log > u.Quota || u.Log < u.Quota/2 {
		t.Errorf("usage %+v", u)
	}
	must(t, l.add(s, g.Erasure("A", secret.ID)))
	must(t, s.Wipe(context.Background()))
	if names := disk.Search("a secret that must go"); len(names) > 0 {
		t.Errorf("still in %v", names)
	}
	s.Close()
	options.Quota = 0
	s = reopen(t, disk, options)
	must(t, l.add(s, g.Edit("B", "with more room")))
	l.check(t, s)
}

// Free may promise more than a write gets: other programs write, too.
func TestWriteThatFindsTheDiskFullIsTakenBack(t *testing.T) {
	disk, l := wikitest.NewDisk(), newLedger()
	s := reopen(t, disk, crashOptions())
	g := wikitest.NewGenerator(72)
	must(t, l.add(s, g.Revisions(2)...))
	disk.FailAfter(1, syscall.ENOSPC)
	if err := l.add(s, g.Revisions(2)...); !errors.Is(err, wiki.ErrReadOnly) {
		t.Fatalf("add: %v", err)
	}
	must(t, l.add(s, g.Revisions(2)...))
	l.check(t, s)
	s.Close()
	l.check(t, reopen(t, disk, crashOptions()))
}

// A log that was opened while others filled the disk takes writes again once
// there is room, without being opened anew.
func TestStoreOpenedOnAFullDiskGoesOnWhenSpaceReturns(t *testing.T) {
	for seed := range uint64(40) {
		disk, l := wikitest.NewDisk(), newLedger()
		s := reopen(t, disk, crashOptions())
		g := wikitest.NewGenerator(76)
		must(t, l.add(s, g.Revisions(4)...))
		disk.FailAfter(1+int(seed%2), syscall.EIO) // a batch that is torn, or not synced
		if err := l.add(s, g.Revisions(3)...); err == nil {
			t.Fatal("no fault")
		}
		disk = disk.Crash(seeded(seed))
		disk.Hook(func(op wikitest.Op) error {
			if op.Kind == wikitest.OpWrite || op.Kind == wikitest.OpCreate {
				return syscall.ENOSPC
			}
			return nil
		})
		s = reopen(t, disk, crashOptions())
		if err := l.add(s, g.Revisions(2)...); !errors.Is(err, wiki.ErrReadOnly) || s.Failure() != nil {
			t.Fatalf("seed %d: add on a full disk: %v; failure: %v", seed, err, s.Failure())
		}
		disk.Hook(nil)
		must(t, l.add(s, g.Revisions(2)...))
		l.check(t, s)
		found := disk.Crash(seeded(seed))
		s.Close()
		l.check(t, reopen(t, found, crashOptions()))
	}
}

// What a full disk took of a batch must not come back behind what was written
// in its place.
func TestRefusedBatchLeavesNoRecordsBehind(t *testing.T) {
	disk := wikitest.NewDisk()
	s := reopen(t, disk, Options{Reserve: -1})
	g := wikitest.NewGenerator(83)
	var alike []wiki.Revision // documents of one length
	for i := range 9 {
		alike = append(alike, g.Edit("A", strings.Repeat(string(rune('a'+i)), 200)))
	}
	add(t, s, alike[0])
	disk.FailAfter(1, syscall.ENOSPC)
	if _, err := s.Add(context.Background(), alike[1:7]...); err == nil {
		t.Fatal("the full disk took a batch")
	}
	add(t, s, alike[8])
	s.Close()
	s = reopen(t, disk, Options{Reserve: -1})
	if e, err := s.Entry(alike[8].ID); err != nil || e.Seq != 2 || s.Latest() != 2 {
		t.Errorf("sequence %d of %d, %v", e.Seq, s.Latest(), err)
	}
}

func TestReserveIsLeftForErasing(t *testing.T) {
	disk := wikitest.NewDisk()
	options := crashOptions()
	options.Reserve = 50_000
	s := reopen(t, disk, options)
	g := wikitest.NewGenerator(73)
	secret := g.Edit("A", "a secret that must go")
	add(t, s, secret)
	disk.SetFree(40_000)
	if _, err := s.Add(context.Background(), g.Edit("A", "x")); !errors.Is(err, wiki.ErrReadOnly) {
		t.Errorf("add: %v", err)
	}
	add(t, s, g.Erasure("A", secret.ID))
	must(t, s.Wipe(context.Background()))
	if names := disk.Search("a secret that must go"); len(names) > 0 {
		t.Errorf("still in %v", names)
	}
}

func TestFailedSyncEndsWritingButNotReading(t *testing.T) {
	disk := wikitest.NewDisk()
	s := reopen(t, disk, crashOptions())
	g := wikitest.NewGenerator(74)
	a := g.Edit("A", "kept")
	add(t, s, a)
	disk.FailAfter(2, nil) // the write, then its sync
	lost := g.Edit("A", "never acknowledged")
	for range 3 {
		if _, err := s.Add(context.Background(), lost); !errors.Is(err, wiki.ErrReadOnly) || !errors.Is(err, syscall.EIO) {
			t.Errorf("add: %v", err)
		}
	}
	if _, err := s.Add(context.Background(), a); !errors.Is(err, wiki.ErrReadOnly) {
		t.Errorf("a held revision was acknowledged by a failing disk: %v", err)
	}
	if _, err := s.Get(a.ID); err != nil {
		t.Errorf("get: %v", err)
	}
	if _, err := s.Get(lost.ID); !errors.Is(err, wiki.ErrNotFound) {
		t.Errorf("what was not synced is served: %v", err)
	}
}

func TestVanishedDiskAnswersInWordsAndComesBack(t *testing.T) {
	disk := wikitest.NewDisk()
	s := reopen(t, disk, crashOptions())
	g := wikitest.NewGenerator(75)
	a := g.Edit("A", "kept")
	add(t, s, a)
	disk.Vanish()
	if _, err := s.Get(a.ID); !errors.Is(err, wiki.ErrDamaged) {
		t.Errorf("get: %v", err)
	}
	if _, err := s.Add(context.Background(), g.Edit("A", "x")); !errors.Is(err, wiki.ErrReadOnly) {
		t.Errorf("add: %v", err)
	}
	if len(s.Heads("A")) != 1 {
		t.Error("the index forgot the page")
	}
	disk.Reappear()
	if _, err := s.Get(a.ID); err != nil || len(s.Damaged()) > 0 {
		t.Errorf("get: %v, damaged %+v", err, s.Damaged())
	}
	s.Close()
	disk.Vanish()
	if _, err := Open(disk, crashOptions()); err == nil {
		t.Error("opened a disk that is not there")
	}
}

func TestErasedBytesLeaveTheDisk(t *testing.T) {
	const text = "a secret that must go"
	dir := t.TempDir()
	options := withIndex(dir, Options{Reserve: -1, SegmentBytes: 4 << 10, WipeDelay: time.Hour})
	s := reopen(t, Dir(dir), options)
	g := wikitest.NewGenerator(76)
	early, late := g.Edit("A", text), g.Edit("A", text)
	add(t, s, early)
	add(t, s, g.Revisions(30)...)
	add(t, s, late)
	if grep(t, dir, text) == 0 {
		t.Fatal("the search finds nothing even before")
	}
	add(t, s, g.Erasure("A", early.ID, late.ID))
	if s.Unwiped() == 0 {
		t.Error("nothing is said to wait for the wiper")
	}
	s.Close() // the order to rewrite outlives a restart
	s = reopen(t, Dir(dir), options)
	must(t, s.Wipe(context.Background()))
	if n := grep(t, dir, text); n > 0 || s.Unwiped() > 0 {
		t.Errorf("found in %d files, %d segments unwiped", n, s.Unwiped())
	}
	for _, r := range []wiki.Revision{early, late} {
		if got, err := s.Get(r.ID); err != nil || got.Body != nil || got.Erased == nil {
			t.Errorf("erased revision: %v", err)
		}
	}
	add(t, s, early, late)
	if n := grep(t, dir, text); n > 0 {
		t.Error("the erased text came back with a copy")
	}
}

// grep counts the files below a folder that hold a text.
func grep(t *testing.T, dir, text string) (n int) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if strings.Contains(string(b), text) {
			n++
		}
		return err
	}))
	return n
}

func TestErasedRevisionThatArrivesLateNeverTouchesTheDisk(t *testing.T) {
	disk := wikitest.NewDisk()
	s := reopen(t, disk, crashOptions())
	g := wikitest.NewGenerator(82)
	secret := g.Edit("A", "a secret that must go")
	add(t, s, g.Erasure("A", secret.ID))
	add(t, s, secret)
	if names := disk.Search("a secret that must go"); len(names) > 0 {
		t.Errorf("written to %v", names)
	}
}

// A copy that could not be read for a while, and was repaired meanwhile, is
// good again and forgotten: erasing must reach it all the same.
func TestErasureReachesDamagedAndSupersededCopies(t *testing.T) {
	const text = "a secret that must go"
	disk := wikitest.NewDisk()
	options := crashOptions()
	s := reopen(t, disk, options)
	g := wikitest.NewGenerator(77)
	hit, back := g.Edit("A", "x "+text), g.Edit("B", "y "+text)
	add(t, s, hit)
	add(t, s, back)
	for _, r := range []wiki.Revision{hit, back} {
		e, err := s.find(r.ID)
		must(t, err)
		overwrite(t, disk, segmentName(1), e.at.offset+recordHeader+12, []byte("rot"))
		if _, err := s.Get(r.ID); !errors.Is(err, wiki.ErrDamaged) {
			t.Fatalf("the damage was missed: %v", err)
		}
	}
	e, err := s.find(back.ID)
	must(t, err)
	must(t, s.seal(context.Background(), 1))
	must(t, s.Repair(context.Background(), back, hit))
	overwrite(t, disk, segmentName(1), e.at.offset+recordHeader, back.Document())
	for _, r := range []wiki.Revision{hit, back} {
		add(t, s, g.Erasure("A", r.ID))
		must(t, s.Wipe(context.Background()))
	}
	if names := disk.Search(text); len(names) > 0 {
		t.Errorf("still in %v", names)
	}
}

func TestWiperWorksByItselfAndTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := wikitest.NewDisk()
		options := crashOptions()
		options.WipeDelay = time.Second
		s := reopen(t, disk, options)
		g := wikitest.NewGenerator(78)
		secret := g.Edit("A", "a secret that must go")
		add(t, s, secret)
		failures := 0
		disk.Hook(func(op wikitest.Op) error {
			if op.Kind == wikitest.OpRename && failures == 0 {
				failures++
				return syscall.EIO
			}
			return nil
		})
		add(t, s, g.Erasure("A", secret.ID))
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if failures != 1 || s.Unwiped() != 1 {
			t.Errorf("%d failures, %d unwiped", failures, s.Unwiped())
		}
		time.Sleep(wipeRetry + 2*time.Second)
		synctest.Wait()
		if names := disk.Search("a secret that must go"); len(names) > 0 || s.Unwiped() > 0 {
			t.Errorf("still in %v", names)
		}
		s.Close()
	})
}

func TestRenewedIdentityIsDurableAndKnowsItsLog(t *testing.T) {
	disk := wikitest.NewDisk()
	s := reopen(t, disk, crashOptions())
	g := wikitest.NewGenerator(79)
	a := g.Edit("A", "a")
	add(t, s, a)
	first := s.Identity()
	renewed, err := s.Renew()
	must(t, err)
	if renewed == first || s.Identity() != renewed {
		t.Errorf("identity %s, was %s", s.Identity(), first)
	}
	found := disk.Crash(seeded(1))
	s.Close()
	s = reopen(t, found, crashOptions())
	if s.Identity() != renewed || readable(t, s, []wiki.Revision{a}) != 1 {
		t.Errorf("after a crash the identity is %s", s.Identity())
	}
	s.Close()
	overwrite(t, found, identityFile, 30, []byte("rot"))
	s = reopen(t, found, crashOptions())
	if s.Identity() == renewed || s.Identity() == first || readable(t, s, []wiki.Revision{a}) != 1 {
		t.Errorf("a store without a readable identity took %s", s.Identity())
	}
}

func TestForeignSegmentIsRefused(t *testing.T) {
	disk, _ := filled(t, 3)
	other := wikitest.NewDisk()
	options := crashOptions()
	reopen(t, other, options).Close()
	file, err := disk.Open(segmentName(1), false)
	must(t, err)
	head := make([]byte, segmentHeader)
	_, err = file.ReadAt(head, 0)
	must(t, err)
	overwrite(t, other, segmentName(1), 0, head)
	if _, err := Open(other, options); err == nil || !strings.Contains(err.Error(), "another store") {
		t.Errorf("open: %v", err)
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := reopen(t, Dir(dir), Options{})
	if _, err := Open(Dir(dir), Options{}); !errors.Is(err, errBusy) {
		t.Errorf("second open: %v", err)
	}
	s.Close()
	reopen(t, Dir(dir), Options{}).Close()
}

func TestNewerFormatIsNotTakenForDamage(t *testing.T) {
	disk, _ := filled(t, 3)
	head := segmentHead{number: 1}.bytes()
	head[8] = 2
	head = append(head[:60], le32(checksum(head[:60]))...)
	overwrite(t, disk, segmentName(1), 0, head)
	if _, err := Open(disk, crashOptions()); err == nil || !strings.Contains(err.Error(), "version 2") {
		t.Errorf("open: %v", err)
	}
}

func le32(v uint32) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24)} }

func TestNotesOutliveARestart(t *testing.T) {
	dir := t.TempDir()
	s := reopen(t, Dir(dir), withIndex(dir, Options{}))
	s.SetNote("checkpoint", []byte("42"))
	s.Close()
	s = reopen(t, Dir(dir), withIndex(dir, Options{}))
	if got := string(s.Note("checkpoint")); got != "42" {
		t.Errorf("note %q", got)
	}
}

// countingFiles counts syncs on a real folder.
type countingFiles struct {
	wiki.Files
	syncs *int
}

type countingFile struct {
	wiki.File
	syncs *int
}

func (c countingFiles) Open(name string, create bool) (wiki.File, error) {
	f, err := c.Files.Open(name, create)
	return countingFile{f, c.syncs}, err
}

func (c countingFile) Sync() error {
	*c.syncs++
	return c.File.Sync()
}

func TestOneSaveCostsOneSync(t *testing.T) {
	syncs := 0
	dir := t.TempDir()
	s := reopen(t, countingFiles{Dir(dir), &syncs}, withIndex(dir, Options{}))
	g := wikitest.NewGenerator(80)
	syncs = 0
	for range 10 {
		add(t, s, g.Revisions(3)...)
	}
	if syncs != 10 {
		t.Errorf("10 saves cost %d syncs", syncs)
	}
}

func TestReopeningReadsOnlyWhatTheIndexMissed(t *testing.T) {
	dir := t.TempDir()
	options := withIndex(dir, Options{Reserve: -1})
	s := reopen(t, Dir(dir), options)
	g := wikitest.NewGenerator(81)
	oracle := wikitest.NewMemory("oracle")
	for range 5 {
		revisions := g.Revisions(20)
		add(t, oracle, revisions...)
		add(t, s, revisions...)
	}
	must(t, s.flush())
	more := g.Revisions(20)
	add(t, oracle, more...)
	add(t, s, more...)
	copied := t.TempDir() // as a crash leaves it: the index lags behind
	must(t, os.CopyFS(copied, os.DirFS(dir)))
	options = withIndex(copied, Options{Reserve: -1})
	s = reopen(t, Dir(copied), options)
	wikitest.Compare(t, s, oracle)
}
