package pack

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/diskfs/go-diskfs/partition/gpt"

	"github.com/argss/argss/images"
)

// Disk is what an image is made of.
type Disk struct {
	Board images.Board
	FAT   map[string]Tree   // by name of the partition
	Roots map[string]string // by name of the partition: a file with its squashfs
	When  time.Time         // of everything in it
}

const sector = 512

// Write makes the image at path, sparse where nothing is.
func (d Disk) Write(path string) error {
	if err := d.write(path); err != nil {
		os.Remove(path)
		return fmt.Errorf("write image %s: %w", path, err)
	}
	return nil
}

func (d Disk) write(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(d.fill(f), f.Close())
}

func (d Disk) fill(f *os.File) error {
	if err := f.Truncate(d.Board.DiskSize()); err != nil {
		return err
	}
	for _, p := range d.Board.Partitions() {
		var err error
		switch p.Content {
		case images.FAT:
			err = WriteFAT(io.NewOffsetWriter(f, p.Start), p.Size, "ARGSS", d.FAT[p.Name], d.When)
		case images.Squashfs:
			err = copyRoot(f, p, d.Roots[p.Name])
		}
		if err != nil {
			return fmt.Errorf("partition %s: %w", p.Name, err)
		}
	}
	table := Table(d.Board)
	if err := table.Write(f, d.Board.DiskSize()); err != nil {
		return fmt.Errorf("partition table: %w", err)
	}
	return f.Sync()
}

// Table returns the partition table of a board's image.
func Table(b images.Board) *gpt.Table {
	table := &gpt.Table{LogicalSectorSize: sector, PhysicalSectorSize: sector, ProtectiveMBR: true, GUID: images.DiskGUID}
	for _, p := range b.Partitions() {
		table.Partitions = append(table.Partitions, &gpt.Partition{
			Index: p.Number, Name: p.Name, GUID: p.GUID, Type: gpt.Type(p.Type),
			Start: uint64(p.Start / sector), End: uint64((p.Start+p.Size)/sector - 1), Size: uint64(p.Size),
		})
	}
	return table
}

func copyRoot(f *os.File, p images.Partition, from string) error {
	if from == "" {
		return nil // the other slot: an update fills it
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	n, err := io.Copy(io.NewOffsetWriter(f, p.Start), io.LimitReader(in, p.Size+1))
	if err == nil && n > p.Size {
		err = fmt.Errorf("the root is larger than %d bytes", p.Size)
	}
	return err
}
