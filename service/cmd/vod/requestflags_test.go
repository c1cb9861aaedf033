package main

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/gen"
)

// noFlag are the fields of a request that have no flag of their own, each with the reason.
var noFlag = map[string]string{}

// Every field of a request has a flag named after it, which sets that field and no other, or a stated reason for none.
func TestEveryFieldHasAFlag(t *testing.T) {
	t.Parallel()
	flags := map[string]field{}
	for _, f := range fields {
		flags[f.flag] = f
	}
	for _, path := range leaves(reflect.TypeFor[gen.DumpRequest](), "") {
		name := strings.NewReplacer("_", "-", ".", "-").Replace(strings.TrimPrefix(path, "input."))
		f, ok := flags[name]
		if reason := noFlag[path]; ok == (reason != "") {
			t.Errorf("%s: has flag --%s: %v; reason for none: %q", path, name, ok, reason)
		}
		if !ok {
			continue
		}
		for _, value := range []string{"1", "true"} { // each field takes one of them
			change, err := f.parse(value)
			if err != nil {
				continue
			}
			var request gen.DumpRequest
			change(&request)
			for _, other := range leaves(reflect.TypeFor[gen.DumpRequest](), "") {
				if set := !leaf(reflect.ValueOf(request), other).IsZero(); set != (other == path) {
					t.Errorf("--%s sets %s: %v\n%s", name, other, set, cmp.Diff(gen.DumpRequest{}, request))
				}
			}
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
