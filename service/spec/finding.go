package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Level says what a finding means for the verdict.
type Level string

const (
	// LevelError is a mistake in a document.
	LevelError Level = "error"
	// LevelBreaking is a change that a client written for the old document notices.
	LevelBreaking Level = "breaking"
	// LevelCompatible is a change of the contract that no such client notices.
	LevelCompatible Level = "compatible"
)

// Finding is one mistake in a document, or one change between two.
type Finding struct {
	File string `json:"file"`
	// Line and Column count from 1. A change stands where the new document has it, or would have it.
	Line   int   `json:"line"`
	Column int   `json:"column,omitempty"`
	Level  Level `json:"level"`
	// Rule names the check or the kind of change; it is stable.
	Rule string `json:"rule"`
	// Subject is the property, cross-field rule, parameter or operation concerned, such as "DumpRequest.title" or, for a
	// change, "thumbnail.time" as a body has it.
	Subject string `json:"subject"`
	// Message says what is wrong with the subject, or what changed.
	Message string `json:"message"`
	// In lists where a change shows, such as "publishAssetFromObs request".
	In []string `json:"in,omitempty"`
}

// Fails reports whether the finding refuses the document.
func (f Finding) Fails() bool { return f.Level != LevelCompatible }

// String returns the finding as compilers write theirs: "FILE:LINE:COLUMN: SUBJECT: MESSAGE (RULE)".
func (f Finding) String() string {
	level := ""
	if f.Level != LevelError {
		level = string(f.Level) + ": "
	}
	place := fmt.Sprintf("%s:%d", f.File, f.Line)
	if f.Column > 0 {
		place += fmt.Sprintf(":%d", f.Column)
	}
	return fmt.Sprintf("%s: %s%s: %s (%s)", place, level, f.Subject, f.Message, f.source())
}

func (f Finding) source() string {
	const shown = 3
	where := f.In
	if more := len(where) - shown; more > 0 {
		where = append(slices.Clone(where[:shown]), fmt.Sprintf("%d more", more))
	}
	if len(where) == 0 {
		return f.Rule
	}
	return f.Rule + "; " + strings.Join(where, ", ")
}

// Annotation returns the finding as a workflow command of GitHub Actions, which shows it beside the line in a pull
// request.
func (f Finding) Annotation() string {
	command := "error"
	if !f.Fails() {
		command = "notice"
	}
	properties := fmt.Sprintf("file=%s,line=%d", escapeProperty(f.File), f.Line)
	if f.Column > 0 {
		properties += fmt.Sprintf(",col=%d", f.Column)
	}
	title := f.Rule
	if f.Level != LevelError {
		title = string(f.Level) + " change: " + f.Rule
	}
	return fmt.Sprintf("::%s %s,title=%s::%s", command, properties, escapeProperty(title), escapeData(f.Subject+": "+f.Message))
}

// GitHub reads a command up to the end of its line, and its properties up to a comma or colon.
var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func escapeData(s string) string     { return dataEscapes.Replace(s) }
func escapeProperty(s string) string { return propertyEscapes.Replace(s) }

// order sorts findings as one reads a file, and drops those that say the same of the same line.
func order(findings []Finding) []Finding {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Subject, b.Subject),
			cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(findings, func(a, b Finding) bool {
		return a.Line == b.Line && a.Rule == b.Rule && a.Subject == b.Subject && a.Message == b.Message
	})
}
