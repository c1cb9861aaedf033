package main

import (
	"iter"
	"math/big"
	"slices"
)

// model is what the templates need to know of one OpenAPI document.
type model struct {
	Package string
	Objects []*object
	Params  []*object
	Rules   []rule
}

// values iterates over all fields of the document and the elements of its arrays, each with its object.
func (m model) values() iter.Seq2[*object, *field] {
	return func(yield func(*object, *field) bool) {
		for _, o := range slices.Concat(m.Objects, m.Params) {
			for _, f := range o.Fields {
				if !yield(o, f) || f.Items != nil && !yield(o, f.Items) {
					return
				}
			}
		}
	}
}

// object is one struct that oapi-codegen made from the document.
type object struct {
	Name   string
	Fields []*field
}

// Optional returns the fields behind a pointer.
func (o *object) Optional() []*field {
	return slices.DeleteFunc(slices.Clone(o.Fields), func(f *field) bool { return !f.Pointer || f.Kind == kindArray })
}

// field is one property of an object, one element of an array or one parameter.
type field struct {
	JSON, Go string
	// Line is where the document has it.
	Line int
	// Type is the Go type without the pointer, Pointer whether there is one.
	Type     string
	Pointer  bool
	Kind     kind
	Required bool
	Object   *object
	Items    *field
	// Default is a Go expression, empty where the document has none.
	Default string
	// Description, Page (x-page) and Ignored (x-ignored) are the document's texts.
	Description, Page, Ignored string

	// Enum holds Go expressions, Choices the same values as people read them.
	Enum, Choices  []string
	MinLen         uint64
	MaxLen         *uint64
	Pattern        string
	PatternMessage string // x-pattern-message of the document
	Match          string // the function that matches Pattern
	Format         string // of an integer
	Min, Max       *big.Int
	ExclusiveMin   bool
	MinItems       uint64
	MaxItems       *uint64
}

type kind string

const (
	kindString  kind = "string"
	kindInteger kind = "integer"
	kindBoolean kind = "boolean"
	kindObject  kind = "object"
	kindArray   kind = "array"
)

// rule is one cross-field rule.
type rule struct {
	Name, Field, Message, Page, Enforced string
	Reads                                []string
	When                                 []string // the enum of the condition at the first of Reads
}
