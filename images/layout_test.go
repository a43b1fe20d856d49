package images

import (
	"strings"
	"testing"
)

func TestPartitionsAreAlignedApartAndEndWithTheData(t *testing.T) {
	for _, b := range Boards() {
		guids, end := map[string]bool{}, int64(0)
		rows := b.Partitions()
		for i, p := range rows {
			if p.Start%Alignment != 0 || p.Size%Alignment != 0 || p.Start < max(end, Alignment) || p.Number != i+1 {
				t.Errorf("%s: %+v starts before %d, or off its place", b.Name, p, end)
			}
			if guids[p.GUID] || len(p.GUID) != 36 {
				t.Errorf("%s: GUID %q twice or no GUID", b.Name, p.GUID)
			}
			guids[p.GUID], end = true, p.Start+p.Size
		}
		if last := rows[len(rows)-1]; last.Name != "data" || last.Content != Data {
			t.Errorf("%s ends with %+v: only the last partition can grow", b.Name, last)
		}
		if b.DiskSize() < end+Alignment {
			t.Errorf("%s: no room for the second table", b.Name)
		}
	}
}

func TestEachSlotHasItsOwnRootOnTheCommandLine(t *testing.T) {
	for _, b := range Boards() {
		x, y := b.Options("root-a"), b.Options("root-b")
		if x == y || !strings.Contains(x, b.Partition("root-a").GUID) || !strings.Contains(y, b.Partition("root-b").GUID) {
			t.Errorf("%s: %q and %q", b.Name, x, y)
		}
	}
}

func TestABoardThatIsNotThereIsToldWithThoseThatAre(t *testing.T) {
	if _, err := FindBoard("toaster"); err == nil || !strings.Contains(err.Error(), "amd64") {
		t.Error(err)
	}
}
