// Speccheck holds the contract documents of this repository to what a release needs, before anything else is compiled:
// they have no mistakes, every cross-field rule has a predicate in package contract and every predicate a rule, changes
// against the last release are reflected in info.version, and the changelog names each of them.
//
// Its only argument is the root of the repository.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/vod-reproduction/vod/openapi/releases"
	"github.com/vod-reproduction/vod/service/spec"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: speccheck ROOT")
		os.Exit(2)
	}
	findings, err := check(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "speccheck:", err)
		os.Exit(1)
	}
	for _, f := range findings {
		fmt.Println(f)
	}
	if len(findings) > 0 {
		os.Exit(1)
	}
}

// check returns what is wrong with the documents below root.
func check(root string) ([]spec.Finding, error) {
	predicates, err := findPredicates(root, "contract")
	if err != nil {
		return nil, err
	}
	changelog, err := readChangelog(root, "CHANGELOG.md")
	if err != nil {
		return nil, err
	}
	var findings []spec.Finding
	documented := map[string]bool{}
	for _, name := range releases.Names() {
		file := "openapi/vod-" + name + ".yaml"
		content, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			return nil, err
		}
		document, broken := spec.Parse(file, content)
		if document == nil {
			findings = append(findings, broken...)
			continue
		}
		findings = append(findings, spec.Lint(document, predicates.names())...)
		for _, rule := range document.Rules() {
			documented[rule] = true
		}
		changes, err := sinceRelease(name, document)
		if err != nil {
			return nil, err
		}
		findings = append(findings, unrecorded(changelog, name, document, changes)...)
	}
	for _, p := range predicates {
		if !documented[p.rule] {
			findings = append(findings, spec.Finding{File: p.file, Line: p.line, Level: spec.LevelError, Rule: "predicate", Subject: "rule " + p.rule,
				Message: "is checked here, and no document has it"})
		}
	}
	return findings, nil
}

// sinceRelease compares a document with its last release.
func sinceRelease(name string, document *spec.Document) ([]spec.Finding, error) {
	versions := releases.Versions(name)
	last := versions[len(versions)-1]
	content, _ := releases.Document(name, last)
	released, broken := spec.Parse(name+"-"+last+".yaml", content)
	if released == nil {
		return nil, fmt.Errorf("release %s of %s: %v", last, name, broken)
	}
	if released.Version() != last {
		return nil, fmt.Errorf("openapi/releases/%s-%s.yaml has info.version %s", name, last, released.Version())
	}
	return spec.Breaking(released, document), nil
}

// unrecorded returns the changes that info.version or the changelog does not follow. A breaking change is allowed once
// both do.
func unrecorded(log changelog, name string, document *spec.Document, changes []spec.Finding) []spec.Finding {
	findings := slices.DeleteFunc(slices.Clone(changes), func(f spec.Finding) bool { return f.Level != spec.LevelError })
	if len(changes) == 0 {
		return findings
	}
	if version := name + " " + document.Version(); !log.mentions(version) {
		findings = append(findings, log.finding("changelog", version, "is not named under Unreleased, Contract"))
	}
	asked := map[string]bool{}
	for _, f := range changes {
		if f.Level == spec.LevelError || asked[f.Subject] {
			continue
		}
		asked[f.Subject] = true
		if subject := "`" + f.Subject + "`"; !log.mentions(subject) {
			findings = append(findings, log.finding("changelog", f.Subject, fmt.Sprintf("is a %s change of %s (%s), and no line under Unreleased, Contract names %s",
				f.Level, name, f.Message, subject)))
		}
	}
	return findings
}
