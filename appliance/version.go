package appliance

// version is set by the linker; see the Makefile.
var version string

// Version names the software a box runs: a release, or the commit it was built
// from. What was built without either says so.
func Version() string {
	if version == "" {
		return "unversioned"
	}
	return version
}
