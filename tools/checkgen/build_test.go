package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/vod-reproduction/vod/tools/document"
)

// small is a document with a request of each supported kind. Tests change single lines of it.
const small = `openapi: 3.0.3
info: {title: small, version: 1.0.0}
paths:
  /things:
    post:
      operationId: makeThing
      parameters:
        - name: trace
          in: header
          schema: {type: string, maxLength: 9}
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Thing'}
      responses: {'200': {description: done}}
components:
  schemas:
    Thing:
      allOf:
        - x-rule: one
          x-rule-field: text
          x-rule-reads: [text]
          x-rule-message: Text it is.
          not: {required: [text]}
        - type: object
          additionalProperties: false
          required: [text]
          properties:
            text: {type: string, maxLength: 9, default: abc}
            count: {type: integer, format: int32, minimum: 1, maximum: 9, default: 2}
            wide: {type: integer, format: int64, minimum: 0, exclusiveMinimum: true}
            flag: {type: boolean, default: true}
            choice: {type: string, enum: [a, b], default: b}
            part: {allOf: [{$ref: '#/components/schemas/Part'}], description: A part.}
            color: {$ref: '#/components/schemas/Color'}
            size: {allOf: [{$ref: '#/components/schemas/Size'}], default: 3}
            parts: {type: array, minItems: 1, items: {$ref: '#/components/schemas/Part'}}
            colors: {type: array, maxItems: 3, items: {$ref: '#/components/schemas/Color'}}
            flags: {type: array, items: {type: boolean}}
    Part:
      type: object
      additionalProperties: false
      properties:
        name: {type: string}
        inner: {$ref: '#/components/schemas/Part'}
    Color: {type: string, enum: [red, green]}
    Size: {type: integer, format: int32, enum: [1, 2, 3]}
`

// building is held by one test at a time: oapi-codegen keeps its options in variables of its package.
var building sync.Mutex

// buildText runs the builder as the command does, on the structs that oapi-codegen makes of the same text.
func buildText(t *testing.T, text string) (model, error) {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	spec, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	code, err := codegen.Generate(spec, codegen.Configuration{PackageName: "small", Generate: codegen.GenerateOptions{Models: true}}.UpdateDefaults())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "small.go")
	if err := os.WriteFile(file, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	structs, err := structsOf(file)
	if err != nil {
		t.Fatal(err)
	}
	root, err := document.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return build("small.yaml", root, "small", structs)
}

func TestBuild(t *testing.T) {
	t.Parallel()
	built, err := buildText(t, small)
	if err != nil {
		t.Fatal(err)
	}
	if len(built.Objects) != 2 || len(built.Objects[1].Fields) != 11 || len(built.Params) != 1 || len(built.Rules) != 1 {
		t.Errorf("%+v", built)
	}
	for _, f := range built.Objects[1].Fields {
		want := map[string]string{"text": `"abc"`, "count": "2", "flag": "true", "choice": `"b"`, "size": "3"}[f.JSON]
		if f.Default != want {
			t.Errorf("%s has the default %s, want %s", f.JSON, f.Default, want)
		}
	}
}

