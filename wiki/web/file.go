package web

import (
	"context"
	"crypto/sha256"
	"errors"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/page"
)

// getFile answers GET /files/{Name}: the bytes of a file, whole or in ranges.
func (s *Site) getFile(w http.ResponseWriter, r *http.Request, name string) error {
	view, err := s.viewAsked(r, name)
	if err != nil {
		return err
	}
	s.describe(w.Header(), view)
	switch view.State {
	case wiki.Media:
		return s.sendFile(w, r, view)
	case wiki.Moved:
		redirectRaw(w, r, address("files", view.Heads[0].Body.Target))
		return nil
	case wiki.Text, wiki.Merged:
		redirectRaw(w, r, address("raw", name, "revision", r.URL.Query().Get("revision")))
		return nil
	}
	return nothing(view)
}

func (s *Site) sendFile(w http.ResponseWriter, r *http.Request, view wiki.View) error {
	file := view.Heads[0]
	content := newBlobs(r.Context(), s.Pages, *file.Body)
	// The first piece is fetched before anything is answered, since it may
	// have to come from another box.
	if err := content.probe(); err != nil {
		return unfetched(err)
	}
	h := w.Header()
	safeFile(h, view.Page, file.Body.Type)
	if sum, ok := contentSum(file); ok {
		h.Set("Repr-Digest", reprDigest(sum))
	}
	http.ServeContent(w, r, "", time.Time{}, content)
	if content.err != nil {
		// The length is promised already: only a broken connection tells the
		// client that this is not all.
		s.Log.Error("file not sent whole", "page", view.Page, "error", content.err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

func unfetched(err error) error {
	if errors.Is(err, wiki.ErrNotFound) || errors.Is(err, wiki.ErrDamaged) {
		return refuse(http.StatusServiceUnavailable, "not-here-yet",
			"This box does not hold all of the file yet, and no box that has it answers; try again in a moment.")
	}
	return err
}

// safeFile sets headers under which no file can act as a page of this wiki:
// its type is never guessed, what could run is downloaded, and what is shown
// is shown in a sandbox.
func safeFile(h http.Header, name, kind string) {
	bare, _, _ := mime.ParseMediaType(kind)
	disposition := "attachment"
	if inline(bare) {
		disposition = "inline"
	}
	if bare == "text/plain" {
		kind = "text/plain; charset=utf-8"
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": path.Base(name)}))
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; media-src 'self'; img-src 'self'; sandbox")
	if bare == "application/pdf" {
		// Browsers refuse to show a PDF in a sandbox; it runs no script here.
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'")
	}
}

// inline are the types a browser may show: SVG and HTML are not among them.
func inline(kind string) bool {
	switch kind {
	case "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "application/pdf", "text/plain":
		return true
	}
	return strings.HasPrefix(kind, "audio/") || strings.HasPrefix(kind, "video/")
}

// contentSum returns the SHA-256 of a revision's content. That of a file in
// several pieces would need all of them read.
func contentSum(r wiki.Revision) (sum [sha256.Size]byte, ok bool) {
	switch {
	case r.Body == nil:
		return sum, false
	case r.Header.Kind == wiki.Edit:
		return sha256.Sum256([]byte(r.Body.Content)), true
	case r.Header.Kind != wiki.Upload || len(r.Body.Blobs) > 1:
		return sum, false
	case len(r.Body.Blobs) == 0:
		return sha256.Sum256(nil), true
	}
	return r.Body.Blobs[0].Hash, true
}

// putFile answers PUT /files/{Name}. The file is stored as it comes, in
// pieces; it becomes a page's content with the save at the end.
func (s *Site) putFile(w http.ResponseWriter, r *http.Request, name string) error {
	draft, err := s.draftOf(r, name)
	if err != nil {
		return err
	}
	if draft.Type, err = fileType(r.Header.Get("Content-Type"), name); err != nil {
		return err
	}
	if r.ContentLength > page.MaxFile {
		return &http.MaxBytesError{Limit: page.MaxFile}
	}
	if draft.Token == "" {
		if err := s.foresee(r, name); err != nil {
			return err
		}
	}
	body := &incoming{body: http.MaxBytesReader(w, r.Body, page.MaxFile)}
	saved, err := s.Pages.Upload(r.Context(), draft, body)
	if body.err != nil {
		return received(body.err)
	}
	if err != nil {
		return err
	}
	s.receipt(w, r, saved)
	return nil
}

// foresee refuses an upload that could not be saved before it is sent. A base
// this box does not know yet is left for the save, which asks other boxes.
func (s *Site) foresee(r *http.Request, name string) error {
	view, err := s.Pages.View(name)
	switch {
	case err != nil || !view.Exists():
		return err
	case r.Header.Get("If-None-Match") != "":
		return &page.Stale{View: view}
	case r.Header.Get("If-Match") == "":
		return page.ErrBaseNeeded
	}
	return nil
}

// fileType reads the type of a file that is put; without one, and with what
// curl says by itself, the name's ending tells.
func fileType(header, name string) (string, error) {
	kind, params, err := mime.ParseMediaType(header)
	if header == "" || kind == "application/x-www-form-urlencoded" || kind == "application/octet-stream" {
		byEnding := mime.TypeByExtension(path.Ext(name))
		if kind, params, err = mime.ParseMediaType(byEnding); err != nil {
			return "application/octet-stream", nil
		}
	}
	for _, spelling := range []string{mime.FormatMediaType(kind, params), kind} {
		if err == nil && spelling != "" && wiki.CheckType(spelling) == nil {
			return spelling, nil // without parameters a revision cannot hold
		}
	}
	return "", refuse(http.StatusUnsupportedMediaType, "type", "The Content-Type “%.80s” cannot be read.", header)
}

// fileView describes a page that is a file.
func (s *Site) fileView(ctx context.Context, v pageView, file wiki.Revision, at string) fileView {
	bare, _, _ := mime.ParseMediaType(file.Body.Type)
	f := fileView{pageView: v, Address: at, Type: bare, Size: file.Body.Size, Preview: preview(bare), Open: inline(bare)}
	if f.Preview == "text" {
		f.Text = s.beginning(ctx, file.Body.Blobs)
	}
	return f
}

func preview(kind string) string {
	group, _, _ := strings.Cut(kind, "/")
	switch {
	case !inline(kind):
		return ""
	case slices.Contains([]string{"image", "audio", "video", "text"}, group):
		return group
	}
	return ""
}

// beginning returns the first lines of a text file, "" if they cannot be had.
func (s *Site) beginning(ctx context.Context, blobs []wiki.BlobRef) string {
	const shown = 16 << 10
	if len(blobs) == 0 {
		return ""
	}
	data, err := s.Pages.Blob(ctx, blobs[0].Hash)
	if err != nil {
		return ""
	}
	text := string(data[:min(len(data), shown)])
	if !utf8.ValidString(text) {
		return strings.ToValidUTF8(text, "")
	}
	return text
}
