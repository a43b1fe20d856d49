package couch

import (
	"encoding/hex"
	"encoding/json"
	"net/http"

	"github.com/argss/argss/wiki"
)

// Heartbeat is what two boxes tell each other about one space every second.
type Heartbeat struct {
	Box     string        `json:"box"`
	Store   wiki.Identity `json:"store"`
	Version string        `json:"version"`
	Seq     string        `json:"seq"` // the latest place in the sender's feed
	Digest  wiki.Digest   `json:"digest"`
	Count   uint64        `json:"count"`

	// Held is the place in the receiver's feed up to which the sender holds
	// everything, Seen the highest it ever heard of; "" while it knows none. A
	// receiver in whose store no such place is was rolled back or cloned.
	Held string `json:"held"`
	Seen string `json:"seen"`
}

// Branch is a part of the digest tree: the 256 digests below a prefix of up to
// one byte, or the IDs below one of two.
type Branch struct {
	Nodes []wiki.Digest `json:"nodes,omitempty"`
	IDs   []wiki.ID     `json:"ids,omitempty"`
}

func (c *call) betweenBoxes() error {
	if !c.caller.paired {
		return refuse(http.StatusForbidden, "forbidden", "Only paired boxes may ask this.")
	}
	return nil
}

func (h *Handler) heartbeat(w http.ResponseWriter, c *call) error {
	if err := c.betweenBoxes(); err != nil {
		return err
	}
	data, done, err := h.body(c)
	if err != nil {
		return err
	}
	defer done()
	var beat Heartbeat
	if json.Unmarshal(data, &beat) != nil || beat.Box == "" || beat.Store == "" {
		return badRequest("A heartbeat is a JSON object that names a box and its store.")
	}
	if c.db.Exchange == nil {
		return refuse(http.StatusServiceUnavailable, "alone", "This box has no peers.")
	}
	answer := c.db.Exchange.Heartbeat(Peer{Box: beat.Box, Store: beat.Store}, beat)
	w.Header().Set(StoreHeader, string(answer.Store)) // it may be a new one since
	return writeJSON(w, http.StatusOK, answer)
}

func (h *Handler) tree(w http.ResponseWriter, c *call) error {
	if err := c.betweenBoxes(); err != nil {
		return err
	}
	prefix, err := hex.DecodeString(c.URL.Query().Get("prefix"))
	if err != nil || len(prefix) > 2 {
		return badRequest("prefix is 0, 2 or 4 hexadecimal digits.")
	}
	var b Branch
	if len(prefix) == 2 {
		b.IDs = c.db.Store.Bucket([2]byte(prefix))
	} else {
		nodes := c.db.Store.Branches(prefix...)
		b.Nodes = nodes[:]
	}
	data, err := json.Marshal(b)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	out := h.codec.output(w, c.Request)
	_, err = out.Write(append(data, '\n'))
	if out.close() != nil || err != nil {
		return errGone
	}
	return nil
}
