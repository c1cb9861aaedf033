package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/openapi"
	"github.com/vod-reproduction/vod/openapi/releases"
	"github.com/vod-reproduction/vod/service/spec"
)

// builtIn are the documents that this program was built with, by the names that stand for them on the command line.
var builtIn = map[string][]byte{"reproduction": openapi.Reproduction, "companions": openapi.Companions}

func newSpecCommand(s *session) *cobra.Command {
	command := &cobra.Command{
		Use:   "spec",
		Short: "Export, lint and compare the OpenAPI documents",
		Long: `The OpenAPI documents of the API are part of this program: reproduction is the dump
call, companions are the calls around it. Export them, lint an edited copy, and
see what a new version would break for clients. No network and no credentials
are needed.`,
		Args: noCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	command.AddCommand(newSpecExportCommand(s), newSpecLintCommand(s), newSpecBreakingCommand(s))
	return command
}

func newSpecExportCommand(s *session) *cobra.Command {
	return &cobra.Command{
		Use:       "export [reproduction | companions]",
		Short:     "Print an OpenAPI document",
		Long:      `Prints a document as YAML, OpenAPI 3.0.3: the dump call, or the calls around it.`,
		Example:   `  vod spec export companions > vod-companions.yaml`,
		ValidArgs: []string{"reproduction", "companions"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"reproduction"}
			}
			document, ok := builtIn[args[0]]
			if !ok || len(args) > 1 {
				return usage(cmd, cmd.CommandPath()+" takes reproduction or companions")
			}
			if _, err := s.out.Write(document); err != nil {
				return fmt.Errorf("writing the result: %w", err)
			}
			return nil
		},
	}
}

func newSpecLintCommand(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "lint FILE...",
		Short: "Find mistakes in OpenAPI documents",
		Long: `Finds what generators, validators and readers of an OpenAPI 3.0 document stumble
over: unknown keywords, references to nothing, values that their own schema
refuses, limits that contradict each other, cross-field rules that nothing checks,
YAML that tools read in different ways. FILE may be - for standard input, or
reproduction or companions for the documents of this program.

One line a mistake: FILE:LINE:COLUMN: SUBJECT: MESSAGE (CHECK). With -o json each is
a JSON object on a line; with -o github a workflow command, which GitHub shows
beside the line in a pull request. The exit code is 3 when there is any.`,
		Example: `  vod spec lint openapi/vod.yaml
  vod spec lint -o github openapi/*.yaml`,
		Annotations: map[string]string{annotationFormat: outputGitHub},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(cmd, cmd.CommandPath()+" takes FILE...")
			}
			return s.lintSpecs(args)
		},
	}
}

func newSpecBreakingCommand(s *session) *cobra.Command {
	var against string
	command := &cobra.Command{
		Use:   "breaking NEW",
		Short: "List what a new version of a document changes for clients",
		Long: `Compares a document with an earlier one and lists every change of the contract by
the property, rule, parameter or operation that it concerns: breaking ones, which a
client written for the earlier document notices, and compatible ones. It also finds
an info.version that does not follow: breaking changes need another major version,
compatible ones another minor version.

NEW and --against are files, - for standard input, or reproduction or companions for
the documents of this program. --against may also be a released VERSION of the
document that NEW is a version of; without it, that is the last release.

-o json and -o github are as for "vod spec lint". The exit code is 3 when a change
breaks clients, whatever the version, or when info.version does not follow.`,
		Example: `  vod spec breaking openapi/vod-reproduction.yaml
  vod spec breaking reproduction --against vendored/vod.yaml
  git show main:api.yaml | vod spec breaking api.yaml --against -`,
		Args:        exactly("NEW"),
		Annotations: map[string]string{annotationFormat: outputGitHub},
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.compareSpecs(cmd, args[0], against)
		},
	}
	command.Flags().StringVar(&against, "against", "", "earlier document, or `VERSION` of a release (default: the last release)")
	return command
}

// byService marks the rules that only a service can check.
const byService = "service"

// checkedRules are the cross-field rules that the contract of this program checks.
func checkedRules() []string {
	var names []string
	for _, rule := range gen.Rules {
		if rule.Enforced != byService {
			names = append(names, rule.Name)
		}
	}
	for _, rule := range companions.Rules {
		if rule.Enforced != byService {
			names = append(names, rule.Name)
		}
	}
	return names
}

// readSpec reads a document from a file, standard input or this program.
func (s *session) readSpec(name string) ([]byte, error) {
	if document, ok := builtIn[name]; ok {
		return document, nil
	}
	content, err := s.readFile(name, spec.MaxBytes)
	if errors.Is(err, errTooLong) {
		return nil, &failure{code: exitRefused, what: fmt.Sprintf("%s is larger than %d MB, the most that a document may have", fileName(name), spec.MaxBytes>>20)}
	}
	return content, err
}

