package couch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/argss/argss/wiki"
)

// BlobPrefix is where a BlobHandler is mounted.
const BlobPrefix = "/blob/"

// BlobHandler serves pieces of files by their hash. A piece never changes, so
// its answer may be kept for ever.
type BlobHandler struct {
	Blobs  wiki.Blobs
	Secret string // of the paired boxes; they alone may put
	Closed bool   // outsiders may not even read
}

// ServeHTTP implements http.Handler.
func (h BlobHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h.serve(w, r); err != nil && !errors.Is(err, errGone) {
		f := asFailure(err)
		_ = writeJSON(w, f.status, map[string]string{"error": f.word, "reason": f.reason})
	}
}

func (h BlobHandler) serve(w http.ResponseWriter, r *http.Request) error {
	mate := paired(r, h.Secret)
	if h.Closed && !mate {
		return errMissing
	}
	hash, err := wiki.ParseHash(strings.TrimPrefix(r.URL.Path, BlobPrefix))
	if err != nil {
		return refuse(http.StatusNotFound, "not_found", "A piece of a file is named by 64 lower-case hexadecimal digits.")
	}
	switch r.Method {
	case http.MethodGet:
		return h.get(w, r, hash)
	case http.MethodHead:
		if !h.Blobs.HasBlob(hash) {
			return errMissing
		}
		blobHeaders(w, hash)
		return nil
	case http.MethodPut:
		if !mate {
			return refuse(http.StatusForbidden, "forbidden", "Only paired boxes may put pieces of files here.")
		}
		return h.put(w, r, hash)
	}
	return refuse(http.StatusMethodNotAllowed, "method_not_allowed", "Only GET,HEAD,PUT allowed.")
}

func blobHeaders(w http.ResponseWriter, hash wiki.Hash) {
	header := w.Header()
	header.Set("Content-Type", "application/octet-stream")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "sandbox")
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("Accept-Ranges", "bytes")
	header.Set("ETag", `"`+hash.String()+`"`)
}

func (h BlobHandler) get(w http.ResponseWriter, r *http.Request, hash wiki.Hash) error {
	data, err := h.Blobs.Blob(hash)
	if err != nil {
		return fmt.Errorf("read piece %s: %w", hash.Short(), err)
	}
	blobHeaders(w, hash)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	return nil
}

func (h BlobHandler) put(w http.ResponseWriter, r *http.Request, hash wiki.Hash) error {
	data, err := io.ReadAll(io.LimitReader(r.Body, wiki.MaxBlob+1))
	switch {
	case err != nil:
		return badRequest("The piece cannot be read to its end.")
	case len(data) > wiki.MaxBlob:
		return tooLarge("A piece of a file has at most %d bytes.", wiki.MaxBlob)
	case len(data) == 0 || wiki.HashOf(data) != hash:
		return badRequest("The piece is not the one its address names.")
	}
	if _, err := h.Blobs.PutBlob(r.Context(), data); err != nil {
		return fmt.Errorf("keep piece %s: %w", hash.Short(), err)
	}
	return writeJSON(w, http.StatusCreated, map[string]bool{"ok": true})
}
