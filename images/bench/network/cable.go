package network

import (
	"sync"
	"time"
)

// Port takes frames that come out of an end of a cable. It must not keep or
// change the frame, nor block.
type Port func(frame []byte)

// Weather is what becomes of the frames that go one way.
type Weather struct {
	Cut   bool          // lost
	Delay time.Duration // how long a frame is under way
	Rate  int64         // bytes a second; 0: no limit
}

// Way is a direction of a cable.
type Way int

// The ways, seen from the switch: Out leads to the box.
const (
	In Way = iota
	Out
)

// queueTime bounds the frames waiting for a shaped way.
const (
	queueTime   = 500 * time.Millisecond
	queueFrames = 4096
)

// lane is one way of a cable.
type lane struct {
	mu      sync.Mutex
	weather Weather
	free    time.Time // when the frames before have gone through
	frames  chan parcel
	deliver Port
	lost    int
}

type parcel struct {
	frame []byte
	due   time.Time
}

// newLane starts a lane; done ends it.
func newLane(deliver Port, done <-chan struct{}, running *sync.WaitGroup) *lane {
	l := &lane{deliver: deliver, frames: make(chan parcel, queueFrames)}
	running.Go(func() {
		for {
			select {
			case <-done:
				return
			case p := <-l.frames:
				if !until(p.due, done) {
					return
				}
				if !l.current().Cut {
					l.deliver(p.frame)
				}
			}
		}
	})
	return l
}

func until(due time.Time, done <-chan struct{}) bool {
	wait := time.Until(due)
	if wait <= 0 {
		return true
	}
	select {
	case <-done:
		return false
	case <-time.After(wait):
		return true
	}
}

func (l *lane) current() Weather {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.weather
}

func (l *lane) set(w Weather) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.weather, l.free = w, time.Time{}
}

// send takes a copy of a frame, or loses it.
func (l *lane) send(frame []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	due, ok := l.due(time.Now(), len(frame))
	if ok {
		select {
		case l.frames <- parcel{append([]byte(nil), frame...), due}:
			return
		default:
		}
	}
	l.lost++
}

// due is when a frame arrives that is sent now.
func (l *lane) due(now time.Time, size int) (time.Time, bool) {
	if l.weather.Cut {
		return now, false
	}
	if l.free.Before(now) {
		l.free = now
	}
	if l.free.Sub(now) > queueTime {
		return now, false
	}
	if l.weather.Rate > 0 {
		l.free = l.free.Add(time.Duration(size) * time.Second / time.Duration(l.weather.Rate))
	}
	return l.free.Add(l.weather.Delay), true
}

// Cable joins a port to a switch.
type Cable struct {
	name string
	sw   *Switch
	ways [2]*lane
}

// Set changes the weather of one way.
func (c *Cable) Set(way Way, w Weather) { c.ways[way].set(w) }

// Pull loses everything both ways, and the switch forgets who was there; Plug
// ends that, and all other weather.
func (c *Cable) Pull() {
	c.Set(In, Weather{Cut: true})
	c.Set(Out, Weather{Cut: true})
	c.sw.forget(c)
}

// Plug puts the cable back.
func (c *Cable) Plug() {
	c.Set(In, Weather{})
	c.Set(Out, Weather{})
}

// Lost is how many frames the cable has lost.
func (c *Cable) Lost() (n int) {
	for _, l := range c.ways {
		l.mu.Lock()
		n += l.lost
		l.mu.Unlock()
	}
	return n
}

// Send takes a frame from the thing at the cable's end. The frame may be reused.
func (c *Cable) Send(frame []byte) {
	if len(frame) >= headerSize {
		c.ways[In].send(frame)
	}
}
