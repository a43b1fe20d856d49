package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/argss/argss/wiki"
)

// Options are what Open may be told. Zero values mean the defaults.
type Options struct {
	IndexPath    string        // the bbolt file; "": the index is in memory
	Log          *slog.Logger  // nothing is logged when nil
	SegmentBytes int64         // of one segment, default 64 MiB, at most 1 GiB
	Reserve      int64         // bytes kept free on the disk, default 96 MiB; negative: none
	Quota        int64         // bytes the log may take, erase records apart; 0: what the disk has
	FlushEvery   time.Duration // how long the index may lag behind the log, default 2 s
	FlushBytes   int           // how much of it may, default 4 MiB
	WipeDelay    time.Duration // how long erased bytes may wait for others, default 1 s
	Random       io.Reader     // for identities, default crypto/rand
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.SegmentBytes <= 0 {
		o.SegmentBytes = 64 << 20
	}
	o.SegmentBytes = min(o.SegmentBytes, 1<<30)
	if o.Reserve == 0 {
		o.Reserve = 96 << 20 // one segment's copy while it is rewritten, and the index
	}
	if o.FlushEvery <= 0 {
		o.FlushEvery = 2 * time.Second
	}
	if o.FlushBytes <= 0 {
		o.FlushBytes = 4 << 20
	}
	if o.WipeDelay <= 0 {
		o.WipeDelay = time.Second
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	return o
}

// Store implements wiki.Store.
//
// One goroutine, the committer, writes the log; one flushes the index; one
// rewrites segments that hold erased bodies. mu guards what they and the
// readers share. Open, Renew and a rebuild of the index hold it while they use
// the disk; what happens every day does not.
type Store struct {
	files   wiki.Files
	options Options
	log     *slog.Logger
	unlock  io.Closer // nil when the files have no lock

	mu       sync.RWMutex
	names    identities
	index    *index
	segments map[uint32]*segment
	active   *segment // the last; the committer replaces it
	latest   wiki.Seq
	count    uint64 // revisions held
	sum      uint64 // exclusive-or over their IDs, see idSum
	shape    uint64
	damaged  map[wiki.ID]Damage
	unknown  []Damage
	touched  []wiki.ID     // what joined since the digest tree was last asked
	grown    chan struct{} // closed and replaced when latest grows
	failure  error         // why nothing is written any more
	unmended func() error  // the committer's: what Open left undone on a full disk
	lost     bool          // the disk is gone, and with it the index
	closed   bool

	digest digestTree

	requests chan *request
	stop     chan struct{} // closed by Close
	stopOnce sync.Once
	drained  chan struct{} // closed when the committer is gone
	workers  sync.WaitGroup
	full     chan struct{} // tells the flusher that the table is large
	flushing sync.Mutex
	wipeWake chan struct{} // tells the wiper that there is work
	wiping   sync.Mutex
	stuck    atomic.Bool // the last flush failed
}

var _ wiki.Store = (*Store)(nil)

// Open opens or creates the store in a folder. It reads what the index does
// not cover yet, cuts a torn end off, and starts the store's goroutines; Close
// ends them. The store owns the log folder and the identity file and leaves
// everything else alone.
func Open(files wiki.Files, options Options) (*Store, error) {
	s := &Store{
		files:    files,
		options:  options.withDefaults(),
		index:    newIndex(),
		segments: map[uint32]*segment{},
		damaged:  map[wiki.ID]Damage{},
		grown:    make(chan struct{}),
		requests: make(chan *request, 256),
		stop:     make(chan struct{}),
		drained:  make(chan struct{}),
		full:     make(chan struct{}, 1),
		wipeWake: make(chan struct{}, 1),
	}
	s.log = s.options.Log
	if err := s.open(); err != nil {
		s.release()
		return nil, fmt.Errorf("open store: %w", err)
	}
	s.start()
	return s, nil
}

// locker is what files may offer so that two processes never share a folder.
type locker interface {
	// Lock takes the folder, or tells that another process has it.
	Lock() (io.Closer, error)
}

func (s *Store) open() (err error) {
	if l, ok := s.files.(locker); ok {
		if s.unlock, err = l.Lock(); err != nil {
			return err
		}
	}
	if err = s.openLog(); err != nil {
		return err
	}
	if err = s.openNames(); err != nil {
		return err
	}
	covered, err := s.openIndex()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err = s.recover(covered); err != nil {
		return err
	}
	s.shape = uint64(s.latest) << 20 // above every shape of an earlier run
	return nil
}

func (s *Store) start() {
	s.Digest()
	s.workers.Go(s.wipeLoop)
	if s.index.disk != nil {
		s.workers.Go(s.flushLoop)
	}
	go s.commitLoop()
	s.wakeWiper()
}

// Identity implements wiki.Store.
func (s *Store) Identity() wiki.Identity {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.names.identity()
}

// Renew gives the store a new identity, durable when it returns: the disk was
// restored or cloned, and what peers believe of the old identity no longer
// holds.
func (s *Store) Renew() (wiki.Identity, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	names, err := s.names.renewed(s.options.Random)
	if err == nil {
		err = names.write(s.files)
	}
	if err != nil {
		return "", fmt.Errorf("renew identity: %w", err)
	}
	s.names = names
	return names.identity(), nil
}

// Close implements wiki.Store. Revisions whose Add has not returned may or may
// not be kept. Closing twice is fine.
func (s *Store) Close() error {
	s.stopOnce.Do(func() {
		close(s.stop)
		<-s.drained
		s.workers.Wait()
		if err := s.flush(); err != nil {
			s.log.Warn("the index was not flushed and will be caught up", "error", err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.closed = true
		s.release()
	})
	return nil
}

// release lets go of all files.
func (s *Store) release() {
	var err error
	if s.index.disk != nil {
		err = s.index.disk.close()
	}
	for _, seg := range s.segments {
		err = errors.Join(err, seg.file.Close())
	}
	if s.unlock != nil {
		err = errors.Join(err, s.unlock.Close())
	}
	if err != nil {
		s.log.Warn("closing the store's files failed", "error", err)
	}
}
