package format

import "fmt"

// Kind is what is on a disk.
type Kind string

// Kinds that a program acts on; Foreign is everything else there is.
const (
	Blank   Kind = "blank"
	Half    Kind = "half-prepared" // by this package, interrupted; may be begun again
	Ours    Kind = "ours"
	Foreign Kind = "foreign"
)

// Finding is what Recognise found.
type Finding struct {
	Kind Kind
	What string // of a Foreign one: what it is, with its article: "a Windows file system (NTFS)"
	Data Region // of one that is Ours: where the file system is
}

// Region is a part of a disk, in bytes.
type Region struct{ Start, Size int64 }

// String is one sentence for the owner.
func (f Finding) String() string {
	switch f.Kind {
	case Blank:
		return "This disk is blank and can be prepared."
	case Half:
		return "Preparing this disk was interrupted and can be begun again."
	case Ours:
		return "This disk is prepared."
	default:
		return fmt.Sprintf("This disk holds %s. It is left alone.", f.What)
	}
}

// Refused is the error of preparing a disk that holds something.
type Refused struct{ Finding Finding }

func (r *Refused) Error() string { return "prepare disk: it holds " + r.Finding.What }

func foreign(what string) Finding { return Finding{Kind: Foreign, What: what} }
