package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagFailure says which flag a person may have meant, or what its value must be.
func flagFailure(cmd *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		invalid *pflag.InvalidValueError
	)
	switch {
	case errors.As(err, &invalid):
		return usage(cmd, fmt.Sprintf("invalid value %q of --%s: %s", invalid.GetValue(), invalid.GetFlag().Name, wanted(invalid)))
	case errors.As(err, &unknown):
		what := err.Error()
		if meant := flagsMeant(cmd, unknown); len(meant) > 0 {
			what += "; did you mean " + strings.Join(meant, " or ") + "?"
		}
		return usage(cmd, what)
	}
	return usage(cmd, err.Error())
}

// wanted says what the value of a flag must be. Values of pflag's own types fail with the errors of their parsers.
func wanted(e *pflag.InvalidValueError) string {
	if errors.Is(e, strconv.ErrRange) {
		return "out of range"
	}
	if _, ok := e.GetFlag().Value.(*fieldFlag); ok {
		return e.Unwrap().Error()
	}
	switch kind := e.GetFlag().Value.Type(); {
	case kind == "bool":
		return "must be true or false"
	case kind == "duration":
		return "must be a number with its unit, such as 90s, 5m or 1h30m"
	case strings.HasPrefix(kind, "float"):
		return "must be a number"
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"):
		return "must be a whole number"
	}
	return e.Unwrap().Error()
}

// synonyms are what other programs call flags of this one. A command suggests those that it has.
var synonyms = map[string][]string{
	"addr":      {"--listen"},
	"address":   {"--listen"},
	"all":       {"--limit 0"},
	"bind":      {"--listen"},
	"count":     {"--limit"},
	"follow":    {"--wait", "--watch"},
	"force":     {"--yes"},
	"file-type": {"--video-type"},
	"format":    {"--output", "--video-type"},
	"host":      {"--listen", "--endpoint"},
	"jobs":      {"--concurrency"},
	"json":      {"-o json"},
	"csv":       {"-o csv"},
	"max":       {"--limit"},
	"name":      {"--title"},
	"parallel":  {"--concurrency"},
	"port":      {"--listen", "--endpoint"},
	"private":   {"--no-auto-publish"},
	"public":    {"--auto-publish"},
	"resume":    {"--journal"},
	"silent":    {"--quiet"},
	"threads":   {"--concurrency"},
	"transcode": {"--template-group-name"},
	"type":      {"--video-type"},
	"unpublish": {"--no-auto-publish"},
	"url":       {"--endpoint"},
	"verbose":   {"--log-level debug"},
	"debug":     {"--log-level debug"},
	"wait":      {"--watch"},
	"watch":     {"--wait"},
	"workers":   {"--concurrency"},
}

// flagsMeant returns the flags of a command that an unknown one may stand for, as they would be written.
func flagsMeant(cmd *cobra.Command, unknown *pflag.NotExistError) []string {
	name := unknown.GetSpecifiedName()
	if short := unknown.GetSpecifiedShortnames(); short != "" { // -title is --title with a dash too few
		if name, _, _ = strings.Cut(short, "="); cmd.Flags().Lookup(name) == nil {
			return nil
		}
		return []string{"--" + name}
	}
	var meant []string
	for _, flag := range synonyms[name] {
		if flag == "--endpoint" && len(meant) > 0 {
			break // every command has it
		}
		word, _, _ := strings.Cut(strings.TrimLeft(flag, "-"), " ")
		if cmd.Flags().Lookup(word) != nil || len(word) == 1 && cmd.Flags().ShorthandLookup(word) != nil {
			meant = append(meant, flag)
		}
	}
	if len(meant) > 0 {
		return meant
	}
	// Cobra compares the names of commands, and does it for these as well.
	var names cobra.Command
	names.SuggestionsMinimumDistance = 2
	var containing []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		names.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
		if opposite := strings.HasPrefix(f.Name, "no-"); !opposite && (containsWords(f.Name, name) || containsWords(name, f.Name)) {
			containing = append(containing, "--"+f.Name)
		}
	})
	for _, near := range names.SuggestionsFor(name) {
		meant = append(meant, "--"+near)
	}
	if len(meant) == 0 && len(containing) <= longestList {
		meant = containing
	}
	slices.Sort(meant)
	return meant
}

// containsWords reports whether the words of part follow each other in a name: retry-failed has failed.
func containsWords(name, part string) bool {
	return strings.Contains("-"+name+"-", "-"+part+"-")
}
