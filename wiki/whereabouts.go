package wiki

// Whereabouts is what one box answered when it was asked for a revision.
type Whereabouts struct {
	Receipt         // Store is "" and Seq 0 as long as the box said nothing of them
	Found   Finding // what it found on its disk
}

// Finding is what a box found when it looked for a revision.
type Finding string

// The findings. A held revision was read from the disk and verified.
const (
	Held       Finding = "held"
	HeldErased Finding = "erased"  // held, its body was erased by a keeper
	HeldBroken Finding = "damaged" // held, but the copy on that disk does not read
	Lacking    Finding = "lacking" // not held
	Silent     Finding = "silent"  // the box did not answer
)

// Find looks for a revision in the own store of a box.
func Find(box string, store Store, id ID) Whereabouts {
	w := Whereabouts{Receipt: Receipt{Box: box, Store: store.Identity()}, Found: Lacking}
	e, err := store.Entry(id)
	if err != nil {
		return w
	}
	w.Seq = e.Seq
	switch r, err := store.Get(id); {
	case err != nil:
		w.Found = HeldBroken
	case r.Erased != nil:
		w.Found = HeldErased
	default:
		w.Found = Held
	}
	return w
}
