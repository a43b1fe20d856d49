package pack

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"path"
	"time"
)

// The format is squashfs 4.0, as Documentation/filesystems/squashfs.rst and the
// kernel's fs/squashfs/squashfs_fs.h have it, with everything uncompressed, no
// fragments, no extended attributes, no export table, and one owner.
const (
	squashMagic     = 0x73717368
	squashBlock     = 128 * 1024
	squashBlockLog  = 17
	squashMetaBlock = 8192
	squashZlib      = 1 // has to be named, though nothing is compressed
	squashNone      = ^uint64(0)
	// Inodes, data, fragments and ids are as they are; no fragments, no xattrs.
	squashFlags = 0x0001 | 0x0002 | 0x0008 | 0x0010 | 0x0200 | 0x0800

	squashStored     = 1 << 24 // in the size of a data block: not compressed
	squashMetaStored = 1 << 15 // in the header of a metadata block: likewise

	squashSuperSize = 96
	squashAlign     = 4096 // of each file's first block, and of the whole
)

// Inode types.
const (
	squashDir     = 1
	squashRegular = 2
	squashSymlink = 3
)

// WriteSquashfs writes a tree as squashfs and returns the number of bytes, a
// multiple of 4096.
func WriteSquashfs(w io.WriterAt, tree Tree, when time.Time) (int64, error) {
	all, err := tree.complete()
	if err != nil {
		return 0, fmt.Errorf("write squashfs: %w", err)
	}
	s := &squash{out: w, when: uint32(when.Unix()), at: squashAlign, index: map[string]*squashNode{}}
	for i, f := range all {
		n := &squashNode{File: f, number: uint32(i + 1)}
		s.nodes = append(s.nodes, n)
		s.index[f.Path] = n
		if f.Path != "" {
			up := s.index[parent(f.Path)]
			n.up, up.in = up, append(up.in, n)
		}
	}
	if err := s.write(); err != nil {
		return 0, fmt.Errorf("write squashfs: %w", err)
	}
	return s.at, nil
}

type squash struct {
	out     io.WriterAt
	when    uint32
	at      int64 // where the next byte goes
	nodes   []*squashNode
	index   map[string]*squashNode
	inodes  metadata
	folders metadata
}

type squashNode struct {
	File
	number uint32
	up     *squashNode
	in     []*squashNode // in order of names
	ref    metaRef       // of the inode

	start  int64 // of the content
	size   int64
	blocks []uint32
}

func (s *squash) write() error {
	for _, n := range s.nodes {
		if !n.Dir && n.Link == "" {
			if err := s.writeContent(n); err != nil {
				return fmt.Errorf("%s: %w", n.Path, err)
			}
		}
	}
	// A folder's entries name the inodes in it, so it comes after them; in the
	// reverse order of paths it does.
	for i := len(s.nodes) - 1; i >= 0; i-- {
		if err := s.addInode(s.nodes[i]); err != nil {
			return fmt.Errorf("%s: %w", s.nodes[i].Path, err)
		}
	}
	return s.writeTables()
}

// writeContent copies a file's bytes to the next boundary.
func (s *squash) writeContent(n *squashNode) error {
	in, size, err := n.open()
	if err != nil {
		return err
	}
	defer in.Close()
	if size >= 1<<32 {
		return fmt.Errorf("has %d bytes, and four gigabytes are one too many", size)
	}
	s.at = roundUp(s.at, squashAlign)
	n.start, n.size = s.at, size
	block := make([]byte, squashBlock)
	for left := size; left > 0; left -= int64(len(block)) {
		block = block[:min(left, squashBlock)]
		if _, err := io.ReadFull(in, block); err != nil {
			return err
		}
		if err := s.put(block); err != nil {
			return err
		}
		n.blocks = append(n.blocks, uint32(len(block))|squashStored)
	}
	return nil
}

func (s *squash) put(b []byte) error {
	_, err := s.out.WriteAt(b, s.at)
	s.at += int64(len(b))
	return err
}

func (s *squash) addInode(n *squashNode) error {
	var b bytes.Buffer
	kind := uint16(squashRegular)
	switch {
	case n.Dir:
		kind = squashDir
	case n.Link != "":
		kind = squashSymlink
	}
	le(&b, kind, n.Mode, uint16(0), uint16(0), s.when, n.number)
	switch kind {
	case squashRegular:
		if n.start >= 1<<32 {
			return fmt.Errorf("starts behind the first four gigabytes")
		}
		le(&b, uint32(n.start), ^uint32(0), uint32(0), uint32(n.size), n.blocks)
	case squashSymlink:
		le(&b, uint32(1), uint32(len(n.Link)), []byte(n.Link))
	case squashDir:
		listing, size := s.addFolder(n)
		if size+3 >= 1<<16 {
			return fmt.Errorf("holds too many names for one folder")
		}
		up := uint32(len(s.nodes) + 1) // of the root: a number that is nobody's
		if n.up != nil {
			up = n.up.number
		}
		le(&b, listing.block, n.links(), uint16(size+3), listing.offset, up)
	}
	n.ref = s.inodes.add(b.Bytes())
	return nil
}

