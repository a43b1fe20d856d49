package machine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/argss/argss/images/bench/disk"
	"github.com/argss/argss/images/bench/nbd"
)

// Machine is one computer and its disk.
type Machine struct {
	config Config
	disk   *disk.Disk
	serial *Serial
	server *nbd.Server

	mu      sync.Mutex
	running *run
}

// run is one life of QEMU.
type run struct {
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // once ended
}

// New makes a computer that is off.
func New(c Config, d *disk.Disk) (*Machine, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("make %s: %w", c.Name, err)
	}
	l, err := net.Listen("unix", c.socket("nbd"))
	if err != nil {
		return nil, fmt.Errorf("make %s: %w", c.Name, err)
	}
	return &Machine{config: c, disk: d, serial: newSerial(), server: nbd.Serve(l, d)}, nil
}

// Name is what the computer is called.
func (m *Machine) Name() string { return m.config.Name }

// Disk is its disk.
func (m *Machine) Disk() *disk.Disk { return m.disk }

// Serial is what it has said on its serial line in all its lives.
func (m *Machine) Serial() *Serial { return m.serial }

// PowerOn starts it.
func (m *Machine) PowerOn() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running != nil {
		return fmt.Errorf("start %s: it is running", m.config.Name)
	}
	os.Remove(m.config.socket("qmp"))
	r := &run{cmd: exec.Command(m.config.program(), m.config.args()...), ended: make(chan struct{})}
	r.cmd.Stdout, r.cmd.Stderr = m.serial, m.serial
	r.cmd.WaitDelay = time.Second
	if err := startBound(r.cmd); err != nil {
		return fmt.Errorf("start %s: %w", m.config.Name, err)
	}
	m.serial.mark("power on")
	m.running = r
	go func() {
		r.err = r.cmd.Wait()
		close(r.ended)
	}()
	return nil
}

// PullPower kills it and cuts its disk's power, as the seed says.
func (m *Machine) PullPower(seed uint64) (disk.Cut, error) {
	m.kill()
	cut, err := m.disk.PowerCut(seed)
	m.serial.mark(cut.String())
	return cut, err
}

func (m *Machine) kill() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running != nil {
		_ = m.running.cmd.Process.Kill()
		<-m.running.ended
		m.server.HangUp()
		m.running = nil
	}
}

// Running tells whether QEMU lives; if it ended by itself, err says how.
func (m *Machine) Running() (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running == nil {
		return false, nil
	}
	select {
	case <-m.running.ended:
		return false, m.running.err
	default:
		return true, nil
	}
}

// Close ends it, and its disk server.
func (m *Machine) Close() {
	m.kill()
	m.server.Close()
}

// Control opens QEMU's control socket, which is there soon after PowerOn.
func (m *Machine) Control(ctx context.Context) (*Control, error) {
	for {
		conn, err := net.Dial("unix", m.config.socket("qmp"))
		if err == nil {
			return openControl(conn)
		}
		if on, ended := m.Running(); !on {
			return nil, errors.Join(fmt.Errorf("control %s: it is off", m.config.Name), ended)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("control %s: %w", m.config.Name, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// do gives QEMU one command.
func (m *Machine) do(ctx context.Context, command string, arguments any) error {
	c, err := m.Control(ctx)
	if err != nil {
		return err
	}
	_, err = c.Do(command, arguments)
	return errors.Join(err, c.Close())
}

// Reset presses the reset button. The disk keeps its cache.
func (m *Machine) Reset(ctx context.Context) error {
	m.serial.mark("reset")
	return m.do(ctx, "system_reset", nil)
}

// Link takes the carrier from the network card, or gives it back.
func (m *Machine) Link(ctx context.Context, up bool) error {
	return m.do(ctx, "set_link", map[string]any{"name": "nic0", "up": up})
}

// Set changes a property of a device, such as smart_critical_warning of an NVMe
// disk.
func (m *Machine) Set(ctx context.Context, device, property string, value any) error {
	return m.do(ctx, "qom-set", map[string]any{"path": "/machine/peripheral/" + device, "property": property, "value": value})
}

// Freeze stops all its processors, as a hanging machine's; Thaw lets them go on.
func (m *Machine) Freeze(ctx context.Context) error { return m.do(ctx, "stop", nil) }

// Thaw ends Freeze.
func (m *Machine) Thaw(ctx context.Context) error { return m.do(ctx, "cont", nil) }
