package machine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Control is QEMU's control socket: QMP, one JSON object a line. Events are
// passed over.
type Control struct {
	mu     sync.Mutex
	conn   io.ReadWriteCloser
	decode *json.Decoder
}

// controlTime bounds one command.
const controlTime = time.Minute

func openControl(conn io.ReadWriteCloser) (*Control, error) {
	c := &Control{conn: conn, decode: json.NewDecoder(io.LimitReader(conn, 64<<20))}
	var greeting struct{ QMP json.RawMessage }
	err := c.decode.Decode(&greeting)
	if err == nil && greeting.QMP == nil {
		err = errors.New("this is not QMP")
	}
	if err == nil {
		_, err = c.Do("qmp_capabilities", nil)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the control socket: %w", err), conn.Close())
	}
	return c, nil
}

// Close hangs up; QEMU goes on.
func (c *Control) Close() error { return c.conn.Close() }

// Do performs one command and returns its answer.
func (c *Control) Do(command string, arguments any) (json.RawMessage, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	request := map[string]any{"execute": command}
	if arguments != nil {
		request["arguments"] = arguments
	}
	if d, ok := c.conn.(interface{ SetDeadline(time.Time) error }); ok {
		if err := d.SetDeadline(time.Now().Add(controlTime)); err != nil {
			return nil, fmt.Errorf("command %s: %w", command, err)
		}
	}
	if err := json.NewEncoder(c.conn).Encode(request); err != nil {
		return nil, fmt.Errorf("command %s: %w", command, err)
	}
	for {
		var answer struct {
			Return json.RawMessage
			Error  *struct{ Class, Desc string }
			Event  string
		}
		switch err := c.decode.Decode(&answer); {
		case err != nil:
			return nil, fmt.Errorf("command %s: %w", command, err)
		case answer.Error != nil:
			return nil, fmt.Errorf("command %s: %s", command, answer.Error.Desc)
		case answer.Return != nil:
			return answer.Return, nil
		}
	}
}
