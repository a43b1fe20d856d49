package sensor

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// UPS is what a UPS says of itself.
type UPS struct {
	OnBattery  bool
	LowBattery bool          // nearly empty; with power that is a battery being charged
	GivesUp    bool          // its primary is switching it off now
	Charge     int           // percent, -1 if it does not say
	Runtime    time.Duration // left on battery, 0 if it does not say
}

// ask is how long a server may take for one conversation; a server that
// freezes once froze its clients.
const ask = 5 * time.Second

// AskUPS asks a NUT server (host:3493) for the state of a UPS by its name there.
// An error means that the state is not known, also when the server is there and
// has lost the UPS.
func AskUPS(ctx context.Context, address, name string) (UPS, error) {
	if name == "" || strings.ContainsAny(name, " \t\r\n\"\\") {
		return UPS{}, fmt.Errorf("ask UPS: %q is no name of one", name)
	}
	ctx, cancel := context.WithTimeout(ctx, ask)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return UPS{}, fmt.Errorf("ask UPS %s: %w", name, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	u, err := converse(conn, name)
	if err != nil {
		return UPS{}, fmt.Errorf("ask UPS %s: %w", name, err)
	}
	return u, nil
}

func converse(conn net.Conn, name string) (UPS, error) {
	// A line of the protocol is short; more than this is no NUT server.
	in := bufio.NewReaderSize(conn, 1024)
	status, err := variable(conn, in, name, "ups.status")
	if err != nil {
		return UPS{}, err
	}
	u, err := parseStatus(status)
	if err != nil {
		return UPS{}, err
	}
	u.Charge = -1
	if charge, err := variable(conn, in, name, "battery.charge"); err == nil {
		if f, err := strconv.ParseFloat(charge, 64); err == nil && f >= 0 && f <= 100 {
			u.Charge = int(f)
		}
	}
	if runtime, err := variable(conn, in, name, "battery.runtime"); err == nil {
		const most = 30 * 24 * 3600 // seconds; more is nonsense
		if f, err := strconv.ParseFloat(runtime, 64); err == nil && f > 0 && f < most {
			u.Runtime = time.Duration(f) * time.Second
		}
	}
	return u, nil
}

// variable asks for one value: GET VAR, answered by VAR ups name "value" or ERR.
func variable(conn net.Conn, in *bufio.Reader, ups, name string) (string, error) {
	if _, err := fmt.Fprintf(conn, "GET VAR %s %s\n", ups, name); err != nil {
		return "", err
	}
	raw, err := in.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	line := strings.TrimRight(string(raw), "\r\n")
	quoted, ok := strings.CutPrefix(line, "VAR "+ups+" "+name+" ")
	if !ok {
		return "", fmt.Errorf("the server answers %.60q", line)
	}
	value, err := strconv.Unquote(quoted)
	if err != nil {
		return "", fmt.Errorf("the server's value is %.60q", quoted)
	}
	return value, nil
}

// parseStatus reads the words of ups.status. One that says neither that it is on
// line nor on battery says nothing.
func parseStatus(status string) (UPS, error) {
	var u UPS
	known := false
	for _, word := range strings.Fields(status) {
		switch word {
		case "OL":
			known = true
		case "OB":
			u.OnBattery, known = true, true
		case "LB":
			u.LowBattery = true
		case "FSD":
			u.GivesUp, known = true, true
		}
	}
	if !known {
		return UPS{}, fmt.Errorf("its status is %.60q", status)
	}
	return u, nil
}
