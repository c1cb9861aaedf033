package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vod-reproduction/vod/service/spec"
)

// changelog is the section about the contract of what is not released yet.
type changelog struct {
	file string
	line int
	text string
}

func readChangelog(root, file string) (changelog, error) {
	content, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		return changelog{}, err
	}
	log := changelog{file: file, line: 1}
	release, section := "", ""
	for i, line := range strings.Split(string(content), "\n") {
		switch {
		case strings.HasPrefix(line, "## "):
			release, section = line, ""
		case strings.HasPrefix(line, "### "):
			section = line
		}
		if strings.HasPrefix(release, "## [Unreleased]") && section == "" {
			log.line = i + 1
		}
		if strings.HasPrefix(release, "## [Unreleased]") && section == "### Contract" {
			if log.text == "" {
				log.line = i + 1
			}
			log.text += line + "\n"
		}
	}
	return log, nil
}

// mentions reports whether the section has the words, with nothing that would make other words of them.
func (c changelog) mentions(words string) bool {
	rest := c.text
	for {
		_, after, found := strings.Cut(rest, words)
		if !found {
			return false
		}
		if after == "" || strings.HasSuffix(words, "`") || !slices.Contains([]byte("0123456789"), after[0]) {
			return true
		}
		rest = after
	}
}

func (c changelog) finding(rule, subject, message string) spec.Finding {
	return spec.Finding{File: c.file, Line: c.line, Level: spec.LevelError, Rule: rule, Subject: subject, Message: message}
}
