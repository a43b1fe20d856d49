package markup

import "slices"

// page gathers what Document reports while the tree of one page is made ready.
type page struct {
	src      []byte
	context  Context
	ids      ids
	title    string
	headings []Heading
	plain    string
	known    map[string]bool // what Context.Exists has answered
	links    map[string]bool // linked page -> it exists
	files    map[string]struct{}
	borrowed int // bytes of addresses and titles still allowed to reference links
}

func newPage(src []byte, c Context) *page {
	return &page{
		src:      src,
		context:  c,
		ids:      ids{taken: map[string]struct{}{}, last: map[string]int{}},
		known:    map[string]bool{},
		links:    map[string]bool{},
		files:    map[string]struct{}{},
		borrowed: len(src) + freeGrowth,
	}
}

// exists asks about a name once.
func (p *page) exists(name string) bool {
	exists, known := p.known[name]
	if !known {
		exists = p.context.Exists == nil || p.context.Exists(name)
		p.known[name] = exists
	}
	return exists
}

func (p *page) wanted() []string {
	var names []string
	for name, exists := range p.links {
		if !exists {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
