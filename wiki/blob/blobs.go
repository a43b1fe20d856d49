package blob

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"sync"

	"github.com/argss/argss/wiki"
)

const (
	folder   = "blobs"
	tmpDir   = folder + "/tmp"
	defaults = 32 << 20
)

// Options are what Open may be told. Zero values mean the defaults.
type Options struct {
	Log     *slog.Logger // nothing is logged when nil
	Reserve int64        // bytes kept free on the disk, default 32 MiB; negative: none
}

// Blobs implements wiki.Blobs. It holds no files open and starts no goroutine,
// so it needs no Close.
type Blobs struct {
	files   wiki.Files
	log     *slog.Logger
	reserve int64

	mu      sync.Mutex
	flights map[wiki.Hash]chan struct{} // closed when the put that runs has ended
	settled map[string]bool             // folders synced since Open
	damaged map[wiki.Hash]bool
	failure error // why nothing is written any more
}

var _ wiki.Blobs = (*Blobs)(nil)

// Open opens or creates the blobs in a folder, which other things may share.
func Open(files wiki.Files, options Options) (*Blobs, error) {
	b := &Blobs{
		files: files, log: options.Log, reserve: options.Reserve,
		flights: map[wiki.Hash]chan struct{}{},
		settled: map[string]bool{},
		damaged: map[wiki.Hash]bool{},
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	if b.reserve == 0 {
		b.reserve = defaults
	}
	if err := b.sweep(); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	return b, nil
}

// sweep removes what unfinished puts left behind.
func (b *Blobs) sweep() error {
	if err := b.files.MakeDir(tmpDir); err != nil {
		return err
	}
	names, err := b.files.List(tmpDir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := b.files.Remove(tmpDir + "/" + name); err != nil {
			b.log.Warn("a leftover stays", "file", name, "error", err)
		}
	}
	return nil
}

func folderOf(hash wiki.Hash) string { return fmt.Sprintf("%s/%02x", folder, hash[0]) }

func fileOf(hash wiki.Hash) string { return folderOf(hash) + "/" + hash.String() }

// Blob implements wiki.Blobs.
func (b *Blobs) Blob(hash wiki.Hash) ([]byte, error) {
	data, err := b.read(hash)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read blob %s: %w", hash.Short(), wiki.ErrNotFound)
	case err == nil && wiki.HashOf(data) != hash:
		err = errors.New("the content does not fit the hash")
		fallthrough
	case err != nil:
		b.note(hash, true)
		b.log.Warn("a blob is damaged", "hash", hash.Short(), "error", err)
		return nil, fmt.Errorf("read blob %s: %w: %w", hash.Short(), wiki.ErrDamaged, err)
	}
	b.note(hash, false)
	return data, nil
}

func (b *Blobs) read(hash wiki.Hash) ([]byte, error) {
	file, err := b.files.Open(fileOf(hash), false)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	size, err := file.Size()
	if err != nil {
		return nil, err
	}
	if size == 0 || size > wiki.MaxBlob {
		return nil, fmt.Errorf("%d bytes long", size)
	}
	data := make([]byte, size)
	if n, err := file.ReadAt(data, 0); n < len(data) {
		return nil, errors.Join(err, io.ErrUnexpectedEOF)
	}
	return data, nil
}

func (b *Blobs) note(hash wiki.Hash, damaged bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if damaged {
		b.damaged[hash] = true
	} else {
		delete(b.damaged, hash)
	}
}

// HasBlob implements wiki.Blobs. A piece that is known to be damaged is not
// held: that makes peers send it again.
func (b *Blobs) HasBlob(hash wiki.Hash) bool {
	b.mu.Lock()
	damaged := b.damaged[hash]
	b.mu.Unlock()
	if damaged {
		return false
	}
	file, err := b.files.Open(fileOf(hash), false)
	if err != nil {
		return false
	}
	file.Close()
	return b.settle(hash) == nil
}

// Damaged returns the pieces that did not read since Open and were not put
// again, ascending.
func (b *Blobs) Damaged() []wiki.Hash {
	b.mu.Lock()
	defer b.mu.Unlock()
	var hashes []wiki.Hash
	for hash := range b.damaged {
		hashes = append(hashes, hash)
	}
	return wiki.SortIDs(hashes)
}

// Hashes returns up to limit hashes above after, ascending: reading them all
// with Blob is a scrub.
func (b *Blobs) Hashes(after wiki.Hash, limit int) ([]wiki.Hash, error) {
	var hashes []wiki.Hash
	for i := int(after[0]); i < 256 && len(hashes) < limit; i++ {
		names, err := b.files.List(folderOf(wiki.Hash{byte(i)}))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("list blobs: %w", err)
		}
		for _, name := range names {
			hash, err := wiki.ParseHash(name)
			if err == nil && hash.Compare(after) > 0 && len(hashes) < limit {
				hashes = append(hashes, hash)
			}
		}
	}
	return slices.Clip(hashes), nil
}

// Remove deletes a piece, durably: the file it belonged to was erased. Removing
// what is not held is fine.
func (b *Blobs) Remove(hash wiki.Hash) error {
	err := b.files.Remove(fileOf(hash))
	if err == nil {
		err = b.files.SyncDir(folderOf(hash))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove blob %s: %w", hash.Short(), err)
	}
	b.note(hash, false)
	return nil
}
