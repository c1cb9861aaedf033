package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"go.yaml.in/yaml/v3"
)

// Secret is a value that never shows in a log, an error or a page.
type Secret string

const hidden = "[secret]"

// String hides the value.
func (Secret) String() string { return hidden }

// Format hides the value from every verb of fmt.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue hides the value from log/slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalJSON hides the value from log/slog's JSON and every other encoder of it.
func (Secret) MarshalJSON() ([]byte, error) { return json.Marshal(hidden) }

// UnmarshalYAML takes text only. The decoder's own complaint about another kind of value would show part of it.
func (s *Secret) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.ScalarNode {
		return errors.New("a secret must be plain text")
	}
	*s = Secret(node.Value)
	return nil
}

// Reveal returns the value to the code that needs it.
func (s Secret) Reveal() string { return string(s) }
