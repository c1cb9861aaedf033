package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"go.yaml.in/yaml/v3"
)

// ErrNoEntry means that a list of the configuration has no such entry.
var ErrNoEntry = errors.New("there is no such entry")

// List is one of the lists of the configuration whose entries come and go.
type List struct{ field, key string }

// The lists that Add and Remove change.
var (
	Projects    = List{"projects", "id"}
	Credentials = List{"credentials", "access_key"}
	Users       = List{"users", "name"}
)

// Add appends an entry, a value of the list's type, to a list of the file at path. All else in the file stays, comments
// too. What would be wrong with the result is an [*Error], and the file is left as it is. Changes of the same file at the
// same time are the caller's to prevent.
func Add(path string, to List, entry any) error {
	var node yaml.Node
	if err := node.Encode(entry); err != nil {
		return fmt.Errorf("change the configuration: %w", err)
	}
	return edit(path, to, func(list *yaml.Node) error {
		list.Content = append(list.Content, &node)
		return nil
	})
}

// Remove takes the entry with a key, such as the id of a project, from a list of the file at path, as [Add] appends one.
// Without such an entry it returns ErrNoEntry.
func Remove(path string, from List, key string) error {
	return edit(path, from, func(list *yaml.Node) error {
		for i, entry := range list.Content {
			if value := valueOf(entry, from.key); value != nil && value.Value == key {
				list.Content = append(list.Content[:i:i], list.Content[i+1:]...)
				return nil
			}
		}
		return ErrNoEntry
	})
}

func edit(path string, which List, change func(list *yaml.Node) error) error {
	if _, err := Load(path); err != nil {
		return err
	}
	former, err := os.ReadFile(path) //nolint:gosec // the operator's own file
	if err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(former, &document); err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	root := document.Content[0]
	list := valueOf(root, which.field)
	if list == nil {
		list = &yaml.Node{Kind: yaml.SequenceNode}
		root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: which.field}, list)
	}
	if list.Kind != yaml.SequenceNode { // null
		*list = yaml.Node{Kind: yaml.SequenceNode}
	}
	if err := change(list); err != nil {
		return err
	}
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(&document), encoder.Close()); err != nil {
		return fmt.Errorf("change the configuration: %w", err)
	}
	if _, faults := parse(text.Bytes()); len(faults) > 0 {
		for i := range faults {
			faults[i].Line = 0 // the file does not have these lines
		}
		return &Error{Path: path, Faults: faults}
	}
	return overwrite(path, former, text.Bytes())
}

// valueOf returns the value of a field of a mapping, or nil.
func valueOf(mapping *yaml.Node, field string) *yaml.Node {
	if mapping.Kind == yaml.AliasNode {
		mapping = mapping.Alias
	}
	for i := 0; i+1 < len(mapping.Content) && mapping.Kind == yaml.MappingNode; i += 2 {
		if value := mapping.Content[i+1]; mapping.Content[i].Value == field {
			if value.Kind == yaml.AliasNode {
				return value.Alias
			}
			return value
		}
	}
	return nil
}

// overwrite writes text into the file itself, which keeps its owner, its mode, and the link or mount that leads to it. The
// former text lies beside it until that is done.
func overwrite(path string, former, text []byte) error {
	backup := path + ".former"
	if err := os.WriteFile(backup, former, 0o600); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return fmt.Errorf("write the configuration: %w", errors.Join(err, os.Remove(backup)))
	}
	if _, err = file.Write(text); err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write the configuration, whose former text is in %s: %w", backup, err)
	}
	if err := os.Remove(backup); err != nil {
		return fmt.Errorf("remove the former configuration: %w", err)
	}
	return nil
}
