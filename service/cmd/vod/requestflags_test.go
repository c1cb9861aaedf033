package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/gen"
)

// noFlag are the fields of a request that no flag sets, each with the reason.
var noFlag = map[string]string{}

// Every field of a request has a flag named after it, which sets that field and no other, or a stated reason for none.
func TestEveryFieldHasAFlag(t *testing.T) {
	t.Parallel()
	for _, path := range leaves(reflect.TypeFor[gen.DumpRequest](), "") {
		i := slices.IndexFunc(fields, func(f field) bool { return f.path == path })
		if reason := noFlag[path]; (i < 0) == (reason == "") {
			t.Errorf("%s: has a flag: %v; reason for none: %q; an array of objects is for --file, or for a flag in requestflags.go", path, i >= 0, reason)
		}
		if i < 0 {
			continue
		}
		f := &fields[i]
		change, err := f.parse(example(f))
		if err != nil {
			t.Errorf("--%s does not take %s: %v", f.flag, example(f), err)
			continue
		}
		var request gen.DumpRequest
		change(&request)
		for _, other := range leaves(reflect.TypeFor[gen.DumpRequest](), "") {
			if set := !leaf(reflect.ValueOf(request), other).IsZero(); set != (other == path) {
				t.Errorf("--%s sets %s: %v\n%s", f.flag, other, set, cmp.Diff(gen.DumpRequest{}, request))
			}
		}
	}
}

// Every header parameter of the call has a flag of the same name.
func TestEveryParameterHasAFlag(t *testing.T) {
	t.Parallel()
	command := newDumpCommand(&session{})
	params := reflect.TypeFor[gen.PublishAssetFromObsParams]()
	for i := range params.NumField() {
		name := strings.ToLower(jsonName(params.Field(i)))
		if command.Flags().Lookup(name) == nil {
			t.Errorf("vod dump has no flag --%s; dump.go passes it on with client.WithParams", name)
		}
	}
}

// example is a value that the flag of a field takes.
func example(f *field) string {
	switch {
	case f.isSwitch():
		return "true"
	case len(f.Enum) > 0:
		return f.Enum[0]
	}
	return "1"
}

// The help of a flag names the limits of the document.
func TestFlagsTellLimits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		property gen.Property
		want     string
	}{
		{gen.Property{Name: "note", Type: "string", Description: "A note. It says more.", MaxLength: 9}, "a note (at most 9 characters)"},
		{gen.Property{Name: "count", Type: "integer", Description: "Number of notes.", Minimum: 2, Maximum: 7, Default: "3"}, "number of notes (2 to 7; default 3)"},
		{gen.Property{Name: "least", Type: "integer", Description: "ID of a note.", Minimum: 1, Maximum: 1<<31 - 1}, "ID of a note (from 1)"},
		{gen.Property{Name: "kind", Type: "string", Description: "Kind.", Enum: []string{"a", "b"}, Default: "b"}, "kind (a, b; default b)"},
		{gen.Property{Name: "loud", Type: "boolean", Description: "Whether it is loud.", Default: "true"}, "whether it is loud (default true)"},
	} {
		if usage := (&field{Property: test.property, path: test.property.Name}).usage(); usage != test.want {
			t.Errorf("%s: %q, want %q", test.property.Name, usage, test.want)
		}
	}
}

// leaves returns the JSON paths of the fields below a type that have no fields of their own.
func leaves(t reflect.Type, prefix string) (paths []string) {
	for i := range t.NumField() {
		name, kind := jsonName(t.Field(i)), t.Field(i).Type
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		if kind.Kind() == reflect.Struct {
			paths = append(paths, leaves(kind, prefix+name+".")...)
			continue
		}
		paths = append(paths, prefix+name)
	}
	return paths
}

// leaf returns the value at a path; the zero Value where something on the way is not set.
func leaf(v reflect.Value, path string) reflect.Value {
	name, rest, more := strings.Cut(path, ".")
	for i := range v.NumField() {
		if jsonName(v.Type().Field(i)) != name {
			continue
		}
		field := v.Field(i)
		if !more {
			return field
		}
		if field.Kind() == reflect.Pointer {
			if field.IsNil() {
				return field
			}
			field = field.Elem()
		}
		return leaf(field, rest)
	}
	panic("no field " + path)
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}
