package bench

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
)

// Open gives power to all boxes, opens a door to each and to the shared address
// on this machine's loopback, and prints the addresses.
func (w *World) Open(out io.Writer) error {
	for i, b := range w.Boxes {
		near := fmt.Sprintf("127.77.10.%d:8080", i+1)
		if err := w.Door(near, strings.TrimPrefix(b.URL, "http://")+":80"); err != nil {
			return err
		}
		if err := b.PowerOn(); err != nil {
			return err
		}
		fmt.Fprintf(out, "box %s http://%s\n", b.Name(), near)
	}
	const shared = "127.77.10.100:8080"
	if err := w.Door(shared, SharedAddress+":80"); err != nil {
		return err
	}
	fmt.Fprintf(out, "wiki http://%s\nThey answer once they have started, in about half a minute.\n", shared)
	return nil
}

// Toggle pulls the power of the box of a name, or gives it back, and says so.
func (w *World) Toggle(name string) (string, error) {
	for _, b := range w.Boxes {
		if b.Name() != name {
			continue
		}
		if on, _ := b.Running(); !on {
			_, _ = b.PullPower(0) // clears away a QEMU that ended by itself
			return name + " has power", b.PowerOn()
		}
		cut, err := b.PullPower(rand.Uint64())
		return name + ": " + cut.String(), err
	}
	return "There is no box " + name + ".", nil
}