// links counts a folder's names: its own, ".", and ".." of each folder in it.
func (n *squashNode) links() uint32 {
	links := uint32(2)
	for _, c := range n.in {
		if c.Dir {
			links++
		}
	}
	return links
}

// addFolder lists a folder: runs of up to 256 entries whose inodes share a
// metadata block and whose numbers are near that of the run.
func (s *squash) addFolder(n *squashNode) (metaRef, int) {
	var b bytes.Buffer
	for rest := n.in; len(rest) > 0; {
		first := rest[0]
		run := 1
		for run < len(rest) && run < 256 && rest[run].ref.block == first.ref.block && rest[run].number-first.number < 1<<15 {
			run++
		}
		le(&b, uint32(run-1), first.ref.block, first.number)
		for _, c := range rest[:run] {
			name := path.Base(c.Path)
			kind := uint16(squashRegular)
			switch {
			case c.Dir:
				kind = squashDir
			case c.Link != "":
				kind = squashSymlink
			}
			le(&b, c.ref.offset, int16(c.number-first.number), kind, uint16(len(name)-1), []byte(name))
		}
		rest = rest[run:]
	}
	return s.folders.add(b.Bytes()), b.Len()
}

func (s *squash) writeTables() error {
	super := struct {
		Magic, Inodes, Time, Block, Fragments             uint32
		Compressor, BlockLog, Flags, IDs, Major, Minor    uint16
		Root, Used, ID, Xattr, Inode, Dir, Fragment, Look uint64
	}{
		Magic: squashMagic, Inodes: uint32(len(s.nodes)), Time: s.when, Block: squashBlock,
		Compressor: squashZlib, BlockLog: squashBlockLog, Flags: squashFlags, IDs: 1, Major: 4,
		Root:  uint64(s.index[""].ref.block)<<16 | uint64(s.index[""].ref.offset),
		Xattr: squashNone, Fragment: squashNone, Look: squashNone,
	}
	var ids metadata
	ids.add(make([]byte, 4)) // the one owner: root
	super.Inode = uint64(s.at)
	if err := s.put(s.inodes.bytes()); err != nil {
		return err
	}
	super.Dir = uint64(s.at)
	if err := s.put(s.folders.bytes()); err != nil {
		return err
	}
	table := s.at
	if err := s.put(ids.bytes()); err != nil {
		return err
	}
	super.ID = uint64(s.at)
	var b bytes.Buffer
	le(&b, uint64(table))
	if err := s.put(b.Bytes()); err != nil {
		return err
	}
	super.Used = uint64(s.at)
	if err := s.put(make([]byte, roundUp(s.at, squashAlign)-s.at)); err != nil {
		return err
	}
	b.Reset()
	le(&b, super)
	_, err := s.out.WriteAt(b.Bytes(), 0)
	return err
}

// metaRef is where something lies in a metadata table: the block's position
// from the start of the table, and the offset of the content within it.
type metaRef struct {
	block  uint32
	offset uint16
}

// metadata is a table cut into blocks of 8 KiB, each after two bytes of length.
type metadata struct{ content []byte }

func (m *metadata) add(b []byte) metaRef {
	at := len(m.content)
	m.content = append(m.content, b...)
	return metaRef{
		block:  uint32(at / squashMetaBlock * (squashMetaBlock + 2)),
		offset: uint16(at % squashMetaBlock),
	}
}

func (m *metadata) bytes() []byte {
	var b bytes.Buffer
	for rest := m.content; len(rest) > 0; {
		n := min(len(rest), squashMetaBlock)
		le(&b, uint16(n|squashMetaStored), rest[:n])
		rest = rest[n:]
	}
	return b.Bytes()
}

// le appends values in little-endian order; a bytes.Buffer does not fail.
func le(b *bytes.Buffer, values ...any) {
	for _, v := range values {
		if err := binary.Write(b, binary.LittleEndian, v); err != nil {
			panic(fmt.Sprintf("pack: %T cannot be written: %v", v, err))
		}
	}
}

func roundUp(n, to int64) int64 { return (n + to - 1) / to * to }
