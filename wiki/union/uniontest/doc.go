// Package uniontest holds what tests of copying need: a network in memory that
// can be cut, stores that renew their identity, and blobs in memory.
package uniontest
