package couch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/argss/argss/wiki"
)

// Client asks one peer about one space. Every document it returns was parsed
// and is one that was asked for; it never reads more than it bounded before.
// Methods are safe for concurrent use and block until answered or ctx ends;
// answers that are no success are a *StatusError. Copying a used Client is an
// error: pass a pointer.
type Client struct {
	URL    string // of the peer, such as "http://tulsa.example:8080"
	Space  string
	Secret string
	Box    string               // this box's name
	Store  func() wiki.Identity // of this box's store in the space; nil: not told
	HTTP   *http.Client         // nil: http.DefaultClient
	Near   func() bool          // tells whether the line is as fast as a LAN's: packing would cost more than it saves; nil: no
	Stall  time.Duration        // without a byte from the peer for so long, a call fails; 0: 10 s

	codec codec
}

// StatusError is an answer that is no success.
type StatusError struct {
	Status int
	Word   string // CouchDB's
	Reason string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("answered %d %s: %s", e.Status, e.Word, e.Reason)
}

const (
	maxAnswer   = 32 << 20 // bytes of an answer that is held as a whole
	packedAbove = 4 << 10  // bytes of a request from which zstd pays

	slowest = 64 << 10 // bytes a second that a line should carry
)

// request is one question on its way.
type request struct {
	method string
	path   string // below the space, or absolute
	query  url.Values
	body   []byte
	wait   time.Duration // that the peer was asked to take
	mute   bool          // this box does not say its name
}

// send returns an answer's header and its plain body, to be closed.
func (c *Client) send(ctx context.Context, q request) (http.Header, io.ReadCloser, error) {
	target := strings.TrimSuffix(c.URL, "/")
	if strings.HasPrefix(q.path, "/") {
		target += q.path
	} else {
		target += Prefix + c.Space + "/" + q.path
	}
	if len(q.query) > 0 {
		target += "?" + q.query.Encode()
	}
	ctx, guard := c.guard(ctx, q)
	r, err := http.NewRequestWithContext(ctx, q.method, target, nil)
	if err != nil {
		guard.stop()
		return nil, nil, fmt.Errorf("ask peer: %w", err)
	}
	c.dress(r, q)
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	answer, err := client.Do(r)
	if err != nil {
		err = errors.Join(context.Cause(ctx), err)
		guard.stop()
		return nil, nil, fmt.Errorf("ask peer: %w", err)
	}
	guard.wire = answer.Body
	answer.Body = guard
	return c.open(answer)
}

