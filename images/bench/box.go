package bench

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/argss/argss/images"
	"github.com/argss/argss/images/bench/disk"
	"github.com/argss/argss/images/bench/machine"
	"github.com/argss/argss/images/bench/network"
)

// Box is one box of a World.
type Box struct {
	*machine.Machine
	URL   string // of the box itself
	Cable *network.Cable

	board images.Board
	dir   string
}

// dataSize is how much larger the bench's disks are than the image.
const dataSize = 1 << 30

func (w *World) box(folder string, p place, all []place, lan *network.Switch) (*Box, error) {
	if p.Arch == "" {
		p.Arch = machine.AMD64
	}
	board, err := images.FindBoard(string(p.Arch))
	if err != nil {
		return nil, err
	}
	file := func(kind string) string { return folder + "/argss-" + board.Name + "." + kind }
	socket, err := lan.Listen(p.Name, w.path(p.Name+".net"))
	if err != nil {
		return nil, err
	}
	w.onClose(socket.Close)
	config := machine.Config{Name: p.Name, Arch: p.Arch, MAC: p.mac(), Network: w.path(p.Name + ".net"), Dir: w.dir}
	image, settings := file("img"), p.settings(all)
	if p.UEFI {
		image, err = w.settle(image, board, p.Name, settings)
	} else {
		config.Kernel = file("kernel")
		config.Options, err = options(file("cmdline"), p.Kernel, settings)
	}
	if err != nil {
		return nil, fmt.Errorf("%w (make image makes what the bench boots)", err)
	}
	d, closer, err := disk.Open(image, board.DiskSize()+dataSize)
	if err != nil {
		return nil, fmt.Errorf("%w (make image makes it)", err)
	}
	w.onClose(func() { closer.Close() })
	m, err := machine.New(config, d)
	if err != nil {
		return nil, err
	}
	w.onClose(m.Close)
	return &Box{m, p.url(), socket.Cable(), board, w.dir}, nil
}

// options is the image's command line with more, and with settings. On a busy
// machine QEMU's emulated timer may not tick in time for the check that x86
// kernels make of it, and they panic; real boxes keep the check.
func options(file, more string, settings []byte) (string, error) {
	text, err := os.ReadFile(file)
	all := []string{strings.TrimSpace(string(text)), more, "no_timer_check", "argss.settings=" + base64.RawURLEncoding.EncodeToString(settings)}
	return strings.Join(all, " "), err
}

// settle copies an image and puts settings on its boot partition.
func (w *World) settle(image string, board images.Board, name string, settings []byte) (string, error) {
	own, file := w.path(name+".img"), w.path(name+".json")
	if err := os.WriteFile(file, settings, 0o600); err != nil {
		return "", err
	}
	for _, c := range [][]string{
		{"cp", "--sparse=always", image, own},
		{"mcopy", "-o", "-i", fmt.Sprintf("%s@@%d", own, board.Partition("boot").Start), file, "::argss.json"},
	} {
		if out, err := exec.Command(c[0], c[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("put settings on an image: %s: %w: %s", c[0], err, out)
		}
	}
	return own, nil
}

// CheckData checks the file system of the data partition as the disk would show
// it now: its journal is replayed as at the next start, and then e2fsck must
// find nothing to mend.
func (b *Box) CheckData() error {
	part := b.board.Partition("data")
	path := b.dir + "/" + b.Name() + ".data"
	defer os.Remove(path)
	// The first boot gave the partition the rest of the disk but for its end.
	if err := b.Disk().Export(path, part.Start, b.Disk().Size()-part.Start); err != nil {
		return err
	}
	replay := exec.Command("e2fsck", "-p", path)
	out, err := replay.CombinedOutput()
	var code *exec.ExitError
	if err != nil && (!errors.As(err, &code) || code.ExitCode() > 1) {
		return fmt.Errorf("replay the journal of %s: %w: %s", b.Name(), err, out)
	}
	if out, err := exec.Command("e2fsck", "-fn", path).CombinedOutput(); err != nil {
		return fmt.Errorf("the file system of %s is not clean: %w: %s", b.Name(), err, out)
	}
	return nil
}
