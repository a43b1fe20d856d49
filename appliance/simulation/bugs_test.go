package simulation

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/argss/argss/appliance"
	"github.com/argss/argss/wiki"
)

// bugs are mistakes that programs of this kind were known to make.
var bugs = []Bug{
	{Name: "acknowledges before the sync", Files: withFile(func(f wiki.File) wiki.File { return unsynced{f} })},
	{Name: "skips the directory sync", Files: func(f wiki.Files) wiki.Files { return undirected{f} }},
	{Name: "tries a failed sync again", Files: withFile(func(f wiki.File) wiki.File { return stubborn{f} })},
	{Name: "stops at a torn record and keeps the tail", Files: func(f wiki.Files) wiki.Files { return torn{f} }},
	{Name: "leaves erased bytes on the disk", Files: func(f wiki.Files) wiki.Files { return unwiped{f} }},
	{Name: "ignores an erase at ingest", Set: withSet(func(s *bugged) { s.add = addUnerased })},
	{Name: "drops a parent", Serve: dropParent},
	{Name: "merges without being asked", Serve: mergeUnasked},
	{Name: "takes a full disk for room", Files: withFile(func(f wiki.File) wiki.File { return bottomless{f} })},
	{Name: "acknowledges while the disk works", Set: withSet(func(s *bugged) { s.add = addLater })},
	{Name: "acknowledges a failed write", Set: withSet(func(s *bugged) { s.add = addHoping })},
	{Name: "forgets the last of a batch", Set: withSet(func(s *bugged) { s.add = addAllButOne })},
	{Name: "believes it has what it is sent", Set: withSet(func(s *bugged) { s.missing = missingNothing })},
	{Name: "keeps the checkpoints after a restore", Set: withSet(func(s *bugged) { s.keepsIdentity = true })},
	{Name: "drops the loser of a conflict", Set: withSet(func(s *bugged) { s.heads = lowestHead })},
	{Name: "trusts the clock on the wall in a conflict", Set: withSet(func(s *bugged) { s.heads = newestHead })},
	{Name: "takes a refused push for a receipt", Peers: peersAnswer("_bulk_docs", refusalAsReceipt)},
	{Name: "takes silence for a receipt", Peers: silenceAsReceipt},
	{Name: "believes that peers lack nothing", Peers: peersAnswer("_revs_diff", emptyAnswer)},
	{Name: "claims to hold what it heard of", Peers: claimAll},
	{Name: "saves on any base", Serve: withHeader("If-Match", "*")},
	{Name: "reuses a token", Serve: withHeader("Idempotency-Key", "token")},
	{Name: "saves again what is sent again", Serve: withHeader("Idempotency-Key", "")},
	{Name: "counts its second disk as a copy", Serve: secondDisk},
	{Name: "answers with another page", Serve: otherPage},
	{Name: "takes the address and does not answer", Link: func(l appliance.Link) appliance.Link { return mute{l} }},
	{Name: "keeps the address when it stops", Link: func(l appliance.Link) appliance.Link { return clinging{l} }},
}

// files is a disk whose files have a bug.
type files struct {
	wiki.Files
	wrap func(wiki.File) wiki.File
}

func withFile(wrap func(wiki.File) wiki.File) func(wiki.Files) wiki.Files {
	return func(f wiki.Files) wiki.Files { return files{f, wrap} }
}

func (f files) Open(name string, create bool) (wiki.File, error) {
	file, err := f.Files.Open(name, create)
	if err != nil {
		return nil, err
	}
	return f.wrap(file), nil
}

type unsynced struct{ wiki.File }

func (unsynced) Sync() error { return nil }

type undirected struct{ wiki.Files }

func (undirected) SyncDir(string) error { return nil }

type stubborn struct{ wiki.File }

func (f stubborn) Sync() error {
	if f.File.Sync() == nil {
		return nil
	}
	return f.File.Sync()
}

type bottomless struct{ wiki.File }

func (f bottomless) WriteAt(b []byte, at int64) (int, error) {
	n, err := f.File.WriteAt(b, at)
	if errors.Is(err, syscall.ENOSPC) {
		return len(b), nil
	}
	return n, err
}

