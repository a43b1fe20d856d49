//go:build !linux

package appliance

// forget is for Linux, which is what boxes run.
func forget(string) {}
