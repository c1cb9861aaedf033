package bulk

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// settings are the fields that requests of a run have in common, mostly.
var settings = []string{
	"template_group_name", "workflow_name", "category_id", "auto_encrypt", "auto_preheat", "thumbnail", "review", "output_bucket",
}

// settingAtFault reports whether a refusal is about a setting, which other requests may share, and not about one object.
func settingAtFault(code, message string) bool {
	switch contract.Code(code) {
	case contract.CodeNoSuchCategory, contract.CodeNoEdge:
		return true
	case contract.CodeIllegalParameter, contract.CodeIllegalParameters:
		names := strings.FieldsFunc(message, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) })
		return slices.ContainsFunc(settings, func(name string) bool { return slices.Contains(names, name) })
	}
	return false
}

// settingsOf returns all that a request asks for besides its own object.
func settingsOf(request gen.DumpRequest) string {
	request.Title, request.Description, request.Tags, request.OutputPath, request.Input = "", nil, nil, nil, gen.FileAddr{}
	text, err := json.Marshal(&request)
	if err != nil {
		panic(err) // requests can always be written
	}
	return string(text)
}
