package couch

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// codec packs and unpacks bodies. Encoders and decoders are costly to make and
// are kept; each codec has its own so that nothing is shared between boxes.
type codec struct {
	encoders sync.Pool // *zstd.Encoder
	decoders sync.Pool // *zstd.Decoder
	gzips    sync.Pool // *gzip.Writer
}

// window bounds a decoder's memory: a frame that asks for more is refused.
const window = 8 << 20

func (c *codec) encoder(w io.Writer) *zstd.Encoder {
	if e, ok := c.encoders.Get().(*zstd.Encoder); ok {
		e.Reset(w)
		return e
	}
	e, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // the options are constants
	}
	return e
}

func (c *codec) decoder(r io.Reader) (*zstd.Decoder, error) {
	if d, ok := c.decoders.Get().(*zstd.Decoder); ok {
		return d, d.Reset(r)
	}
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(window), zstd.WithDecoderMaxMemory(1<<30))
	if err != nil {
		panic(err) // the options are constants
	}
	return d, d.Reset(r)
}

// pack returns the zstd form of data.
func (c *codec) pack(data []byte) []byte {
	e := c.encoder(nil)
	defer c.encoders.Put(e)
	return e.EncodeAll(data, make([]byte, 0, len(data)/2))
}

// unpack returns a reader of the plain bytes of a body with that
// Content-Encoding; done gives the decoder back.
func (c *codec) unpack(body io.Reader, encoding string) (plain io.Reader, done func(), err error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return body, func() {}, nil
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, nil, fmt.Errorf("read gzip: %w", err)
		}
		return z, func() {}, nil
	case "zstd":
		d, err := c.decoder(body)
		if err != nil {
			return nil, nil, fmt.Errorf("read zstd: %w", err)
		}
		return d, func() { c.keep(d) }, nil
	}
	return nil, nil, fmt.Errorf("%w: %.40q", errEncoding, encoding)
}

func (c *codec) keep(d *zstd.Decoder) {
	if d.Reset(nil) == nil {
		c.decoders.Put(d)
	}
}

var (
	errEncoding = errors.New("bodies are plain, gzip or zstd")
	errTooLarge = errors.New("too large")
)

// readAll reads a packed body of at most limit plain bytes; length is that of
// the packed ones, as its sender says.
func (c *codec) readAll(body io.Reader, encoding string, length, limit int64) ([]byte, error) {
	room := min(max(length, 0), limit, 1<<20) + bytes.MinRead
	if encoding != "" {
		room *= 3
	}
	plain, done, err := c.unpack(body, encoding)
	if err != nil {
		return nil, err
	}
	defer done()
	all := bytes.NewBuffer(make([]byte, 0, room))
	_, err = all.ReadFrom(io.LimitReader(plain, limit+1))
	data := all.Bytes()
	if err == nil && int64(len(data)) > limit {
		return nil, errTooLarge
	}
	return data, err
}

// output is a streamed answer, packed as the caller accepts it.
type output struct {
	io.Writer
	flush func() error // everything written so far goes out
	close func() error
}

func (c *codec) output(w http.ResponseWriter, r *http.Request) *output {
	w.Header().Add("Vary", "Accept-Encoding")
	wire := http.NewResponseController(w)
	switch {
	case accepts(r, "zstd"):
		w.Header().Set("Content-Encoding", "zstd")
		return c.zstdOutput(w, wire)
	case accepts(r, "gzip"):
		w.Header().Set("Content-Encoding", "gzip")
		return c.gzipOutput(w, wire)
	}
	return &output{Writer: w, flush: wire.Flush, close: func() error { return nil }}
}

func (c *codec) zstdOutput(w io.Writer, wire *http.ResponseController) *output {
	e := c.encoder(w)
	return &output{
		Writer: e,
		flush:  func() error { return errors.Join(e.Flush(), wire.Flush()) },
		close: func() error {
			defer c.encoders.Put(e)
			return e.Close()
		},
	}
}

func (c *codec) gzipOutput(w io.Writer, wire *http.ResponseController) *output {
	z, ok := c.gzips.Get().(*gzip.Writer)
	if ok {
		z.Reset(w)
	} else {
		z, _ = gzip.NewWriterLevel(w, gzip.BestSpeed) // the level is a constant
	}
	return &output{
		Writer: z,
		flush:  func() error { return errors.Join(z.Flush(), wire.Flush()) },
		close: func() error {
			defer c.gzips.Put(z)
			return z.Close()
		},
	}
}

// accepts reads Accept-Encoding; a quality of 0 is a no.
func accepts(r *http.Request, encoding string) bool {
	for field := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, params, _ := strings.Cut(field, ";")
		if strings.EqualFold(strings.TrimSpace(name), encoding) {
			q, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
			return !ok || strings.Trim(q, "0.") != ""
		}
	}
	return false
}
