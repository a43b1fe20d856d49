package web_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/argss/argss/wiki/web"
)

func TestAPageInMemoryIsDrawnAgainWhenItsFrameChanges(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "hello")
	changes := []struct {
		change func()
		want   string
	}{
		{func() {}, "hello"},
		{func() { b.frame.WikiName = "Steppe" }, "– Steppe</title>"},
		{func() { b.frame.Banner.Sentence = "All alone." }, "All alone."},
		{func() { b.frame.Ledger = []string{"4 unplugs"} }, "4 unplugs"},
		{func() { b.frame.Boxes = []web.Box{{Name: "paris"}} }, "paris"},
		{func() { b.frame.Links = []web.Link{{Text: "Status", Address: "/status"}} }, `href="/status"`},
		{func() { b.frame.BoxName = "wichita-2" }, "Answered by wichita-2"},
		{func() { b.frame.Version = "1.2" }, "ARGSS 1.2"},
		{func() { b.peers.names = []string{"oslo"} }, `data-box="oslo"`},
		{func() { b.set("/raw/Home", "goodbye") }, "goodbye"},
	}
	for _, c := range changes {
		b.get("/wiki/Home", 200)
		c.change()
		wantText(t, b.get("/wiki/Home", 200), c.want)
	}
	r := httptest.NewRequest("GET", "/wiki/Home", nil)
	r.Header.Set("Cookie", "theme=dark")
	wantText(t, bodyOf(t, b.send(r)), `data-theme="dark"`)
	if strings.Contains(b.get("/wiki/Home", 200), "data-theme") {
		t.Error("one reader's theme was shown to another")
	}
}

func TestPagesAreReadWhileTheyAreWritten(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "version 0 [[Page 3]]")
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	writers.Go(func() {
		for i := 1; i <= 50; i++ {
			b.ask("PUT", "/raw/Home", fmt.Sprintf("version %d [[Page 3]]", i), "If-Match", "*")
			b.ask("PUT", fmt.Sprintf("/raw/Page%%20%d", i%7), "x", "If-None-Match", "*")
		}
	})
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					if r := b.ask("GET", "/wiki/Home", "", "Accept-Encoding", "gzip"); r.StatusCode != 200 {
						b.Errorf("reading: %d", r.StatusCode)
					}
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	wantText(t, b.get("/wiki/Home", 200), "version 50", `href="/wiki/Page%203" class="page"`)
}
