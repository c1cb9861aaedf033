package main

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/openapi"
)

// The document knows every member of the page and where the page lists it: pagePlace must say the same, and each has a
// flag of the same name.
func TestEveryMemberHasItsPlaceAndFlag(t *testing.T) {
	t.Parallel()
	flags := map[string]bool{}
	for _, f := range fields {
		flags[f.flag] = true
	}
	var document struct {
		Components struct {
			Schemas map[string]schema `yaml:"schemas"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(openapi.Reproduction, &document); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for name, prefix := range map[string]string{
		"DumpRequest": "", "Thumbnail": "thumbnail.", "Review": "review.", "FileAddr": "input.",
	} {
		s := document.Components.Schemas[name]
		members := s.Properties
		for _, part := range s.AllOf {
			if part.Type == "object" {
				members = part.Properties
			}
		}
		for member, m := range members {
			got := pagePlace(contract.Violation{Field: prefix + member, Rule: "type"})
			if got != m.Page {
				t.Errorf("%s%s: page place %q, the document says %q", prefix, member, got, m.Page)
			}
			checked++
			flag := strings.NewReplacer("input.", "", ".", "-", "_", "-").Replace(prefix + member)
			if object := flag == "thumbnail" || flag == "review" || flag == "input"; !object && !flags[flag] {
				t.Errorf("%s%s has no flag --%s", prefix, member, flag)
			}
		}
	}
	if checked != 33 {
		t.Errorf("checked %d members, the page has 33", checked)
	}
}

type schema struct {
	Type       string            `yaml:"type"`
	Page       string            `yaml:"x-page"`
	AllOf      []schema          `yaml:"allOf"`
	Properties map[string]schema `yaml:"properties"`
}

func TestPagePlaceOfWhatThePageDoesNotState(t *testing.T) {
	t.Parallel()
	for _, v := range []contract.Violation{
		{Rule: "json"},
		{Field: "title", Rule: "json"},
		{Field: "titel", Rule: "additionalProperties"},
	} {
		if got := pagePlace(v); got != "" {
			t.Errorf("%s: page place %q, want none", v, got)
		}
	}
}
