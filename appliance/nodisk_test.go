package appliance_test

import (
	"strings"
	"testing"

	"github.com/argss/argss/disks"
)

func TestABoxWithoutADiskSaysSoAndLeavesTheAddressToItsTwin(t *testing.T) {
	t.Setenv("ARGSS_NO_DISK", "the box found no disk for its data")
	w := newRealWorld(t)
	w.start("tulsa")
	until(t, w, func() string {
		if s, err := status(w, w.url("tulsa")); err != nil || s.Disk.Grade != disks.Failed || s.Demotion == 0 {
			return "the box takes memory for a disk"
		}
		return ""
	})
	if page := must(t, w, 200, "GET", w.url("tulsa")+"/status", "").body; !strings.Contains(page, "found no disk for its data") {
		t.Error("the page does not tell")
	}
}
