package build

import (
	"path/filepath"
	"strings"

	"github.com/argss/argss/images/pack"
)

// raspberryConfig is read by the firmware. The kernel is 64-bit, and the
// watchdog that the firmware can start covers what runs before ours.
const raspberryConfig = "arm_64bit=1\nkernel=vmlinuz\nenable_uart=1\n"

// raspberry returns the chooser and slot a: firmware, device trees, kernel.
func (r *recipe) raspberry(kernel module, options string) (map[string]pack.Tree, error) {
	slot := pack.Tree{
		{Path: "config.txt", Data: []byte(raspberryConfig)},
		{Path: "cmdline.txt", Data: []byte(options + "\n")},
		{Path: "vmlinuz", From: filepath.Join(kernel.Dir, "vmlinuz")},
	}
	for _, pattern := range []string{"bcm2711-*.dtb", "bcm2712*.dtb", "overlays/*.dtb*", "overlays/*.txt"} {
		slot = append(slot, under(kernel.Dir, pattern)...)
	}
	for _, path := range r.Board.Firmware {
		m, err := r.fetch(path)
		if err != nil {
			return nil, err
		}
		r.used = append(r.used, m)
		slot = append(slot, under(m.Dir, "start4*.elf")...)
		slot = append(slot, under(m.Dir, "fixup4*.dat")...)
	}
	return map[string]pack.Tree{"choose": texts(r.Boot("", options)), "boot-a": slot}, nil
}

// under returns the files of a folder that match, at the same paths.
func under(dir, pattern string) (out pack.Tree) {
	found, _ := filepath.Glob(filepath.Join(dir, pattern)) // fails for bad patterns only
	for _, f := range found {
		out = append(out, pack.File{Path: filepath.ToSlash(strings.TrimPrefix(f, dir+string(filepath.Separator))), From: f})
	}
	return out
}
