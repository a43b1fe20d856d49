package pid1

import (
	"fmt"
	"os"
	"strings"
)

// status is what the console shows: to whoever stands before the box with a
// screen, and to tests on the serial line.
type status struct {
	box, version, state, claim string
	addresses, wrong           []string
}

func (s status) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\r\nARGSS %s\r\n  box        %s\r\n", s.version, s.box)
	for _, a := range s.addresses {
		fmt.Fprintf(&b, "  address    %s\r\n", a)
	}
	fmt.Fprintf(&b, "  state      %s\r\n", s.state)
	if s.claim != "" {
		fmt.Fprintf(&b, "  claim code %s\r\n", s.claim)
	}
	for _, w := range s.wrong {
		fmt.Fprintf(&b, "  attention  %s\r\n", w)
	}
	return b.String()
}

// show writes it to the console that programs log to and to the screen.
func (s status) show() {
	for _, tty := range []string{"/dev/console", "/dev/tty0"} {
		f, err := os.OpenFile(tty, os.O_WRONLY, 0)
		if err != nil {
			continue // no screen, or no serial line
		}
		_, _ = f.WriteString(s.String())
		f.Close()
	}
}
