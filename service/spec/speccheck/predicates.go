package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
)

// predicate is where the source of package contract checks a cross-field rule.
type predicate struct {
	rule, file string
	line       int
}

type predicates []predicate

func (ps predicates) names() []string {
	var names []string
	for _, p := range ps {
		names = append(names, p.rule)
	}
	return names
}

// findPredicates reads the source, because a package whose rules and document disagree does not start: predicates are
// the entries of literals of type map[string]func(*T) bool.
func findPredicates(root, dir string) (predicates, error) {
	files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var found predicates
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok || !isPredicateMap(literal.Type) {
				return true
			}
			for _, element := range literal.Elts {
				pair, ok := element.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				if key, ok := pair.Key.(*ast.BasicLit); ok && key.Kind == token.STRING {
					if rule, err := strconv.Unquote(key.Value); err == nil {
						found = append(found, predicate{rule, filepath.ToSlash(filepath.Join(dir, filepath.Base(name))), set.Position(key.Pos()).Line})
					}
				}
			}
			return true
		})
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s has no map[string]func(*T) bool with the predicates of the rules", dir)
	}
	return found, nil
}

func isPredicateMap(of ast.Expr) bool {
	m, ok := of.(*ast.MapType)
	if !ok {
		return false
	}
	key, ok := m.Key.(*ast.Ident)
	f, isFunc := m.Value.(*ast.FuncType)
	if !ok || !isFunc || key.Name != "string" || f.Results == nil || len(f.Results.List) != 1 || len(f.Params.List) != 1 {
		return false
	}
	result, ok := f.Results.List[0].Type.(*ast.Ident)
	return ok && result.Name == "bool"
}
