package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
)

// benchmarkReading reads a page over and over and reports the size of one answer.
func benchmarkReading(b *testing.B, handler http.Handler) {
	server := httptest.NewServer(handler)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 100}}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, err := client.Get(server.URL + "/wiki/Home")
			if err != nil {
				b.Error(err)
				return
			}
			n, err := io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
			if err != nil || r.StatusCode != 200 {
				b.Errorf("%d, %v", r.StatusCode, err)
				return
			}
			b.SetBytes(n)
		}
	})
}

// BenchmarkRead reads a page; compare with BenchmarkBare.
func BenchmarkRead(b *testing.B) {
	benchmarkReading(b, readable3k(b).site)
}

// BenchmarkBare serves the same bytes by net/http alone: the mark to measure
// a page read against.
func BenchmarkBare(b *testing.B) {
	page := readable3k(b)
	w := httptest.NewRecorder()
	page.site.ServeHTTP(w, httptest.NewRequest("GET", "/wiki/Home", nil))
	body := w.Body.Bytes()
	benchmarkReading(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(body)
	}))
}

func readable3k(b *testing.B) *box {
	text, err := os.ReadFile("testdata/reading.md")
	if err != nil {
		b.Fatal(err)
	}
	page := newBox(b)
	page.put("/raw/Home", string(text))
	return page
}
