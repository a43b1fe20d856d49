//go:build system

package simulation

import "testing"

func TestSystemNothingAcknowledgedIsLostInAHundredStorms(t *testing.T) { storms(t, 1001, 100) }

func TestSystemEveryDeliberateBugIsCaught(t *testing.T) {
	for _, bug := range bugs {
		caught(t, bug, 200)
	}
}
