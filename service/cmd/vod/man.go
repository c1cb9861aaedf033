package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func newManCommand(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "man DIRECTORY",
		Short: "Write manual pages for man",
		Long:  "Writes a manual page for every command and topic into DIRECTORY, and makes it where it is missing.",
		Example: `  vod man ~/.local/share/man/man1
  man vod-bulk`,
		Args: exactly("a DIRECTORY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			pages, err := writeManual(cmd.Root(), args[0])
			if err != nil {
				return manualFailure(args[0], err)
			}
			s.note("%s in %s", count(pages, "page"), args[0])
			return nil
		},
	}
}

// writeManual writes the pages of a command and of all below it.
func writeManual(cmd *cobra.Command, dir string) (pages int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // everybody may read manuals
		return 0, fmt.Errorf("manual pages: %w", err)
	}
	for _, sub := range cmd.Commands() {
		if sub.Hidden {
			continue
		}
		n, err := writeManual(sub, dir)
		if err != nil {
			return 0, err
		}
		pages += n
	}
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
	file, err := os.Create(filepath.Join(dir, name+".1")) //nolint:gosec // the name is that of a command
	if err != nil {
		return 0, fmt.Errorf("manual pages: %w", err)
	}
	page := *cmd
	page.Long = verbatim(cmd.Long)
	page.DisableAutoGenTag = true
	header := doc.GenManHeader{Title: strings.ToUpper(name), Section: "1", Source: "vod " + readBuild().Version, Manual: "vod"}
	err = doc.GenMan(&page, &header, file)
	return pages + 1, errors.Join(err, file.Close())
}

// verbatim keeps the lines of a help text as they are: its indented ones are lists and commands, which Markdown would join.
func verbatim(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "  ") {
			lines[i] = "    " + line
		} else {
			lines[i] = strings.NewReplacer("*", `\*`, "_", `\_`, "<", `\<`).Replace(line)
		}
	}
	return strings.Join(lines, "\n")
}

func manualFailure(dir string, err error) error {
	f := &failure{code: exitOther, what: err.Error(), next: "name a directory that you may write to", cause: err}
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		f.what = fmt.Sprintf("cannot write manual pages to %s: %v", dir, path.Err)
	}
	return f
}
