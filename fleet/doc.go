// Package fleet will own which software a box runs and when it may change it:
// the release manifest, the TUF roles, the waves of a rollout, and the
// decision whether this box may take a release now.
//
// Nothing of it is there yet; README lists it under "Not there yet".
package fleet
