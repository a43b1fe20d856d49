package store

import "github.com/argss/argss/wiki"

// draft is a batch before it is written.
type draft struct {
	records      []record
	items        []item
	bytes        int64
	next         wiki.Seq
	seqs         map[wiki.ID]wiki.Seq // of the revisions in the batch
	erased       map[wiki.ID]bool     // what the batch's own erase records name
	erasuresOnly bool
	wipes        bool // bodies on the disk may have to go
}

// draft numbers what the requests bring and is not held, and leaves each
// request's highest sequence in it.
func (s *Store) draft(r *reader, batch []*request) draft {
	d := draft{
		next:         s.latest + 1,
		seqs:         map[wiki.ID]wiki.Seq{},
		erased:       map[wiki.ID]bool{},
		erasuresOnly: true,
	}
	for _, q := range batch {
		q.seq = 0
		for _, p := range q.pieces {
			seq := s.place(r, &d, p)
			if p.asked {
				q.seq = max(q.seq, seq)
			}
		}
	}
	return d
}

// place returns a revision's sequence number and drafts its record unless a
// good one is held. A damaged one is written again under its number.
func (s *Store) place(r *reader, d *draft, p piece) wiki.Seq {
	id := p.revision.ID
	if seq, ok := d.seqs[id]; ok {
		return seq
	}
	e, held := r.entry(id)
	_, damaged := s.damaged[id]
	if held && !damaged {
		return e.Seq
	}
	if !held {
		e.Seq = d.next
		d.next++
	}
	d.seqs[id] = e.Seq
	d.draft(r, p, e.Seq)
	return e.Seq
}

func (d *draft) draft(r *reader, p piece, seq wiki.Seq) {
	rev := p.revision
	rec := record{kind: whole, seq: seq, id: rev.ID, payload: rev.Document()}
	it := item{entry: entry{Entry: wiki.Entry{Seq: seq, ID: rev.ID, Header: rev.Header}}}
	if rev.Header.Kind == wiki.Erase {
		it.erases = rev.Body.Erasure.Erases
		for _, id := range it.erases {
			d.erased[id] = true
		}
		d.wipes = true
	} else {
		d.erasuresOnly = false
		if rev.Body == nil || d.erased[rev.ID] || r.erased(rev.ID) {
			rec.kind, rec.payload, it.bare = bare, p.header, true
		}
	}
	d.records = append(d.records, rec)
	d.items = append(d.items, it)
	d.bytes += rec.size()
}

// encode returns the batch's bytes as they are appended to a segment, and
// notes where each record stands.
func (d *draft) encode(seg *segment) []byte {
	b := make([]byte, 0, d.bytes)
	for i := range d.records {
		rec := &d.records[i]
		rec.batch = uint32(seg.end)
		d.items[i].at = location{seg.number, seg.end + int64(len(b)), rec.size()}
		b = rec.append(b)
	}
	return b
}
