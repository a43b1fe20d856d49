package probe

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"unsafe"
)

// Open opens a disk for commands, by its kernel name.
func Open(name string) (Device, error) {
	if name != filepath.Base(name) || name == "." || name == ".." {
		return nil, fmt.Errorf("%q is no name of a disk", name)
	}
	// O_NONBLOCK keeps open itself from waiting for the medium.
	f, err := os.OpenFile("/dev/"+name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	return device{f, strings.HasPrefix(name, "nvme")}, nil
}

type device struct {
	*os.File
	nvme bool
}

// sgHeader is struct sg_io_hdr of 64-bit machines.
type sgHeader struct {
	interfaceID    int32
	direction      int32
	commandLength  uint8
	senseLength    uint8
	iovecs         uint16
	dataLength     uint32
	data           unsafe.Pointer
	command, sense unsafe.Pointer
	timeout        uint32 // ms
	flags          uint32
	packID         int32
	_              [4]byte
	user           unsafe.Pointer
	status         uint8
	masked         uint8
	message        uint8
	senseWritten   uint8
	hostStatus     uint16
	driverStatus   uint16
	residual       int32
	duration       uint32
	info           uint32
	_              [4]byte
}

const (
	sgIO          = 0x2285
	sgNone        = -1
	sgFromDevice  = -3
	timeoutMillis = 15_000
)

// ATA implements Device by SCSI's ATA PASS-THROUGH (16) over SG_IO.
func (d device) ATA(c Command, data []byte) (Registers, error) {
	if d.nvme {
		return Registers{}, syscall.ENOTTY
	}
	cdb := passThrough(c, len(data) > 0)
	sense := make([]byte, 32)
	h := sgHeader{
		interfaceID: 'S', direction: sgNone, commandLength: uint8(len(cdb)), senseLength: uint8(len(sense)),
		command: unsafe.Pointer(&cdb[0]), sense: unsafe.Pointer(&sense[0]), timeout: timeoutMillis,
	}
	if len(data) > 0 {
		h.direction, h.dataLength, h.data = sgFromDevice, uint32(len(data)), unsafe.Pointer(&data[0])
	}
	err := d.ioctl(sgIO, unsafe.Pointer(&h))
	runtime.KeepAlive(data)
	if err != nil {
		return Registers{}, err
	}
	if h.hostStatus != 0 {
		return Registers{}, fmt.Errorf("the host adapter answers %#x", h.hostStatus)
	}
	return parseSense(sense[:h.senseWritten], h.status)
}

// adminCommand is struct nvme_passthru_cmd.
type adminCommand struct {
	opcode, flags        uint8
	_                    uint16
	namespace, c2, c3    uint32
	metadata             uint64
	data                 unsafe.Pointer
	metadataLen, dataLen uint32
	words                [6]uint32
	timeout, result      uint32
}

const nvmeAdmin = 0xc0484e41

// Admin implements Device. A disk behind a bridge is never sent one: some
// bridges do not survive it.
func (d device) Admin(a Admin, data []byte) error {
	if !d.nvme {
		return syscall.ENOTTY
	}
	c := adminCommand{opcode: a.Opcode, namespace: a.Namespace, words: a.Words, timeout: timeoutMillis}
	if len(data) > 0 {
		c.data, c.dataLen = unsafe.Pointer(&data[0]), uint32(len(data))
	}
	err := d.ioctl(nvmeAdmin, unsafe.Pointer(&c))
	runtime.KeepAlive(data)
	return err
}

// ioctl returns the error of a call; a positive result is an NVMe status.
func (d device) ioctl(request uintptr, argument unsafe.Pointer) error {
	raw, err := d.SyscallConn()
	if err != nil {
		return err
	}
	var result uintptr
	var errno syscall.Errno
	if err := raw.Control(func(fd uintptr) {
		result, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(argument))
	}); err != nil {
		return err
	}
	switch {
	case errno != 0:
		return errno
	case result != 0 && request == nvmeAdmin:
		return fmt.Errorf("the disk answers with status %#x", result)
	}
	return nil
}
