package pack

import (
	"bytes"
	"strings"
	"unicode/utf16"
)

// fatName pads a name that is 8.3 to eleven bytes.
func fatName(name string) (out [11]byte) {
	for i := range out {
		out[i] = ' '
	}
	if name == "." || name == ".." {
		copy(out[:], name)
		return out
	}
	base, ext, _ := strings.Cut(name, ".")
	copy(out[:8], base)
	copy(out[8:], ext)
	return out
}

// isShort tells names that need no long entry: capitals, digits and hyphens in
// 8.3. (More would be allowed. Not all firmware agrees on what.)
func isShort(name string) bool {
	base, ext, dotted := strings.Cut(name, ".")
	if base == "" || len(base) > 8 || len(ext) > 3 || dotted && ext == "" {
		return false
	}
	for _, c := range base + ext {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// longName cuts a name into the pieces of its long entries, each with the
// terminator and the filling it must have.
func longName(name string) (parts [][fatLongChars]uint16) {
	if isShort(name) {
		return nil
	}
	units := utf16.Encode([]rune(name))
	if len(units)%fatLongChars != 0 {
		units = append(units, 0)
	}
	for len(units)%fatLongChars != 0 {
		units = append(units, 0xFFFF)
	}
	for ; len(units) > 0; units = units[fatLongChars:] {
		parts = append(parts, [fatLongChars]uint16(units))
	}
	return parts
}

func longEntry(b *bytes.Buffer, part [fatLongChars]uint16, number byte, last bool, sum byte) {
	if last {
		number |= 0x40
	}
	le(b, number, part[:5], byte(fatLong), byte(0), sum, part[5:11], uint16(0), part[11:])
}

// checksum ties long entries to the short one behind them.
func checksum(short [11]byte) (sum byte) {
	for _, c := range short {
		sum = sum>>1 | sum<<7
		sum += c
	}
	return sum
}
