// Package document reads an OpenAPI document as its YAML tree, so that a generator sees every keyword that stands there,
// in the order and at the line where it stands.
package document

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Node is one node of the tree.
type Node = yaml.Node

// Parse returns the root of a document.
func Parse(text []byte) (*Node, error) {
	var file yaml.Node
	if err := yaml.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	if len(file.Content) == 0 || file.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("is not an OpenAPI document: it holds no mapping")
	}
	return file.Content[0], nil
}

// Entry is one key of a mapping with its value.
type Entry struct {
	Key   string
	Value *Node
	Line  int
}

// Entries iterates over a mapping in the order of the document; over nothing when node is nil or no mapping.
func Entries(node *Node) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		if node == nil || node.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			if !yield(Entry{node.Content[i].Value, node.Content[i+1], node.Content[i].Line}) {
				return
			}
		}
	}
}

// Items returns the elements of a sequence; none when node is nil or no sequence.
func Items(node *Node) []*Node {
	if node == nil || node.Kind != yaml.SequenceNode {
		return nil
	}
	return node.Content
}

// Get returns the value behind keys, nil when there is none.
func Get(node *Node, keys ...string) *Node {
	for _, key := range keys {
		var found *Node
		for entry := range Entries(node) {
			if entry.Key == key {
				found = entry.Value
			}
		}
		node = found
	}
	return node
}

// Text returns a scalar's text, empty when node is nil.
func Text(node *Node) string {
	if node == nil {
		return ""
	}
	return node.Value
}

// Texts returns the text of each element of a sequence.
func Texts(node *Node) []string {
	var all []string
	for _, item := range Items(node) {
		all = append(all, item.Value)
	}
	return all
}

// Resolve follows a reference within the document. It returns node itself, and no name, when node is no reference.
func Resolve(root, node *Node) (target *Node, name string, err error) {
	ref := Get(node, "$ref")
	if ref == nil {
		return node, "", nil
	}
	path, ok := strings.CutPrefix(ref.Value, "#/")
	if !ok {
		return nil, "", fmt.Errorf("line %d: $ref %s leaves the document", ref.Line, ref.Value)
	}
	steps := strings.Split(path, "/")
	if target = Get(root, steps...); target == nil {
		return nil, "", fmt.Errorf("line %d: $ref %s leads nowhere", ref.Line, ref.Value)
	}
	return target, steps[len(steps)-1], nil
}
