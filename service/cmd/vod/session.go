package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
)

// session is one run of the program: its three streams and the options that every command has.
type session struct {
	in       io.Reader
	inTaken  bool // standard input is read already
	out, err io.Writer
	options  options
	// table tells that a person reads the results, so that they may be laid out in columns.
	table bool
	// live tells that results go to a terminal whose last lines can be drawn anew.
	live bool
	// color tells that the messages may have it.
	color bool
}

func newSession(in io.Reader, out, err *os.File) *session {
	able := os.Getenv("TERM") != "dumb"
	return &session{
		in: in, out: out, err: err,
		table: isTerminal(out),
		live:  isTerminal(out) && able,
		color: isTerminal(err) && os.Getenv("NO_COLOR") == "" && able,
	}
}

func isTerminal(f *os.File) bool {
	return isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd())
}

// print writes one line of results to standard output. A reader that went away, such as head, is an error.
func (s *session) print(line string) error {
	if _, err := fmt.Fprintln(s.out, line); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

// printJSON writes one line of JSON to standard output.
func (s *session) printJSON(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return s.print(string(line))
}

// note tells a person something on standard error, unless they asked for quiet.
func (s *session) note(format string, values ...any) {
	if !s.options.quiet {
		s.say("vod: ", fmt.Sprintf(format, values...))
	}
}

// say writes one line to standard error. The text may come from anywhere, the label is ours.
func (s *session) say(label, text string) {
	// There is nobody left to tell when standard error cannot be written.
	_, _ = fmt.Fprintln(s.err, label+printable(text))
}

// settle makes the options ready once the command line is read.
func (s *session) settle(cmd *cobra.Command) error {
	if err := s.options.check(cmd); err != nil {
		return usage(cmd, err.Error())
	}
	if s.options.noColor {
		s.color = false
	}
	return nil
}

// limit bounds the time of a command by --timeout.
func (s *session) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.options.timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, s.options.timeout)
}

// red marks the word that a person's eye should find first.
func (s *session) red(word string) string {
	if !s.color {
		return word
	}
	return "\x1b[31m" + word + "\x1b[0m"
}
