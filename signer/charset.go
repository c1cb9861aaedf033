package signer

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
)

// Classes of bytes.
const (
	unreserved  = 1 << iota // stays as it is in a canonical path or query: RFC 3986, section 2.3
	tokenByte               // may stand in a method or in a header's name: RFC 9110, section 5.6.2
	nameByte                // may stand in a header's name in lower case
	valueByte               // may stand in a header's value: no control character but the tab
	pathByte                // unreserved, or a slash
	visibleByte             // may stand in a header as it is: ASCII, no space, no control character
	hostByte                // visible, but no %, which begins the zone of an IPv6 address
)

var (
	class = classes()
	unhex = hexValues()
	lower = lowerCase()
)

func classes() (table [256]byte) {
	mark := func(characters string, bits byte) {
		for i := range len(characters) {
			table[characters[i]] |= bits
		}
	}
	mark("ABCDEFGHIJKLMNOPQRSTUVWXYZ", unreserved|tokenByte|pathByte)
	mark("abcdefghijklmnopqrstuvwxyz0123456789-_.~", unreserved|tokenByte|nameByte|pathByte)
	mark("!#$%&'*+^`|", tokenByte|nameByte)
	mark("/", pathByte)
	for b := range table {
		if b >= ' ' && b != 0x7f || b == '\t' {
			table[b] |= valueByte
		}
		if b > ' ' && b < 0x7f {
			table[b] |= visibleByte
			if b != '%' {
				table[b] |= hostByte
			}
		}
	}
	return table
}

// digits has the two hexadecimal digits of every byte, in the order of memory.
var digits = func() (table [256]uint16) {
	for i := range table {
		table[i] = binary.LittleEndian.Uint16([]byte(hex.EncodeToString([]byte{byte(i)})))
	}
	return table
}()

// appendHex is hex.AppendEncode for a hash, in less than half its time.
func appendHex(dst []byte, sum *[sha256.Size]byte) []byte {
	const length = 2 * sha256.Size
	dst = slices.Grow(dst, length)
	text := (*[length]byte)(dst[len(dst) : len(dst)+length])
	for i, b := range sum {
		binary.LittleEndian.PutUint16(text[2*i:], digits[b])
	}
	return dst[:len(dst)+length]
}

// noDigit is what unhex has for bytes that are no lower-case hexadecimal digits.
const noDigit = 0xff

// hexValues maps a lower-case hexadecimal digit to its value.
func hexValues() (table [256]byte) {
	for i := range table {
		table[i] = noDigit
	}
	for value, digit := range []byte("0123456789abcdef") {
		table[digit] = byte(value)
	}
	return table
}

func lowerCase() (table [256]byte) {
	for i := range table {
		table[i] = byte(i)
		if 'A' <= i && i <= 'Z' {
			table[i] += 'a' - 'A'
		}
	}
	return table
}

// all reports whether every byte of s is of the class.
func all(s string, of byte) bool {
	for i := range len(s) {
		if class[s[i]]&of == 0 {
			return false
		}
	}
	return true
}

// validValue reports whether s may be the value of a header: all(s, valueByte), eight bytes at a time where no byte of them is
// a control character.
func validValue(s string) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for len(s) >= 8 {
		eight := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		deleted := eight ^ 0x7f*ones // has a zero byte for each 0x7f
		if ((eight-' '*ones)&^eight|(deleted-ones)&^deleted)&tops != 0 {
			break
		}
		s = s[8:]
	}
	return all(s, valueByte)
}

// token reports whether s is a valid method or header name.
func token(s string) bool { return s != "" && all(s, tokenByte) }

// visible reports whether s has only characters that stand in a header as they are.
func visible(s string) bool { return all(s, visibleByte) }
