package api

import (
	"strings"
	"unicode"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// Text that the contract allows and that this service refuses: no page can show a name with control characters in it,
// and not every database can store NUL.

// unprintable reports whether a name holds control characters other than tabs and line ends.
func unprintable(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) })
}

// unprintableField refuses a name.
func unprintableField(field string) error {
	return illegal(contract.Violations{{Field: field, Rule: "printable", Message: "must not hold control characters"}})
}

// checkText refuses a request with text that cannot be kept.
func checkText(request *gen.DumpRequest) error {
	if unprintable(request.GetTitle()) {
		return unprintableField("title")
	}
	for field, text := range map[string]string{
		"description": request.GetDescription(), "tags": request.GetTags(), "output_path": request.GetOutputPath(),
		"input.object": request.GetInput().GetObject(),
	} {
		if strings.ContainsRune(text, 0) {
			return illegal(contract.Violations{{Field: field, Rule: "printable", Message: "must not hold U+0000"}})
		}
	}
	return nil
}