// unwiped never puts the log without erased bodies in place.
type unwiped struct{ wiki.Files }

func (f unwiped) Rename(from, to string) error {
	if strings.HasPrefix(from, "log/") {
		return f.Files.Remove(from)
	}
	return f.Files.Rename(from, to)
}

// torn does not cut a torn record off the log's end. What is written then
// stands behind it, and is not found by who reads up to it at the next start,
// for which a file beside the log remembers the place.
type torn struct{ wiki.Files }

func (f torn) Open(name string, create bool) (wiki.File, error) {
	file, err := f.Files.Open(name, create)
	if err != nil || !strings.HasPrefix(name, "log/") || strings.HasSuffix(name, ".tmp") {
		return file, err
	}
	t := &tornFile{File: file, files: f.Files, mark: "torn-" + strings.TrimPrefix(name, "log/")}
	if mark, err := f.Files.Open(t.mark, false); err == nil {
		b := make([]byte, 8)
		if _, err := mark.ReadAt(b, 0); err == nil {
			t.cut = int64(binary.LittleEndian.Uint64(b))
			size, _ := file.Size() // a disk that is gone fails the next call
			t.skip = max(0, size-t.cut)
		}
	}
	return t, nil
}

type tornFile struct {
	wiki.File
	files     wiki.Files
	mark      string
	cut, skip int64 // behind cut the file goes on so many bytes later
}

func (t *tornFile) at(offset int64) int64 {
	if t.skip > 0 && offset >= t.cut {
		return offset + t.skip
	}
	return offset
}

func (t *tornFile) Size() (int64, error) {
	size, err := t.File.Size()
	return size - t.skip, err
}

func (t *tornFile) WriteAt(b []byte, offset int64) (int, error) {
	return t.File.WriteAt(b, t.at(offset))
}

func (t *tornFile) ReadAt(b []byte, offset int64) (int, error) {
	if t.skip == 0 || offset >= t.cut || offset+int64(len(b)) <= t.cut {
		return t.File.ReadAt(b, t.at(offset))
	}
	n, err := t.File.ReadAt(b[:t.cut-offset], offset)
	if err != nil {
		return n, err
	}
	m, err := t.File.ReadAt(b[n:], t.cut+t.skip)
	return n + m, err
}

func (t *tornFile) Truncate(size int64) error {
	now, err := t.Size()
	if err != nil || size == 0 || size >= now || t.skip > 0 {
		return err
	}
	if t.note(size) != nil {
		return t.File.Truncate(size) // no room to have the bug
	}
	t.cut, t.skip = size, now-size
	return nil
}

func (t *tornFile) note(size int64) error {
	mark, err := t.files.Open(t.mark, true)
	if err != nil {
		return err
	}
	defer mark.Close()
	_, err = mark.WriteAt(binary.LittleEndian.AppendUint64(nil, uint64(size)), 0)
	return errors.Join(err, mark.Sync(), t.files.SyncDir("."))
}

// bugged is a store with a bug.
type bugged struct {
	wiki.Store
	renewer
	add           func(s wiki.Store, ctx context.Context, rs []wiki.Revision) (wiki.Seq, error)
	missing       func(s wiki.Store, ids []wiki.ID) []wiki.ID
	heads         func([]wiki.Entry) []wiki.Entry
	keepsIdentity bool
}

func withSet(spoil func(*bugged)) func(wiki.Store) wiki.Store {
	return func(s wiki.Store) wiki.Store {
		b := &bugged{Store: s, renewer: s.(renewer)}
		spoil(b)
		return b
	}
}

func (b *bugged) Add(ctx context.Context, rs ...wiki.Revision) (wiki.Seq, error) {
	if b.add == nil {
		return b.Store.Add(ctx, rs...)
	}
	return b.add(b.Store, ctx, rs)
}

func addLater(s wiki.Store, ctx context.Context, rs []wiki.Revision) (wiki.Seq, error) {
	go s.Add(context.WithoutCancel(ctx), rs...)
	return s.Latest() + wiki.Seq(len(rs)), nil
}

