package household

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"

	"github.com/argss/argss/appliance/settings"
)

// folder is the data folder of a household, held by this process alone.
type folder struct {
	path string // absolute
	lock *os.File
}

func openFolder(path string) (*folder, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the data folder: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, fmt.Errorf("boxes are running from %s already; stop them first, or choose another folder with DATA=", path)
	}
	return &folder{path, lock}, nil
}

// close lets another household have the folder.
func (f *folder) close() error { return f.lock.Close() }

func (f *folder) settingsFile(box string) string { return filepath.Join(f.path, box, "settings.json") }
func (f *folder) ledgerFile() string             { return filepath.Join(f.path, "ledger.json") }

// remembered returns the secret and the port of an earlier start, "" and 0 at
// the first. A settings file that cannot be read is an error: to take a new
// secret instead would part the boxes.
func (f *folder) remembered(n Network) (secret string, port uint16, err error) {
	for _, s := range n.stations() {
		old, err := settings.Load(f.settingsFile(s.name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", 0, err
		}
		if a, err := netip.ParseAddrPort(old.Listen); err == nil {
			port = a.Port()
		}
		return old.Secret, port, nil
	}
	return "", 0, nil
}

func newSecret(random io.Reader) (string, error) {
	b := make([]byte, 32)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("draw a secret for the boxes: %w", err)
	}
	return hex.EncodeToString(b), nil
}

// prepare writes every box's settings and returns the port all of them use.
func (f *folder) prepare(n Network, random io.Reader) (port uint16, err error) {
	secret, last, err := f.remembered(n)
	if err != nil {
		return 0, err
	}
	if secret == "" {
		if secret, err = newSecret(random); err != nil {
			return 0, err
		}
	}
	var preferred []uint16
	if last != 0 {
		preferred = append(preferred, last)
	}
	if port, err = pickPort(n, preferred...); err != nil {
		return 0, err
	}
	for i, s := range n.stations() {
		if err := os.MkdirAll(filepath.Join(f.path, s.name), 0o700); err != nil {
			return 0, fmt.Errorf("make the folder of %s: %w", s.name, err)
		}
		if err := f.choices(n, i, port, secret).Save(f.settingsFile(s.name)); err != nil {
			return 0, err
		}
	}
	return port, nil
}

// vhid is the number of the twins' CARP group. Groups of other households on
// the machine do not hear each other: they use other ports.
const vhid = 77

// baseSkew is the skew of the preferred twin; its twin's is one more.
const baseSkew = 26

// choices are the settings of one box.
func (f *folder) choices(n Network, which int, port uint16, secret string) settings.Settings {
	all := n.stations()
	me := all[which]
	at := func(host netip.Addr) string { return netip.AddrPortFrom(host, port).String() }
	c := settings.Settings{
		Wiki: "ARGSS", Box: me.name, City: me.city, Listen: at(me.host), Secret: secret,
		Data:   filepath.Join(f.path, me.name, "data"),
		Ledger: f.ledgerFile(),
	}
	if me.twin {
		c.Shared = &settings.Shared{Address: at(n.shared()), VHID: vhid, Skew: baseSkew + uint8(which), Source: at(me.host)}
	}
	for _, s := range all {
		if s.name == me.name {
			continue
		}
		c.Peers = append(c.Peers, settings.Peer{Name: s.name, City: s.city, URL: "http://" + at(s.host)})
		if me.twin && s.twin {
			c.Shared.Peers = append(c.Shared.Peers, at(s.host))
		}
	}
	return c
}

// maxLog is how large a box's log may grow before a start puts it aside.
const maxLog = 8 << 20

// openLog opens the log of a box to append to it.
func (f *folder) openLog(box string) (*os.File, error) {
	name := filepath.Join(f.path, box, "log")
	if info, err := os.Stat(name); err == nil && info.Size() > maxLog {
		if err := os.Rename(name, name+".old"); err != nil {
			return nil, fmt.Errorf("put the old log of %s aside: %w", box, err)
		}
	}
	log, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", box, err)
	}
	return log, nil
}

// lastWords returns the end of a box's log, for an error message.
func (f *folder) lastWords(box string) string {
	data, err := os.ReadFile(filepath.Join(f.path, box, "log"))
	if err != nil {
		return ""
	}
	return tail(string(data))
}
