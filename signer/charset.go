package signer

// Classes of bytes.
const (
	unreserved = 1 << iota // stays as it is in a canonical path or query: RFC 3986, section 2.3
	tokenByte              // may stand in a method or in a header's name: RFC 9110, section 5.6.2
)

var (
	class = classes()
	unhex = hexValues()
)

func classes() (table [256]byte) {
	mark := func(characters string, bits byte) {
		for i := range len(characters) {
			table[characters[i]] |= bits
		}
	}
	mark("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~", unreserved|tokenByte)
	mark("!#$%&'*+^`|", tokenByte)
	return table
}

// hexValues maps a hexadecimal digit to its value and everything else to -1.
func hexValues() (table [256]int) {
	for i := range table {
		table[i] = -1
	}
	for value, digit := range []byte("0123456789abcdef") {
		table[digit] = value
	}
	for value, digit := range []byte("ABCDEF") {
		table[digit] = 10 + value
	}
	return table
}

// token reports whether s is a valid method or header name.
func token(s string) bool {
	for i := range len(s) {
		if class[s[i]]&tokenByte == 0 {
			return false
		}
	}
	return s != ""
}
