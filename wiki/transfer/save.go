package transfer

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Save is one PUT. Open gives its Size bytes and may be called again.
type Save struct {
	Item    Item
	Type    string // media type
	Open    func() (io.ReadCloser, error)
	Size    int64
	Base    string // tag of what it follows; "": the page must not exist
	Key     string // idempotency key
	Comment string
	Author  string
}

// Put saves. A *Refusal with status 412 says that the base is stale.
func (c *Client) Put(ctx context.Context, s Save) error {
	ctx, cancel := context.WithTimeout(ctx, patience+time.Duration(s.Size/slowest)*time.Second)
	defer cancel()
	body, err := s.Open()
	if err != nil {
		return lasting{fmt.Errorf("it cannot be read: %s", cause(err))}
	}
	resp, err := c.send(ctx, http.MethodPut, c.url(s.Item), &payload{body, s.Size}, s.header())
	if err != nil {
		return err
	}
	defer drain(resp.Body)
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated {
		return refusal(resp)
	}
	return nil
}

func (s Save) header() http.Header {
	h := http.Header{
		"Content-Type":    {s.Type},
		"Idempotency-Key": {s.Key},
		"Wiki-Author":     {s.Author},
		"Wiki-Comment":    {s.Comment},
	}
	if s.Base == "" {
		h.Set("If-None-Match", "*")
		return h
	}
	h.Set("If-Match", quoted(s.Base))
	if !s.Item.File {
		h.Set("Wiki-Merge", "yes")
	}
	return h
}

// quoted returns a tag as If-Match takes it.
func quoted(tag string) string { return `"` + strings.Trim(tag, `"`) + `"` }
