package web

// Frame is what stands around every page. The appliance fills it; this package
// only draws it. The zero Frame draws a wiki without any of this.
type Frame struct {
	WikiName string // the owner's name for the wiki
	BoxName  string // the box that answers
	Version  string // of the software
	Banner   Banner
	Boxes    []Box    // all boxes of the wiki, the answering one among them
	Ledger   []string // short claims for the foot of the page, each a line
	Links    []Link   // further entries of the navigation
}

// Banner is one sentence above every page. The zero Banner is not drawn.
type Banner struct {
	Sentence string
	Severity Severity
	Link     Link // to an explanation; zero for none
}

// Severity says how a banner looks, beside what it says.
type Severity string

// The severities of a banner.
const (
	Good  Severity = "good"  // all is well again
	Limp  Severity = "limp"  // something is missing, the wiki goes on
	Grave Severity = "grave" // saves are refused
)

// Box is one box of the wiki as the reader is told of it.
type Box struct {
	Name  string
	City  string // "" where unknown
	Alive bool
	State string // a few words: "here", "0.2 s ago", "silent for 3 min"
}

// Link is an entry of the navigation.
type Link struct {
	Text    string
	Address string
}
