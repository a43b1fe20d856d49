package probe

import (
	"errors"
	"fmt"
)

// passThrough is the SCSI command that carries an ATA command to a disk that
// understands only those, or to the bridge before it.
func passThrough(c Command, in bool) [16]byte {
	const (
		noData, pioIn  = 3 << 1, 4 << 1
		wantRegisters  = 1 << 5
		fromDevice     = 1 << 3
		blocks, length = 1 << 2, 2
	)
	cdb := [16]byte{0: 0x85, 1: noData, 2: wantRegisters, 4: c.Feature, 6: c.Count,
		8: byte(c.LBA), 10: byte(c.LBA >> 8), 12: byte(c.LBA >> 16), 14: c.Command}
	if in {
		// Data and registers both make some bridges stumble.
		cdb[1], cdb[2] = pioIn, fromDevice|blocks|length
	}
	return cdb
}

// The errors of a pass-through.
var errNotPassed = errors.New("the adapter does not pass the command on")

// parseSense reads the registers out of SCSI sense data.
func parseSense(b []byte, status uint8) (Registers, error) {
	var r Registers
	found := false
	switch {
	case len(b) >= 22 && b[0]&0x7f == 0x72 && b[8] == 0x09:
		d := b[8:]
		r = Registers{Count: d[5], Status: d[13], LBA: uint32(d[7]) | uint32(d[9])<<8 | uint32(d[11])<<16}
		found = true
	case len(b) >= 14 && b[0]&0x7f == 0x70 && b[12] == 0x00 && b[13] == 0x1d:
		r = Registers{Count: b[6], Status: b[4], LBA: uint32(b[9]) | uint32(b[10])<<8 | uint32(b[11])<<16}
		found = true
	}
	const failed, fault = 1, 1 << 5
	switch {
	case found && r.Status&(failed|fault) != 0:
		return r, fmt.Errorf("the disk refuses the command (status %#x)", r.Status)
	case !found && status != 0:
		return r, errNotPassed
	}
	return r, nil
}
