package appliance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/argss/argss/appliance"
	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/appliance/settings"
	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/wikitest"
)

// bay is a place for a disk; each folder of the disk is simulated by itself.
type bay struct {
	mu      sync.Mutex
	folders map[string]*wikitest.Disk
}

func (b *bay) insertBlank() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.folders = map[string]*wikitest.Disk{}
}

func (b *bay) disk(folder string) (wiki.Files, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.folders[folder] == nil {
		b.folders[folder] = wikitest.NewDisk()
	}
	return b.folders[folder], nil
}

func (b *bay) pull() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range b.folders {
		d.Vanish()
	}
}

func inMemory(string) string { return "" }

// fetch asks a box and wants an answer at the first attempt.
func fetch(t *testing.T, want int, method, url, body string) (string, http.Header) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPut {
		r.Header.Set("If-None-Match", "*")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != want {
		t.Fatalf("%s %s: %d %s %v", method, url, answer.StatusCode, b, err)
	}
	return string(b), answer.Header
}

func TestEitherDiskOfABoxMayGoAndABlankOneIsFilled(t *testing.T) {
	bays := []*bay{{}, {}}
	for _, b := range bays {
		b.insertBlank()
	}
	s := settings.Settings{Wiki: "Test", Box: "wichita-1", Listen: free(t, "127.77.42.1"), Data: t.TempDir(), Secret: strings.Repeat("5e", 16)}
	parts := appliance.RealParts(s.Data, slog.New(slog.DiscardHandler))
	parts.Disk, parts.Index = bays[0].disk, inMemory
	parts.Second = &appliance.Bay{Name: "2", Disk: bays[1].disk, Index: inMemory}
	box := appliance.New(s, parts)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- box.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	<-box.Ready()
	url := "http://" + s.Listen
	saved := 0
	save := func() {
		t.Helper()
		_, header := fetch(t, 201, "PUT", fmt.Sprintf("%s/raw/Page%d", url, saved), fmt.Sprintf("text %d\n", saved))
		if copies := header.Get("Wiki-Copies"); copies != "wichita-1" {
			t.Errorf("a second disk counts as a copy: %q", copies)
		}
		saved++
	}
	readAll := func() {
		t.Helper()
		for i := range saved {
			if body, _ := fetch(t, 200, "GET", fmt.Sprintf("%s/raw/Page%d", url, i), ""); body != fmt.Sprintf("text %d\n", i) {
				t.Errorf("page %d reads %q", i, body)
			}
		}
	}
	states := func() (all string) {
		body, _ := fetch(t, 200, "GET", url+"/status.json", "")
		var status dashboard.Status
		if err := json.Unmarshal([]byte(body), &status); err != nil {
			t.Fatal(err)
		}
		for _, c := range status.Copies {
			all += c.State + " "
		}
		return all
	}
	wait := func(want string) {
		t.Helper()
		for end := time.Now().Add(30 * time.Second); states() != want; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("the disks are %q, want %q", states(), want)
			}
		}
	}
	for range 10 {
		save()
	}
	for round := range 4 { // each disk twice
		wait("equal equal ")
		bays[round%2].pull()
		for range 5 {
			save()
			readAll()
		}
		if states() == "equal equal " {
			t.Error("the status says nothing of the disk that is gone")
		}
		bays[round%2].insertBlank()
	}
	wait("equal equal ")
	if page, _ := fetch(t, 200, "GET", url+"/status", ""); strings.Count(page, "holds everything") != 2 {
		t.Error("the status page does not show both disks")
	}
}
