package swap

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var (
	old   = Disk{"WD-WX11A1234567", "WDC WD40", "SATA 1", 4e12}
	stays = Disk{"ZA1FF0E0", "ST4000", "SATA 2", 4e12}
	fresh = Disk{"ZB2AA0B0", "ST4000", "SATA 1", 4e12}
	small = Disk{"S1", "SSD", "SATA 1", 1e9}
	began = time.Unix(1_700_000_000, 0)
)

func begin(t *testing.T) Swap {
	t.Helper()
	s, err := Begin(old, []Disk{old, stays}, 1e12)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func present(list ...Disk) Present {
	p := Present{Disks: list}
	for _, d := range list {
		p.Blank = append(p.Blank, d.Serial)
	}
	return p
}

func TestSwapFromBlinkToDone(t *testing.T) {
	s := begin(t)
	for i, c := range []struct {
		event Event
		step  Step
		task  Task
		told  string
	}{
		{Typed{"4568", true}, Confirm, Blink, "not the serial number"},
		{Typed{"567", true}, Confirm, Blink, "not the serial number"},
		{Typed{"4567", false}, Confirm, Blink, "Not all pages"},
		{Typed{"wx11 a123-4567", true}, Release, Unmount, "Leave it in"},
		{Finished{Task: CopyToNew}, Release, Unmount, "Leave it in"},
		{Finished{Task: Unmount}, TakeOut, Wait, "in bay SATA 1 now"},
		{present(old), TakeOut, Wait, "ZA1FF0E0 is gone"},
		{present(old, stays), TakeOut, Wait, "Take out"},
		{present(stays), PutIn, Wait, "Put the new disk in"},
		{present(stays, old), PutIn, Wait, "This is the old disk"},
		{present(stays, small), PutIn, Wait, "too small"},
		{Present{Disks: []Disk{stays, fresh}, On: "This disk holds a Windows file system (NTFS). It is left alone."}, PutIn, Wait, "NTFS"},
		{present(stays, fresh), BurnIn, TestNew, "tested"},
		{Finished{Task: TestNew}, Prepare, FormatNew, "prepared"},
		{Finished{Task: FormatNew}, Refill, CopyToNew, "filled"},
		{Progress{0, 1e12, began}, Refill, CopyToNew, "0 % done."},
		{Progress{25e10, 1e12, began.Add(time.Hour)}, Refill, CopyToNew, "25 % done, about 3 hours left."},
		{Finished{Task: CopyToNew, Trouble: "The other box does not answer."}, Refill, CopyToNew, "does not answer"},
		{Finished{Task: CopyToNew}, Verify, ReadNew, "read back"},
		{Finished{Task: ReadNew, Missing: 3}, Refill, CopyToNew, "3 pieces"},
		{Finished{Task: CopyToNew}, Verify, ReadNew, "read back"},
		{GiveUp{}, Verify, ReadNew, "read back"},
		{Finished{Task: ReadNew}, Done, Wait, "Nothing more"},
	} {
		s = Next(s, c.event)
		if s.Step != c.step || s.Task() != c.task || !strings.Contains(s.Sentence(), c.told) {
			t.Fatalf("event %d %+v: %s, %s, %q", i, c.event, s.Step, s.Task(), s.Sentence())
		}
	}
}

func TestNewDiskThatFailsIsNotTakenAgain(t *testing.T) {
	s := Swap{Step: BurnIn, Old: old, New: fresh, Others: []string{stays.Serial}}
	s = Next(s, Finished{Task: TestNew, Trouble: "The new disk has bad sectors."})
	if s = Next(s, present(stays, fresh)); s.Step != PutIn || !strings.Contains(s.Sentence(), "bad sectors") {
		t.Errorf("%s: %q", s.Step, s.Sentence())
	}
}

func TestNewDiskThatVanishesIsAskedForAgain(t *testing.T) {
	for _, step := range []Step{BurnIn, Prepare, Refill, Verify} {
		s := Swap{Step: step, Old: old, New: fresh, Others: []string{stays.Serial}}
		if s = Next(s, present(stays)); s.Step != PutIn || s.New != (Disk{}) {
			t.Errorf("%s: %+v", step, s)
		}
	}
}

func TestDiskThatCannotBeToldApartIsNotSwapped(t *testing.T) {
	for _, c := range []struct {
		old     Disk
		present []Disk
	}{{Disk{}, []Disk{{}}}, {old, []Disk{stays}}, {old, []Disk{old, old}}} {
		if s, err := Begin(c.old, c.present, 0); err == nil {
			t.Errorf("%+v begins", s)
		}
	}
}

// TestNoOrderOfEventsBreaksThePromises walks at random, with a restart of the box
// before each event.
func TestNoOrderOfEventsBreaksThePromises(t *testing.T) {
	path := filepath.Join(t.TempDir(), "swap.json")
	disks := []Disk{old, stays, fresh, small, {}}
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 0))
		s, confirmed, readBack := begin(t), false, false
		for range 60 {
			if err := Save(path, s); err != nil {
				t.Fatal(err)
			}
			loaded, there, err := Load(path)
			if diff := cmp.Diff(s, loaded, cmpopts.IgnoreUnexported(Meter{})); err != nil || !there || diff != "" {
				t.Fatalf("seed %d: %v\n%s", seed, err, diff)
			}
			before, e := loaded, randomEvent(random, loaded, disks)
			s = Next(loaded, e)
			if typed, ok := e.(Typed); ok && typed == (Typed{"4567", true}) {
				confirmed = true
			}
			if f, ok := e.(Finished); ok && before.Step == Verify && f == (Finished{Task: ReadNew}) {
				readBack = true
			}
			if out := s.Step != Confirm && s.Step != Given; out && !confirmed || s.Step == Done && !readBack {
				t.Fatalf("seed %d: %+v leads from %s to %s", seed, e, before.Step, s.Step)
			}
			if s.New.Serial != "" && (s.known(s.New.Serial) || s.New.Size < s.Used) {
				t.Fatalf("seed %d: the new disk is %+v", seed, s.New)
			}
			if p, ok := e.(Present); ok && before.New != s.New && s.New.Serial != "" && !slices.Contains(p.Blank, s.New.Serial) {
				t.Fatalf("seed %d: a disk that holds something is taken", seed)
			}
		}
	}
}

func randomEvent(random *rand.Rand, s Swap, disks []Disk) Event {
	switch random.IntN(8) {
	case 0:
		return Typed{[]string{"4567", "0000"}[random.IntN(2)], random.IntN(2) == 0}
	case 1:
		return GiveUp{}
	case 2:
		return Progress{random.Int64N(100), random.Int64N(100), began.Add(time.Duration(random.IntN(100)) * time.Second)}
	case 3, 4:
		trouble := []string{"", "", "It failed."}[random.IntN(3)]
		return Finished{s.Task(), trouble, max(0, random.IntN(4)-2)}
	default:
		var list []Disk
		for _, d := range disks {
			if random.IntN(2) == 0 {
				list = append(list, d)
			}
		}
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		p := present(list...)
		p.Blank = p.Blank[:random.IntN(len(list)+1)]
		p.On = "It holds something."
		return p
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"step":"refill","old":{"serial":"A"},"new":{"serial":"B"},"others":["C"]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := parse(b); err == nil && (s.Sentence() == "" || s.New.Serial != "" && slices.Contains(s.Others, s.New.Serial)) {
			t.Errorf("%+v", s)
		}
	})
}
