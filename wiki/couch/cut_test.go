package couch

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// cutAll returns the objects of an array, and what came of the rest.
func cutAll(c *cutter) (objects []string, err error) {
	if err := c.expect("["); err != nil {
		return nil, err
	}
	for {
		more, err := c.more(len(objects))
		if err != nil || !more {
			return objects, errors.Join(err, c.expect("]"))
		}
		object, err := c.object()
		if err != nil {
			return objects, err
		}
		objects = append(objects, string(object))
	}
}

func TestObjectsAreCutWhereverTheStreamIsBroken(t *testing.T) {
	long := `{"long":"` + strings.Repeat(`}\"\\`, 100_000) + `"}`
	want := []string{`{}`, `{"a":{"}":"{"},"b":[{"c":"\\"}]}`, long, `{"é":"\u007d"}`}
	text := " [ " + strings.Join(want, " ,\n") + "\n]"
	for name, reader := range map[string]io.Reader{
		"whole": strings.NewReader(text), "byte by byte": iotest.OneByteReader(strings.NewReader(text)),
		"halves": iotest.HalfReader(strings.NewReader(text)), "end with data": iotest.DataErrReader(strings.NewReader(text)),
	} {
		got, err := cutAll(&cutter{from: reader})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: cut %d objects, %v", name, len(got), err)
		}
	}
	before := []byte(text)
	got, err := cutAll(&cutter{buf: before})
	if err != nil || !slices.Equal(got, want) || string(before) != text {
		t.Errorf("in memory: cut %d objects, %v", len(got), err)
	}
}

// FuzzCutter compares what is cut with what encoding/json reads.
func FuzzCutter(f *testing.F) {
	f.Add([]byte(`[{"a":"}"},{"b":{"c":[{}]}}]`))
	f.Add([]byte(`[{"a":"\\"} , {}`))
	f.Add([]byte(`[1]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := cutAll(&cutter{from: iotest.OneByteReader(bytes.NewReader(data))})
		inMemory, other := cutAll(&cutter{buf: slices.Clone(data)})
		if !slices.Equal(got, inMemory) || (err == nil) != (other == nil) {
			t.Fatalf("cut %q, %v from a stream and %q, %v in memory", got, err, inMemory, other)
		}
		var want []json.RawMessage
		if json.Unmarshal(data, &want) != nil || slices.ContainsFunc(want, func(m json.RawMessage) bool { return m[0] != '{' }) || want == nil {
			return
		}
		if err != nil || len(got) != len(want) {
			t.Fatalf("cut %d objects, %v of %d", len(got), err, len(want))
		}
		for i := range want {
			if got[i] != string(want[i]) {
				t.Fatalf("cut %q, want %q", got[i], want[i])
			}
		}
	})
}