// TestRefuse changes one line of the document, and looks for the refusal that names the place and the keyword.
func TestRefuse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, new, want string }{
		{"arrays of arrays", "items: {type: boolean}", "items: {type: array, items: {type: boolean}}", "Thing.flags: an array of arrays"},
		{"unique elements", "maxItems: 3", "uniqueItems: true", "Thing.colors: uniqueItems is not supported in an array"},
		{"nullable beside a reference", "description: A part.", "nullable: true", "Thing.part: nullable is not supported in a reference"},
		{"minProperties beside a reference", "description: A part.", "minProperties: 1", "Thing.part: minProperties is not supported in a reference"},
		{"a keyword beside $ref", "color: {$ref: '#/components/schemas/Color'}", "color: {$ref: '#/components/schemas/Color', nullable: true}", "Thing.color: nullable is not supported in a reference"},
		{"nullable", "type: boolean, default: true", "type: boolean, nullable: true", "Thing.flag: nullable is not supported in a boolean"},
		{"an enumeration with a bound", "enum: [1, 2, 3]", "enum: [1, 2, 3], maximum: 2", "Size: maximum is not supported in an enumeration"},
		{"an enumeration with a length", "enum: [a, b], default: b", "enum: [a, b], maxLength: 1", "Thing.choice: maxLength is not supported in an enumeration"},
		{"an enumeration of booleans", "type: boolean, default: true", "type: boolean, enum: [true]", "Thing.flag: an enumeration of type boolean"},
		{"a number in an enumeration of strings", "enum: [red, green]", "enum: [red, 5]", "Color enum: 5 is no string"},
		{"a value twice", "enum: [red, green]", "enum: [red, red]", "Color: enum holds red more than once"},
		{"a fractional minimum", "minimum: 1,", "minimum: 0.5,", "Thing.count: minimum 0.5 is not a whole number"},
		{"a minimum in floating point", "minimum: 1,", "minimum: 1.0,", "Thing.count: minimum 1.0 is not a whole number"},
		{"a bound beyond 2^53", "minimum: 0, exclusiveMinimum: true", "maximum: 9007199254740993", "Thing.wide: maximum 9007199254740993 is beyond 2^53"},
		{"a bound beyond the type", "maximum: 9,", "maximum: 2147483648,", "Thing.count: maximum 2147483648 does not fit in 32 bits"},
		{"bounds that cross", "minimum: 1, maximum: 9, default: 2", "minimum: 10, maximum: 9", "Thing.count: minimum is above maximum"},
		{"exclusiveMaximum", "exclusiveMinimum: true", "exclusiveMinimum: true, maximum: 5, exclusiveMaximum: true", "Thing.wide: exclusiveMaximum is not supported in an integer"},
		{"exclusiveMinimum alone", "minimum: 0, exclusiveMinimum: true", "exclusiveMinimum: true", "Thing.wide: exclusiveMinimum needs minimum"},
		{"multipleOf", "minimum: 1,", "multipleOf: 2,", "Thing.count: multipleOf is not supported in an integer"},
		{"no format", "{type: integer, format: int64, minimum: 0, exclusiveMinimum: true}", "{type: integer}", "Thing.wide: an integer needs format"},
		{"another format", "format: int64", "format: uint8", "Thing.wide: format uint8"},
		{"a number", "type: boolean, default: true", "type: number", "Thing.flag: type number is not supported"},
		{"a format of strings", "maxLength: 9, default: abc", "format: date", "Thing.text: format is not supported in a string"},
		{"a default outside its range", "default: 2", "default: 10", "Thing.count: default 10 breaks"},
		{"a default outside its enumeration", "default: b", "default: c", "Thing.choice: default c breaks"},
		{"a default beside a reference outside its enumeration", "default: 3", "default: 4", "Thing.size: default 4 breaks"},
		{"a default that is too long", "default: abc", "default: abcdefghij", "Thing.text: default"},
		{"a default of another type", "default: 2", "default: '2'", "Thing.count default: 2 is no integer"},
		{"a default of an array", "items: {type: boolean}", "items: {type: boolean}, default: []", "Thing.flags: default is not supported in an array"},
		{"a default of an object", "description: A part.", "default: {}", "Thing.part: default is not supported in an object"},
		{"an object without a name", "flag: {type: boolean, default: true}", "flag: {type: object, properties: {}}", "Thing.flag: an object must be a component"},
		{"const", "type: boolean, default: true", "type: boolean, const: true", "Thing.flag: const is not supported in a boolean"},
		{"if", "not: {required: [text]}", "if: {required: [text]}", "Thing: if is not supported in a rule"},
		{"oneOf", "type: boolean, default: true", "type: boolean, oneOf: [{type: boolean}]", "Thing.flag: oneOf is not supported in a boolean"},
		{"not of a string", "maxLength: 9, default: abc", "not: {enum: [x]}", "Thing.text: not is not supported in a string"},
		{"readOnly", "maxLength: 9, default: abc", "readOnly: true", "Thing.text: readOnly is not supported in a string"},
		{"a misspelled keyword", "maxLength: 9, default: abc", "maxLenght: 9", "Thing.text: maxLenght is not supported in a string"},
		{"minProperties", "      type: object\n      additionalProperties: false\n      properties:\n        name", "      type: object\n      minProperties: 1\n      additionalProperties: false\n      properties:\n        name", "Part: minProperties is not supported in an object"},
		{"unknown fields allowed", "      type: object\n      additionalProperties: false\n      properties:\n        name", "      type: object\n      properties:\n        name", "Part: an object of a request must refuse unknown fields"},
		{"a misspelled required", "required: [text]\n          properties", "required: [tekst]\n          properties", "Thing: required names tekst"},
		{"required in a part of its own", "        - type: object\n          additionalProperties: false\n          required", "        - required: [flag]\n        - type: object\n          additionalProperties: false\n          required", "Thing: a part of allOf must be a rule"},
		{"a rule without a message", "          x-rule-message: Text it is.\n", "", `Thing: rule "one" needs`},
		{"two properties of one Go name", "flag: {type: boolean, default: true}", "colorS: {type: boolean}\n            color_s: {type: boolean}", "Thing.color_s: its Go name ColorS is that of colorS"},
		{"a property called as its check", "flag: {type: boolean, default: true}", "check: {type: boolean}", "Thing.check: its Go name Check is the method"},
		{"a property called as a getter", "flag: {type: boolean, default: true}", "get_color: {type: boolean}", "Thing.get_color: its Go name GetColor is the getter of color"},
		{"two parameters of one Go name", "        - name: trace\n", "        - {name: Trace, in: query, schema: {type: string}}\n        - name: trace\n", "makeThing.trace: its Go name Trace is that of Trace"},
		{"a pattern", "maxLength: 9, default: abc", "pattern: '^(?=a)$'", "Thing.text: pattern: error parsing regexp"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if strings.Count(small, c.old) != 1 {
				t.Fatalf("the document does not have %q exactly once", c.old)
			}
			text := strings.Replace(small, c.old, c.new, 1)
			_, err := buildText(t, text)
			if err == nil || !strings.Contains(err.Error(), ": "+c.want) || !strings.HasPrefix(err.Error(), "small.yaml:") {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// TestRefuseEverythingAtOnce holds that one run names every place, by its line.
func TestRefuseEverythingAtOnce(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("minItems: 1", "uniqueItems: true", "maxItems: 3", "minLength: 3").Replace(small)
	_, err := buildText(t, text)
	want := "small.yaml:37: Thing.parts: uniqueItems is not supported in an array\n" +
		"small.yaml:38: Thing.colors: minLength is not supported in an array"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
