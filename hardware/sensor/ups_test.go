package sensor

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// server is a NUT server that knows one UPS, cellar, and these variables.
func server(t *testing.T, variables map[string]string) string {
	t.Helper()
	return listen(t, func(conn net.Conn) {
		lines := bufio.NewScanner(conn)
		for lines.Scan() {
			var ups, name string
			if n, _ := fmt.Sscanf(lines.Text(), "GET VAR %s %s", &ups, &name); n != 2 {
				fmt.Fprintln(conn, "ERR INVALID-ARGUMENT")
			} else if ups != "cellar" {
				fmt.Fprintln(conn, "ERR UNKNOWN-UPS")
			} else if v, ok := variables[name]; ok {
				fmt.Fprintf(conn, "VAR %s %s %q\n", ups, name, v)
			} else {
				fmt.Fprintln(conn, "ERR VAR-NOT-SUPPORTED")
			}
		}
	})
}

func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer conn.Close(); serve(conn) }()
		}
	}()
	return l.Addr().String()
}

func TestUPSIsAsked(t *testing.T) {
	for _, c := range []struct {
		variables map[string]string
		want      UPS
	}{
		{map[string]string{"ups.status": "OL CHRG", "battery.charge": "97", "battery.runtime": "1800"}, UPS{Charge: 97, Runtime: 30 * time.Minute}},
		{map[string]string{"ups.status": "OB DISCHRG"}, UPS{OnBattery: true, Charge: -1}},
		{map[string]string{"ups.status": "OB LB", "battery.charge": "8.5"}, UPS{OnBattery: true, LowBattery: true, Charge: 8}},
		{map[string]string{"ups.status": "FSD OL", "battery.charge": "NaN", "battery.runtime": "1e300"}, UPS{GivesUp: true, Charge: -1}},
	} {
		got, err := AskUPS(t.Context(), server(t, c.variables), "cellar")
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%v: %v\n%s", c.variables, err, diff)
		}
	}
}

func TestUPSThatDoesNotAnswerIsUnknown(t *testing.T) {
	silentServer := listen(t, func(c net.Conn) { bufio.NewReader(c).ReadString(0) })
	for name, question := range map[string]func() (UPS, error){
		"lost": func() (UPS, error) { return AskUPS(t.Context(), server(t, map[string]string{}), "cellar") },
		"odd status": func() (UPS, error) {
			return AskUPS(t.Context(), server(t, map[string]string{"ups.status": "CAL"}), "cellar")
		},
		"another name": func() (UPS, error) {
			return AskUPS(t.Context(), server(t, map[string]string{"ups.status": "OL"}), "attic")
		},
		"injection": func() (UPS, error) {
			return AskUPS(t.Context(), server(t, map[string]string{"ups.status": "OL"}), "cellar\nFSD")
		},
		"endless line": func() (UPS, error) {
			return AskUPS(t.Context(), listen(t, func(c net.Conn) {
				for range 10_000 {
					if _, err := c.Write([]byte(strings.Repeat("x", 1000))); err != nil {
						return
					}
				}
			}), "cellar")
		},
		"silence": func() (UPS, error) { return AskUPS(t.Context(), silentServer, "cellar") },
	} {
		began := time.Now()
		if u, err := question(); err == nil || time.Since(began) > 4*ask {
			t.Errorf("%s: %+v, %v after %v", name, u, err, time.Since(began))
		}
	}
}

func TestBoxYieldsStopsAndComesBackWithItsPower(t *testing.T) {
	lost := errors.New("lost")
	on, battery := UPS{Charge: 100}, UPS{OnBattery: true, Charge: 90}
	type step struct {
		second int
		ups    UPS
		err    error
		want   Action
	}
	for name, steps := range map[string][]step{
		"a flicker is nothing":               {{0, battery, nil, Run}, {4, on, nil, Run}, {9, on, nil, Run}},
		"an outage yields until power stays": {{0, battery, nil, Run}, {6, battery, nil, Yield}, {30, on, nil, Yield}, {60, battery, nil, Yield}, {70, on, nil, Yield}, {129, on, nil, Yield}, {130, on, nil, Run}},
		"a low battery stops at once":        {{0, UPS{OnBattery: true, LowBattery: true}, nil, Stop}, {1, on, nil, Stop}},
		"little runtime stops":               {{0, battery, nil, Run}, {60, UPS{OnBattery: true, Charge: 90, Runtime: time.Minute}, nil, Stop}},
		"long runtime outweighs charge":      {{0, battery, nil, Run}, {60, UPS{OnBattery: true, Charge: 15, Runtime: time.Hour}, nil, Yield}},
		"little charge stops":                {{0, battery, nil, Run}, {60, UPS{OnBattery: true, Charge: 19}, nil, Stop}},
		"a UPS that says no more":            {{0, UPS{OnBattery: true, Charge: -1}, nil, Run}, {600, UPS{OnBattery: true, Charge: -1}, nil, Yield}},
		"silence with power is nothing":      {{0, on, nil, Run}, {600, UPS{}, lost, Run}},
		"silence on battery ends in a stop":  {{0, battery, nil, Run}, {60, UPS{}, lost, Yield}, {180, UPS{}, lost, Stop}},
		"a low battery that is charging":     {{0, UPS{Charge: 5, LowBattery: true}, nil, Run}},
		"a UPS that is switched off":         {{0, UPS{GivesUp: true}, nil, Stop}},
	} {
		var o Outage
		began := time.Now()
		for _, s := range steps {
			if got := o.Observe(s.ups, s.err, began.Add(time.Duration(s.second)*time.Second)); got != s.want {
				t.Errorf("%s: after %d s got %s, want %s", name, s.second, got, s.want)
			}
		}
	}
}

func FuzzParseStatus(f *testing.F) {
	f.Add("OL CHRG")
	f.Fuzz(func(t *testing.T, status string) {
		if u, err := parseStatus(status); err == nil && u == (UPS{}) && !strings.Contains(status, "OL") {
			t.Errorf("%q is called on line", status)
		}
	})
}
