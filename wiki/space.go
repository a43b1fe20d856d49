package wiki

import "fmt"

// Rule says who may read or write a space.
type Rule string

// The rules, from the widest to the narrowest.
const (
	Anyone  Rule = "anyone"  // everybody who reaches the box
	Members Rule = "members" // signed-in accounts
	Keepers Rule = "keepers" // those who run the wiki
	Boxes   Rule = "boxes"   // paired boxes only, never a person or a browser
)

// Space is a set with one read rule. Each is its own database with its own
// store, sequence and digest.
type Space struct {
	Name  string `json:"name"`
	Read  Rule   `json:"read"`
	Write Rule   `json:"write"`
}

// Public is the space of an open wiki.
var Public = Space{Name: "public", Read: Anyone, Write: Anyone}

// Keeper holds accounts, roles, settings and the list of boxes. It goes only
// to paired boxes, never to browsers, mirrors, git or vaults in the clear.
var Keeper = Space{Name: "keeper", Read: Boxes, Write: Boxes}

// CheckSpaceName accepts what CouchDB accepts as a database name and a file
// system as a folder: 1 to 32 lower-case letters.
func CheckSpaceName(s string) error {
	if len(s) == 0 || len(s) > 32 {
		return fmt.Errorf("a space's name has 1 to 32 letters, not %d", len(s))
	}
	for i := 0; i < len(s); i++ {
		if s[i] < 'a' || s[i] > 'z' {
			return fmt.Errorf("a space's name is lower-case letters, not %q", s)
		}
	}
	return nil
}
