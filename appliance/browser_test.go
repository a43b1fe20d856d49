//go:build system

package appliance_test

import (
	"os/exec"
	"testing"
)

// TestSystemABrowserReadsWritesAndSettlesAClash drives Chromium through the
// pages of three boxes; `make deps` installs it.
func TestSystemABrowserReadsWritesAndSettlesAClash(t *testing.T) {
	w := newRealWorld(t)
	startAll(w)
	agree(t, w, boxes...)
	holder(t, w)
	out, err := exec.Command("node", "testdata/browser.mjs", w.shared(), w.url("tulsa")).CombinedOutput()
	if err != nil {
		t.Fatalf("browser.mjs: %v\n%s", err, out)
	}
	t.Logf("%s", out)
}
