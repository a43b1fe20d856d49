//go:build system && bench

package daemon_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// result is what a probe saw. Gaps are in milliseconds.
type result struct {
	Largest, Second float64
	Failed          int
}

// The test binary is also the programs in the boxes: a server, and a client that
// asks an address for a page again and again until SIGTERM.
func init() {
	role = func(arguments []string) bool {
		switch {
		case len(arguments) == 1 && arguments[0] == "serve":
			serve()
		case len(arguments) == 3 && arguments[0] == "probe":
			pause, err := time.ParseDuration(arguments[2])
			if err != nil {
				panic(err)
			}
			stop := make(chan os.Signal, 1)
			signal.Notify(stop, syscall.SIGTERM)
			fmt.Println("probing")
			json.NewEncoder(os.Stdout).Encode(probe("http://"+arguments[1]+"/", pause, stop))
		default:
			return false
		}
		return true
	}
}

func serve() {
	go http.ListenAndServe(":80", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "here\n")
	}))
	for {
		if _, err := http.Get("http://localhost/"); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	fmt.Println("serving")
	select {}
}

func probe(url string, pause time.Duration, stop <-chan os.Signal) (r result) {
	client := &http.Client{
		Transport: &http.Transport{DisableKeepAlives: true},
		Timeout:   500 * time.Millisecond, // before a lost SYN is sent again
	}
	var mu sync.Mutex
	var answered []time.Time
	var work sync.WaitGroup
	tick := time.NewTicker(pause)
	for running := true; running; {
		select {
		case <-stop:
			running = false
		case <-tick.C:
			work.Go(func() {
				err := get(client, url)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					r.Failed++
				} else {
					answered = append(answered, time.Now())
				}
			})
		}
	}
	work.Wait()
	var gaps []float64
	for i := 1; i < len(answered); i++ {
		gaps = append(gaps, answered[i].Sub(answered[i-1]).Seconds()*1000)
	}
	slices.Sort(gaps)
	if n := len(gaps); n > 1 {
		r.Largest, r.Second = gaps[n-1], gaps[n-2]
	}
	return r
}

func get(client *http.Client, url string) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

func parse(t *testing.T, log string) (r result) {
	t.Helper()
	_, text, _ := strings.Cut(log, "probing\n")
	if err := json.Unmarshal([]byte(text), &r); err != nil || r.Largest == 0 {
		t.Fatalf("the probe said %q: %v", log, err)
	}
	return r
}
