package disks

import "time"

// Access tells whether a disk could be asked for its health.
type Access string

// The ways of not being able to ask.
const (
	NotAsked    Access = ""        // nobody tried: what follows is judged without
	Answered    Access = "ok"      //
	NoBridge    Access = "usb"     // the USB adapter does not pass the question on
	NoHealth    Access = "virtual" // a virtual disk
	NoCard      Access = "sd"      // an SD card
	NotAllowed  Access = "denied"
	NoAnswer    Access = "error"
	Unsupported Access = "unsupported" // the disk has no SMART, or it is switched off
)

// Observation is what was seen of one disk at one time. Parts that were not
// seen are nil or, where zero means something, negative.
type Observation struct {
	At       time.Time `json:"at"` // zero: never observed
	Disk     Disk      `json:"disk"`
	Access   Access    `json:"access,omitempty"`
	Problem  string    `json:"problem,omitempty"`   // what NoAnswer said
	HealthAt time.Time `json:"health_at,omitempty"` // when the disk itself answered last: it may sleep since

	ATA    *ATA    `json:"ata,omitempty"`
	NVMe   *Health `json:"nvme,omitempty"`
	MMC    *MMC    `json:"mmc,omitempty"`
	Kernel *Kernel `json:"kernel,omitempty"`
	Volume *Volume `json:"volume,omitempty"`
}

// ATA is what a SATA disk says of itself, directly or through a USB bridge.
type ATA struct {
	Failing    *bool       `json:"failing,omitempty"` // SMART RETURN STATUS; nil: no answer
	Attributes []Attribute `json:"attributes,omitempty"`
	Endurance  *uint8      `json:"endurance,omitempty"` // device statistics, page 7: percentage used
	SelfTest   SelfTest    `json:"self_test,omitempty"`
}

// Attribute is one line of the SMART table.
type Attribute struct {
	ID        uint8  `json:"id"`
	Value     uint8  `json:"value"`
	Worst     uint8  `json:"worst"`
	Threshold uint8  `json:"thresh"`
	Raw       uint64 `json:"raw"` // 48 bits
	Prefail   bool   `json:"prefail,omitempty"`
}

// Attribute returns the attribute with an ID, or false.
func (a *ATA) Attribute(id uint8) (Attribute, bool) {
	if a == nil {
		return Attribute{}, false
	}
	for _, x := range a.Attributes {
		if x.ID == id {
			return x, true
		}
	}
	return Attribute{}, false
}

// SelfTest is the outcome of a disk's latest test of itself.
type SelfTest struct {
	Result Result `json:"result,omitempty"`
	Long   bool   `json:"long,omitempty"`
	Hours  uint64 `json:"hours,omitempty"` // power-on hours at its end
	LBA    uint64 `json:"lba,omitempty"`   // of the first error
}

// Result is how a self-test ended.
type Result string

// The results. A test that was aborted says nothing about the disk: USB
// bridges that go to sleep abort long tests.
const (
	NoTest       Result = ""
	TestPassed   Result = "passed"
	TestAborted  Result = "aborted"
	TestRunning  Result = "running"
	TestRead     Result = "read failure"
	TestElectric Result = "electrical failure"
	TestServo    Result = "servo failure"
	TestUnknown  Result = "failure"
)

// Failed tells whether the disk did not pass.
func (r Result) Failed() bool {
	return r == TestRead || r == TestElectric || r == TestServo || r == TestUnknown
}

// Health is the SMART / Health Information log of an NVMe disk, by the names
// its standard gives.
type Health struct {
	CriticalWarning         uint8    `json:"critical_warning"`
	Temperature             int      `json:"temperature"` // °C
	AvailableSpare          uint8    `json:"available_spare"`
	AvailableSpareThreshold uint8    `json:"available_spare_threshold"`
	PercentageUsed          uint8    `json:"percentage_used"`
	DataUnitsWritten        uint64   `json:"data_units_written"` // of 512,000 bytes
	PowerCycles             uint64   `json:"power_cycles"`
	PowerOnHours            uint64   `json:"power_on_hours"`
	UnsafeShutdowns         uint64   `json:"unsafe_shutdowns"`
	MediaErrors             uint64   `json:"media_errors"`
	WarnTemperature         int      `json:"warn_temperature,omitempty"` // °C, from Identify; 0: not given
	SelfTest                SelfTest `json:"self_test,omitempty"`
}

// Bits of the NVMe critical warning.
const (
	WarnSpare       = 1 << iota // the spare blocks are nearly used up
	WarnTemperature             // too hot or too cold
	WarnReliability             // media or internal errors
	WarnReadOnly                // no more writes
	WarnBackup                  // the cache is lost with the power
	WarnMemory                  // the persistent memory region
)

// MMC is what an eMMC chip says of its wear.
type MMC struct {
	LifeTimeA uint8 `json:"life_time_a"` // 0x01 to 0x0A: used up to n × 10 %, 0x0B: beyond; 0: not known
	LifeTimeB uint8 `json:"life_time_b"`
	PreEOL    uint8 `json:"pre_eol_info"` // 1 normal, 2 warning, 3 urgent; 0: not known
}

// Kernel is what the operating system met on its way to the disk. Counts are
// of this boot.
type Kernel struct {
	MediumErrors uint64        `json:"medium_errors,omitempty"` // reads and writes that failed
	LinkErrors   uint64        `json:"link_errors,omitempty"`   // resets and timeouts: cable, bridge or power
	Latency      time.Duration `json:"latency,omitempty"`       // p99 of the last minutes; 0: not known
	Stuck        time.Duration `json:"stuck,omitempty"`         // requests wait and none has come back for so long
}

// Volume is what the file system and the wiki on the disk say.
type Volume struct {
	Free       int64  `json:"free"`                  // bytes that can still be written, negative if not known
	WriteError string `json:"write_error,omitempty"` // why the last write or sync was refused, "" if it was not
	Damaged    int    `json:"damaged,omitempty"`     // pieces of data found damaged and not yet repaired
	Repaired   uint64 `json:"repaired,omitempty"`    // pieces repaired from another copy since the box started
	Errors     uint64 `json:"errors,omitempty"`      // ext4's errors_count
	ReadOnly   bool   `json:"read_only,omitempty"`   // the kernel remounted it read-only
}

// ATAResult reads a self-test's execution status: the upper half of the byte
// that ATA's self-test log and SMART data hold.
func ATAResult(status int) Result {
	switch status >> 4 & 0xf {
	case 0:
		return TestPassed
	case 1, 2:
		return TestAborted
	case 5:
		return TestElectric
	case 6:
		return TestServo
	case 7:
		return TestRead
	case 0xf:
		return TestRunning
	case 3, 4, 8:
		return TestUnknown
	}
	return NoTest
}
