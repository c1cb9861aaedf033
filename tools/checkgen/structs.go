package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"strconv"
	"strings"
)

// goField is how oapi-codegen wrote one field.
type goField struct{ Name, Type string }

// structsOf reads the structs of a generated file: type name, then JSON name. Names and types are taken from the code
// itself, so the two generators cannot drift apart.
func structsOf(file string) (map[string]map[string]goField, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	out := map[string]map[string]goField{}
	for _, decl := range parsed.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			named, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			body, ok := named.Type.(*ast.StructType)
			if !ok {
				continue
			}
			fields, err := fieldsOf(body)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", file, named.Name.Name, err)
			}
			out[named.Name.Name] = fields
		}
	}
	return out, nil
}

func fieldsOf(body *ast.StructType) (map[string]goField, error) {
	out := map[string]goField{}
	for _, f := range body.Fields.List {
		if f.Tag == nil || len(f.Names) != 1 {
			continue
		}
		tag, err := strconv.Unquote(f.Tag.Value)
		if err != nil {
			return nil, err
		}
		name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		out[name] = goField{Name: f.Names[0].Name, Type: types.ExprString(f.Type)}
	}
	return out, nil
}
