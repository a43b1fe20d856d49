package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed static
var static embed.FS

// asset is one file of the frame. Its address carries its hash, so a browser
// may keep it for ever.
type asset struct {
	address string
	kind    string
	data    []byte
	zipped  []byte
}

// assets are the frame's files by their name.
var assets = sync.OnceValue(func() map[string]asset {
	kinds := map[string]string{
		"style.css":  "text/css; charset=utf-8",
		"script.js":  "text/javascript; charset=utf-8",
		"icon.svg":   "image/svg+xml",
		"robots.txt": "text/plain; charset=utf-8",
	}
	all := map[string]asset{}
	for name, kind := range kinds {
		data, err := static.ReadFile("static/" + name)
		if err != nil {
			panic(fmt.Sprintf("web: embedded file %s: %v", name, err))
		}
		sum := sha256.Sum256(data)
		base, ext := strings.TrimSuffix(name, path.Ext(name)), path.Ext(name)
		all[name] = asset{
			address: "/static/" + base + "-" + hex.EncodeToString(sum[:6]) + ext,
			kind:    kind, data: data, zipped: zipBest(data),
		}
	}
	return all
})

func zipBest(data []byte) []byte {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is valid
	_, _ = z.Write(data)                                    // into memory
	_ = z.Close()
	return out.Bytes()
}

// serveAsset answers /static/{base}-{hash}{ext}. Another hash is that of
// another version of the software, on a box being updated: its page gets the
// file of this version, to keep for no time.
func serveAsset(w http.ResponseWriter, r *http.Request, file string) error {
	ext := path.Ext(file)
	base, _, _ := strings.Cut(strings.TrimSuffix(file, ext), "-")
	a, ok := assets()[base+ext]
	switch {
	case !ok:
		return noSuchAddress
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		return refuse(http.StatusMethodNotAllowed, "method", "This address answers GET, HEAD only.")
	}
	a.send(w, r, a.address == "/static/"+file)
	return nil
}

func (a asset) send(w http.ResponseWriter, r *http.Request, forever bool) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-store")
	if forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body := a.data
	if acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = a.zipped
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a client that went away has its reasons
	}
}

func icon(w http.ResponseWriter, r *http.Request, _ string) error {
	assets()["icon.svg"].send(w, r, false)
	return nil
}

func robots(w http.ResponseWriter, r *http.Request, _ string) error {
	assets()["robots.txt"].send(w, r, false)
	return nil
}
