package disks

import "maps"

// Signal names one number of a disk that is worth remembering, by the name its
// field uses.
type Signal string

// The signals.
const (
	Reallocated    Signal = "Reallocated_Sector_Ct"
	SpinRetry      Signal = "Spin_Retry_Count"
	EndToEnd       Signal = "End-to-End_Error"
	Uncorrectable  Signal = "Reported_Uncorrect"
	CommandTimeout Signal = "Command_Timeout"
	Pending        Signal = "Current_Pending_Sector"
	Offline        Signal = "Offline_Uncorrectable"
	CRCErrors      Signal = "UDMA_CRC_Error_Count"
	StartStop      Signal = "Start_Stop_Count"
	LoadCycle      Signal = "Load_Cycle_Count"
	PowerOnHours   Signal = "power_on_hours"
	Temperature    Signal = "temperature"
	Wear           Signal = "percentage_used"
	Spare          Signal = "available_spare"
	Warning        Signal = "critical_warning"
	MediaErrors    Signal = "media_errors"
	UnsafeOff      Signal = "unsafe_shutdowns"
	Written        Signal = "bytes_written"
	MediumErrors   Signal = "medium_errors"
	LinkErrors     Signal = "link_errors"
	Errors         Signal = "errors_count"
	Repaired       Signal = "repaired"
	Free           Signal = "free"
)

// attributes are the SMART attributes that count something, by ID.
var attributes = map[uint8]Signal{
	4: StartStop, 5: Reallocated, 9: PowerOnHours, 10: SpinRetry, 184: EndToEnd, 187: Uncorrectable,
	188: CommandTimeout, 193: LoadCycle, 197: Pending, 198: Offline, 199: CRCErrors,
}

// Values are the signals of one observation. Counts are decoded.
type Values map[Signal]uint64

// Signals returns the numbers of an observation. What was not seen is missing.
func (o Observation) Signals() Values {
	v := Values{}
	if o.ATA != nil {
		maps.Copy(v, o.ataSignals())
	}
	if h := o.NVMe; h != nil {
		maps.Copy(v, Values{
			Warning: uint64(h.CriticalWarning), Temperature: celsius(h.Temperature), Spare: uint64(h.AvailableSpare),
			MediaErrors: h.MediaErrors, UnsafeOff: h.UnsafeShutdowns, PowerOnHours: h.PowerOnHours,
			Written: h.DataUnitsWritten * 512_000,
		})
	}
	if k := o.Kernel; k != nil {
		v[MediumErrors], v[LinkErrors] = k.MediumErrors, k.LinkErrors
	}
	if f := o.Volume; f != nil {
		v[Errors], v[Repaired] = f.Errors, f.Repaired
		if f.Free >= 0 {
			v[Free] = uint64(f.Free)
		}
	}
	if wear, known := o.Wear(); known {
		v[Wear] = uint64(wear)
	}
	return v
}

func (o Observation) ataSignals() Values {
	v := Values{}
	for _, a := range o.ATA.Attributes {
		if s, known := attributes[a.ID]; known {
			v[s] = decode(o.Disk, a)
		}
	}
	if t, known := ataTemperature(o.ATA); known {
		v[Temperature] = celsius(t)
	}
	return v
}

func celsius(t int) uint64 { return uint64(max(0, t)) }
