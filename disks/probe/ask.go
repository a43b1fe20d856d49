package probe

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/argss/argss/disks"
)

// ErrAsleep says that a disk sleeps and was left alone.
var ErrAsleep = errors.New("the disk sleeps")

// Ask returns what a disk says of its health. Of a disk that sleeps it returns
// ErrAsleep, unless it may be woken.
func (s System) Ask(d disks.Disk, wake bool, now time.Time) (disks.Observation, error) {
	o := s.Passive(d)
	if o.Access != disks.NotAsked {
		o.HealthAt = now
		return o, nil
	}
	device, err := s.Open(d.Name)
	if err != nil {
		refused(&o, err)
		return o, nil
	}
	defer device.Close()
	if d.Kind == disks.NVMe {
		err = askNVMe(device, &o)
	} else {
		err = askATA(device, &o, wake)
	}
	if errors.Is(err, ErrAsleep) {
		return o, err
	}
	if o.Access = disks.Answered; err != nil {
		refused(&o, err)
	}
	o.HealthAt = now
	return o, nil
}

// Standby lets an ATA disk sleep.
func (s System) Standby(d disks.Disk) error {
	return s.with(d, func(device Device) error {
		_, err := device.ATA(standbyNow, nil)
		return err
	})
}

// SelfTest starts a disk's test of itself, which goes on beside its work.
func (s System) SelfTest(d disks.Disk, long bool) error {
	return s.with(d, func(device Device) error {
		if d.Kind == disks.NVMe {
			return device.Admin(deviceSelfTest(long), nil)
		}
		_, err := device.ATA(selfTest(long), nil)
		return err
	})
}

func (s System) with(d disks.Disk, do func(Device) error) error {
	device, err := s.Open(d.Name)
	if err != nil {
		return fmt.Errorf("open disk %s: %w", d.Name, err)
	}
	defer device.Close()
	if err := do(device); err != nil {
		return fmt.Errorf("command disk %s: %w", d.Name, err)
	}
	return nil
}

func askNVMe(device Device, o *disks.Observation) error {
	log := make([]byte, sector)
	if err := device.Admin(logPage(2, sector), log); err != nil {
		return err
	}
	h, err := ParseHealth(log)
	if err != nil {
		return err
	}
	who := make([]byte, 4096)
	if device.Admin(identifyController, who) == nil {
		h.WarnTemperature = ParseController(who, &o.Disk)
	}
	tests := make([]byte, nvmeTestLog)
	if device.Admin(logPage(6, nvmeTestLog), tests) == nil { // optional
		h.SelfTest = ParseNVMeTestLog(tests)
	}
	o.NVMe = &h
	return nil
}

func askATA(device Device, o *disks.Observation, wake bool) error {
	if r, err := device.ATA(checkPower, nil); err == nil && !wake && (r.Count == 0 || r.Count == 1) {
		return ErrAsleep
	}
	who := make([]byte, sector)
	if _, err := device.ATA(identify, who); err != nil {
		return err
	}
	if !ParseIdentify(who, &o.Disk) {
		return errNoSMART
	}
	data, limits := make([]byte, sector), make([]byte, sector)
	if _, err := device.ATA(smartData, data); err != nil {
		return err
	}
	if _, err := device.ATA(smartLimits, limits); err != nil {
		limits = nil
	}
	a, err := ParseSMART(data, limits)
	if err != nil {
		return err
	}
	if r, err := device.ATA(smartStatus, nil); err == nil {
		switch r.LBA >> 8 & 0xffff {
		case 0x2cf4:
			a.Failing = new(bool)
			*a.Failing = true
		case 0xc24f:
			a.Failing = new(bool)
		}
	}
	log := make([]byte, sector)
	if _, err := device.ATA(testLog, log); err == nil && a.SelfTest.Result != disks.TestRunning {
		a.SelfTest = ParseTestLog(log)
	}
	pages := make([]byte, 8*sector)
	if _, err := device.ATA(statistics, pages); err == nil {
		a.Endurance = ParseEndurance(pages)
	}
	o.ATA = &a
	return nil
}

var errNoSMART = errors.New("the disk has no SMART, or it is switched off")

// refused notes why a disk did not say how it is.
func refused(o *disks.Observation, err error) {
	switch {
	case errors.Is(err, fs.ErrPermission):
		o.Access = disks.NotAllowed
	case o.Disk.USB:
		o.Access = disks.NoBridge
	case errors.Is(err, errNoSMART):
		o.Access = disks.Unsupported
	default:
		o.Access, o.Problem = disks.NoAnswer, err.Error()
	}
}
