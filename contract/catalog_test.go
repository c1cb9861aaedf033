package contract_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/contract"
)

// TestCatalog holds that codes stand once and in order, VOD before APIGW, each with all that a response needs.
func TestCatalog(t *testing.T) {
	t.Parallel()
	order := func(code contract.Code) string {
		return strings.NewReplacer("VOD.", "0.", "APIGW.", "1.").Replace(string(code))
	}
	var last contract.Code
	for p := range contract.Catalog() {
		if order(last) >= order(p.Code) {
			t.Errorf("%s stands behind %s", p.Code, last)
		}
		last = p.Code
		if strings.Contains(p.Advice, "vod ") {
			t.Errorf("%s advises a command: %s", p.Code, p.Advice)
		}
		if p.Status < 400 || p.Status > 599 || p.Message == "" || p.Advice == "" {
			t.Errorf("incomplete: %+v", p)
		}
		if found, ok := contract.Lookup(p.Code); !ok || found != p {
			t.Errorf("Lookup(%s) = %+v, %v", p.Code, found, ok)
		}
	}
}

// TestCatalogHasTheCodes reads the Code constants from the source, so that none can be forgotten.
func TestCatalogHasTheCodes(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "catalog.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Code") {
			return true
		}
		found++
		code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if p, ok := contract.Lookup(contract.Code(code)); !ok || string(p.Code) != code {
			t.Errorf("%s = %s is not in the catalog", spec.Names[0].Name, code)
		}
		return true
	})
	if found < 10 {
		t.Errorf("found %d Code constants: the source looks different", found)
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	for code, want := range map[contract.Code]contract.Code{
		"VOD.10003": contract.CodeNoSuchObject, "APIGW.0301": contract.CodeNotAuthenticated, "APIG.0301": contract.CodeNotAuthenticated,
		"VOD.1": "", "APIG.": "", "": "", "vod.10003": "",
	} {
		if p, ok := contract.Lookup(code); p.Code != want || ok != (want != "") {
			t.Errorf("Lookup(%q) = %+v, %v, want %q", code, p, ok, want)
		}
	}
}
