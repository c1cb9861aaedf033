package main

import (
	"strings"
	"testing"
)

const tagsPattern = `^([^,]{1,24}(,[^,]{1,24}){0,15})?$`

func TestCharactersOf(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string][2]string{
		`^[\x21-\x7e]+$`:        {`(c < '!' || c > '~')`, `s != ""`},
		`^[0-9A-Za-z_-]{1,64}$`: {`c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && c != '_' && (c < 'a' || c > 'z')`, `s != "" && len(s) <= 64`},
		`^[01]*$`:               {`(c < '0' || c > '1')`, `true`},
		`^\d{8}$`:               {`(c < '0' || c > '9')`, `len(s) >= 8 && len(s) <= 8`},
		`^[a-f]{2,}$`:           {`(c < 'a' || c > 'f')`, `len(s) >= 2`},
	} {
		c := charactersOf(pattern)
		if c == nil {
			t.Errorf("%s: not seen", pattern)
			continue
		}
		if got := [2]string{c.Other(), c.Enough()}; got != want {
			t.Errorf("%s: %q, want %q", pattern, got, want)
		}
	}
	for _, pattern := range []string{
		``, `[a-z]+`, `^[a-z]+`, `[a-z]+$`, `^[^,]+$`, `^[a-zé]+$`, `^[a-z]+[0-9]$`, `^([a-z]+)$`, `^(a|b)+$`, `^.*$`, `^(?i)[a-z]+$`, `^(?m)[a-z]+$`,
		`^[[:^ascii:]]+$`, `^a$`, tagsPattern,
	} {
		if c := charactersOf(pattern); c != nil {
			t.Errorf("%s is taken for %+v", pattern, c)
		}
	}
}

func TestElementsOf(t *testing.T) {
	t.Parallel()
	if e := elementsOf(tagsPattern); e == nil || *e != (elements{Shortest: 1, Longest: 24, Most: 16}) {
		t.Errorf("%s: %+v", tagsPattern, e)
	}
	for _, pattern := range []string{
		``, `^[^,]+$`, `^([^,]{1,24}(,[^,]{1,24}){0,15})$`, `^([^,]{1,24}(,[^,]{1,24}){1,15})?$`, `^([^,]{0,24}(,[^,]{0,24}){0,15})?$`,
		`^([^,]{1,24}(,[^,]{1,25}){0,15})?$`, `^([^,]{1,24}(;[^;]{1,24}){0,15})?$`, `([^,]{1,24}(,[^,]{1,24}){0,15})?`, `^([^,]{1,24}(,[^,]{1,24}){0,15})?$|a`,
	} {
		if e := elementsOf(pattern); e != nil {
			t.Errorf("%s is taken for %+v", pattern, e)
		}
	}
}

// TestPatternsOnce has a pattern at a parameter, at a field and at the elements of an array, and another one beside them.
func TestPatternsOnce(t *testing.T) {
	t.Parallel()
	const digits, letters = ", pattern: '^[0-9]+$', x-pattern-message: must be digits}", ", pattern: '^[a-z]+$', x-pattern-message: must be letters}"
	text := strings.NewReplacer(
		"schema: {type: string, maxLength: 9}", "schema: {type: string"+digits,
		"text: {type: string, maxLength: 9, default: abc}", "text: {type: string"+letters,
		"flags: {type: array, items: {type: boolean}}", "flags: {type: array, items: {type: string"+digits+"}",
		"name: {type: string}", "name: {type: string"+digits,
	).Replace(small)
	built, err := buildText(t, text)
	if err != nil {
		t.Fatal(err)
	}
	all := patterns(built)
	if len(all) != 2 || all["partNamePattern"] != "^[0-9]+$" || all["thingTextPattern"] != "^[a-z]+$" {
		t.Errorf("functions %v", all)
	}
	matched := 0
	for o, f := range built.values() {
		if f.Pattern == "" {
			continue
		}
		matched++
		if all[f.Match] != f.Pattern {
			t.Errorf("%s.%s is matched by %q, which is %s", o.Name, f.JSON, f.Match, all[f.Match])
		}
	}
	if matched != 4 {
		t.Errorf("%d fields have a pattern", matched)
	}
}
