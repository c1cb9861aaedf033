package spec_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/openapi/releases"
	"github.com/vod-reproduction/vod/service/spec"
)

// section returns the part of a document from one text to the next.
func section(document []byte, from, to string) string {
	_, rest, _ := strings.Cut(string(document), from)
	part, _, _ := strings.Cut(rest, to)
	return from + part
}

// described lists changes without their places.
func described(findings []spec.Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, fmt.Sprintf("%s %s: %s", f.Level, f.Subject, f.Message))
	}
	return all
}

func parse(t *testing.T, name, content string) *spec.Document {
	t.Helper()
	d, findings := spec.Parse(name, []byte(content))
	if d == nil {
		t.Fatal(findings)
	}
	return d
}

// changes compares two documents and leaves out what says something about the version.
func changes(t *testing.T, earlier, later string) []spec.Finding {
	t.Helper()
	return slices.DeleteFunc(spec.Breaking(parse(t, "earlier", earlier), parse(t, "later", later)), func(f spec.Finding) bool { return f.Rule == "info-version" })
}

func sameLines(t *testing.T, name string, got, want []string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot:\n\t%s\nwant:\n\t%s", name, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// changeTest is one edit of a document, and the changes of the contract that it is.
type changeTest struct {
	name     string
	document []byte
	old, new string
	want     []string
}

// petDocument has what the released documents do not: alternatives, maps, parameters with content, and schemas that
// requests and responses share.
var petDocument = []byte(`openapi: 3.0.3
info: {title: Pets, version: 1.0.0}
servers: [{url: https://a.example}]
paths:
  /pets:
    post:
      operationId: addPet
      parameters:
        - {name: sort, in: query, schema: {type: array, items: {type: string}}}
        - {name: X-Trace, in: header, schema: {type: string}}
        - {name: filter, in: query, content: {application/json: {schema: {type: object, properties: {age: {type: integer}}}}}}
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses:
        '200':
          headers: {X-A: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
        '202':
          content: {application/json: {schema: {type: object}}}
components:
  schemas:
    Pet:
      type: object
      properties:
        labels: {type: object, additionalProperties: {type: string}}
        names: {type: array, items: {type: string}}
        kind: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}
        id: {type: string, readOnly: true}
        key: {type: string, writeOnly: true}
        size: {allOf: [{type: object, properties: {width: {type: string, enum: [s, m, l], maxLength: 9}}}, {type: object}]}
        link: {anyOf: [{required: [url]}, {required: [path]}]}
    Cat: {type: object, properties: {name: {type: string, maxLength: 20}}}
    Dog: {type: object, properties: {name: {type: string}}}
`)

// noServers is petDocument without servers, typedDocument has the type of alternatives beside them too, and requestDocument
// no Pet in a response.
var (
	noServers     = []byte(strings.Replace(string(petDocument), "servers: [{url: https://a.example}]\n", "", 1))
	typedDocument = []byte(strings.Replace(string(petDocument), "kind: {oneOf", "kind: {type: object, oneOf", 1))

	requestDocument = []byte(strings.Replace(string(petDocument), "content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}\n        '202'", "description: Added.\n        '202'", 1))
)

var small = []changeTest{
	{"values of a map of another type", petDocument, "additionalProperties: {type: string}", "additionalProperties: {type: integer}",
		[]string{"breaking labels.*: type string -> integer"}},
	{"a map that takes any value", petDocument, "additionalProperties: {type: string}", "additionalProperties: true",
		[]string{"breaking labels.*: type string -> any"}},
	{"a map that is closed", petDocument, "additionalProperties: {type: string}", "additionalProperties: false",
		[]string{"breaking labels: refuses unknown fields"}},
	{"a mandatory property of an alternative", petDocument, "Dog: {type: object,", "Dog: {type: object, required: [name],",
		[]string{"breaking kind.name: optional -> mandatory"}},
	{"a shorter property of an alternative", petDocument, "maxLength: 20", "maxLength: 10", []string{"breaking kind.name: maxLength 20 -> 10"}},
	{"an alternative of another type", petDocument, "Dog: {type: object, properties: {name: {type: string}}}", "Dog: {type: string}",
		[]string{"breaking kind: type object -> string"}},
	{"an optional property of an alternative", petDocument, "Dog: {type: object, properties: {", "Dog: {type: object, properties: {age: {type: integer}, ",
		[]string{"compatible kind.age: added"}},
	{"alternatives in another order", petDocument, "[{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]", "[{$ref: '#/components/schemas/Dog'}, {$ref: '#/components/schemas/Cat'}]", nil},
	{"an alternative less", petDocument, "[{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]", "[{$ref: '#/components/schemas/Cat'}]",
		[]string{"breaking kind: Dog removed from oneOf"}},
	{"an alternative that requires another field", petDocument, "{required: [path]}", "{required: [file]}",
		[]string{"breaking link.file: optional -> mandatory", "breaking link.path: mandatory -> optional"}},
	{"content of a parameter", petDocument, "age: {type: integer}", "age: {type: string}", []string{"breaking filter.age: type integer -> string"}},
	{"a parameter without content", petDocument, "content: {application/json: {schema: {type: object, properties: {age: {type: integer}}}}}}", "schema: {type: string}}",
		[]string{"breaking filter: content -> schema"}},
	{"no items", petDocument, "names: {type: array, items: {type: string}}", "names: {type: array}", []string{"breaking names[]: type string -> any"}},
	{"a response without schema", petDocument, "{application/json: {schema: {type: object}}}", "{application/json: {}}", []string{"breaking body: type object -> any"}},
	{"an allOf with fewer values", petDocument, "maxLength: 9}}}, {type: object}]", "maxLength: 9}}}, {type: object, properties: {width: {enum: [m, l, xl]}}}]",
		[]string{"breaking size.width: s removed"}},
	{"an allOf with a shorter value", petDocument, "maxLength: 9}}}, {type: object}]", "maxLength: 9}}}, {type: object, properties: {width: {maxLength: 3}}}]",
		[]string{"breaking size.width: maxLength 9 -> 3"}},
	{"servers of a path", petDocument, "  /pets:\n", "  /pets:\n    servers: [{url: https://b.example}]\n", []string{`breaking addPet: servers changed: "https://a.example" -> "https://b.example"`}},
	{"the same servers at a path", petDocument, "  /pets:\n", "  /pets:\n    servers: [{url: https://a.example}]\n", nil},
	{"a mandatory property that is readOnly", petDocument, "    Pet:\n      type: object\n", "    Pet:\n      type: object\n      required: [id]\n",
		[]string{"compatible id: optional -> mandatory"}},
	{"a mandatory property more that is readOnly", petDocument, "    Pet:\n      type: object\n      properties:\n", "    Pet:\n      type: object\n      required: [etag]\n      properties:\n        etag: {type: string, readOnly: true}\n",
		[]string{"compatible etag: added, mandatory"}},
	{"a shorter property that is writeOnly", petDocument, "key: {type: string, writeOnly: true}", "key: {type: string, writeOnly: true, maxLength: 5}",
		[]string{"breaking key: maxLength none -> 5"}},
	{"a property that becomes writeOnly", petDocument, "names: {type: array,", "names: {writeOnly: true, type: array,", []string{"breaking names: writeOnly false -> true"}},
	{"defaults of a parameter", petDocument, "{name: sort, in: query,", "{name: sort, in: query, style: form, explode: true, allowReserved: false,", nil},
	{"another style of a parameter", petDocument, "{name: sort, in: query,", "{name: sort, in: query, explode: false,", []string{"breaking sort: explode true -> false"}},
	{"explode of a scalar", petDocument, "{name: X-Trace, in: header,", "{name: X-Trace, in: header, explode: true,", nil},
	{"a server more", petDocument, "servers: [{url: https://a.example}]", "servers: [{url: https://a.example}, {url: https://b.example}]",
		[]string{`compatible servers: added: "https://b.example"`}},
	{"another first server", petDocument, "servers: [{url: https://a.example}]", "servers: [{url: https://b.example}, {url: https://a.example}]",
		[]string{`breaking servers: changed: [{"url":"https://a.example"}] -> [{"url":"https://b.example"},{"url":"https://a.example"}]`}},
	{"the server that documents have by default", noServers, "paths:\n", "servers: [{url: /}]\npaths:\n", nil},
	{"a type that every alternative has", typedDocument, "type: object, oneOf", "oneOf", nil},
	{"a type that not every alternative has", petDocument, "kind: {oneOf:", "kind: {type: string, oneOf:", []string{"breaking kind: type any -> string"}},
	{"any of the alternatives in a request", requestDocument, "kind: {oneOf:", "kind: {anyOf:", []string{"compatible kind: oneOf -> anyOf"}},
	{"any of fewer alternatives in a request", requestDocument, "kind: {oneOf: [{$ref: '#/components/schemas/Cat'}, ", "kind: {anyOf: [",
		[]string{"compatible kind: oneOf -> anyOf", "breaking kind: Cat removed from anyOf"}},
	{"any of the alternatives in a response", petDocument, "kind: {oneOf:", "kind: {anyOf:", []string{"breaking kind: oneOf -> anyOf"}},
	{"one of the alternatives in a request", requestDocument, "link: {anyOf:", "link: {oneOf:", []string{"breaking link: anyOf -> oneOf"}},
	{"a header of a response in small letters", petDocument, "headers: {X-A:", "headers: {x-a:", nil},
	{"a header of a request in small letters", petDocument, "name: X-Trace", "name: x-trace", nil},
}

// TestChanges makes one change to a document.
func TestChanges(t *testing.T) {
	t.Parallel()
	tests := []changeTest{
		{"nothing", dumpDocument, "", "", nil},
		{"a description", dumpDocument, "description: The object to dump.", "description: What to dump.", nil},
		{"a shorter title", dumpDocument, "maxLength: 128", "maxLength: 127", []string{"breaking title: maxLength 128 -> 127"}},
		{"a longer title", dumpDocument, "maxLength: 128", "maxLength: 129", []string{"compatible title: maxLength 128 -> 129"}},
		{"a title without limit", dumpDocument, "              maxLength: 128\n", "", []string{"compatible title: maxLength 128 -> none"}},
		{"another type", dumpDocument, "          type: string\n          minLength: 1\n          maxLength: 1024", "          type: integer",
			[]string{"breaking input.object: type string -> integer"}},
		{"a property renamed", dumpDocument, "            workflow_name:\n              type", "            workflow:\n              type",
			[]string{"breaking workflow_name: removed", "compatible workflow: added"}},
		{"an optional property more", dumpDocument, "            workflow_name:\n              type", "            extra:\n              type: string\n            workflow_name:\n              type",
			[]string{"compatible extra: added"}},
		{"a mandatory property more", dumpDocument, "          required: [video_type, title, input]\n          properties:\n", "          required: [video_type, title, input, extra]\n          properties:\n            extra:\n              type: string\n",
			[]string{"breaking extra: added, mandatory"}},
		{"fewer time points", relatedDocument, "maxItems: 100", "maxItems: 50", []string{"breaking asset_id: maxItems 100 -> 50"}},
		{"a smaller page", relatedDocument, "            maximum: 100\n            default: 10\n", "            maximum: 50\n            default: 5\n",
			[]string{"breaking size: maximum 100 -> 50", "breaking size: default 10 -> 5"}},
		{"a filter less", relatedDocument, "        - name: query_string", "        - name: text",
			[]string{"breaking query_string: removed from the query", "compatible text: added to the query"}},
		{"a shorter URL", relatedDocument, "maxLength: 2048", "maxLength: 1024", []string{"breaking urls[]: maxLength 2048 -> 1024"}},
		{"a state more in responses", relatedDocument, "enum: [processing, succeed, failed]", "enum: [processing, succeed, failed, late]",
			[]string{"breaking preheating_results[].status: late added"}},
		{"a state less in responses", relatedDocument, "enum: [processing, succeed, failed]", "enum: [processing, succeed]",
			[]string{"compatible preheating_results[].status: failed removed"}},
		{"a response that may lack its ID", dumpDocument, "      required: [asset_id]\n", "", []string{"breaking asset_id: mandatory -> optional"}},
		{"a field of a response less", relatedDocument, "        exec_desc:\n          type: string\n          description: How it went, for people.\n        transcode_status:", "        transcode_status:",
			[]string{"breaking transcode_info.exec_desc: removed"}},
		{"a rule more", dumpDocument, "      allOf:\n        - x-rule: hls-tenant-storage", "      allOf:\n        - x-rule: no-tags\n          x-rule-message: Tags are gone.\n          not:\n            required: [tags]\n        - x-rule: hls-tenant-storage",
			[]string{"breaking rule no-tags: added: Tags are gone."}},
		{"a rule less", dumpDocument, section(dumpDocument, "        - x-rule: tenant-storage-path", "        - x-rule: encrypt-needs-transcoding"), "",
			[]string{"compatible rule tenant-storage-path: removed"}},
		{"a rule of another name", dumpDocument, "x-rule: review-scores", "x-rule: scores",
			[]string{"compatible rule review-scores: removed", "breaking rule scores: added: politics, terrorism and porn must not all be 0; leave them out or raise one."}},
		{"a rule that refuses more", dumpDocument, "enum: [ap-southeast-3]", "enum: [ap-southeast-2]",
			[]string{"breaking rule review-region: refuses other requests: ap-southeast-3 -> ap-southeast-2"}},
		{"a rule of the service", dumpDocument, "        - x-rule: same-region", "        - x-rule: one-region",
			[]string{"compatible rule same-region: removed", "breaking rule one-region: added: The bucket must lie in the region of the service that is called."}},
		{"a rule with another message", dumpDocument, "x-rule-message: storage_mode 1 needs output_bucket.", "x-rule-message: Say where to.",
			[]string{`compatible rule tenant-storage-bucket: x-rule-message "storage_mode 1 needs output_bucket." -> "Say where to."`}},
		{"a constraint without a name", dumpDocument, "          required: [video_type, title, input]\n", "          required: [video_type, title, input]\n          not: {required: [tags]}\n",
			[]string{`breaking body: a constraint of not added: {"required":["tags"]}`}},
		{"another path", dumpDocument, "/asset/reproduction:", "/asset/dump:",
			[]string{"breaking publishAssetFromObs: removed: POST /v1.0/{project_id}/asset/reproduction", "compatible publishAssetFromObs: added: POST /v1.0/{project_id}/asset/dump"}},
		{"another operationId", dumpDocument, "operationId: publishAssetFromObs", "operationId: dump",
			[]string{"breaking publishAssetFromObs: operationId publishAssetFromObs -> dump: generated clients lose the name"}},
		{"another header to sign in", dumpDocument, "name: X-Auth-Token", "name: X-Token", []string{"breaking securityScheme token: name X-Auth-Token -> X-Token"}},
		{"no tokens", dumpDocument, "        - token: []\n", "", []string{"breaking publishAssetFromObs: no longer accepts token as authentication"}},
		{"a mandatory header", dumpDocument, "required: false", "required: true", []string{"breaking Idempotency-Key: optional -> mandatory"}},
		{"a status less", dumpDocument, "        '429':\n          $ref: '#/components/responses/Throttled'\n", "", []string{"breaking publishAssetFromObs: response 429 removed"}},
		{"a header of a response less", dumpDocument, "        Retry-After:\n          $ref: '#/components/headers/RetryAfter'\n", "", []string{"breaking header Retry-After: removed"}},
		{"a header that a response always has", dumpDocument, "    RequestID:\n", "    RequestID:\n      required: true\n", []string{"compatible header X-Request-Id: optional -> mandatory"}},
		{"another endpoint", dumpDocument, "default: vod.cn-north-4.myhuaweicloud.com", "default: vod.example.com", []string{"breaking servers: changed: vod.cn-north-4.myhuaweicloud.com -> vod.example.com"}},
		{"a request that takes anything", dumpDocument, "      additionalProperties: false\n      required: [bucket", "      required: [bucket", []string{"compatible input: takes unknown fields"}},
		{"a reference in an allOf", relatedDocument, "          schema:\n            $ref: '#/components/schemas/Time'\n", "          schema:\n            allOf:\n              - $ref: '#/components/schemas/Time'\n", nil},
		{"a rule that refuses fewer requests", dumpDocument, "enum: [ap-southeast-3]", "enum: [ap-southeast-3, ap-southeast-2]",
			[]string{"compatible rule review-region: refuses fewer requests: [\"ap-southeast-3\"] -> [\"ap-southeast-3\",\"ap-southeast-2\"]"}},
		{"a rule that refuses more requests", dumpDocument, "enum: [MP3, OGG, WAV, WMA, APE, FLAC, AAC, AC3, MMF, AMR, M4A, M4R, WV, MP2]\n            anyOf", "enum: [MP3, OGG, WAV, WMA, APE, FLAC, AAC, AC3, MMF, AMR, M4A, M4R, WV, MP2, MOV]\n            anyOf",
			[]string{"breaking rule audio-no-transcoding: refuses more requests: [\"MP3\",\"OGG\",\"WAV\",\"WMA\",\"APE\",\"FLAC\",\"AAC\",\"AC3\",\"MMF\",\"AMR\",\"M4A\",\"M4R\",\"WV\",\"MP2\"] -> [\"MP3\",\"OGG\",\"WAV\",\"WMA\",\"APE\",\"FLAC\",\"AAC\",\"AC3\",\"MMF\",\"AMR\",\"M4A\",\"M4R\",\"WV\",\"MP2\",\"MOV\"]"}},
		{"a rule that also refuses requests without its field", dumpDocument, "            required: [video_type]\n            properties:\n              video_type:\n                enum: [HLS]", "            properties:\n              video_type:\n                enum: [HLS]",
			[]string{`breaking rule hls-tenant-storage: refuses more requests: required ["video_type"] -> none`}},
		{"a rule with an empty condition", dumpDocument, "                enum: [HLS]\n", "                enum: [HLS]\n              title: {}\n", nil},
	}
	for _, test := range append(tests, small...) {
		t.Run(strings.ReplaceAll(test.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			before := string(test.document)
			if !strings.Contains(before, test.old) {
				t.Fatalf("the document does not have %q", test.old)
			}
			sameLines(t, test.name, described(changes(t, before, strings.Replace(before, test.old, test.new, 1))), test.want)
		})
	}
}

// TestVersionFollows raises info.version, or does not, beside a change.
func TestVersionFollows(t *testing.T) {
	t.Parallel()
	const (
		none       = ""
		compatible = "maxLength: 129"
		breaking   = "maxLength: 127"
	)
	for _, test := range []struct {
		change, before, after, want string
	}{
		{none, "1.2.3", "1.2.3", ""},
		{none, "1.2.3", "1.2.4", ""},
		{none, "1.2.3", "1.2.2", "is 1.2.2, and the earlier document has 1.2.3 already"},
		{compatible, "1.2.3", "1.2.3", "is 1.2.3 after 1.2.3; changes of the contract need 1.3.0: title (maxLength 128 -> 129)"},
		{compatible, "1.2.3", "1.2.9", "is 1.2.9 after 1.2.3; changes of the contract need 1.3.0: title (maxLength 128 -> 129)"},
		{compatible, "1.2.3", "1.10.0", ""},
		{breaking, "1.2.3", "1.3.0", "is 1.3.0 after 1.2.3; changes that break clients need 2.0.0: title (maxLength 128 -> 127)"},
		{breaking, "1.2.3", "2.0.0", ""},
	} {
		t.Run(test.before+"_to_"+test.after+"_"+test.change, func(t *testing.T) {
			t.Parallel()
			document := func(version, change string) string {
				text := string(dumpDocument)
				text = strings.Replace(text, "  version: "+parse(t, "today", text).Version(), "  version: "+version, 1)
				if change != none {
					text = strings.Replace(text, "maxLength: 128", change, 1)
				}
				return text
			}
			got := ""
			for _, f := range spec.Breaking(parse(t, "earlier", document(test.before, none)), parse(t, "later", document(test.after, test.change))) {
				if f.Rule == "info-version" {
					got = f.Message
				}
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestReleases holds that every released document can be compared, and has the version of its file.
func TestReleases(t *testing.T) {
	t.Parallel()
	for _, name := range releases.Names() {
		for _, version := range releases.Versions(name) {
			content, ok := releases.Document(name, version)
			if !ok {
				t.Fatalf("%s has no release %s", name, version)
			}
			if d := parse(t, name, string(content)); d.Version() != version {
				t.Errorf("%s-%s.yaml has info.version %s", name, version, d.Version())
			}
		}
	}
}

// TestFindingFormats holds what people, machines and GitHub read.
func TestFindingFormats(t *testing.T) {
	t.Parallel()
	f := spec.Finding{File: "a,b:c.yaml", Line: 7, Column: 3, Level: spec.LevelBreaking, Rule: "limit", Subject: "title",
		Message: "maxLength 128 -> 64, 50 %\nless", In: []string{"one request", "two request", "three request", "four request", "five request"}}
	if got, want := f.String(), "a,b:c.yaml:7:3: breaking: title: maxLength 128 -> 64, 50 %\nless (limit; one request, two request, three request, 2 more)"; got != want {
		t.Errorf("text is %q, want %q", got, want)
	}
	if got, want := f.Annotation(), "::error file=a%2Cb%3Ac.yaml,line=7,col=3,title=breaking change%3A limit::title: maxLength 128 -> 64, 50 %25%0Aless"; got != want {
		t.Errorf("annotation is %q, want %q", got, want)
	}
	f.Level = spec.LevelCompatible
	if got := f.Annotation(); !strings.HasPrefix(got, "::notice ") {
		t.Errorf("a compatible change is annotated as %q", got)
	}
}
