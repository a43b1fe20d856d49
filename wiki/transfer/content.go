package transfer

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"path"
	"unicode/utf8"

	"github.com/argss/argss/wiki"
)

// content is what a file holds, ready to be sent any number of times.
type content struct {
	kind   string // media type
	digest string // SHA-256 in hex
	size   int64
	open   func() (io.ReadCloser, error)
}

// read takes a page's text into memory and checks it; a file is only read
// through, since it may be larger than memory.
func read(folder fs.FS, item Item) (content, error) {
	if item.File {
		return readFile(folder, item)
	}
	return readText(folder, item)
}

func readText(folder fs.FS, item Item) (content, error) {
	f, err := folder.Open(item.Path)
	if err != nil {
		return content{}, errors.New("it cannot be read: " + cause(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, wiki.MaxText+1))
	switch {
	case err != nil:
		return content{}, errors.New("it cannot be read: " + cause(err))
	case len(data) > wiki.MaxText:
		return content{}, errors.New(tooLarge(int64(len(data))))
	case !utf8.Valid(data):
		return content{}, errors.New("its text is not valid UTF-8")
	}
	sum := sha256.Sum256(data)
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	return content{wiki.Markdown, hex.EncodeToString(sum[:]), int64(len(data)), open}, nil
}

func readFile(folder fs.FS, item Item) (content, error) {
	open := func() (io.ReadCloser, error) { return folder.Open(item.Path) }
	f, err := open()
	if err != nil {
		return content{}, errors.New("it cannot be read: " + cause(err))
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return content{}, errors.New("it cannot be read: " + cause(err))
	}
	kind := cmp.Or(mime.TypeByExtension(path.Ext(item.Path)), "application/octet-stream")
	return content{kind, fmt.Sprintf("%x", h.Sum(nil)), n, open}, nil
}
