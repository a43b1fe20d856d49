package monitor

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/argss/argss/disks"
)

// Memory is what is remembered of disks, by ID.
type Memory struct {
	Disks map[string]*Life `json:"disks"`
}

// Life is what is remembered of one disk.
type Life struct {
	Disk       disks.Disk             `json:"disk"`
	Samples    disks.History          `json:"samples,omitempty"`
	Known      disks.Acknowledgements `json:"acknowledged,omitempty"`
	Alarms     disks.Alarms           `json:"alarms"`
	Tested     time.Time              `json:"tested"`
	TestedLong time.Time              `json:"tested_long"`
}

// Bounds of what is remembered.
const (
	hourly    = 8 * disks.Day // samples an hour apart; older ones are a day apart
	remembers = 180 * disks.Day
	mostDisks = 64 // the ones seen last
	mostBytes = 32 << 20
)

// add remembers a sample and forgets what has become too old or too dense.
func (l *Life) add(s disks.Sample) {
	if n := len(l.Samples); n > 0 && s.At.Sub(l.Samples[n-1].At) < time.Hour {
		return
	}
	var kept disks.History
	for _, old := range l.Samples {
		age := s.At.Sub(old.At)
		dense := len(kept) > 0 && old.At.Sub(kept[len(kept)-1].At) < disks.Day-time.Hour/2
		if age < 0 || age > remembers || age > hourly && dense {
			continue // a clock set back begins the history anew
		}
		kept = append(kept, old)
	}
	l.Samples = append(kept, s)
}

func (m *Memory) life(d disks.Disk) *Life {
	if m.Disks == nil {
		m.Disks = map[string]*Life{}
	}
	l := m.Disks[d.ID()]
	if l == nil {
		l = &Life{}
		m.forget()
		m.Disks[d.ID()] = l
	}
	l.Disk = d
	return l
}

// forget makes room for a disk.
func (m *Memory) forget() {
	for len(m.Disks) >= mostDisks {
		oldest, at := "", time.Time{}
		for id, l := range m.Disks {
			var last time.Time
			if n := len(l.Samples); n > 0 {
				last = l.Samples[n-1].At
			}
			if oldest == "" || last.Before(at) {
				oldest, at = id, last
			}
		}
		delete(m.Disks, oldest)
	}
}

func (m *Memory) bytes() ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(m); err != nil {
		return nil, fmt.Errorf("write the disks' memory: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("write the disks' memory: %w", err)
	}
	return b.Bytes(), nil
}

// ParseMemory reads a memory file.
func ParseMemory(data []byte) (Memory, error) {
	var m Memory
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err == nil {
		err = json.NewDecoder(io.LimitReader(z, mostBytes)).Decode(&m)
	}
	if err != nil {
		return Memory{}, fmt.Errorf("read the disks' memory: %w", err)
	}
	for id, l := range m.Disks {
		if l == nil || len(l.Samples) > 10_000 {
			delete(m.Disks, id)
		}
	}
	return m, nil
}
