package merge

// Merger is Text with the one question pages ask: is the result clean, and if
// so, what is it? It implements wiki.Merger.
type Merger struct{}

// Merge joins two texts that grew from base.
func (Merger) Merge(base, a, b string) (text string, clean bool) { return Text(base, a, b).Clean() }

// Version returns Version.
func (Merger) Version() int { return Version }
