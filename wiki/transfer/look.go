package transfer

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/argss/argss/wiki"
)

// Page is how a page stands.
type Page struct {
	State    wiki.State // wiki.Absent where nothing was ever written
	Tag      string     // the view tag as If-Match takes it, in quotes
	Revision string     // IDs of the heads, separated by commas
	Digest   string     // SHA-256 of what a reader gets, in hex; "" if not said
}

// Version is one revision of a page as its history lists it.
type Version struct {
	Revision string `json:"revision"`
	Author   string `json:"author"`
	Comment  string `json:"comment"`
	Digest   string `json:"digest"` // SHA-256 of its text or file in hex, or ""
}

// Look asks how a page stands, or with a revision how it stood when that was
// all of it.
func (c *Client) Look(ctx context.Context, item Item, revision string) (Page, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	where := c.url(item)
	if revision != "" {
		where += "?revision=" + url.QueryEscape(revision)
	}
	resp, err := c.send(ctx, http.MethodHead, where, nil, nil)
	if err != nil {
		return Page{}, err
	}
	defer drain(resp.Body)
	h := resp.Header
	p := Page{State: wiki.State(h.Get("Wiki-State")), Tag: h.Get("ETag"), Revision: h.Get("Wiki-Revision")}
	if resp.StatusCode == http.StatusOK {
		p.Digest, err = digestOf(h)
		return p, err
	}
	if p.State == "" && resp.StatusCode == http.StatusNotFound {
		p.State = wiki.Absent
		return p, nil
	}
	// A page without content says by its state why; only a box in trouble
	// or a refused name leaves nothing to go by.
	if p.State == "" || resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented {
		return Page{}, refusal(resp)
	}
	return p, nil
}

// HistoryLimit is how many revisions History returns at once.
const HistoryLimit = 500

// History returns revisions of a page, the newest first, that came before one
// of them ("": from the newest), in the order one box took them.
func (c *Client) History(ctx context.Context, name, before string) ([]Version, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	where := fmt.Sprintf("%s/history/%s?limit=%d", c.base, wiki.EscapeName(name), HistoryLimit)
	if before != "" {
		where += "&before=" + url.QueryEscape(before)
	}
	resp, err := c.send(ctx, http.MethodGet, where, nil, http.Header{"Accept": {"application/json"}})
	if err != nil {
		return nil, err
	}
	defer drain(resp.Body)
	if resp.StatusCode != http.StatusOK {
		return nil, refusal(resp)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return nil, fmt.Errorf("read the history of %q: %w", name, err)
	}
	var versions []Version
	if err := json.Unmarshal(data, &versions); err != nil {
		return nil, lasting{fmt.Errorf("read the history of %q: %w", name, err)}
	}
	return versions, nil
}

// digestOf reads Repr-Digest (RFC 9530) and returns hex.
func digestOf(h http.Header) (string, error) {
	for part := range strings.SplitSeq(h.Get("Repr-Digest"), ",") {
		text, ok := strings.CutPrefix(strings.TrimSpace(part), "sha-256=:")
		if !ok {
			continue
		}
		sum, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(text, ":"))
		if err != nil || len(sum) != len(wiki.Hash{}) {
			return "", lasting{fmt.Errorf("read Repr-Digest %q: not a SHA-256", part)}
		}
		return hex.EncodeToString(sum), nil
	}
	return "", nil
}
