package couch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/argss/argss/wiki"
)

// Find asks the peer whether it holds a revision. It reads the copy from its
// disk to answer, and what it sends is verified here once more.
func (c *Client) Find(ctx context.Context, id wiki.ID) (wiki.Whereabouts, error) {
	names, err := json.Marshal([]string{wiki.DocID(id)})
	if err != nil {
		return wiki.Whereabouts{}, fmt.Errorf("encode request: %w", err)
	}
	q := url.Values{"filter": {"_doc_ids"}, "doc_ids": {string(names)}, "include_docs": {"true"}}
	var answer struct {
		Results []struct {
			Seq string          `json:"seq"`
			ID  string          `json:"id"`
			Doc json.RawMessage `json:"doc"`
		} `json:"results"`
	}
	header, err := c.call(ctx, request{method: http.MethodGet, path: "_changes", query: q, mute: true}, &answer)
	if err != nil {
		return wiki.Whereabouts{}, err
	}
	from := answering(header)
	w := wiki.Whereabouts{Receipt: wiki.Receipt{Box: from.Box, Store: from.Store}, Found: wiki.Lacking}
	for _, row := range answer.Results {
		place, ok := ParseMark(row.Seq)
		if row.ID != wiki.DocID(id) || !ok || place.Seq == 0 {
			return wiki.Whereabouts{}, errors.New("read answer of _changes: it tells of something else")
		}
		w.Seq, w.Found = place.Seq, found(row.Doc, id)
	}
	return w, nil
}

// found says what a peer's document is worth.
func found(document []byte, id wiki.ID) wiki.Finding {
	r, err := wiki.Parse(document)
	switch {
	case err != nil || r.ID != id:
		return wiki.HeldBroken
	case r.Erased != nil:
		return wiki.HeldErased
	}
	return wiki.Held
}
