package main

import (
	"fmt"
	"regexp/syntax"
	"strings"
)

// namePatterns gives all fields of one pattern the same function, with the name of the first of them.
func namePatterns(doc model) {
	names := map[string]string{}
	for o, f := range doc.values() {
		if f.Pattern == "" {
			continue
		}
		if names[f.Pattern] == "" {
			names[f.Pattern] = strings.ToLower(o.Name[:1]) + o.Name[1:] + f.Go + "Pattern"
		}
		f.Match = names[f.Pattern]
	}
}

// patterns lists the expressions of all patterns, keyed by the function that matches each.
func patterns(doc model) map[string]string {
	out := map[string]string{}
	for _, f := range doc.values() {
		if f.Pattern != "" {
			out[f.Match] = f.Pattern
		}
	}
	return out
}

// needsRegexp reports whether a pattern is none of those that Go code decides, in a tenth of the time of a regular expression
// or less.
func needsRegexp(pattern string) bool {
	return charactersOf(pattern) == nil && elementsOf(pattern) == nil
}

// characters is what a pattern such as ^[0-9a-z]{1,64}$ says: which ASCII characters a text consists of, and how many.
type characters struct {
	ranges   []rune // pairs of a first and a last character
	min, max int    // max is -1 where there is no limit
}

// charactersOf returns nil for a pattern that says anything else.
func charactersOf(pattern string) *characters {
	whole, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil || whole.Op != syntax.OpConcat || len(whole.Sub) != 3 ||
		whole.Sub[0].Op != syntax.OpBeginText || whole.Sub[2].Op != syntax.OpEndText {
		return nil
	}
	var c characters
	switch repeated := whole.Sub[1]; repeated.Op {
	case syntax.OpPlus:
		c.min, c.max = 1, -1
	case syntax.OpStar:
		c.max = -1
	case syntax.OpRepeat:
		c.min, c.max = repeated.Min, repeated.Max
	default:
		return nil
	}
	class := whole.Sub[1].Sub[0]
	if class.Op != syntax.OpCharClass || len(class.Rune) == 0 || class.Rune[len(class.Rune)-1] > 0x7f {
		return nil
	}
	c.ranges = class.Rune
	return &c
}

// Other is the condition that the byte c is none of the characters.
func (c *characters) Other() string {
	var conditions []string
	for i := 0; i < len(c.ranges); i += 2 {
		if low, high := c.ranges[i], c.ranges[i+1]; low == high {
			conditions = append(conditions, fmt.Sprintf("c != %q", low))
		} else {
			conditions = append(conditions, fmt.Sprintf("(c < %q || c > %q)", low, high))
		}
	}
	return strings.Join(conditions, " && ")
}

// Enough is the condition that the text s is neither too short nor too long.
func (c *characters) Enough() string {
	var conditions []string
	switch {
	case c.min == 1:
		conditions = append(conditions, `s != ""`)
	case c.min > 1:
		conditions = append(conditions, fmt.Sprintf("len(s) >= %d", c.min))
	}
	if c.max >= 0 {
		conditions = append(conditions, fmt.Sprintf("len(s) <= %d", c.max))
	}
	if len(conditions) == 0 {
		return "true"
	}
	return strings.Join(conditions, " && ")
}

// elements is what a pattern such as ^([^,]{1,24}(,[^,]{1,24}){0,15})?$ says: how many elements a text has between its commas,
// unless it is empty, and how many characters each of them has.
type elements struct{ Shortest, Longest, Most int }

// elementsOf returns nil for a pattern that says anything else.
func elementsOf(pattern string) *elements {
	const form = "^([^,]{%d,%d}(,[^,]{%d,%d}){0,%d})?$"
	var shortest, longest, more, again, longestAgain int
	if _, err := fmt.Sscanf(pattern, form, &shortest, &longest, &again, &longestAgain, &more); err != nil ||
		fmt.Sprintf(form, shortest, longest, shortest, longest, more) != pattern || shortest == 0 {
		return nil
	}
	return &elements{shortest, longest, more + 1}
}
