package page

import "sync"

// locks serialises the saves of one page on this box, so that of two saves on
// one base the second finds itself stale instead of making a second head.
type locks struct {
	mu    sync.Mutex
	pages map[string]*pageLock
}

type pageLock struct {
	sync.Mutex
	users int
}

// take locks a page and returns the function that unlocks it.
func (l *locks) take(page string) (release func()) {
	l.mu.Lock()
	if l.pages == nil {
		l.pages = map[string]*pageLock{}
	}
	lock := l.pages[page]
	if lock == nil {
		lock = new(pageLock)
		l.pages[page] = lock
	}
	lock.users++
	l.mu.Unlock()
	lock.Lock()
	return func() {
		lock.Unlock()
		l.mu.Lock()
		defer l.mu.Unlock()
		if lock.users--; lock.users == 0 {
			delete(l.pages, page)
		}
	}
}
