package api

import (
	"strings"
	"unicode"

	"github.com/vod-reproduction/vod/contract"
)

// Text that the contract allows and that this service refuses: no page can show a name with control characters in it,
// and not every database can store NUL.

// keptText is the text of one field. A name stands in one line of a page; other text may have any control character but NUL.
type keptText struct {
	field, text string
	name        bool
}

// checkText refuses a request with text that cannot be kept, and names every field that holds some.
func checkText(texts ...keptText) error {
	var violations contract.Violations
	for _, t := range texts {
		var message string
		switch {
		case t.name && strings.ContainsFunc(t.text, unprintable):
			message = "must not hold control characters"
		case strings.ContainsRune(t.text, 0):
			message = "must not hold U+0000"
		default:
			continue
		}
		violations = append(violations, contract.Violation{Field: t.field, Rule: "printable", Message: message})
	}
	if len(violations) > 0 {
		return illegal(violations)
	}
	return nil
}

// unprintable reports whether a character of a name is a control character other than tabs and line ends.
func unprintable(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }
