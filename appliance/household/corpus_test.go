package household

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/transfer"
)

// nasty are names that an address, a path or a template could trip over.
var nasty = []string{
	"common/history", "common/raw/wiki", "%", "%25", "%2F", "%00", "100% sure", "[[", "]]", "((", "))", "{", "}", "[x](y)",
	"?", "a?b#c=d&e", "#", "&amp;", "<script>", "\"quoted\"", "it's", "\\", "C:\\x", "c++", "a+b c", ";", ":", "@", "=",
	"!", "$", ",", "^", "|", "*", "~", "-", "...", "..x", "edit", "files/status.json", "db/public", "history",
	"caf\u00e9", "cafe\u0301", "日本/歴史", "中文 页面", "العربية/صفحة", "עברית", "नमस्ते", "می\u200cخواهم", "👩\u200d👩\u200d👧", "Ω≈ç√∫", "\u00a1\u2026\u2014",
	"a/b/c/d/e/f/g/h", "Upper", "upper", "two  blanks",
}

// corpusOf returns the folder to import: the one that ARGSS_CORPUS names, or
// about 1,500 pages of generated text under names of every kind.
func corpusOf(t *testing.T) fs.FS {
	t.Helper()
	if name := os.Getenv("ARGSS_CORPUS"); name != "" {
		folder, err := transfer.OpenFolder(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { folder.Close() })
		return folder.FS()
	}
	return generated(1500)
}

func generated(pages int) fstest.MapFS {
	random := rand.New(rand.NewPCG(7, 77))
	folder := fstest.MapFS{
		"common/..md":      file("the page of a dot"),
		"empty.md":         file(""),
		"crlf.md":          file("one\r\ntwo\r\n"),
		"no end.markdown":  file("no line end"),
		"largest.md":       file(strings.Repeat("All work and no play.\n", wiki.MaxText)[:wiki.MaxText]),
		"pics/none.bin":    file(""),
		"pics/日本 100%.png": file(bytesOf(random, 20_000)),
		"pics/pieces.bin":  file(bytesOf(random, 2*wiki.MaxBlob+12_345)),
		"README":           file("a file, not a page"),
		strings.Repeat("n", 123) + "/" + strings.Repeat("n", 131) + ".md": file("the longest name"),
	}
	for _, name := range nasty {
		folder[name+".md"] = file(prose(random))
	}
	for i := 0; len(folder) < pages; i++ {
		namespace := strings.TrimLeft(nasty[i%len(nasty)], ".") // or it would be hidden
		folder[path.Join(namespace, fmt.Sprintf("%s %d.md", words[i%len(words)], i))] = file(prose(random))
	}
	return folder
}

func file(content string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(content)} }

func bytesOf(random *rand.Rand, n int) string {
	var b bytes.Buffer
	for b.Len() < n {
		b.WriteByte(byte(random.Uint32()))
	}
	return b.String()
}

var words = strings.Fields("box twin disk plug page wiki [[Home]] **bold** 史 كتاب `code` | a_b < & > \\ [x](y.png) 🙂 the of and to in a is")

// prose is some paragraphs of Markdown, 200 bytes to 4 kB.
func prose(random *rand.Rand) string {
	var b strings.Builder
	b.WriteString("# A page\n\n")
	for range 40 + random.IntN(600) {
		b.WriteString(words[random.IntN(len(words))])
		if random.IntN(12) == 0 {
			b.WriteString(".\n\n- ")
		}
		b.WriteByte(' ')
	}
	b.WriteByte('\n')
	return b.String()
}
