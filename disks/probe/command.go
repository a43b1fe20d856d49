package probe

// Command is an ATA command's registers, 28 bits.
type Command struct {
	Command, Feature, Count uint8
	LBA                     uint32
}

// Registers are those a command ends with.
type Registers struct {
	Count, Status uint8
	LBA           uint32
}

// Admin is an NVMe admin command.
type Admin struct {
	Opcode    uint8
	Namespace uint32
	Words     [6]uint32 // 10 to 15
}

// The ATA commands that are sent. SMART carries its key in the LBA.
const smartKey = 0xc24f00

var (
	checkPower  = Command{Command: 0xe5}
	standbyNow  = Command{Command: 0xe0}
	identify    = Command{Command: 0xec, Count: 1}
	smartData   = Command{Command: 0xb0, Feature: 0xd0, Count: 1, LBA: smartKey}
	smartLimits = Command{Command: 0xb0, Feature: 0xd1, Count: 1, LBA: smartKey}
	smartStatus = Command{Command: 0xb0, Feature: 0xda, LBA: smartKey}
	testLog     = Command{Command: 0xb0, Feature: 0xd5, Count: 1, LBA: smartKey | 0x06}
	statistics  = Command{Command: 0xb0, Feature: 0xd5, Count: 8, LBA: smartKey | 0x04}
)

func selfTest(long bool) Command {
	c := Command{Command: 0xb0, Feature: 0xd4, LBA: smartKey | 1}
	if long {
		c.LBA = smartKey | 2
	}
	return c
}

// The NVMe admin commands.
func logPage(id uint32, bytes int) Admin {
	return Admin{Opcode: 0x02, Namespace: 0xffffffff, Words: [6]uint32{id | uint32(bytes/4-1)<<16}}
}

var identifyController = Admin{Opcode: 0x06, Words: [6]uint32{1}}

func deviceSelfTest(long bool) Admin {
	a := Admin{Opcode: 0x14, Namespace: 0xffffffff, Words: [6]uint32{1}}
	if long {
		a.Words[0] = 2
	}
	return a
}
