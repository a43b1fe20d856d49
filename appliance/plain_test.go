package appliance

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// converse sends bytes to a server behind plainly and returns its answer.
func converse(t *testing.T, request string) *http.Response {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{MaxHeaderBytes: 4 << 10, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, r.URL.Path)
	})}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(plainly(l)) // ends with the test
	}()
	t.Cleanup(func() { server.Close(); <-served })
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() { _, _ = io.WriteString(c, request) }() // the answer may come before all is sent
	return readResponse(t, c)
}

func TestWhatIsNoHTTPIsRefusedInASentence(t *testing.T) {
	const end = " HTTP/1.1\r\nHost: x\r\n\r\n"
	for request, status := range map[string]int{
		"GET /wiki/%zz" + end:                                         400,
		"GET /wiki/100%" + end:                                        400,
		"GET /wiki/a\x00b" + end:                                      400,
		"GET /wiki/Home HTTP/1.1\r\n\r\n":                             400,
		"\x16\x03\x01\r\n\r\n":                                        400,
		"GET / HTTP/9.9\r\nHost: x\r\n\r\n":                           505,
		"GET /" + strings.Repeat("a", 20<<10) + end:                   431,
		"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: odd\r\n\r\n": 501,
	} {
		r := converse(t, request)
		var answer struct{ Error, Reason string }
		if err := json.NewDecoder(r.Body).Decode(&answer); err != nil || answer.Error == "" || !strings.HasSuffix(answer.Reason, ".") {
			t.Errorf("%.30q: %v, %+v", request, err, answer)
		}
		if r.StatusCode != status || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%.30q: answered %s as %s", request, r.Status, r.Header.Get("Content-Type"))
		}
	}
}

func TestABrowserGetsAPageForAnAddressThatIsNone(t *testing.T) {
	r := converse(t, "GET /wiki/100% HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n")
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != 400 || !strings.Contains(string(body), "<h1>Bad Request</h1>") {
		t.Errorf("answered %s %q, %v", r.Status, body, err)
	}
}

func TestOtherAnswersPassAsTheyAre(t *testing.T) {
	r := converse(t, "GET /wiki/100%25 HTTP/1.1\r\nHost: x\r\n\r\n")
	body := make([]byte, len("/wiki/100%"))
	if _, err := io.ReadFull(r.Body, body); err != nil || r.StatusCode != http.StatusTeapot || string(body) != "/wiki/100%" {
		t.Errorf("answered %s %q, %v", r.Status, body, err)
	}
}

func readResponse(t *testing.T, c net.Conn) *http.Response {
	t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