func addHoping(s wiki.Store, ctx context.Context, rs []wiki.Revision) (wiki.Seq, error) {
	if seq, err := s.Add(ctx, rs...); err == nil {
		return seq, nil
	}
	return s.Latest(), nil
}

func addAllButOne(s wiki.Store, ctx context.Context, rs []wiki.Revision) (wiki.Seq, error) {
	if len(rs) > 1 {
		rs = rs[:len(rs)-1]
	}
	return s.Add(ctx, rs...)
}

func addUnerased(s wiki.Store, ctx context.Context, rs []wiki.Revision) (wiki.Seq, error) {
	rs = slices.DeleteFunc(slices.Clone(rs), func(r wiki.Revision) bool { return r.Header.Kind == wiki.Erase })
	if len(rs) == 0 {
		return s.Latest(), nil
	}
	return s.Add(ctx, rs...)
}

func (b *bugged) Missing(ids []wiki.ID) []wiki.ID {
	if b.missing == nil {
		return b.Store.Missing(ids)
	}
	return b.missing(b.Store, ids)
}

func missingNothing(wiki.Store, []wiki.ID) []wiki.ID { return nil }

func (b *bugged) Renew() (wiki.Identity, error) {
	if b.keepsIdentity {
		return b.Identity(), nil
	}
	return b.renewer.Renew()
}

func (b *bugged) Heads(page string) []wiki.Entry {
	heads := b.Store.Heads(page)
	if b.heads == nil || len(heads) < 2 {
		return heads
	}
	return b.heads(heads)
}

func lowestHead(heads []wiki.Entry) []wiki.Entry { return heads[:1] }

func newestHead(heads []wiki.Entry) []wiki.Entry {
	return []wiki.Entry{slices.MaxFunc(heads, func(a, b wiki.Entry) int { return int(a.Header.Time - b.Header.Time) })}
}

// peersAnswer changes the answers to one kind of question.
func peersAnswer(path string, change func(*http.Response)) func(http.RoundTripper) http.RoundTripper {
	return func(t http.RoundTripper) http.RoundTripper {
		return asking(func(r *http.Request) (*http.Response, error) {
			resp, err := t.RoundTrip(r)
			if err == nil && strings.HasSuffix(r.URL.Path, path) {
				change(resp)
			}
			return resp, err
		})
	}
}

func replaceBody(resp *http.Response, body string) {
	resp.Body.Close()
	resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Encoding")
	resp.Header.Set("Content-Type", "application/json")
}

func emptyAnswer(resp *http.Response) { replaceBody(resp, "{}") }

func refusalAsReceipt(resp *http.Response) {
	if resp.StatusCode >= 400 {
		resp.StatusCode = http.StatusCreated
		replaceBody(resp, "[]")
	}
}

// silenceAsReceipt answers for a peer that does not, as it did before.
func silenceAsReceipt(t http.RoundTripper) http.RoundTripper {
	var mu sync.Mutex
	known := map[string]http.Header{}
	return asking(func(r *http.Request) (*http.Response, error) {
		resp, err := t.RoundTrip(r)
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			known[r.URL.Host] = resp.Header.Clone()
			return resp, nil
		}
		header := known[r.URL.Host]
		if header == nil || !strings.HasSuffix(r.URL.Path, "_bulk_docs") {
			return nil, err
		}
		resp = &http.Response{StatusCode: http.StatusCreated, Header: header.Clone(), Body: http.NoBody, Request: r}
		replaceBody(resp, "[]")
		return resp, nil
	})
}

// claimAll says in heartbeats that all is held that was ever heard of.
func claimAll(t http.RoundTripper) http.RoundTripper {
	return asking(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "_heartbeat") {
			data, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			var beat map[string]any
			if json.Unmarshal(data, &beat) == nil && beat["seen"] != nil {
				beat["held"] = beat["seen"]
				data, _ = json.Marshal(beat) // it was JSON
			}
			r = r.Clone(r.Context())
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
		}
		return t.RoundTrip(r)
	})
}

