package blob

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/argss/argss/wiki"
)

// PutBlob implements wiki.Blobs. Errors of the disk wrap wiki.ErrReadOnly.
func (b *Blobs) PutBlob(ctx context.Context, data []byte) (wiki.Hash, error) {
	if len(data) == 0 || len(data) > wiki.MaxBlob {
		return wiki.Hash{}, fmt.Errorf("put blob: %d bytes long, want 1 to %d", len(data), wiki.MaxBlob)
	}
	hash := wiki.HashOf(data)
	land, err := b.takeOff(ctx, hash)
	if err != nil {
		return wiki.Hash{}, fmt.Errorf("put blob %s: %w", hash.Short(), err)
	}
	defer land()
	if err := b.put(hash, data); err != nil {
		return wiki.Hash{}, fmt.Errorf("put blob %s: %w", hash.Short(), err)
	}
	return hash, nil
}

// takeOff waits until no other put of this piece runs.
func (b *Blobs) takeOff(ctx context.Context, hash wiki.Hash) (land func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for {
		b.mu.Lock()
		other, busy := b.flights[hash]
		if !busy {
			done := make(chan struct{})
			b.flights[hash] = done
			b.mu.Unlock()
			return func() {
				b.mu.Lock()
				delete(b.flights, hash)
				b.mu.Unlock()
				close(done)
			}, nil
		}
		b.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-other:
		}
	}
}

func (b *Blobs) put(hash wiki.Hash, data []byte) error {
	if err := b.refusal(); err != nil {
		return err
	}
	if held, err := b.read(hash); err == nil && string(held) == string(data) {
		b.note(hash, false)
		return b.settle(hash)
	}
	if free, err := b.files.Free(); err == nil && int64(free) < int64(len(data))+max(0, b.reserve) {
		return wiki.ErrFull
	}
	if err := b.write(hash, data); err != nil {
		return b.explain(err)
	}
	b.note(hash, false)
	return nil
}

func (b *Blobs) explain(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return wiki.ErrFull
	}
	return fmt.Errorf("%w: %w", wiki.ErrReadOnly, err)
}

func (b *Blobs) refusal() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failure != nil {
		return fmt.Errorf("%w until it is opened again: %w", wiki.ErrReadOnly, b.failure)
	}
	return nil
}

// write puts a piece in place. A file whose sync failed is thrown away, never
// synced again.
func (b *Blobs) write(hash wiki.Hash, data []byte) error {
	if err := b.files.MakeDir(folderOf(hash)); err != nil {
		return err
	}
	tmp := tmpDir + "/" + hash.String()
	if err := b.writeFile(tmp, data); err != nil {
		_ = b.files.Remove(tmp) // the next Open does it otherwise
		return err
	}
	if err := b.files.Rename(tmp, fileOf(hash)); err != nil {
		_ = b.files.Remove(tmp)
		return err
	}
	if err := b.files.SyncDir(folderOf(hash)); err != nil {
		b.fail(err)
		return err
	}
	return nil
}

func (b *Blobs) writeFile(name string, data []byte) error {
	file, err := b.files.Open(name, true)
	if err != nil {
		return err
	}
	if err = file.Truncate(0); err == nil {
		_, err = file.WriteAt(data, 0)
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// settle makes sure that a piece found in its folder stays there: the process
// that put it may have died before it synced the folder.
func (b *Blobs) settle(hash wiki.Hash) error {
	dir := folderOf(hash)
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.settled[dir]:
		return nil
	case b.failure != nil:
		return b.failure
	}
	if err := b.files.SyncDir(dir); err != nil {
		b.failure = err
		return fmt.Errorf("%w: %w", wiki.ErrReadOnly, err)
	}
	b.settled[dir] = true
	return nil
}

// fail ends all writing: a folder's sync that failed cannot be tried again.
func (b *Blobs) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failure = err
	b.log.Error("a folder could not be synced: blobs can only be read until they are opened again", "error", err)
}
