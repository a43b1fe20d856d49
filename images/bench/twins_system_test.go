//go:build system

package bench

import (
	"slices"
	"testing"
	"time"

	"github.com/argss/argss/images/bench/machine"
)

func TestBenchTwinsSurviveThePowerPullOfTheHolder(t *testing.T) {
	s := tell(t, Twins...)
	s.boot(s.Boxes...)
	holder, other := s.holder()
	page := s.saveOnTwo("written before the cord was pulled")
	s.pull(holder, *first)
	t.Logf("the next read took %v", s.expect(SharedURL, page, "written before the cord was pulled"))
	if now, _ := s.holder(); now != other {
		t.Errorf("%s answers at the shared address without power", now.Name())
	}
	s.save(SharedURL, "Alone", "written while the twin was away")
	t.Logf("%s serves %v after its power returned", holder.Name(), s.boot(holder))
	s.expect(holder.URL, "Alone", "written while the twin was away")
	s.agree()
	s.pull(holder, *first+1)
	s.must(holder.CheckData())
}

func TestBenchAnARM64BoxStartsByUEFIAndJoinsAnAMD64Twin(t *testing.T) {
	s := tell(t, Plan{Name: "wichita-1"}, Plan{Name: "wichita-2", Arch: machine.ARM64, UEFI: true})
	s.boot(s.Boxes[0])
	s.save(s.Boxes[0].URL, "Early", "written before the other box had power")
	t.Logf("the ARM64 box serves after %v", s.boot(s.Boxes[1]))
	page := s.saveOnTwo("written for both")
	for _, b := range s.Boxes {
		s.expect(b.URL, "Early", "written before the other box had power")
		s.expect(b.URL, page, "written for both")
	}
	s.save(s.Boxes[1].URL, "Late", "written on the ARM64 box")
	s.expect(s.Boxes[0].URL, "Late", "written on the ARM64 box")
	s.agree()
}

func TestBenchPowerToTheFirstPage(t *testing.T) {
	s := tell(t, Plan{Name: "box", Alone: true})
	box := s.Boxes[0]
	s.boot(box)
	s.save(box.URL, "Home", "the first page")
	var all []time.Duration
	for i := range *boots {
		s.pull(box, *first+uint64(i))
		start := time.Now()
		s.must(box.PowerOn())
		s.until("the first page", func() error { return s.Page(s.ctx, box.URL) })
		all = append(all, time.Since(start))
	}
	slices.Sort(all)
	t.Logf("power to the first page: median %v of %v", all[len(all)/2], all)
}
