// Package oracle has a second opinion on the contract: kin-openapi judges bodies, requests and responses by nothing but
// the documents. It is for tests; programs use package contract.
package oracle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// Load reads a document and validates it, examples included.
func Load(document []byte) (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(context.Background())
}

// Router finds the operation of a request among documents, whatever host it was sent to.
func Router(docs ...*openapi3.T) (legacy.Routers, error) {
	var all legacy.Routers
	for _, doc := range docs {
		hostless := *doc
		hostless.Servers = nil
		router, err := legacy.NewRouter(&hostless)
		if err != nil {
			return nil, err
		}
		all = append(all, router.(*legacy.Router))
	}
	return all, nil
}

// Options are those under which kin-openapi judges as the contract means it: all faults at once, nothing written into
// the request, no values in messages. Credentials are looked for but not verified.
func Options() *openapi3filter.Options {
	return &openapi3filter.Options{
		MultiError:              true,
		SkipSettingDefaults:     true,
		IncludeResponseStatus:   true,
		SchemaValidationOptions: []openapi3.SchemaValidationOption{openapi3.DisableSchemaErrorDetails()},
		AuthenticationFunc: func(_ context.Context, input *openapi3filter.AuthenticationInput) error {
			name := input.SecurityScheme.Name
			if input.RequestValidationInput.Request.Header.Get(name) == "" {
				return fmt.Errorf("header %s is missing", name)
			}
			return nil
		},
	}
}

// Verdict is what kin-openapi found wrong with a body; the zero Verdict accepts it.
type Verdict struct {
	// Fields are the fields with faults of their own, such as "thumbnail.dots[2]", sorted, each once. A field that does
	// not belong there stands as the object that holds it.
	Fields []string
	// Rules are the broken rules between fields, sorted, each once.
	Rules []string
	// Other reports that something else is wrong, such as text that is not JSON.
	Other bool
}

// Accepts reports whether nothing is wrong.
func (v Verdict) Accepts() bool { return len(v.Fields) == 0 && len(v.Rules) == 0 && !v.Other }

// String lists what is wrong.
func (v Verdict) String() string {
	return fmt.Sprintf("fields %q rules %q other %v", v.Fields, v.Rules, v.Other)
}

// Body judges a value as encoding/json decodes it.
func Body(schema *openapi3.Schema, value any) Verdict {
	return VerdictOf(schema.VisitJSON(value, openapi3.VisitAsRequest(), openapi3.MultiErrors(), openapi3.DisableSchemaErrorDetails()))
}

// VerdictOf sorts out an error of kin-openapi.
func VerdictOf(err error) Verdict {
	var v Verdict
	v.add(err)
	v.Fields, v.Rules = unique(v.Fields), unique(v.Rules)
	return v
}

func (v *Verdict) add(err error) {
	switch e := err.(type) { //nolint:errorlint // the tree of errors is walked node by node
	case nil:
	case *openapi3.SchemaError:
		rule, isRule := e.Schema.Extensions["x-rule"].(string)
		switch {
		case e.Origin != nil && e.SchemaField == "allOf":
			v.add(errors.Unwrap(e.Origin))
		case isRule:
			v.Rules = append(v.Rules, rule)
		default:
			v.Fields = append(v.Fields, path(e.JSONPointer()))
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			v.add(inner)
		}
	case openapi3.MultiError:
		for _, inner := range e {
			v.add(inner)
		}
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			v.add(inner)
			return
		}
		v.Other = true
	default:
		v.Other = true
	}
}

// path writes a JSON pointer in the manner of contract.Violation.
func path(pointer []string) string {
	var b strings.Builder
	for _, step := range pointer {
		switch {
		case strings.Trim(step, "0123456789") == "" && step != "" && b.Len() > 0:
			b.WriteString("[" + step + "]")
		case b.Len() > 0:
			b.WriteString("." + step)
		default:
			b.WriteString(step)
		}
	}
	return b.String()
}

func unique(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}
