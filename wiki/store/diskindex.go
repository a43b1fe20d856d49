package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// diskIndex is the part of the index in a bbolt file. bbolt panics on what it
// finds damaged, and a file that was cut short faults in its memory map: both
// come out as an indexFault or an error.
type diskIndex struct {
	db   *bbolt.DB
	file *os.File // bbolt's own; it holds the lock
}

// indexFault is what reads of a damaged index panic with: the store catches it
// and rebuilds the index from the log.
type indexFault struct{ err error }

var (
	bucketName = []byte("index 2") // 1 had no tally
	errBusy    = errors.New("another process uses this folder: stop it first")
	errIndex   = errors.New("the index is damaged")
)

// lockPatience is how long Open waits for a process that is about to end.
const lockPatience = time.Second

// guard runs f and makes an error of its panic, also of a memory fault.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errIndex, p)
		}
	}()
	return f()
}

// openDiskIndex opens or creates the file. errBusy passes through; any other
// error means that the file is of no use.
func openDiskIndex(path string) (*diskIndex, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	if err := inspectApart(path); err != nil {
		return nil, err
	}
	d := &diskIndex{}
	err := guard(func() (err error) {
		d.db, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout:      lockPatience,
			FreelistType: bbolt.FreelistMapType,
			PageSize:     page,
			NoStatistics: true,
			OpenFile: func(name string, flag int, mode os.FileMode) (f *os.File, err error) {
				f, err = os.OpenFile(name, flag, mode)
				d.file = f
				return f, err
			},
		})
		if err != nil {
			return err
		}
		return d.db.Update(func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucketIfNotExists(bucketName)
			return err
		})
	})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, errBusy
	}
	if err != nil {
		d.abandon()
		return nil, fmt.Errorf("open index: %w", err)
	}
	return d, nil
}

// close closes a healthy file.
func (d *diskIndex) close() error { return guard(d.db.Close) }

// abandon lets go of a damaged file. bbolt may have panicked with a lock held,
// and then its Close never returns: nobody waits for it, and its lock is
// given back at once (the memory map would keep it past a close of the file).
func (d *diskIndex) abandon() {
	if d.file != nil {
		_ = unlockFile(d.file)
	}
	if d.db != nil {
		go guard(d.db.Close) //nolint:errcheck // nothing can be done about it
	}
}

// setAside renames a file that is of no use, so that it can be looked at.
func setAside(path string) error {
	err := os.Rename(path, path+".damaged")
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// write stores a table in one synced transaction.
func (d *diskIndex) write(t *table) error {
	return guard(func() error {
		return d.db.Update(func(tx *bbolt.Tx) error {
			b := tx.Bucket(bucketName)
			count, err := readTally(b)
			if err != nil {
				return err
			}
			t.Scan(func(key string, value []byte) bool {
				err = count.put(b, key, value)
				return err == nil
			})
			if err != nil {
				return err
			}
			return count.write(b)
		})
	})
}

func sealValue(key string, value []byte) []byte {
	b := make([]byte, 0, len(value)+4)
	b = append(b, value...)
	return binary.LittleEndian.AppendUint32(b, valueSum(key, value))
}

func valueSum(key string, value []byte) uint32 {
	return crc32.Update(checksum([]byte(key)), castagnoli, value)
}

// openValue checks a value and returns it without its sum.
func openValue(key string, sealed []byte) ([]byte, error) {
	n := len(sealed) - 4
	if n < 0 || binary.LittleEndian.Uint32(sealed[n:]) != valueSum(key, sealed[:n]) {
		return nil, fmt.Errorf("%w: the value of key %.20q", errIndex, key)
	}
	return sealed[:n:n], nil
}

// diskReader reads in one transaction, begun when it is first needed. Its
// panics are indexFaults.
type diskReader struct {
	disk   *diskIndex
	tx     *bbolt.Tx
	bucket *bbolt.Bucket
}

func (r *diskReader) guard(f func() error) {
	if err := guard(f); err != nil {
		panic(indexFault{err})
	}
}

func (r *diskReader) begin() (err error) {
	if r.tx != nil {
		return nil
	}
	if r.tx, err = r.disk.db.Begin(false); err != nil {
		return err
	}
	if r.bucket = r.tx.Bucket(bucketName); r.bucket == nil {
		return errIndex
	}
	return nil
}

func (r *diskReader) close() {
	if r.tx != nil {
		_ = guard(r.tx.Rollback) // reading changed nothing
		r.tx = nil
	}
}

func (r *diskReader) get(key string) (value []byte, ok bool) {
	r.guard(func() error {
		if err := r.begin(); err != nil {
			return err
		}
		sealed := r.bucket.Get([]byte(key))
		if sealed == nil {
			return nil
		}
		ok = true
		var err error
		value, err = openValue(key, sealed)
		return err
	})
	return value, ok
}

func (r *diskReader) walk(start string, down bool) func() (string, []byte, bool) {
	var cursor *bbolt.Cursor
	return func() (key string, value []byte, ok bool) {
		r.guard(func() error {
			if err := r.begin(); err != nil {
				return err
			}
			var k, sealed []byte
			if cursor == nil {
				cursor = r.bucket.Cursor()
				k, sealed = seek(cursor, start, down)
			} else if down {
				k, sealed = cursor.Prev()
			} else {
				k, sealed = cursor.Next()
			}
			if k == nil {
				return nil
			}
			key, ok = string(k), true
			var err error
			value, err = openValue(key, sealed)
			return err
		})
		return key, value, ok
	}
}

func seek(c *bbolt.Cursor, start string, down bool) (key, value []byte) {
	key, value = c.Seek([]byte(start))
	if !down {
		return key, value
	}
	if key == nil {
		return c.Last()
	}
	return c.Prev()
}
