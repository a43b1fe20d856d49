package bench

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/argss/argss/images"
	"github.com/argss/argss/images/build"
)

// Sabotaged makes an amd64 image in which the saboteur has the place of ntp. The
// programs are the product's others. Source is the folder of go.mod, out that of
// the image, which has no boot entry: it starts by its kernel.
func Sabotaged(ctx context.Context, source, out string) error {
	board, err := images.FindBoard("amd64")
	if err != nil {
		return err
	}
	return build.Make(ctx, build.Recipe{
		Board: board, Source: source, Out: out, Go: "go", Version: "sabotaged", When: time.Unix(1, 0),
		Programs: []string{"./appliance/init", "./appliance/boxd", "./vip/vipd", "./images/bench/saboteur/ntp"},
		Boot:     func(string, string) map[string]string { return nil },
	})
}

// Stop has the saboteur on a box stop the program of a name, which then lives
// and does nothing any more.
func (w *World) Stop(ctx context.Context, b *Box, program string) error {
	ctx, cancel := context.WithTimeout(ctx, once)
	defer cancel()
	conn, err := w.Person.DialContext(ctx, "tcp4", net.JoinHostPort(strings.TrimPrefix(b.URL, "http://"), "77"))
	if err != nil {
		return fmt.Errorf("stop %s on %s: %w", program, b.Name(), err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(once))
	if _, err := fmt.Fprintf(conn, "stop %s\n", program); err != nil {
		return fmt.Errorf("stop %s on %s: %w", program, b.Name(), err)
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if answer = strings.TrimSpace(answer); err == nil && answer != "1" {
		err = fmt.Errorf("the saboteur says %q", answer)
	}
	if err != nil {
		return fmt.Errorf("stop %s on %s: %w", program, b.Name(), err)
	}
	return nil
}
