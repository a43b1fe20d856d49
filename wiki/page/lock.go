package page

import (
	"context"
	"sync"
)

// locks serialises the saves of one page on this box, so that of two saves on
// one base the second finds itself stale instead of making a second head.
type locks struct {
	mu    sync.Mutex
	pages map[string]*pageLock
}

// pageLock is a channel that holds one token while the page is free: unlike a
// mutex it can be waited for with a context, for a save can take as long as
// the disk and the other boxes need.
type pageLock struct {
	free  chan struct{}
	users int
}

// take waits for a page and returns the function that lets it go, or ctx's
// error.
func (l *locks) take(ctx context.Context, page string) (release func(), err error) {
	lock := l.use(page)
	select {
	case <-lock.free:
		return func() {
			lock.free <- struct{}{}
			l.leave(page, lock)
		}, nil
	case <-ctx.Done():
		l.leave(page, lock)
		return nil, ctx.Err()
	}
}

func (l *locks) use(page string) *pageLock {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pages == nil {
		l.pages = map[string]*pageLock{}
	}
	lock := l.pages[page]
	if lock == nil {
		lock = &pageLock{free: make(chan struct{}, 1)}
		lock.free <- struct{}{}
		l.pages[page] = lock
	}
	lock.users++
	return lock
}

func (l *locks) leave(page string, lock *pageLock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if lock.users--; lock.users == 0 {
		delete(l.pages, page)
	}
}
