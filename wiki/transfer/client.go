package transfer

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/argss/argss/wiki"
)

// An attempt that takes longer than patience, and longer than its bytes need
// on a slow line, is given up and made again.
const (
	patience = 30 * time.Second
	slowest  = 64 << 10 // bytes per second
)

// Client speaks a wiki's HTTP interface for programs. It follows no redirects
// and repeats nothing by itself. It is safe for concurrent use.
type Client struct {
	base string
	http *http.Client
}

// NewClient returns a client of the wiki at base ("http://host:port"). With a
// nil transport it takes one whose attempts end by themselves when a box falls
// silent.
func NewClient(base string, transport http.RoundTripper) *Client {
	if transport == nil {
		transport = &http.Transport{
			DialContext:           (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
			MaxIdleConnsPerHost:   64,
			IdleConnTimeout:       time.Minute,
			ResponseHeaderTimeout: 15 * time.Second,
		}
	}
	return &Client{strings.TrimSuffix(base, "/"), &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Refusal is an answer that says no: 4xx or 5xx, with the wiki's sentence.
type Refusal struct {
	Status int
	Reason string
}

func (r *Refusal) Error() string { return r.Reason }

func (c *Client) url(item Item) string {
	area := "/raw/"
	if item.File {
		area = "/files/"
	}
	return c.base + area + wiki.EscapeName(item.Name)
}

type payload struct {
	io.ReadCloser
	size int64
}

// send takes over the body and closes it whatever comes.
func (c *Client) send(ctx context.Context, method, where string, body *payload, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, where, nil)
	if err != nil {
		if body != nil {
			_ = body.Close() // it was only read
		}
		return nil, lasting{fmt.Errorf("ask %s: %w", where, err)}
	}
	if body != nil {
		req.Body, req.ContentLength = body, body.size
		if body.size == 0 {
			req.Body = http.NoBody // or its length counts as unknown
			_ = body.Close()       // it was only read
		}
	}
	if header != nil {
		req.Header = header
	}
	resp, err := c.http.Do(req)
	if err != nil {
		// The address is the same for every page; the cause is what counts.
		if e, ok := err.(*url.Error); ok {
			err = e.Err
		}
		return nil, err
	}
	return resp, nil
}

// refusal reads the one sentence of an answer that says no.
func refusal(resp *http.Response) error {
	var answer struct {
		Reason string `json:"reason"`
	}
	r := &Refusal{Status: resp.StatusCode, Reason: "the wiki answered " + strconv.Itoa(resp.StatusCode)}
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err == nil && json.Unmarshal(data, &answer) == nil && answer.Reason != "" {
		r.Reason = answer.Reason
	}
	return r
}

// drain reads the rest of an answer so that its connection can be used again.
func drain(body io.ReadCloser) {
	_, _ = io.Copy(io.Discard, io.LimitReader(body, 1<<16)) // what is lost is a connection
	_ = body.Close()
}
