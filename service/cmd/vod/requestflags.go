package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// edit changes a request.
type edit func(*gen.DumpRequest)

// field is a property of the request that a flag sets. It stays as it was when the flag is not specified, so that 0 and ""
// can be told from nothing.
type field struct {
	gen.Property
	path, flag string
	negated    bool // the flag switches off
}

// hints say what the command does about a field that is left out.
var hints = map[string]string{
	"video_type":     "default: from the object's extension",
	"title":          "default: the object's name without its extension",
	"input.bucket":   "instead of an address",
	"input.object":   "instead of an address",
	"input.location": "default: --region",
}

// fields has the flags of the request, in the order of the document.
var fields = fieldsOf()

func fieldsOf() (all []field) {
	for path, p := range contract.Fields() {
		if p.Type == "object" || p.Items == "object" {
			continue
		}
		f := field{Property: p, path: path, flag: flagOf(path)}
		all = append(all, f)
		if f.isSwitch() {
			f.flag, f.negated = "no-"+f.flag, true
			all = append(all, f)
		}
	}
	return all
}

// flagOf names the flag of a field: --thumbnail-time for thumbnail.time, --bucket for input.bucket.
func flagOf(path string) string {
	return strings.NewReplacer("_", "-", ".", "-").Replace(strings.TrimPrefix(path, "input."))
}

// isSwitch reports whether a flag can stand without a value: for a boolean, and for the API's numbers that are one.
func (f *field) isSwitch() bool {
	return f.Type == "boolean" || strings.HasPrefix(f.Name, "auto_") && slices.Equal(f.Enum, []string{"0", "1"})
}

// usage is the first sentence of the property's description, with its limits.
func (f *field) usage() string {
	said, _, _ := strings.Cut(f.Description, ". ")
	said = strings.TrimSuffix(said, ".")
	if first, rest, _ := strings.Cut(said, " "); strings.ToUpper(first) != first || len(first) == 1 {
		said = strings.TrimSpace(strings.ToLower(first[:1]) + first[1:] + " " + rest)
	}
	if f.negated {
		return "the opposite of --" + flagOf(f.path)
	}
	if limits := f.limits(); limits != "" {
		said += " (" + limits + ")"
	}
	return said
}

// longestList is how many values of an enumeration the help shows; completion has all of them.
const longestList = 6

func (f *field) limits() string {
	var all []string
	switch {
	case f.isSwitch():
	case len(f.Enum) > 0 && len(f.Enum) <= longestList:
		all = append(all, strings.Join(f.Enum, ", "))
	case len(f.Enum) > 0:
	case f.Type == "string" && f.MaxLength > 0:
		all = append(all, fmt.Sprintf("at most %d characters", f.MaxLength))
	case f.Maximum == 1<<31-1 || f.Maximum == 1<<63-1:
		all = append(all, fmt.Sprintf("from %d", f.Minimum))
	case f.Minimum != f.Maximum:
		all = append(all, fmt.Sprintf("%d to %d", f.Minimum, f.Maximum))
	}
	switch hint := hints[f.path]; {
	case hint != "":
		all = append(all, hint)
	case f.isSwitch() && f.Type == "integer" && f.Default != "":
		all = append(all, "default "+strconv.FormatBool(f.Default == f.Enum[1]))
	case f.Default != "":
		all = append(all, "default "+f.Default)
	}
	return strings.Join(all, "; ")
}

// value stands for the flag's value in the help.
func (f *field) value() string {
	element := cmp.Or(f.Items, f.Type)
	name := "N"
	if element == "string" {
		name = strings.ToUpper(f.Name[strings.LastIndexByte(f.Name, '_')+1:])
	}
	if f.Type == "array" {
		name += ",..."
	}
	return name
}

// parse reads a flag's value, and returns the change of the request that it asks for.
func (f *field) parse(text string) (edit, error) {
	if f.Type != "array" {
		value, err := f.one(f.Type, text)
		if err != nil {
			return nil, err
		}
		return f.set(value), nil
	}
	list := []any{}
	for part := range strings.SplitSeq(text, ",") {
		value, err := f.one(f.Items, strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("%q %w", part, err)
		}
		list = append(list, value)
	}
	return f.set(list), nil
}

// one reads a single value. Whether it keeps the limits of the document is left to the check of the complete request.
func (f *field) one(kind, text string) (any, error) {
	switch {
	case f.isSwitch():
		on, err := strconv.ParseBool(text)
		if err != nil {
			return nil, errors.New("must be true or false, 1 or 0")
		}
		if on = on != f.negated; kind == "boolean" {
			return on, nil
		}
		return json.Number(f.Enum[map[bool]int{true: 1}[on]]), nil
	case kind == "integer":
		bits := 32
		if f.Minimum < math.MinInt32 || f.Maximum > math.MaxInt32 {
			bits = 64
		}
		n, err := strconv.ParseInt(text, 10, bits)
		if errors.Is(err, strconv.ErrRange) {
			return nil, fmt.Errorf("must fit in %d bits", bits)
		}
		if err != nil {
			return nil, errors.New("must be a whole number")
		}
		return n, nil
	case !utf8.ValidString(text):
		return nil, errors.New("must be UTF-8")
	}
	for _, value := range f.Enum {
		if strings.EqualFold(value, text) {
			return value, nil
		}
	}
	return text, nil
}

// set returns the change that gives the field a value. It goes by way of JSON, which leaves the other fields of an object
// above as they are.
func (f *field) set(value any) edit {
	steps := strings.Split(f.path, ".")
	for _, name := range slices.Backward(steps) {
		value = map[string]any{name: value}
	}
	return func(r *gen.DumpRequest) {
		body, err := json.Marshal(value)
		if err == nil {
			err = json.Unmarshal(body, r)
		}
		if err != nil {
			panic(fmt.Errorf("setting %s: %w", f.path, err)) // the document and its types disagree
		}
	}
}

// edits collects what the flags of one command line change, in the order given.
type edits []edit

// register adds the flags of all fields to cmd.
func (e *edits) register(cmd *cobra.Command) {
	for i := range fields {
		f := &fields[i]
		flag := cmd.Flags().VarPF(&fieldFlag{field: f, edits: e}, f.flag, "", f.usage())
		if f.isSwitch() {
			flag.NoOptDefVal = "true"
		}
		if len(f.Enum) > 0 && !f.isSwitch() {
			completeWith(cmd, f.flag, f.Enum)
		}
	}
}

// apply makes the changes to r.
func (e edits) apply(r *gen.DumpRequest) {
	for _, change := range e {
		change(r)
	}
}

// fieldFlag is the pflag.Value of a field.
type fieldFlag struct {
	field *field
	edits *edits
	given string
}

func (f *fieldFlag) String() string { return f.given }

func (f *fieldFlag) Type() string {
	if f.field.isSwitch() {
		return "bool" // pflag then shows no value in the help
	}
	return f.field.value()
}

func (f *fieldFlag) Set(text string) error {
	change, err := f.field.parse(text)
	if err != nil {
		return err
	}
	f.given = text
	*f.edits = append(*f.edits, change)
	return nil
}
