package pid1

import (
	"crypto/rand"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/argss/argss/disks/format"
)

// mountData gives the data partition the rest of the disk, makes its file
// system if it is still as the image left it, and mounts it on /perm. What
// holds anything else is left alone, and the box goes on without it.
func mountData(d ownDisk) error {
	dev, number, err := d.partition("data")
	if err != nil {
		return err
	}
	if err := prepareData(d, number); err != nil {
		return err
	}
	// A full or failing disk is told by the programs; a panic helps nobody.
	if err := unix.Mount(dev, "/perm", "ext4", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC|unix.MS_NOATIME, "errors=remount-ro"); err != nil {
		return fmt.Errorf("mount %s: %w", dev, err)
	}
	return nil
}

func prepareData(d ownDisk, number int) error {
	disk, err := format.OpenShared("/dev/" + d.Name)
	if err != nil {
		return err
	}
	defer disk.Close()
	var id [16]byte
	_, _ = rand.Read(id[:]) // does not fail
	region, err := format.PrepareRest(disk, disk.Shape, "data", id, time.Now())
	if err != nil {
		return err
	}
	return disk.Resized(number, region)
}

// mountBoot mounts the boot partition read-only: it has first settings, and
// which slots there are. Only a slot's change mounts it for writing.
func mountBoot(d ownDisk, name string) error {
	dev, _, err := d.partition(name)
	if err != nil {
		return err
	}
	if err := unix.Mount(dev, "/boot", "vfat", unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC|unix.MS_NOATIME, "errors=continue"); err != nil {
		return fmt.Errorf("mount %s: %w", dev, err)
	}
	return nil
}

// scratchData lets a box that has no disk for its data run all the same, from
// memory, so that its pages can say so.
func scratchData() error {
	if err := unix.Mount("tmpfs", "/perm", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=700,size=40%"); err != nil {
		return fmt.Errorf("mount memory on /perm: %w", err)
	}
	return os.MkdirAll("/perm/wiki", 0o700)
}
