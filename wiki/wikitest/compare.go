package wikitest

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/wiki"
)

// everything is a limit no test store reaches.
const everything = 1 << 20

// Compare fails the test where got answers otherwise than want, in anything
// but identity, notes and shape.
func Compare(t testing.TB, got, want wiki.Store) {
	t.Helper()
	same(t, "latest", got.Latest(), want.Latest())
	all := want.Since(0, everything)
	same(t, "feed", got.Since(0, everything), all)
	same(t, "feed backwards", got.Before(0, everything), want.Before(0, everything))
	compareRevisions(t, got, want, all)
	comparePages(t, got, want, all)
	compareProofs(t, got, want, all)
}

func compareRevisions(t testing.TB, got, want wiki.Store, all []wiki.Entry) {
	t.Helper()
	asked := []wiki.ID{{}, wiki.HashOf([]byte("nobody holds this"))}
	for _, e := range all {
		asked = append(asked, e.ID)
		asked = append(asked, e.Header.Parents...)
		same(t, "saves of "+e.Header.Token, got.Saves(e.Header.Token), want.Saves(e.Header.Token))
	}
	same(t, "missing", got.Missing(asked), want.Missing(asked))
	for _, id := range asked {
		same(t, "children of "+id.Short(), got.Children(id), want.Children(id))
		g, gotErr := got.Entry(id)
		w, wantErr := want.Entry(id)
		same(t, "entry "+id.Short(), g, w)
		sameError(t, "entry "+id.Short(), gotErr, wantErr)
		compareGet(t, got, want, id)
	}
}

func compareGet(t testing.TB, got, want wiki.Store, id wiki.ID) {
	t.Helper()
	g, gotErr := got.Get(id)
	w, wantErr := want.Get(id)
	sameError(t, "get "+id.Short(), gotErr, wantErr)
	if g.ID != w.ID || !bytes.Equal(g.Document(), w.Document()) {
		t.Errorf("get %s: %s, want %s", id.Short(), g.Document(), w.Document())
	}
}

func comparePages(t testing.TB, got, want wiki.Store, all []wiki.Entry) {
	t.Helper()
	names := []string{"no such page"}
	for _, e := range all {
		names = append(names, e.Header.Page)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		same(t, "heads of "+name, got.Heads(name), want.Heads(name))
		same(t, "history of "+name, got.History(name, 0, everything), want.History(name, 0, everything))
		half := want.Latest() / 2
		same(t, "older history of "+name, got.History(name, half, 3), want.History(name, half, 3))
		same(t, "pages after "+name, got.Pages("", name, 3), want.Pages("", name, 3))
		for _, prefix := range []string{name, name + "/", name[:1], strings.ToUpper(name[:1])} {
			same(t, "pages like "+prefix, got.Pages(prefix, "", everything), want.Pages(prefix, "", everything))
		}
	}
	same(t, "pages", got.Pages("", "", everything), want.Pages("", "", everything))
}

func compareProofs(t testing.TB, got, want wiki.Store, all []wiki.Entry) {
	t.Helper()
	gotDigest, gotCount := got.Digest()
	wantDigest, wantCount := want.Digest()
	same(t, "count", gotCount, wantCount)
	same(t, "digest", gotDigest, wantDigest)
	same(t, "branches", got.Branches(), want.Branches())
	same(t, "a bucket", got.Bucket([2]byte{1, 2}), want.Bucket([2]byte{1, 2}))
	for i := 0; i < len(all); i += 1 + len(all)/6 { // the oracle hashes everything for each answer
		id := all[i].ID
		same(t, "leaves above "+id.Short(), got.Branches(id[0]), want.Branches(id[0]))
		same(t, "bucket of "+id.Short(), got.Bucket([2]byte(id[:2])), want.Bucket([2]byte(id[:2])))
	}
}

// same compares answers; nil and empty lists are the same answer.
func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if reflect.DeepEqual(got, want) || empty(got) && empty(want) {
		return // a difference below explains itself, but takes its time
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func empty(v any) bool {
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Slice && r.Len() == 0
}

func sameError(t testing.TB, what string, got, want error) {
	t.Helper()
	for _, e := range []error{wiki.ErrNotFound, wiki.ErrDamaged, wiki.ErrClosed, wiki.ErrReadOnly} {
		if errors.Is(got, e) != errors.Is(want, e) {
			t.Errorf("%s: error %v, want %v", what, got, want)
		}
	}
	if (got == nil) != (want == nil) {
		t.Errorf("%s: error %v, want %v", what, got, want)
	}
}
