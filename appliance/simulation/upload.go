package simulation

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/argss/argss/wiki"
)

// file is an acknowledged upload; its Page is the file's name.
type file struct {
	ack
	content string
}

// upload makes a file nobody else has.
func (p *person) upload(ctx context.Context) {
	p.files++
	name := fmt.Sprintf("%s/file-%d.bin", p.name, p.files)
	content := make([]byte, 64+p.rng.IntN(12<<10))
	for i := range content {
		content[i] = byte(p.rng.Uint32())
	}
	a, known := p.put(ctx, "/files/"+wiki.EscapeName(name), string(content), 5)
	if !known {
		return
	}
	a.Page = name
	p.tale.count(func(r *Report) { r.Files++ })
	for _, box := range a.Copies {
		if n := p.world.Box(box); !n.holdsPiece(string(content)) {
			p.tale.problem("the file %q was acknowledged by %v, but %s lacks its content", name, a.Copies, box)
		}
	}
	p.book.mu.Lock()
	defer p.book.mu.Unlock()
	p.book.files = append(p.book.files, file{a, string(content)})
}

// look reads any file on any box: it reads as it was uploaded, or not at all.
func (p *person) look(ctx context.Context) {
	p.book.mu.Lock()
	files := slices.Clone(p.book.files)
	p.book.mu.Unlock()
	if len(files) == 0 {
		return
	}
	f := files[p.rng.IntN(len(files))]
	resp, body, err := p.ask(ctx, "GET", p.target(), "/files/"+wiki.EscapeName(f.Page), "", nil)
	if err == nil && resp.StatusCode == http.StatusOK && string(body) != f.content {
		p.tale.problem("the file %q reads otherwise than it was uploaded", f.Page)
	}
}

// holdsPiece is holds for a file's content.
func (n *Node) holdsPiece(content string) bool {
	n.mu.Lock()
	d, lost := n.disk, n.lost
	n.mu.Unlock()
	return time.Since(lost) < 20*time.Second || d.folders["blobs"].OnPlatter([]byte(content))
}

// hasFiles checks that a box has every acknowledged file on its own disk, and
// gives it out.
func (c checker) hasFiles(n *Node) {
	for _, f := range c.book.files {
		if c.sky.excused(f.ack) {
			continue
		}
		if !n.Disk().folders["blobs"].OnPlatter([]byte(f.content)) {
			c.tale.problem("%s has no copy of the file %q, acknowledged by %v", n.Name, f.Page, f.Copies)
			continue
		}
		resp, body, err := c.get(n.Address, "/files/"+wiki.EscapeName(f.Page))
		if err != nil || resp.StatusCode != http.StatusOK || string(body) != f.content {
			c.tale.problem("%s cannot give out the file %q, acknowledged by %v: %v", n.Name, f.Page, f.Copies, err)
		}
	}
}