func (s *session) lintSpecs(names []string) error {
	refused, mistakes := 0, 0
	for _, name := range names {
		content, err := s.readSpec(name)
		if err != nil {
			return err
		}
		findings := spec.LintAll(fileName(name), content, checkedRules())
		if len(findings) == 0 {
			s.note("%s has no mistakes", fileName(name))
			continue
		}
		refused, mistakes = refused+1, mistakes+len(findings)
		if err := s.printFindings(findings); err != nil {
			return err
		}
	}
	if mistakes > 0 {
		return &failure{code: exitRefused, what: fmt.Sprintf("%s in %s", count(mistakes, "mistake"), count(refused, "document")),
			next: "correct the lines named above"}
	}
	return nil
}

func (s *session) compareSpecs(cmd *cobra.Command, name, against string) error {
	content, err := s.readSpec(name)
	if err != nil {
		return err
	}
	document, findings := spec.Parse(fileName(name), content)
	if document == nil {
		return s.unreadableSpec(findings)
	}
	earlier, findings, err := s.earlierSpec(cmd, document, against)
	switch {
	case err != nil:
		return err
	case earlier == nil:
		return s.unreadableSpec(findings)
	}
	findings = spec.Breaking(earlier, document)
	if err := s.printFindings(findings); err != nil {
		return err
	}
	broken := 0
	for _, f := range findings {
		if f.Level == spec.LevelBreaking {
			broken++
		}
	}
	switch {
	case broken > 0:
		return &failure{code: exitRefused, what: fmt.Sprintf("%s against %s", count(broken, "breaking change"), earlier.Name),
			next: "undo them, or publish another major version and tell its users"}
	case slices.ContainsFunc(findings, spec.Finding.Fails):
		return &failure{code: exitRefused, what: "info.version does not follow the changes", next: "raise info.version as said above"}
	case len(findings) > 0:
		s.note("%s against %s: %s, none of them breaking", fileName(name), earlier.Name, count(len(findings), "change"))
	default:
		s.note("%s against %s: no change of the contract", fileName(name), earlier.Name)
	}
	return nil
}

func (s *session) unreadableSpec(findings []spec.Finding) error {
	if err := s.printFindings(findings); err != nil {
		return err
	}
	return &failure{code: exitRefused, what: "the documents cannot be compared", next: "vod spec lint lists all that is wrong with a document"}
}

// earlierSpec reads what a document is compared with: a file, or a release of the same document.
func (s *session) earlierSpec(cmd *cobra.Command, document *spec.Document, against string) (*spec.Document, []spec.Finding, error) {
	if version := strings.TrimPrefix(against, "v"); against == "" || isVersion(version) {
		if _, err := os.Stat(against); against == "" || errors.Is(err, fs.ErrNotExist) {
			return releasedSpec(cmd, document, version)
		}
	}
	content, err := s.readSpec(against)
	if err != nil {
		return nil, nil, err
	}
	earlier, findings := spec.Parse(fileName(against), content)
	return earlier, findings, nil
}

// releasedSpec finds the release of the document that shares paths with this one; "" is the last version.
func releasedSpec(cmd *cobra.Command, document *spec.Document, version string) (*spec.Document, []spec.Finding, error) {
	for _, name := range releases.Names() {
		versions := releases.Versions(name)
		content, _ := releases.Document(name, versions[len(versions)-1])
		if last, _ := spec.Parse(name, content); last == nil || !last.SharesPaths(document) {
			continue
		}
		if version == "" {
			version = versions[len(versions)-1]
		}
		content, ok := releases.Document(name, version)
		if !ok {
			return nil, nil, usage(cmd, fmt.Sprintf("%s has no release %s; there are %s", name, version, strings.Join(versions, ", ")))
		}
		earlier, findings := spec.Parse(name+" "+version, content)
		return earlier, findings, nil
	}
	return nil, nil, usage(cmd, "no released document has a path of "+document.Name+"; name the earlier document with --against FILE")
}

func isVersion(s string) bool {
	return s != "" && strings.Trim(s, "0123456789.") == "" && strings.Contains(s, ".")
}

// printFindings writes what a linter or comparison found, in the format that was asked for.
func (s *session) printFindings(findings []spec.Finding) error {
	for _, f := range findings {
		var err error
		switch s.options.output {
		case outputJSON:
			err = s.printJSON(f)
		case outputGitHub:
			err = s.print(printable(f.Annotation()))
		default:
			err = s.print(printable(f.String()))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
