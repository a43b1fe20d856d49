package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Client speaks to one box.
type Client struct {
	URL    string // http://box:port
	Secret string
	HTTP   *http.Client
}

// State asks how the box's slots are.
func (c Client) State(ctx context.Context) (s State, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return s, c.do(ctx, http.MethodGet, "", nil, 0, &s)
}

// Send gives the box a release, and returns its serial there.
func (c Client) Send(ctx context.Context, m Manifest, root, kernel io.Reader) (uint64, error) {
	line, err := m.Line()
	if err != nil {
		return 0, fmt.Errorf("send a version: %w", err)
	}
	s, err := c.State(ctx)
	if err != nil {
		return 0, err
	}
	var done struct {
		Serial uint64 `json:"serial"`
	}
	body := io.MultiReader(bytes.NewReader(line), bytes.NewReader([]byte("\n")), root, kernel)
	size := int64(len(line)) + 1 + m.Root.Size + m.Kernel.Size
	return done.Serial, c.do(ctx, http.MethodPut, Authorization(c.Secret, s.Nonce, line), body, size, &done)
}

func (c Client) do(ctx context.Context, method, authorization string, body io.Reader, size int64, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.URL+"/version", body)
	if err != nil {
		return fmt.Errorf("ask %s: %w", c.URL, err)
	}
	req.ContentLength = size
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("ask for the version: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("ask %s: %w", c.URL, err)
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s answers %s: %s", c.URL, resp.Status, bytes.TrimSpace(text))
	}
	return json.Unmarshal(text, into)
}
