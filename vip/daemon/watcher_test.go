package daemon

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

// The watcher's work needs root and is tested there; its lock does not.
func TestSecondProgramOfTheGroupIsKeptAway(t *testing.T) {
	var s Settings
	s.LAN.Interface, s.LAN.VHID = fmt.Sprintf("test%d", os.Getpid()), 7
	held, err := claimName(s.name())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	alive, out := strings.NewReader(""), io.Discard
	if err := watch(s, alive, out); err == nil || !strings.Contains(err.Error(), "another vipd") {
		t.Errorf("a second watcher ended with %v", err)
	}
}
