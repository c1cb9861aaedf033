// Checkgen turns an OpenAPI document into the Go that the contract needs beside oapi-codegen's types: checks of every
// field constraint, getters that know the defaults, the list of cross-field rules, and strict decoders.
//
// It refuses a document whose requests use a keyword that it does not implement, and says which, where: no limit is lost
// on the way. Parameters of the path and responses have no checks.
package main

import (
	"bytes"
	"embed"
	"flag"
	"fmt"
	"go/format"
	"os"
	"text/template"

	"github.com/vod-reproduction/vod/tools/document"
)

//go:embed *.tmpl
var templates embed.FS

func main() {
	spec := flag.String("spec", "", "OpenAPI document to read")
	pkg := flag.String("package", "", "name of the package that holds the types")
	checks := flag.String("checks", "", "file for the field checks, getters and rules")
	strict := flag.String("strict", "", "file for the strict decoders")
	properties := flag.String("properties", "", "file for what the document says of each property")
	structs := flag.String("structs", "", "file with the structs that oapi-codegen made of the document")
	types := flag.String("types", "", "import path of the structs, for the strict decoders")
	flag.Parse()
	if err := run(*spec, *pkg, *structs, *checks, *properties, *strict, *types); err != nil {
		fmt.Fprintln(os.Stderr, "checkgen:", err)
		os.Exit(1)
	}
}

func run(spec, pkg, structs, checks, properties, strict, types string) error {
	text, err := os.ReadFile(spec)
	if err != nil {
		return err
	}
	root, err := document.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", spec, err)
	}
	generated, err := structsOf(structs)
	if err != nil {
		return err
	}
	contents, err := build(spec, root, pkg, generated)
	if err != nil {
		return err
	}
	if err := write("checks.tmpl", checks, contents, types); err != nil {
		return err
	}
	if err := write("properties.tmpl", properties, contents, types); err != nil {
		return err
	}
	return write("strict.tmpl", strict, contents, types)
}

func write(name, file string, contents model, types string) error {
	t, err := template.New(name).Funcs(functions).ParseFS(templates, name)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, map[string]any{"Doc": contents, "Types": types}); err != nil {
		return err
	}
	source, err := format.Source(out.Bytes())
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", file, err, out.Bytes())
	}
	return os.WriteFile(file, source, 0o644) //nolint:gosec // source code, for everybody to read
}
