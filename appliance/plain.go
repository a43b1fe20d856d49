package appliance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net"
	"strconv"
)

// plainly returns a listener whose connections refuse in one sentence what is
// no HTTP. net/http answers such requests itself, before any handler sees
// them: who types /wiki/100% into a browser would read "400 Bad Request".
func plainly(l net.Listener) net.Listener { return plainListener{l} }

// Serve answers on a listener until it is closed.
func (s *server) Serve(l net.Listener) error { return s.Server.Serve(plainly(l)) }

type plainListener struct{ net.Listener }

func (l plainListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &plainConn{Conn: c}, nil
}

// plainConn watches for net/http's own refusals.
type plainConn struct {
	net.Conn
	last []byte // what was read last, where the reader keeps it
}

func (c *plainConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.last = p[:n]
	return n, err
}

// bluntEnd is how the headers of net/http's own refusals end. No handler here
// sends these two alone; each refusal is one Write and the last.
var bluntEnd = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")

func (c *plainConn) Write(p []byte) (int, error) {
	head, _, blunt := bytes.Cut(p, bluntEnd)
	status := 0
	if blunt && bytes.HasPrefix(head, []byte("HTTP/1.1 ")) && len(head) >= len("HTTP/1.1 400") && !bytes.Contains(head, []byte("\r\n")) {
		status, _ = strconv.Atoi(string(head[len("HTTP/1.1 "):len("HTTP/1.1 400")]))
	}
	if status < 400 {
		return c.Conn.Write(p)
	}
	if _, err := c.Conn.Write(plainRefusal(status, bytes.Contains(c.last, []byte("text/html")))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// plainReasons are the sentences for what net/http refuses.
var plainReasons = map[int]struct{ word, line, sentence string }{
	400: {"request", "Bad Request", "This is not a well-formed request; in an address, a percent sign is written %25."},
	431: {"headers", "Request Header Fields Too Large", "The address and the headers of this request are too long."},
	501: {"transfer", "Not Implemented", "The body of this request comes in a Transfer-Encoding that is not known here."},
	505: {"version", "HTTP Version Not Supported", "This version of HTTP is not spoken here; use HTTP/1.1."},
}

func plainRefusal(status int, page bool) []byte {
	why, known := plainReasons[status]
	if !known {
		why = plainReasons[400]
	}
	kind, body := "application/json", []byte(nil)
	if page {
		kind = "text/html; charset=utf-8"
		body = fmt.Appendf(nil, `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">`+
			`<meta name="color-scheme" content="light dark"><title>%[1]s</title><h1>%[1]s</h1><p>%[2]s</p><p><a href="/">To the wiki</a></p></html>`+"\n",
			html.EscapeString(why.line), html.EscapeString(why.sentence))
	} else {
		body, _ = json.Marshal(map[string]string{"error": why.word, "reason": why.sentence}) // strings always have a form
		body = append(body, '\n')
	}
	head := fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nX-Content-Type-Options: nosniff\r\nContent-Length: %d\r\nConnection: close\r\n\r\n",
		status, why.line, kind, len(body))
	return append(head, body...)
}
