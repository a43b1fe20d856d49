//go:build system

package appliance_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/argss/argss/vip/labtest"
)

// asker is a client that makes requests again and again and never repeats one
// that failed, as a browser must not with most saves. What it notes is enough
// to say what people would have noticed.
type asker struct {
	stop chan struct{}
	work sync.WaitGroup

	mu     sync.Mutex
	failed []string
	at     []time.Time // of answers to those who always come anew
	by     map[string]int
	slow   int // that took as long as a lost first packet
}

// Of those with new connections there are many, each slow: one whose first
// packet is lost is of no use for a second, and others must go on looking.
const (
	keeping, keepingPace = 4, 4 * time.Millisecond
	coming, comingPace   = 20, 40 * time.Millisecond
)

// askers begins clients in a box's network: some keep their connections, some do
// not.
func askers(t *testing.T, from *labtest.Box) *asker {
	a := &asker{stop: make(chan struct{}), by: map[string]int{}}
	begin := func(n int, keep bool, pace time.Duration) {
		for i := range n {
			a.work.Go(func() {
				err := from.Enter(func() error {
					time.Sleep(pace / time.Duration(n) * time.Duration(i))
					a.loop(keep, pace)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	begin(keeping, true, keepingPace)
	begin(coming, false, comingPace)
	return a
}

// loop is one client. All of it runs on one thread, which is in the network.
func (a *asker) loop(keep bool, pace time.Duration) {
	var c *conn
	for {
		select {
		case <-a.stop:
			if c != nil {
				c.Close()
			}
			return
		default:
		}
		began := time.Now()
		var err error
		if c, err = a.once(c, keep); err != nil {
			a.mu.Lock()
			a.failed = append(a.failed, fmt.Sprintf("kept %v: %v", keep, err))
			a.mu.Unlock()
		}
		if rest := pace - time.Since(began); rest > 0 {
			time.Sleep(rest)
		}
	}
}

type conn struct {
	net.Conn
	lines *bufio.Reader
}

// once makes one request, and returns the connection if it stays.
func (a *asker) once(c *conn, keep bool) (*conn, error) {
	began := time.Now()
	fresh := c == nil
	if fresh {
		dialled, err := net.DialTimeout("tcp", onTheLAN+":80", 10*time.Second)
		if err != nil {
			return nil, err
		}
		c = &conn{dialled, bufio.NewReader(dialled)}
	}
	c.SetDeadline(time.Now().Add(10 * time.Second))
	r, err := http.NewRequest("GET", "http://"+onTheLAN+"/status.json", nil)
	if err != nil {
		return nil, err
	}
	r.Close = !keep
	box, ends, err := c.answer(r)
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("fresh %v: %w", fresh, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.by[box]++
	if !keep {
		a.at = append(a.at, time.Now())
		if time.Since(began) > 900*time.Millisecond {
			a.slow++
		}
	}
	if ends || !keep {
		c.Close()
		return nil, nil
	}
	return c, nil
}

// answer sends a request and says which box answered.
func (c *conn) answer(r *http.Request) (box string, ends bool, err error) {
	if err := r.Write(c); err != nil {
		return "", true, fmt.Errorf("send: %w", err)
	}
	resp, err := http.ReadResponse(c.lines, r)
	if err != nil {
		return "", true, fmt.Errorf("hear: %w", err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return "", true, fmt.Errorf("answer %d: %v", resp.StatusCode, err)
	}
	box = "box2"
	if strings.Contains(string(body), `"box": "box1"`) {
		box = "box1"
	}
	return box, resp.Close, nil
}

// end stops the clients and returns the largest time without an answer while
// all of them asked.
func (a *asker) end() (gap time.Duration) {
	end := time.Now()
	close(a.stop)
	a.work.Wait()
	slices.SortFunc(a.at, time.Time.Compare)
	for i := 1; i < len(a.at) && a.at[i].Before(end); i++ {
		gap = max(gap, a.at[i].Sub(a.at[i-1]))
	}
	return gap
}

func (a *asker) answeredBy(box string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.by[box]
}

// unhurried are requests that are on their way when the box is told to end: one
// of which the rest comes later, and one whose answer waits for something to
// happen.
var unhurried = map[string][2]string{
	"slow request": {"GET /status.json HTTP/1.1\r\nHost: wiki\r\n", "\r\n"},
	"long poll":    {"GET /db/public/_changes?feed=longpoll&since=now&heartbeat=1000 HTTP/1.1\r\nHost: wiki\r\n\r\n", ""},
}

// halfway sends the first half of a request at once and the second some time
// after the box was told to end, and wants a whole answer.
func halfway(halves [2]string, begun func(), told <-chan struct{}) error {
	begun = sync.OnceFunc(begun)
	defer begun()
	dialled, err := net.DialTimeout("tcp", onTheLAN+":80", 10*time.Second)
	if err != nil {
		return err
	}
	c := &conn{dialled, bufio.NewReader(dialled)}
	defer c.Close()
	c.SetDeadline(time.Now().Add(labtest.Limit))
	if _, err := io.WriteString(c, halves[0]); err != nil {
		return err
	}
	begun()
	<-told
	time.Sleep(300 * time.Millisecond) // it is a slow one
	if _, err := io.WriteString(c, halves[1]); err != nil {
		return err
	}
	resp, err := http.ReadResponse(c.lines, nil)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("answer %d %q: %w", resp.StatusCode, body, err)
	}
	return nil
}

// A box that is told to end lets its clients go first: none of them sees a
// request fail, on a kept connection or a new one.
func TestSystemPlannedHandoverFailsNoRequest(t *testing.T) {
	lab, twins := newTwins(t)
	client := lab.Box("client", "10.77.0.9/24")
	answers(t, client, twins[0])
	labtest.Wait(t, "the twins to speak to each other", func() bool {
		return strings.Contains(client.Run("curl", "-s", "http://10.77.0.2/status.json"), `"holder": "10.77.0.1"`)
	})
	a := askers(t, client)
	labtest.Wait(t, "some answers", func() bool { return a.answeredBy("box1") > 200 })
	told := make(chan struct{})
	var slow, begun sync.WaitGroup
	begun.Add(len(unhurried))
	for name, half := range unhurried {
		slow.Go(func() {
			if err := client.Enter(func() error { return halfway(half, begun.Done, told) }); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	begun.Wait()
	close(told)
	twins[0].running.Terminate()
	slow.Wait()
	twins[1].holds(t, true)
	labtest.Wait(t, "answers from the twin", func() bool { return a.answeredBy("box2") > 200 })
	gap := a.end()
	t.Logf("%d answers of the first box, %d of the second, %d late by a lost first packet, largest gap %v", a.by["box1"], a.by["box2"], a.slow, gap)
	for _, failed := range a.failed {
		t.Errorf("a request failed: %s", failed)
	}
}
