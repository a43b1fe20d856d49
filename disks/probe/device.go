package probe

// Device takes commands.
type Device interface {
	// ATA sends a command through the SCSI pass-through and fills data with
	// what comes back.
	ATA(c Command, data []byte) (Registers, error)
	// Admin sends an NVMe admin command.
	Admin(c Admin, data []byte) error
	Close() error
}
