package nbd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	magicServer = 0x4e42444d41474943 // NBDMAGIC
	magicOption = 0x49484156454f5054 // IHAVEOPT
	magicReply  = 0x0003e889045565a9

	fixedNewstyle = 1 << 0
	noZeroes      = 1 << 1

	optExportName = 1
	optAbort      = 2
	optList       = 3
	optInfo       = 6
	optGo         = 7

	replyAck      = 1
	replyServer   = 2
	replyInfo     = 3
	replyUnknown  = 1<<31 + 1 // NBD_REP_ERR_UNSUP
	replyInvalid  = 1<<31 + 3
	infoExport    = 0
	infoBlockSize = 3

	// flags of the export: has flags, flush, FUA, trim, write-zeroes
	exportFlags = 1<<0 | 1<<2 | 1<<3 | 1<<5 | 1<<6

	maxOption  = 4096     // bytes of an option; a name has at most 4096
	maxOptions = 64       // before a client must have chosen
	maxRequest = 32 << 20 // bytes of a read or write
)

var (
	order       = binary.BigEndian
	errProtocol = errors.New("the client does not follow the protocol")
)

// greet negotiates. It returns whether the client wants to go on to requests.
func greet(conn io.ReadWriter, d Disk) (bool, error) {
	hello := order.AppendUint64(nil, magicServer)
	hello = order.AppendUint64(hello, magicOption)
	hello = order.AppendUint16(hello, fixedNewstyle|noZeroes)
	if _, err := conn.Write(hello); err != nil {
		return false, err
	}
	var flags [4]byte
	if _, err := io.ReadFull(conn, flags[:]); err != nil {
		return false, err
	}
	n := negotiation{conn, d, order.Uint32(flags[:])&noZeroes != 0}
	for range maxOptions {
		option, data, err := n.next()
		if err != nil {
			return false, err
		}
		if ended, ready, err := n.answer(option, data); ended || err != nil {
			return ready, err
		}
	}
	return false, fmt.Errorf("%w: %d options and no choice", errProtocol, maxOptions)
}

type negotiation struct {
	conn  io.ReadWriter
	disk  Disk
	brief bool // the client does not want the 124 zeros of old
}

func (n negotiation) next() (option uint32, data []byte, err error) {
	var head [16]byte
	if _, err := io.ReadFull(n.conn, head[:]); err != nil {
		return 0, nil, err
	}
	size := order.Uint32(head[12:])
	if order.Uint64(head[:]) != magicOption || size > maxOption {
		return 0, nil, fmt.Errorf("%w: option %x", errProtocol, head)
	}
	data = make([]byte, size)
	_, err = io.ReadFull(n.conn, data)
	return order.Uint32(head[8:]), data, err
}

// answer returns whether the negotiation ended and whether requests follow.
func (n negotiation) answer(option uint32, data []byte) (ended, ready bool, err error) {
	switch option {
	case optExportName:
		return true, true, n.export()
	case optAbort:
		return true, false, n.reply(option, replyAck, nil)
	case optList:
		if len(data) > 0 {
			return false, false, n.reply(option, replyInvalid, nil)
		}
		err := n.reply(option, replyServer, make([]byte, 4)) // the export without a name
		return false, false, errors.Join(err, n.reply(option, replyAck, nil))
	case optInfo, optGo:
		if !wellFormed(data) {
			return false, false, n.reply(option, replyInvalid, nil)
		}
		return option == optGo, option == optGo, n.info(option)
	default:
		return false, false, n.reply(option, replyUnknown, nil)
	}
}

// wellFormed checks the data of INFO and GO: a name and a list of 16-bit numbers.
func wellFormed(data []byte) bool {
	if len(data) < 6 {
		return false
	}
	rest := uint64(len(data) - 6)
	name := uint64(order.Uint32(data))
	return name <= rest && 2*uint64(order.Uint16(data[4+name:])) == rest-name
}

func (n negotiation) export() error {
	b := order.AppendUint64(nil, uint64(n.disk.Size()))
	b = order.AppendUint16(b, exportFlags)
	if !n.brief {
		b = append(b, make([]byte, 124)...)
	}
	_, err := n.conn.Write(b)
	return err
}

func (n negotiation) info(option uint32) error {
	export := order.AppendUint16(nil, infoExport)
	export = order.AppendUint64(export, uint64(n.disk.Size()))
	export = order.AppendUint16(export, exportFlags)
	sizes := order.AppendUint16(nil, infoBlockSize)
	for _, size := range []uint32{uint32(n.disk.Sector()), max(4096, uint32(n.disk.Sector())), maxRequest} {
		sizes = order.AppendUint32(sizes, size)
	}
	return errors.Join(n.reply(option, replyInfo, export), n.reply(option, replyInfo, sizes), n.reply(option, replyAck, nil))
}

func (n negotiation) reply(option, kind uint32, data []byte) error {
	b := order.AppendUint64(nil, magicReply)
	b = order.AppendUint32(b, option)
	b = order.AppendUint32(b, kind)
	b = order.AppendUint32(b, uint32(len(data)))
	_, err := n.conn.Write(append(b, data...))
	return err
}
