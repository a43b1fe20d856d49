package household

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/argss/argss/appliance/dashboard"
)

// publish replaces the file with the figures the boxes show. It need not
// survive a power cut: it is written again at once.
func publish(path string, f dashboard.Ledger) error {
	data, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("publish the ledger: %w", err)
	}
	if err := os.WriteFile(path+".new", append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("publish the ledger: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("publish the ledger: %w", err)
	}
	return nil
}
