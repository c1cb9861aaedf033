package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/contract"
)

func newValidateCommand(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "validate [FILE | -]...",
		Short: "Check request bodies offline",
		Long: `Checks files with request bodies of the dump call against the contract, without
sending anything and without credentials. With no file, or with -, standard input
is read. Everything that is wrong is listed at once, one line a violation, with
the place of the API page that states it; -o json gives the same as JSON lines.

The exit code is 3 when a body is refused. Rules that only the service can check,
such as whether a template group exists, are not checked.`,
		Example: `  vod validate request.json
  jq '.title = "Holiday"' request.json | vod validate`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{standardInput}
			}
			return s.validate(args)
		},
	}
}

func (s *session) validate(names []string) error {
	refused := 0
	for _, name := range names {
		body, err := s.readBody(name)
		if err != nil {
			return err
		}
		_, violations := contract.Parse(body)
		if len(violations) == 0 {
			s.note("%s keeps the contract", fileName(name))
			continue
		}
		refused++
		for _, v := range violations {
			if err := s.printFinding(finding{File: name, Violation: v, Page: pagePlace(v)}); err != nil {
				return err
			}
		}
	}
	if refused > 0 {
		return &failure{code: exitRefused, what: fmt.Sprintf("%d of %d refused", refused, len(names)), next: "correct the fields named above"}
	}
	return nil
}

// finding is one line of "vod validate -o json".
type finding struct {
	File string `json:"file"`
	contract.Violation
	// Page is the place of the API page that states the rule; empty for what holds for every JSON request.
	Page string `json:"page,omitempty"`
}

func (s *session) printFinding(f finding) error {
	if s.options.json() {
		return s.printJSON(f)
	}
	return s.print(printable(fileName(f.File)) + ": " + describe(f.Violation))
}

// describe tells a violation in one line: member, what to do, rule, and place of the API page.
func describe(v contract.Violation) string {
	field := v.Field
	if field == "" {
		field = "body"
	}
	rule := v.Rule
	if page := pagePlace(v); page != "" {
		rule += "; " + page
	}
	return fmt.Sprintf("%s: %s (%s)", field, v.Message, rule)
}
