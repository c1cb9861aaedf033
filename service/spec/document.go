// Package spec lints OpenAPI 3.0 documents of the kind that this project writes, and compares two versions of one by
// what a client notices. It reads YAML or JSON with positions, so that every finding names a line; it opens no other
// file and no URL, whatever the document refers to.
package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/vod-reproduction/vod/service/yamlline"
)

const (
	// MaxBytes is the size of the largest document that Parse reads.
	MaxBytes = 8 << 20
	// maxDepth is how deeply the nodes of a document may be nested.
	maxDepth = 200
)

// Document is an OpenAPI document with the positions of its parts. It is read-only and safe for concurrent use.
type Document struct {
	// Name is what findings call the document, usually a file name.
	Name string
	root *yaml.Node
}

// Parse reads a document in YAML or JSON. The findings say why it could not be read, and the Document is nil then.
func Parse(name string, content []byte) (*Document, []Finding) {
	refuse := func(line int, message string) (*Document, []Finding) {
		line = max(line, 1)
		f := Finding{File: name, Line: line, Level: LevelError, Rule: "yaml", Subject: "document", Message: message}
		if lines := bytes.Split(content, []byte("\n")); line <= len(lines) {
			if key := lineKey.FindSubmatch(lines[line-1]); key != nil {
				f.Subject = string(key[1])
			}
		}
		return nil, []Finding{f}
	}
	if len(content) > MaxBytes {
		return refuse(1, fmt.Sprintf("is larger than %d MB", MaxBytes>>20))
	}
	if bytes.HasPrefix(content, []byte("\ufeff")) {
		return refuse(1, "begins with a byte order mark, which many parsers of YAML and JSON do not take; save it without")
	}
	if !utf8.Valid(content) {
		return refuse(invalidLine(content), "is not UTF-8")
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var file yaml.Node
	if err := decoder.Decode(&file); err != nil {
		if errors.Is(err, io.EOF) {
			return refuse(1, "is empty")
		}
		return refuse(explainSyntax(content, err))
	}
	var second yaml.Node
	if err := decoder.Decode(&second); err == nil {
		return refuse(second.Line, "is followed by a second document; keep one a file")
	} else if !errors.Is(err, io.EOF) {
		return refuse(explainSyntax(content, err))
	}
	d := &Document{Name: name, root: file.Content[0]}
	if d.root.Kind != yaml.MappingNode {
		return refuse(d.root.Line, "must be an object with openapi, info and paths")
	}
	if n := unwalkable(d.root, 0); n != nil {
		if n.Kind == yaml.AliasNode || n.Anchor != "" {
			return refuse(n.Line, "uses an anchor or alias, which many generators do not read; use $ref")
		}
		return refuse(n.Line, fmt.Sprintf("is nested more than %d deep", maxDepth))
	}
	return d, nil
}

// unwalkable returns the first node that a plain walk must not enter: aliases could make it endless.
func unwalkable(n *yaml.Node, depth int) *yaml.Node {
	if n.Kind == yaml.AliasNode || n.Anchor != "" || depth > maxDepth {
		return n
	}
	for _, below := range n.Content {
		if found := unwalkable(below, depth+1); found != nil {
			return found
		}
	}
	return nil
}

func invalidLine(content []byte) int {
	line := 1
	for len(content) > 0 {
		r, size := utf8.DecodeRune(content)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		content = content[size:]
	}
	return line
}

var (
	syntaxLine = regexp.MustCompile(`^yaml: (line [0-9]+: )?`)
	tabIndent  = regexp.MustCompile(`^ *\t`)
	lineKey    = regexp.MustCompile(`^[\s-]*"?([A-Za-z0-9_$.{}/-]+)"?:`)
)

// explainSyntax returns where YAML is broken, and how. The parser says of a tab only that no token starts with it.
func explainSyntax(content []byte, err error) (line int, message string) {
	line = yamlline.Broken(content)
	lines := strings.Split(string(content), "\n")
	isJSON := bytes.HasPrefix(bytes.TrimSpace(content), []byte("{")) // which tabs may indent
	for near := max(line-3, 0); near < min(line+1, len(lines)); near++ {
		if !isJSON && tabIndent.MatchString(lines[near]) {
			return near + 1, "is indented with a tab; YAML takes spaces only"
		}
	}
	return line, "is not YAML: " + strings.TrimPrefix(err.Error(), syntaxLine.FindString(err.Error()))
}

// Title returns info.title, and Version info.version; both are empty where the document has none.
func (d *Document) Title() string { return text(field(field(d.root, "info"), "title")) }

// Version returns info.version, empty where the document has none.
func (d *Document) Version() string { return text(field(field(d.root, "info"), "version")) }

// entries iterates over the keys and values of a mapping; anything else has none.
func entries(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// entry returns the key and the value of one field of a mapping, nil where there is none.
func entry(n *yaml.Node, name string) (key, value *yaml.Node) {
	for key, value := range entries(n) {
		if key.Value == name {
			return key, value
		}
	}
	return nil, nil
}

func field(n *yaml.Node, name string) *yaml.Node {
	_, value := entry(n, name)
	return value
}

// keyOf returns the key of a field for its position, and n itself where there is no such field.
func keyOf(n *yaml.Node, name string) *yaml.Node {
	if key, _ := entry(n, name); key != nil {
		return key
	}
	return n
}

// items returns the elements of a sequence; anything else has none.
func items(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

func text(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

func isTrue(n *yaml.Node) bool {
	return n != nil && n.Tag == "!!bool" && strings.EqualFold(n.Value, "true")
}

func isFalse(n *yaml.Node) bool {
	return n != nil && n.Tag == "!!bool" && strings.EqualFold(n.Value, "false")
}

// number returns the value of a number, and whether n is one.
func number(n *yaml.Node) (float64, bool) {
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag != "!!int" && n.Tag != "!!float" {
		return 0, false
	}
	var value float64
	if err := n.Decode(&value); err != nil {
		return 0, false
	}
	return value, true
}

// texts returns the scalars of a sequence.
func texts(n *yaml.Node) []string {
	var all []string
	for _, item := range items(n) {
		if item.Kind == yaml.ScalarNode {
			all = append(all, item.Value)
		}
	}
	return all
}

// canonical returns a form of n in which equal values are equal texts: keys in order, no comments, no styles. Fields
// that skip names are left out, at every depth.
func canonical(n *yaml.Node, skip func(key string) bool) string {
	var b strings.Builder
	writeCanonical(&b, n, skip)
	return b.String()
}