// dress gives a request its headers and body.
func (c *Client) dress(r *http.Request, q request) {
	r.Header.Set("Authorization", "Bearer "+c.Secret)
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Accept-Encoding", "zstd, gzip")
	if !q.mute {
		r.Header.Set(BoxHeader, c.Box)
		if c.Store != nil {
			r.Header.Set(StoreHeader, string(c.Store()))
		}
	}
	if q.body == nil {
		return
	}
	body := q.body
	if strings.HasPrefix(q.path, BlobPrefix) {
		r.Header.Set("Content-Type", "application/octet-stream")
	} else {
		r.Header.Set("Content-Type", "application/json")
		if len(body) > packedAbove && (c.Near == nil || !c.Near()) {
			body = c.codec.pack(body)
			r.Header.Set("Content-Encoding", "zstd")
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	r.ContentLength = int64(len(body))
}

// open unpacks an answer, or reads its failure.
func (c *Client) open(answer *http.Response) (http.Header, io.ReadCloser, error) {
	plain, done, err := c.codec.unpack(answer.Body, answer.Header.Get("Content-Encoding"))
	if err != nil {
		answer.Body.Close()
		return nil, nil, fmt.Errorf("read answer: %w", err)
	}
	body := &answerBody{plain, answer.Body, done}
	if answer.StatusCode/100 == 2 {
		return answer.Header, body, nil
	}
	defer body.Close()
	var f struct{ Error, Reason string }
	if json.NewDecoder(io.LimitReader(plain, 64<<10)).Decode(&f) != nil {
		f.Error = http.StatusText(answer.StatusCode) // no box answers so, but a relay between may
	}
	return nil, nil, &StatusError{answer.StatusCode, f.Error, f.Reason}
}

type answerBody struct {
	io.Reader
	wire io.ReadCloser
	done func()
}

// Close reads the little that is left, so that the connection stays of use.
func (b *answerBody) Close() error {
	_, _ = io.CopyN(io.Discard, b.Reader, 4<<10)
	b.done()
	return b.wire.Close()
}

// call asks and decodes the whole answer into v.
func (c *Client) call(ctx context.Context, q request, v any) (http.Header, error) {
	header, body, err := c.send(ctx, q)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
	if err == nil && len(data) > maxAnswer {
		err = errTooLarge
	}
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		return nil, fmt.Errorf("read answer of %s: %w", q.path, err)
	}
	return header, nil
}

// Changes is a page of a peer's feed.
type Changes struct {
	IDs     []wiki.ID // in the peer's order: parents first
	Marks   []string  // the place after each of them
	Last    string    // where the next page begins
	Pending int       // how many are left after this one
}

// Changes returns up to limit changes after since ("" is the beginning). With
// nothing new it waits that long for some. To the peer it is a receipt: this
// box holds everything up to since.
func (c *Client) Changes(ctx context.Context, since string, limit int, wait time.Duration) (Changes, error) {
	return c.changes(ctx, since, limit, wait, false)
}

// ChangesAhead returns up to limit changes after since, of what stands before
// which not everything is held: it is no receipt. With nothing new it waits as
// Changes does.
func (c *Client) ChangesAhead(ctx context.Context, since string, limit int, wait time.Duration) (Changes, error) {
	return c.changes(ctx, since, limit, wait, true)
}

func (c *Client) changes(ctx context.Context, since string, limit int, wait time.Duration, ahead bool) (Changes, error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if since != "" {
		q.Set("since", since)
	}
	if wait > 0 {
		q.Set("feed", "longpoll")
		q.Set("timeout", strconv.FormatInt(wait.Milliseconds(), 10))
	}
	var answer struct {
		Results []struct {
			Seq string `json:"seq"`
			ID  string `json:"id"`
		} `json:"results"`
		Last    string `json:"last_seq"`
		Pending int    `json:"pending"`
	}
	if _, err := c.call(ctx, request{method: http.MethodGet, path: "_changes", query: q, wait: wait, mute: ahead}, &answer); err != nil {
		return Changes{}, err
	}
	page := Changes{Last: answer.Last, Pending: answer.Pending}
	for _, row := range answer.Results {
		if id, err := wiki.ParseDocID(row.ID); err == nil { // a CouchDB may hold other documents too
			page.IDs = append(page.IDs, id)
			page.Marks = append(page.Marks, row.Seq)
		}
	}
	return page, nil
}

// RevsDiff returns those of ids that the peer, as it names itself in the
// answer, does not hold.
func (c *Client) RevsDiff(ctx context.Context, ids []wiki.ID) (Peer, []wiki.ID, error) {
	asked := make(map[string][]string, len(ids))
	for _, id := range ids {
		asked[wiki.DocID(id)] = []string{wiki.Rev(id)}
	}
	body, err := json.Marshal(asked)
	if err != nil {
		return Peer{}, nil, fmt.Errorf("encode request: %w", err)
	}
	var lacks map[string]json.RawMessage
	header, err := c.call(ctx, request{method: http.MethodPost, path: "_revs_diff", body: body}, &lacks)
	if err != nil {
		return Peer{}, nil, err
	}
	var missing []wiki.ID
	for _, id := range ids {
		if _, lacking := lacks[wiki.DocID(id)]; lacking {
			missing = append(missing, id)
		}
	}
	return answering(header), missing, nil
}

// answering reads who answered.
func answering(h http.Header) Peer {
	return Peer{Box: h.Get(BoxHeader), Store: wiki.Identity(h.Get(StoreHeader))}
}

// Heartbeat tells the peer how this box stands and returns how the peer does.
func (c *Client) Heartbeat(ctx context.Context, beat Heartbeat) (Heartbeat, error) {
	body, err := json.Marshal(beat)
	if err != nil {
		return Heartbeat{}, fmt.Errorf("encode heartbeat: %w", err)
	}
	var answer Heartbeat
	_, err = c.call(ctx, request{method: http.MethodPost, path: "_heartbeat", body: body}, &answer)
	return answer, err
}

// Tree returns the part of the peer's digest tree below a prefix of at most
// two bytes.
func (c *Client) Tree(ctx context.Context, prefix ...byte) (Branch, error) {
	var b Branch
	q := url.Values{"prefix": {fmt.Sprintf("%x", prefix)}}
	_, err := c.call(ctx, request{method: http.MethodGet, path: "_tree", query: q}, &b)
	if err == nil && len(prefix) < 2 && len(b.Nodes) != wiki.Fanout {
		err = fmt.Errorf("read answer of _tree: %d nodes, not %d", len(b.Nodes), wiki.Fanout)
	}
	return b, err
}
