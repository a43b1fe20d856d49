package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Status is what the bench looks at of a box's /status.json.
type Status struct {
	Box       string `json:"box"`
	Role      string `json:"role"`
	Revisions uint64 `json:"revisions"`
	Digest    string `json:"set_digest"`
}

// Receipt is the answer to a save.
type Receipt struct {
	Revision string   `json:"revision"`
	Copies   []string `json:"copies"`
	Alone    bool     `json:"alone"`
}

// SharedURL is the wiki's address.
const SharedURL = "http://" + SharedAddress

// once is how long one try may take on emulated boxes.
const once = 10 * time.Second

// Status asks the box at url how it is.
func (w *World) Status(ctx context.Context, url string) (s Status, err error) {
	err = w.ask(ctx, http.MethodGet, url+"/status.json", "", func(b []byte) error { return json.Unmarshal(b, &s) })
	return s, err
}

// Read asks for the text of a page.
func (w *World) Read(ctx context.Context, url, page string) (text string, err error) {
	err = w.ask(ctx, http.MethodGet, url+"/raw/"+page, "", func(b []byte) error { text = string(b); return nil })
	return text, err
}

// Page asks for the page Home as a browser does.
func (w *World) Page(ctx context.Context, url string) error {
	return w.ask(ctx, http.MethodGet, url+"/wiki/Home", "", func([]byte) error { return nil })
}

// Save makes a page that does not exist yet. It may be sent again.
func (w *World) Save(ctx context.Context, url, page, text string) (r Receipt, err error) {
	err = w.ask(ctx, http.MethodPut, url+"/raw/"+page, text, func(b []byte) error { return json.Unmarshal(b, &r) })
	return r, err
}

func (w *World) ask(ctx context.Context, method, url, text string, take func([]byte) error) error {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(text))
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	if method == http.MethodPut {
		req.Header.Set("If-None-Match", "*")
		req.Header.Set("Idempotency-Key", url[strings.LastIndexByte(url, '/'):])
	}
	resp, err := w.Client(once).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("ask %s: %s: %.200s", url, resp.Status, body)
	}
	return take(body)
}

// Until asks again and again until it gets no error.
func Until(ctx context.Context, ask func() error) error {
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited in vain: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
