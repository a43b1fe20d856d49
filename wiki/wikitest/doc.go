// Package wikitest holds the complete fakes of the wiki's interfaces and the
// conformance suites that every implementation passes.
package wikitest
