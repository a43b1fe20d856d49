package merge

// compact moves each run of marks to where it reads best without changing what the
// unmarked pieces are: a run "x y" before "x" may as well be "y x" after it. Runs that
// meet on the way up are joined, so a change is in as few places as can be, and then
// each rests as far down as it goes, so that two sides that doubled the same line are
// seen to agree. (git does the same.)
func compact(ids []int32, marked []bool) {
	for i := 0; i < len(ids); {
		if !marked[i] {
			i++
			continue
		}
		r := run{ids: ids, marked: marked, start: i, end: i}
		r.widen()
		for joined := true; joined; {
			before := r.end - r.start
			r.up()
			r.down()
			joined = r.end-r.start > before
		}
		i = r.end
	}
}

// run is a stretch of marked pieces, ids[start:end].
type run struct {
	ids        []int32
	marked     []bool
	start, end int
}

func (r *run) up() {
	for r.start > 0 && r.ids[r.start-1] == r.ids[r.end-1] {
		r.start--
		r.end--
		r.marked[r.start], r.marked[r.end] = true, false
		r.widen()
	}
}

func (r *run) down() {
	for r.end < len(r.ids) && r.ids[r.start] == r.ids[r.end] {
		r.marked[r.start], r.marked[r.end] = false, true
		r.start++
		r.end++
		r.widen()
	}
}

// widen takes in the marked neighbours.
func (r *run) widen() {
	for r.start > 0 && r.marked[r.start-1] {
		r.start--
	}
	for r.end < len(r.ids) && r.marked[r.end] {
		r.end++
	}
}
