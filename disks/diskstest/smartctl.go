package diskstest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/argss/argss/disks"
)

// smartctl is what is read of smartctl --json.
type smartctl struct {
	Device struct {
		Name, Type, Protocol string
	}
	Model    string `json:"model_name"`
	Serial   string `json:"serial_number"`
	Firmware string `json:"firmware_version"`
	Capacity struct {
		Bytes int64
	} `json:"user_capacity"`
	Rotation *int `json:"rotation_rate"`
	Support  *struct {
		Available, Enabled bool
	} `json:"smart_support"`
	Status *struct {
		Passed bool
	} `json:"smart_status"`
	Attributes struct {
		Table []struct {
			ID                   uint8
			Value, Worst, Thresh uint8
			Flags                struct {
				Prefailure bool
			}
			Raw struct {
				Value uint64
			}
		}
	} `json:"ata_smart_attributes"`
	SelfTests struct {
		Standard struct {
			Table []selfTest
		}
	} `json:"ata_smart_self_test_log"`
	Endurance *struct {
		Percent uint8 `json:"current_percent"`
	} `json:"endurance_used"`
	NVMe *disks.Health `json:"nvme_smart_health_information_log"`
}

type selfTest struct {
	Type   struct{ String string }
	Status struct {
		Value int
	}
	Hours uint64 `json:"lifetime_hours"`
	LBA   uint64
}

// ParseSmartctl reads the output of smartctl --json -a or -x.
func ParseSmartctl(data []byte) (disks.Observation, error) {
	var s smartctl
	if err := json.Unmarshal(data, &s); err != nil {
		return disks.Observation{}, fmt.Errorf("read smartctl's answer: %w", err)
	}
	o := disks.Observation{Access: disks.Answered, Disk: disks.Disk{
		Name: strings.TrimPrefix(s.Device.Name, "/dev/"), Model: s.Model, Serial: s.Serial, Firmware: s.Firmware,
		Bytes: s.Capacity.Bytes, Kind: s.kind(), USB: strings.HasPrefix(s.Device.Type, "usb"),
	}}
	switch {
	case s.NVMe != nil:
		o.NVMe = s.NVMe
	case len(s.Attributes.Table) > 0:
		o.ATA = s.ata()
	default:
		o.Access = disks.Unsupported
	}
	return o, nil
}

func (s *smartctl) kind() disks.Kind {
	switch {
	case s.NVMe != nil:
		return disks.NVMe
	case s.Rotation != nil && *s.Rotation == 0:
		return disks.SSD
	}
	return disks.HDD
}

func (s *smartctl) ata() *disks.ATA {
	a := &disks.ATA{}
	if s.Status != nil {
		failing := !s.Status.Passed
		a.Failing = &failing
	}
	for _, t := range s.Attributes.Table {
		a.Attributes = append(a.Attributes, disks.Attribute{
			ID: t.ID, Value: t.Value, Worst: t.Worst, Threshold: t.Thresh, Raw: t.Raw.Value, Prefail: t.Flags.Prefailure,
		})
	}
	if s.Endurance != nil {
		a.Endurance = &s.Endurance.Percent
	}
	if tests := s.SelfTests.Standard.Table; len(tests) > 0 {
		t := tests[0]
		a.SelfTest = disks.SelfTest{Result: disks.ATAResult(t.Status.Value), Long: strings.HasPrefix(t.Type.String, "Extended"), Hours: t.Hours, LBA: t.LBA}
	}
	return a
}

// at puts an observation at a time.
func at(o disks.Observation, now time.Time) disks.Observation {
	o.At, o.HealthAt = now, now
	return o
}