// withHeader gives every save another header; "" takes it away.
func withHeader(name, value string) func(http.RoundTripper, *http.Request) (*http.Response, error) {
	return func(t http.RoundTripper, r *http.Request) (*http.Response, error) {
		if r.Header.Get(name) != "" {
			r = r.Clone(r.Context())
			if r.Header.Set(name, value); value == "" {
				r.Header.Del(name)
			}
		}
		return t.RoundTrip(r)
	}
}

// secondDisk names each lonely box twice.
func secondDisk(t http.RoundTripper, r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTrip(r)
	if err != nil || r.Method != http.MethodPut {
		return resp, err
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var answer map[string]any
	if json.Unmarshal(data, &answer) == nil {
		if copies, ok := answer["copies"].([]any); ok && len(copies) == 1 {
			answer["copies"] = append(copies, copies[0])
			data, _ = json.Marshal(answer) // it was JSON
		}
	}
	replaceBody(resp, string(data))
	return resp, nil
}

func mergeUnasked(t http.RoundTripper, r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPut {
		r = r.Clone(r.Context())
		r.Header.Set("Wiki-Merge", "yes")
	}
	return t.RoundTrip(r)
}

// dropParent saves on one head of several only, as a box would that has this
// bug: the revision enters by the door for revisions.
func dropParent(t http.RoundTripper, r *http.Request) (*http.Response, error) {
	box := boxAt(r.URL.Host)
	if r.Method != http.MethodPut || box == "" || !strings.HasPrefix(r.URL.Path, "/raw/") {
		return t.RoundTrip(r)
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	save := r.Clone(r.Context())
	save.Body = io.NopCloser(bytes.NewReader(text))
	resp, err := t.RoundTrip(another(r, http.MethodGet, r.URL.Path, ""))
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	heads := strings.Split(resp.Header.Get("Wiki-Revision"), ",")
	first, err := wiki.ParseHash(strings.TrimSpace(heads[0]))
	if err != nil || len(heads) < 2 || resp.Header.Get("ETag") != r.Header.Get("If-Match") {
		return t.RoundTrip(save)
	}
	author := r.Header.Get("Wiki-Author")
	made, err := wiki.New(wiki.Header{
		Page: strings.TrimPrefix(r.URL.Path, "/raw/"), Parents: []wiki.ID{first}, Author: author, Kind: wiki.Edit,
		Token: wiki.TokenHash(author, r.Header.Get("Idempotency-Key")),
	}, wiki.Body{Type: wiki.Markdown, Content: string(text)}, wiki.HashOf(text))
	if err != nil {
		return nil, err
	}
	resp, err = t.RoundTrip(another(r, http.MethodPost, "/db/public/_bulk_docs",
		`{"new_edits":false,"docs":[`+string(made.AppendWire(nil))+`]}`))
	if err == nil && resp.StatusCode == http.StatusCreated {
		replaceBody(resp, fmt.Sprintf(`{"revision":%q,"copies":[%q]}`, made.ID, box))
	}
	return resp, err
}

// boxAt returns the name of the box with an address of its own.
func boxAt(address string) string {
	for _, n := range NewWorld(1, nil).Boxes {
		if n.Address == address {
			return n.Name
		}
	}
	return ""
}

// another is a request of who made the first.
func another(r *http.Request, method, path, body string) *http.Request {
	other := r.Clone(r.Context())
	other.Method, other.URL.Path, other.URL.RawPath = method, path, ""
	other.Header = http.Header{}
	other.Body, other.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return other
}

func otherPage(t http.RoundTripper, r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/raw/common") {
		r = r.Clone(r.Context())
		r.URL.Path, r.URL.RawPath = "/raw/Home", ""
	}
	return t.RoundTrip(r)
}

// mute takes the address, and nobody listens on it.
type mute struct{ appliance.Link }

func (m mute) Take() error {
	err := m.Link.Take()
	if l, ok := m.Link.(*sharedLink); ok && l.listener != nil {
		l.listener.Close()
	}
	return err
}

// clinging does not give the address up.
type clinging struct{ appliance.Link }

func (clinging) Drop() error { return nil }

func (c clinging) Close() error { return nil }
