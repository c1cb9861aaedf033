package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

var (
	// ErrNoEntry means that a list of the configuration has no such entry.
	ErrNoEntry = errors.New("there is no such entry")
	// ErrTaken means that an entry which stays has the name of the new one.
	ErrTaken = errors.New("the name is taken")
	// ErrLocked means that another process is changing a configuration of the same directory.
	ErrLocked = errors.New("another process is changing the configuration")
)

// ByHandError means that a file is written in a way in which only a person can change it.
type ByHandError struct {
	Path string
	// Line is where in the file the change belongs, counted from 1.
	Line int
	// Reason is why nothing was changed.
	Reason string
	// Text is the entry to add, with its secrets; empty when one is to be removed.
	Text string
}

// Error returns the reason and the line, without the text to add.
func (e *ByHandError) Error() string {
	return fmt.Sprintf("%s:%d: %s; edit it by hand", e.Path, e.Line, e.Reason)
}

// List is one of the lists of the configuration whose entries come and go.
type List[E any] struct {
	field string
	of    func(*Config) *[]E
	key   func(E) string
	// taken reports whether an entry has the name of a new one; nil for lists without names.
	taken func(entry, added E) bool
}

// The lists that Add and Remove change.
var (
	Projects = List[Project]{
		"projects", func(c *Config) *[]Project { return &c.Projects }, func(p Project) string { return p.ID },
		func(p, added Project) bool { return added.Name == p.Name || added.Name == p.ID },
	}
	Credentials = List[Credential]{
		"credentials", func(c *Config) *[]Credential { return &c.Credentials }, func(k Credential) string { return k.AccessKey }, nil,
	}
	Users = List[User]{
		"users", func(c *Config) *[]User { return &c.Users }, func(u User) string { return u.Name },
		func(u, added User) bool { return added.Name == u.Name },
	}
)

// Add appends an entry to a list of the file at path. Every other byte of the file stays. What would be wrong with the
// result is an [*Error], a list that cannot be changed like that is a [*ByHandError], a name that another entry has is
// ErrTaken, and a change by another process at the same time is ErrLocked: the file is then left as it is.
func Add[E any](path string, to List[E], entry E) error {
	lines, err := entryLines(entry)
	if err != nil {
		return err
	}
	taken := false
	err = edit(path, func(c *Config, text []byte, document *yaml.Node) ([]byte, ByHandError) {
		list := to.of(c)
		taken = to.taken != nil && slices.ContainsFunc(*list, func(e E) bool { return to.taken(e, entry) })
		if taken {
			return text, ByHandError{}
		}
		former := len(*list)
		*list = append(slices.Clip(*list), entry)
		changed, at := insert(text, document, to.field, former, lines)
		at.Text = lines
		return changed, at
	})
	if err == nil && taken {
		return ErrTaken
	}
	return err
}

// Remove cuts the entry with a key, such as the id of a project, out of a list of the file at path, as [Add] appends one.
// Without such an entry it returns ErrNoEntry.
func Remove[E any](path string, from List[E], key string) error {
	found := true
	err := edit(path, func(c *Config, text []byte, document *yaml.Node) ([]byte, ByHandError) {
		list := from.of(c)
		i := slices.IndexFunc(*list, func(e E) bool { return from.key(e) == key })
		if found = i >= 0; !found {
			return text, ByHandError{}
		}
		*list = slices.Concat((*list)[:i], (*list)[i+1:])
		return cut(text, document, from.field, i)
	})
	if err == nil && !found {
		return ErrNoEntry
	}
	return err
}

// entryLines returns an entry of a list as YAML, from its dash on.
func entryLines(entry any) (string, error) {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode([]any{entry}), encoder.Close()); err != nil {
		return "", fmt.Errorf("write the entry: %w", err)
	}
	return text.String(), nil
}

// edit has change make a new text and the configuration that it must stand for, and replaces the file when it does. The
// ByHandError has where the change belongs, and a reason where it is not possible.
func edit(path string, change func(c *Config, text []byte, document *yaml.Node) ([]byte, ByHandError)) error {
	path, unlock, err := lock(path)
	if err != nil {
		return fmt.Errorf("change the configuration: %w", err)
	}
	defer unlock()
	text, err := read(path)
	if err != nil {
		return err
	}
	want, faults := parse(text)
	if len(faults) > 0 {
		return &Error{Path: path, Faults: faults}
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	changed, at := change(&want, text, &document)
	want.checkAccounts(func(format string, values ...any) { // without lines: the file does not have these
		faults = append(faults, Fault{Text: fmt.Sprintf(format, values...)})
	})
	if len(faults) > 0 {
		return &Error{Path: path, Faults: faults}
	}
	if at.Reason == "" && !same(changed, want) {
		at.Reason = "the list is written in a way in which a change here would change more"
	}
	if at.Path = path; at.Reason != "" {
		return &at
	}
	if len(changed) > maxFile {
		return &Error{Path: path, Faults: []Fault{{Text: fmt.Sprintf("would be larger than %d bytes", maxFile)}}}
	}
	if bytes.Equal(changed, text) {
		return nil
	}
	return replace(path, changed)
}

// same reports whether a text stands for a configuration.
func same(text []byte, want Config) bool {
	got, faults := parse(text)
	if len(faults) > 0 {
		return false
	}
	a, errA := Marshal(got)
	b, errB := Marshal(want)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}
