package network

import (
	"encoding/binary"
	"io"
	"sync"
	"time"
)

// Recorder writes frames as a pcap file, with microseconds, for tcpdump and
// Wireshark.
type Recorder struct {
	mu  sync.Mutex
	w   io.Writer
	err error
}

const snapLength = 65535

// NewRecorder writes the header of the file.
func NewRecorder(w io.Writer) *Recorder {
	r := &Recorder{w: w}
	b := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = binary.LittleEndian.AppendUint32(b, snapLength)
	b = binary.LittleEndian.AppendUint32(b, 1) // Ethernet
	_, r.err = w.Write(b)
	return r
}

func (r *Recorder) frame(at time.Time, frame []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return
	}
	kept := frame[:min(len(frame), snapLength)]
	b := binary.LittleEndian.AppendUint32(nil, uint32(at.Unix()))
	b = binary.LittleEndian.AppendUint32(b, uint32(at.Nanosecond()/1000))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(kept)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(frame)))
	_, r.err = r.w.Write(append(b, kept...))
}

// Err is the first error of writing. Frames after it are not recorded.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}
