//go:build system

package appliance_test

import (
	"encoding/json"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// TestSystemPouchDBReplicatesBothWays lets a real PouchDB mint revisions
// offline, push them, contradict a page and try forgeries; `make deps` installs
// it.
func TestSystemPouchDBReplicatesBothWays(t *testing.T) {
	const count = 10_000
	w := newRealWorld(t)
	startAll(w)
	agree(t, w, boxes...)
	url := w.url("wichita-1")
	base := must(t, w, 201, "PUT", url+"/raw/Shared", "first\n", "If-None-Match", "*").header.Get("Wiki-Revision")
	tag := must(t, w, 200, "GET", url+"/raw/Shared", "").header.Get("ETag")
	must(t, w, 200, "PUT", url+"/raw/Shared", "online\n", "If-Match", tag)

	out, err := exec.Command("node", "testdata/pouchdb.mjs", url+"/db/public", t.TempDir(), strconv.Itoa(count), base).CombinedOutput()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, out)
	}
	t.Logf("%s", out)
	var got struct {
		Pushed, PushFailures, Refused, Forged, Pulled, Again, Held, Broken int
		Live, LivePulled, LivePushed                                       int
		Offline                                                            string
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got.Pushed != count+1 || got.PushFailures != 0 {
		t.Errorf("pushed %d of %d, %d failures", got.Pushed, count+1, got.PushFailures)
	}
	if got.Refused != got.Forged || got.Forged == 0 {
		t.Errorf("%d of %d forged documents were refused", got.Refused, got.Forged)
	}
	if want := count + 3; got.Pulled != want || got.Held != want || got.Again != 0 || got.Broken != 0 {
		t.Errorf("pulled %d, held %d of %d; %d again, %d broken", got.Pulled, got.Held, want, got.Again, got.Broken)
	}
	if got.Live == 0 || got.LivePulled != got.Live || got.LivePushed != got.Live {
		t.Errorf("live, %d of %d came and %d went", got.LivePulled, got.Live, got.LivePushed)
	}
	agree(t, w, boxes...)
	for _, name := range boxes {
		page := must(t, w, 200, "GET", w.url(name)+"/raw/Shared", "")
		if page.header.Get("Wiki-State") != "conflict" || !strings.Contains(page.header.Get("Wiki-Revision"), strings.TrimPrefix(got.Offline, "rev:")) {
			t.Errorf("%s shows the contradiction as %s, heads %s", name, page.header.Get("Wiki-State"), page.header.Get("Wiki-Revision"))
		}
		must(t, w, 200, "GET", w.url(name)+"/raw/pouch/page%20"+strconv.Itoa(count-1)+"%20%E6%BC%A2%20%25", "")
	}
}
