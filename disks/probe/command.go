package probe

// Command is an ATA command's registers (28 bits).
type Command struct {
	Command, Feature, Count uint8
	LBA                     uint32
	Out                     bool // never set here: nothing is written
}

// Registers are those a command ends with.
type Registers struct {
	Error, Count, Status, Device uint8
	LBA                          uint32
}

// Admin is an NVMe admin command.
type Admin struct {
	Opcode    uint8
	Namespace uint32
	Words     [6]uint32 // 10 to 15
}
