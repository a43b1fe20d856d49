package slot

import (
	"errors"
	"strings"
	"testing"
)

func boots(t *testing.T, d *disk, want string) Running {
	t.Helper()
	run, software, err := d.boot()
	if err != nil {
		t.Fatal(err)
	}
	if software != whole(want) {
		t.Fatalf("slot %s boots %q, want %q whole", run.Slot, software, want)
	}
	return run
}

func install1(t *testing.T, d *disk, run Running, name string) {
	t.Helper()
	if _, err := Install(d, rootOf{d, run.Slot.Other()}, run, release(name)); err != nil {
		t.Fatal(err)
	}
}

func TestANewVersionIsTriedAndStaysWhenBlessed(t *testing.T) {
	d := installed()
	run := boots(t, d, "one")
	for _, name := range []string{"two", "three", "four"} {
		install1(t, d, run, name)
		run = boots(t, d, name)
		if err := Bless(d, run); err != nil {
			t.Fatal(err)
		}
		for range 2 * Tries {
			boots(t, d, name)
		}
	}
}

func TestAVersionThatIsNeverHealthyIsGivenUpAndTold(t *testing.T) {
	d := installed()
	install1(t, d, boots(t, d, "one"), "two")
	for range Tries {
		boots(t, d, "two")
	}
	run := boots(t, d, "one")
	if failed, err := Failed(d, run); err != nil || failed != 2 {
		t.Errorf("failed is %d, %v", failed, err)
	}
	install1(t, d, run, "three")
	if run := boots(t, d, "three"); run.Serial != 3 {
		t.Errorf("the next install has serial %d: a failed one's is not used again", run.Serial)
	}
}

func TestNothingIsInstalledWhileOnTrial(t *testing.T) {
	d := installed()
	install1(t, d, boots(t, d, "one"), "two")
	run := boots(t, d, "two")
	if _, err := Install(d, rootOf{d, run.Slot.Other()}, run, release("three")); !errors.Is(err, ErrOnTrial) {
		t.Errorf("installed over the only version that is known to work: %v", err)
	}
}

func TestWhatIsNotOnTheDiskAsSignedIsNeverTried(t *testing.T) {
	for name, spoil := range map[string]func(*disk, *Release){
		"root that the disk changed": func(d *disk, _ *Release) { d.flip = true },
		"short root":                 func(_ *disk, r *Release) { r.Root = strings.NewReader("root") },
		"other kernel":               func(_ *disk, r *Release) { r.Kernel = strings.NewReader("kernel evil") },
		"short kernel":               func(_ *disk, r *Release) { r.Kernel = strings.NewReader("") },
	} {
		d, r := installed(), release("two")
		run := boots(t, d, "one")
		spoil(d, &r)
		if _, err := Install(d, rootOf{d, B}, run, r); err == nil {
			t.Errorf("%s: installed", name)
		}
		boots(t, d, "one")
	}
}

// cuts runs something on copies of a disk, with the power gone after 0, 1, 2 …
// steps, until it gets through.
func cuts(t *testing.T, start *disk, do func(*disk) error, check func(step int, d *disk)) {
	t.Helper()
	for step := 0; ; step++ {
		d := start.clone()
		d.left = step
		err := do(d)
		d = d.clone() // what stands on the disk when the power is back
		check(step, d)
		if err == nil {
			if step < 3 {
				t.Fatalf("done after %d steps: the test cut nothing", step)
			}
			return
		}
		if !errors.Is(err, errCut) {
			t.Fatal(err)
		}
	}
}

func TestPowerCutAtAnyWriteOfAnInstallLeavesAWholeSlot(t *testing.T) {
	for _, before := range []string{"first update", "after a failed one", "after a good one"} {
		d := installed()
		run, old := boots(t, d, "one"), "one"
		if before != "first update" {
			install1(t, d, run, "zero")
			for range Tries {
				run = boots(t, d, "zero")
			}
			if before == "after a good one" {
				old = "zero"
				if err := Bless(d, run); err != nil {
					t.Fatal(err)
				}
			}
			run = boots(t, d, old)
		}
		do := func(d *disk) error {
			_, err := Install(d, rootOf{d, run.Slot.Other()}, run, release("two"))
			return err
		}
		cuts(t, d, do, func(step int, d *disk) {
			tried := 0
			for {
				r, software, err := d.boot()
				if err != nil {
					t.Fatalf("%s, cut at %d: %v", before, step, err)
				}
				if r.Serial == run.Serial {
					if software != whole(old) {
						t.Fatalf("%s, cut at %d: the running slot boots %q", before, step, software)
					}
					break
				}
				if tried++; tried > Tries || software != whole("two") {
					t.Fatalf("%s, cut at %d: try %d boots %q", before, step, tried, software)
				}
			}
			if err := do(d); err != nil {
				t.Fatalf("%s, cut at %d: the update cannot be begun again: %v", before, step, err)
			}
			boots(t, d, "two")
		})
	}
}

func TestPowerCutAtAnyWriteOfABlessingLeavesAWholeSlot(t *testing.T) {
	for tries := range Tries {
		d := installed()
		install1(t, d, boots(t, d, "one"), "two")
		for range tries {
			boots(t, d, "two")
		}
		run := boots(t, d, "two")
		cuts(t, d, func(d *disk) error { return Bless(d, run) }, func(step int, d *disk) {
			r, software, err := d.boot()
			if err != nil || software != whole("one") && software != whole("two") {
				t.Fatalf("try %d, cut at %d: %q, %v", tries, step, software, err)
			}
			if r.Serial != run.Serial {
				return // fell back: allowed, for it was not blessed yet
			}
			if err := Bless(d, r); err != nil {
				t.Fatalf("try %d, cut at %d: cannot be blessed again: %v", tries, step, err)
			}
			for range 2 * Tries {
				boots(t, d, "two")
			}
		})
	}
}

func FuzzParseEntry(f *testing.F) {
	for _, s := range []string{"argss-1.conf", "ARGSS-2+3-0.CONF", "argss-2+3.conf", "argss-01.conf", "argss-+.conf"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if e, ok := ParseEntry(name); ok && !strings.EqualFold(e.String(), name) {
			t.Errorf("%q is taken for %q", name, e)
		}
	})
}
