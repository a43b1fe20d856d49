package couch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/argss/argss/wiki"
)

// Got is what a peer gave of the revisions it was asked for.
type Got struct {
	Revisions []wiki.Revision // verified, in the order asked
	Refused   []Refusal       // the peer does not hold them, or answered with something else
	Rest      []wiki.ID       // not read: ask again
}

// BulkGet asks for revisions and reads about maxBytes of documents: at least
// one, so that asking again for the Rest comes to an end.
func (c *Client) BulkGet(ctx context.Context, ids []wiki.ID, maxBytes int64) (Got, error) {
	asked := struct {
		Docs []wanted `json:"docs"`
	}{Docs: make([]wanted, len(ids))}
	for i, id := range ids {
		asked.Docs[i] = wanted{ID: wiki.DocID(id), Rev: wiki.Rev(id)}
	}
	body, err := json.Marshal(asked)
	if err != nil {
		return Got{}, fmt.Errorf("encode request: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // what is not read need not be sent
	_, answer, err := c.send(ctx, request{method: http.MethodPost, path: "_bulk_get", body: body})
	if err != nil {
		return Got{}, err
	}
	defer answer.Close()
	got, err := readBulk(answer, ids, maxBytes)
	if err != nil {
		return Got{}, fmt.Errorf("read answer of _bulk_get: %w", err)
	}
	return got, nil
}

// bulkRow is one document of an answer.
type bulkRow struct {
	Docs []struct {
		OK    json.RawMessage `json:"ok"`
		Error *refusedDoc     `json:"error"`
	} `json:"docs"`
}

// readBulk reads rows one by one; they stand in the order asked.
func readBulk(r io.Reader, ids []wiki.ID, maxBytes int64) (got Got, err error) {
	rows := cutter{from: io.LimitReader(r, maxBytes+int64(len(ids)+1)*512+2*wiki.MaxDocument)}
	if err := rows.expect("{", `"results"`, ":", "["); err != nil {
		return got, err
	}
	for i, id := range ids {
		more, err := rows.more(i)
		if err != nil || !more {
			return got, errors.Join(fmt.Errorf("%d documents, not %d", i, len(ids)), err)
		}
		if i > 0 && rows.offset() >= maxBytes {
			got.Rest = ids[i:]
			return got, nil
		}
		data, err := rows.object()
		if err != nil {
			return got, err
		}
		r, refusal, err := readRow(data, id)
		switch {
		case err != nil:
			return got, err
		case refusal != nil:
			got.Refused = append(got.Refused, Refusal{id, refusal})
		default:
			got.Revisions = append(got.Revisions, r)
		}
	}
	return got, nil
}

// readRow reads one row; err means that it is none.
func readRow(data []byte, id wiki.ID) (r wiki.Revision, refusal, err error) {
	if document, ok := documentOf(data, id); ok {
		if r, err := wiki.Parse(document); err == nil && r.ID == id {
			return r, nil, nil
		}
	}
	var row bulkRow
	if err := json.Unmarshal(data, &row); err != nil {
		return r, nil, err
	}
	r, refusal = row.revision(id)
	return r, refusal, nil
}

// documentOf returns the document in a row that is written as our boxes do.
// When it is one JSON object, so is the row.
func documentOf(row []byte, id wiki.ID) ([]byte, bool) {
	document, before := bytes.CutPrefix(row, []byte(`{"id":"`+wiki.DocID(id)+`","docs":[{"ok":`))
	document, behind := bytes.CutSuffix(document, []byte("}]}"))
	return document, before && behind
}

func (row bulkRow) revision(id wiki.ID) (wiki.Revision, error) {
	if len(row.Docs) == 0 {
		return wiki.Revision{}, wiki.ErrNotFound
	}
	if refused := row.Docs[0].Error; refused != nil {
		return wiki.Revision{}, fmt.Errorf("%w there: %s", wiki.ErrNotFound, refused.Reason)
	}
	r, err := wiki.Parse(row.Docs[0].OK)
	if err == nil && r.ID != id {
		err = fmt.Errorf("%w: asked for %s, given %s", wiki.ErrDocument, id.Short(), r.ID.Short())
	}
	return r, err
}

// ownBulk is how our boxes begin a _bulk_docs.
const ownBulk = `{"new_edits":false,"docs":[`

// wireNames is what AppendWire adds to a document, and a comma.
const wireNames = 128

// BulkDocs sends revisions. The peer named in the receipt holds them durably,
// all but the refused ones.
func (c *Client) BulkDocs(ctx context.Context, revisions []wiki.Revision) (wiki.Receipt, []Refusal, error) {
	size := len(ownBulk) + len("]}")
	for _, r := range revisions {
		size += len(r.Document()) + wireNames
	}
	body := append(make([]byte, 0, size), ownBulk...)
	for i, r := range revisions {
		if i > 0 {
			body = append(body, ',')
		}
		body = r.AppendWire(body)
	}
	var refused []refusedDoc
	header, err := c.call(ctx, request{method: http.MethodPost, path: "_bulk_docs", body: append(body, "]}"...)}, &refused)
	if err != nil {
		return wiki.Receipt{}, nil, err
	}
	refusals := make([]Refusal, 0, len(refused))
	for _, doc := range refused {
		id, err := wiki.ParseDocID(doc.ID)
		if err != nil {
			return wiki.Receipt{}, nil, fmt.Errorf("read answer of _bulk_docs: %w", err)
		}
		refusals = append(refusals, Refusal{id, doc.err()})
	}
	from := answering(header)
	seq, _ := strconv.ParseUint(header.Get(SeqHeader), 10, 63) // an older box says none, which is 0
	return wiki.Receipt{Box: from.Box, Store: from.Store, Seq: wiki.Seq(seq)}, refusals, nil
}

func (d refusedDoc) err() error {
	if d.Error == "precondition_failed" {
		return fmt.Errorf("%w: %s", ErrUnknownParent, d.Reason)
	}
	return fmt.Errorf("%w: %s", wiki.ErrForbidden, d.Reason)
}

// GetBlob returns a piece of a file, checked against its hash.
func (c *Client) GetBlob(ctx context.Context, hash wiki.Hash) ([]byte, error) {
	_, body, err := c.send(ctx, request{method: http.MethodGet, path: BlobPrefix + hash.String()})
	if err != nil {
		return nil, err
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, wiki.MaxBlob+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read piece %s: %w", hash.Short(), err)
	case wiki.HashOf(data) != hash:
		return nil, fmt.Errorf("read piece %s: the peer sent something else", hash.Short())
	}
	return data, nil
}

// HasBlob tells whether the peer holds a piece.
func (c *Client) HasBlob(ctx context.Context, hash wiki.Hash) (bool, error) {
	_, body, err := c.send(ctx, request{method: http.MethodHead, path: BlobPrefix + hash.String()})
	var status *StatusError
	if errors.As(err, &status) && status.Status == http.StatusNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, body.Close()
}

// PutBlob gives the peer a piece; it is durable there once PutBlob returns.
func (c *Client) PutBlob(ctx context.Context, data []byte) error {
	q := request{method: http.MethodPut, path: BlobPrefix + wiki.HashOf(data).String(), body: data}
	_, err := c.call(ctx, q, new(struct{}))
	return err
}
