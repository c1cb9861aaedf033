package main

import (
	"strings"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// pageTables tells which table of the API page lists the members below a member of the request.
var pageTables = map[string]string{"thumbnail": "Table 4", "review": "Table 5", "input": "Table 6"}

// pagePlace tells where the API page states what v breaks. It is empty for what the page takes for granted, such as
// well-formed JSON.
func pagePlace(v contract.Violation) string {
	for _, rule := range gen.Rules {
		if rule.Name == v.Rule {
			return rule.Page
		}
	}
	if v.Field == "" || v.Rule == "additionalProperties" || v.Rule == "json" {
		return ""
	}
	field, _, _ := strings.Cut(v.Field, "[")
	parent, member, nested := strings.Cut(field, ".")
	if !nested {
		return "Table 3, " + parent
	}
	return pageTables[parent] + ", " + member
}
