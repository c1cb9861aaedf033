package spec_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/openapi"
	"github.com/vod-reproduction/vod/openapi/releases"
	"github.com/vod-reproduction/vod/service/spec"
)

// checked are the rules that package contract checks.
func checked() []string {
	var names []string
	for _, rule := range gen.Rules {
		if rule.Enforced != "service" {
			names = append(names, rule.Name)
		}
	}
	for _, rule := range companions.Rules {
		if rule.Enforced != "service" {
			names = append(names, rule.Name)
		}
	}
	return names
}

func TestDocumentsHaveNoMistakes(t *testing.T) {
	t.Parallel()
	for name, document := range map[string][]byte{"reproduction": openapi.Reproduction, "companions": openapi.Companions} {
		for _, f := range spec.LintAll(name, document, checked()) {
			t.Error(f)
		}
	}
}

// dumpDocument and relatedDocument are the documents of the first release, which stay as they are while those of today evolve.
var (
	dumpDocument    = released("reproduction")
	relatedDocument = released("companions")
)

func released(name string) []byte {
	document, ok := releases.Document(name, "1.0.0")
	if !ok {
		panic("no release 1.0.0 of " + name)
	}
	return document
}

// An edit makes one mistake in a document: the first text that is old becomes new.
type edit struct {
	name     string
	document []byte
	old, new string
	// The finding: its check and subject, a part of its message, and a part of the line that it stands in.
	rule, subject, message, line string
}

func (e edit) apply(t *testing.T) string {
	t.Helper()
	if !strings.Contains(string(e.document), e.old) {
		t.Fatalf("the document does not have %q", e.old)
	}
	return strings.Replace(string(e.document), e.old, e.new, 1)
}

func TestMistakesAreFound(t *testing.T) {
	t.Parallel()
	for _, e := range slices.Concat(schemaMistakes, valueMistakes, ruleMistakes, operationMistakes, yamlMistakes) {
		t.Run(strings.ReplaceAll(e.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			edited := e.apply(t)
			findings := spec.LintAll("vod.yaml", []byte(edited), checked())
			lines := strings.Split(edited, "\n")
			found := slices.ContainsFunc(findings, func(f spec.Finding) bool {
				return f.Rule == e.rule && f.Subject == e.subject && strings.Contains(f.Message, e.message) && strings.Contains(lines[f.Line-1], e.line)
			})
			if !found {
				t.Errorf("no finding %q of %q that says %q in a line with %q; there are:", e.rule, e.subject, e.message, e.line)
				for _, f := range findings {
					t.Logf("%s\n\t%s", f, lines[f.Line-1])
				}
			}
		})
	}
}

var schemaMistakes = []edit{
	{"misspelled keyword", dumpDocument, "maxLength: 128", "maxLenght: 128", "unknown-keyword", "DumpRequest.title", "did you mean maxLength?", "maxLenght"},
	{"keyword of JSON Schema 2020", dumpDocument, "minimum: -1", "const: -1", "unknown-keyword", "DumpRequest.category_id", `"const"`, "const"},
	{"unknown type", dumpDocument, "              type: integer\n              format: int32\n              minimum: -1", "              type: interger\n              format: int32\n              minimum: -1", "enum", "DumpRequest.category_id type", "did you mean integer?", "interger"},
	{"list of types", dumpDocument, "type: string\n              minLength: 1\n              maxLength: 128", "type: [string]\n              minLength: 1\n              maxLength: 128", "type", "DumpRequest.title type", "must be a string", "[string]"},
	{"no type", dumpDocument, "              type: string\n              minLength: 1\n              maxLength: 128", "              minLength: 1\n              maxLength: 128", "missing-keyword", "DumpRequest.title", "has no type", "minLength: 1"},
	{"unknown format", dumpDocument, "format: int32\n              minimum: -1", "format: int23\n              minimum: -1", "format", "DumpRequest.category_id", "did you mean int32?", "int23"},
	{"format of another type", dumpDocument, "format: int32\n              minimum: -1", "format: date\n              minimum: -1", "format", "DumpRequest.category_id", "type string and not integer", "format: date"},
	{"keyword of another type", dumpDocument, "minimum: -1", "minLength: 1", "misplaced-keyword", "DumpRequest.category_id", "minLength, which does nothing for type integer", "minLength: 1"},
	{"limits swapped", dumpDocument, "minimum: 1\n              maximum: 10\n", "minimum: 10\n              maximum: 1\n", "contradiction", "Thumbnail.quantity", "minimum 10 and maximum 1", "minimum: 10"},
	{"lengths swapped", relatedDocument, "minLength: 24\n          maxLength: 24", "minLength: 25\n          maxLength: 24", "contradiction", "AssetCipher.dk", "minLength 25 and maxLength 24", "minLength: 25"},
	{"no value between exclusive limits", dumpDocument, "exclusiveMinimum: true\n              maximum: 100", "exclusiveMinimum: true\n              maximum: 0", "contradiction", "Review.interval", "no value keeps", "minimum: 0"},
	{"limit of JSON Schema 2020", dumpDocument, "exclusiveMinimum: true", "exclusiveMinimum: 0", "type", "Review.interval exclusiveMinimum", "must be true or false", "exclusiveMinimum: 0"},
	{"limit as text", dumpDocument, "maxLength: 128", "maxLength: '128'", "type", "DumpRequest.title maxLength", "must be a whole number", "'128'"},
	{"negative length", dumpDocument, "maxLength: 128", "maxLength: -128", "type", "DumpRequest.title maxLength", "must be a whole number", "-128"},
	{"fraction for an integer", dumpDocument, "minimum: 1\n              maximum: 10\n", "minimum: 0.5\n              maximum: 10\n", "contradiction", "Thumbnail.quantity", "a fraction", "0.5"},
	{"limit beyond the format", dumpDocument, "maximum: 2147483647", "maximum: 2147483648", "contradiction", "Thumbnail.quantity_time", "int32 cannot hold", "2147483648"},
	{"broken pattern", dumpDocument, "pattern: ^([^,]{1,24}(,", "pattern: ^([^,]{1,24}((,", "pattern", "DumpRequest.tags", "no regular expression", "pattern:"},
	{"pattern that RE2 lacks", dumpDocument, "pattern: ^[0-9A-Za-z_-]+$", "pattern: ^(?!-)[0-9A-Za-z_-]+$", "pattern", "parameter ProjectID", "no regular expression", "(?!"},
	{"pattern that nobody explains", dumpDocument, "              x-pattern-message: must be at most 16 tags of 1 to 24 characters each, separated by commas\n", "", "missing-keyword", "DumpRequest.tags", "x-pattern-message", "pattern:"},
	{"misspelled mandatory property", dumpDocument, "required: [video_type, title, input]", "required: [video_type, titel, input]", "required", "DumpRequest", "requires titel, which is no property; did you mean title?", "titel"},
	{"mandatory property that is gone", dumpDocument, "required: [asset_id]", "required: [asset_id, state]", "required", "DumpResponse", "requires state", "state"},
	{"property mandatory twice", dumpDocument, "required: [bucket, location, object]", "required: [bucket, location, location, object]", "duplicate-required", "FileAddr", "location twice", "location"},
	{"array without items", dumpDocument, "              items:\n                type: integer\n                format: int32\n                minimum: 0\n", "", "missing-keyword", "Thumbnail.dots", "without items", ""},
	{"value twice in an enum", dumpDocument, "enum: [MP4, TS, MOV,", "enum: [MP4, TS, TS, MOV,", "duplicate-enum", "DumpRequest.video_type", "TS twice", "TS, TS"},
	{"value of another type in an enum", dumpDocument, "enum: [time, dots, quantity]\n            quantity:", "enum: [time, dots, 3]\n            quantity:", "enum", "Thumbnail.type", "has 3 in its enum", "dots, 3"},
	{"number as text in an enum", dumpDocument, "enum: [0, 1]\n              default: 1", "enum: ['0', '1']\n              default: 1", "enum", "DumpRequest.auto_publish", "not of type integer", "'0'"},
	{"empty enum", dumpDocument, "enum: [supported]", "enum: []", "empty", "header VodIdempotency", "empty enum", "enum: []"},
	{"unused schema", dumpDocument, "    DumpResponse:\n", "    Leftover:\n      type: string\n      description: Nobody uses it.\n    DumpResponse:\n", "unused", "Leftover", "schemas", "Leftover"},
	{"unused response", dumpDocument, "        '409':\n          $ref: '#/components/responses/Conflict'\n", "", "unused", "Conflict", "responses", "Conflict"},
	{"reference to nothing", dumpDocument, "$ref: '#/components/schemas/Thumbnail'", "$ref: '#/components/schemas/Thumbnial'", "reference", "DumpRequest.thumbnail", "did you mean Thumbnail?", "Thumbnial"},
	{"reference to another kind", dumpDocument, "$ref: '#/components/schemas/Review'", "$ref: '#/components/parameters/ProjectID'", "reference", "DumpRequest.review", "one of the schemas is due", "ProjectID"},
	{"reference to another file", dumpDocument, "$ref: '#/components/schemas/Review'", "$ref: 'other.yaml#/Review'", "reference", "DumpRequest.review", "other.yaml", "other.yaml"},
	{"keyword beside a reference", dumpDocument, "                - $ref: '#/components/schemas/Review'", "                - $ref: '#/components/schemas/Review'\n                  maxProperties: 3", "reference", "DumpRequest.review", "maxProperties beside $ref", "maxProperties"},
	{"request that takes unknown fields", dumpDocument, "      additionalProperties: false\n      required: [bucket", "      required: [bucket", "request-open", "FileAddr", "additionalProperties: false", ""},
	{"property without description", dumpDocument, "              description: The object to dump.\n              allOf:", "              allOf:", "missing-keyword", "DumpRequest.input", "has no description", "input"},
	{"order twice", dumpDocument, "              minLength: 1\n              maxLength: 128\n              x-page: 'Table 3, title'\n              description: Name of the asset, UTF-8, counted in characters (Unicode code points).\n            description:\n", "              x-order: 2\n            description:\n              x-order: 2\n", "duplicate-order", "DumpRequest.description", "as title has", "x-order: 2"},
	{"readOnly and writeOnly", dumpDocument, "        asset_id:\n          type: string", "        asset_id:\n          readOnly: true\n          writeOnly: true\n          type: string", "contradiction", "DumpResponse.asset_id", "both", "writeOnly"},
	{"keyword without a value", dumpDocument, "maxLength: 128", "maxLength:", "type", "DumpRequest.title maxLength", "has no value", "maxLength:"},
	{"misspelled extension", dumpDocument, "        x-pattern-message", "        x-patern-message", "unknown-keyword", "parameter ProjectID", "did you mean x-pattern-message?", "x-patern-message"},
	{"too few names", dumpDocument, "enum: [0, 1]\n              default: 1", "enum: [0, 1]\n              x-enum-varnames: ['Off']\n              default: 1", "enum-varnames", "DumpRequest.auto_publish", "1 x-enum-varnames for 2 values", "x-enum-varnames"},
	{"names exchanged", dumpDocument, "enum: [time, dots, quantity]\n            quantity:", "enum: [time, dots, quantity]\n              x-enum-varnames: [Dots, Time, Quantity]\n            quantity:", "enum-varnames", "Thumbnail.type", "that of another value", "Dots"},
	{"name twice", dumpDocument, "enum: [0, 1]\n              default: 1", "enum: [0, 1]\n              x-enum-varnames: ['Off', 'Off']\n              default: 1", "enum-varnames", "DumpRequest.auto_publish", "twice", "'Off'"},
	{"name of another value inside", dumpDocument, "ThreeGP, ASF, MKV, HLS, RMVB, WEBM, WebMAlias,", "WebMAlias, ASF, MKV, HLS, RMVB, WEBM, ThreeGP,", "enum-varnames", "DumpRequest.video_type", "gives the value 3GP the name WebMAlias", "WebMAlias"},
	{"names exchanged, in another case", relatedDocument, "enum: [processing, succeed, failed]", "enum: [unavailable, available, failed]\n          x-enum-varnames: [Available, Unavailable, Failed]", "enum-varnames", "PreheatResult.status", "gives the value unavailable the name Available", "Available"},
	{"short names exchanged behind a prefix", relatedDocument, "enum: [processing, succeed, failed]", "enum: [TS, MP4, AC3]\n          x-enum-varnames: [VideoTypeMP4, VideoTypeAC3, VideoTypeTS]", "enum-varnames", "PreheatResult.status", "gives the value AC3 the name VideoTypeTS", "VideoTypeTS"},
	{"names exchanged behind a prefix of the values", relatedDocument, "enum: [processing, succeed, failed]", "enum: [state-on, state-off, state-failed]\n          x-enum-varnames: ['Off', 'On', Failed]", "enum-varnames", "PreheatResult.status", "gives the value state-off the name On", "'On'"},
	{"names of numbers exchanged", dumpDocument, "enum: [0, 1]\n              default: 1", "enum: [0, 1]\n              x-enum-varnames: [Publish_One, Publish_Zero]\n              default: 1", "enum-varnames", "DumpRequest.auto_publish", "gives the value 0 the name Publish_One", "Publish_One"},
	{"name of another value that has a longer one", relatedDocument, "enum: [processing, succeed, failed]", "enum: [copy, copy_failed, failed]\n          x-enum-varnames: [CopyFailed, CopyBroken, Failed]", "enum-varnames", "PreheatResult.status", "gives the value copy the name CopyFailed", "CopyFailed"},
	{"values that differ in case", relatedDocument, "enum: [processing, succeed, failed]", "enum: [processing, succeed, failed, Failed]", "duplicate-enum", "PreheatResult.status", "failed and Failed", "Failed"},
	{"value with a space", dumpDocument, "enum: [supported]", "enum: ['supported ']", "enum", "header VodIdempotency", "nobody sees", "'supported '"},
	{"value with an invisible character", dumpDocument, "enum: [supported]", "enum: [\"supp\\u200borted\"]", "enum", "header VodIdempotency", `supp\u200borted`, "supp"},
	{"pattern for a part of the value", dumpDocument, "pattern: ^[0-9A-Za-z_-]+$", "pattern: ^[0-9A-Za-z_-]+", "pattern", "parameter ProjectID", "matches a part", "pattern:"},
	{"pattern with alternatives outside a group", dumpDocument, "pattern: ^[0-9A-Za-z_-]+$", "pattern: ^[0-9]+|[A-Za-z_-]+$", "pattern", "parameter ProjectID", "around a group", "pattern:"},
	{"pattern with one alternative that is not anchored", dumpDocument, "pattern: ^[0-9A-Za-z_-]+$", "pattern: ^[0-9]+$|^[A-Za-z_-]+", "pattern", "parameter ProjectID", "matches a part", "pattern:"},
	{"pattern for a beginning", dumpDocument, "pattern: ^[0-9A-Za-z_-]+$", "pattern: ^https?://", "pattern", "parameter ProjectID", "as in ^https?://.*$", "pattern:"},
	{"response that cannot grow", dumpDocument, "    DumpResponse:\n      type: object\n", "    DumpResponse:\n      type: object\n      additionalProperties: false\n", "response-closed", "DumpResponse", "no field could be added", "additionalProperties"},
	{"property of a request that is readOnly", dumpDocument, "maxLength: 128", "maxLength: 128\n              readOnly: true", "contradiction", "DumpRequest.title", "only requests", "readOnly"},
	{"property of a response that is writeOnly", dumpDocument, "        asset_id:\n          type: string", "        asset_id:\n          writeOnly: true\n          type: string", "contradiction", "DumpResponse.asset_id", "only responses", "writeOnly"},
	{"schema inside itself", dumpDocument, "    FileAddr:\n      type: object\n", "    FileAddr:\n      allOf: [{$ref: '#/components/schemas/FileAddr'}]\n      type: object\n", "reference", "FileAddr", "contains itself", "FileAddr:"},
	{"mandatory property that holds its schema", relatedDocument, "        cover_url:\n          type: string\n          description: Where the image can be fetched.", "        cover_url:\n          description: Where.\n          allOf:\n            - $ref: '#/components/schemas/CoverInfo'\n      required: [cover_url]", "reference", "CoverInfo", "contains itself", "CoverInfo:"},
	{"mapping to no schema", dumpDocument, "    DumpResponse:\n      type: object\n", "    DumpResponse:\n      type: object\n      discriminator: {propertyName: asset_id, mapping: {a: DumpRespons}}\n", "reference", "DumpResponse", "did you mean DumpResponse?", "mapping"},
	{"name with a letter that looks alike", dumpDocument, "            output_path:\n", "            \u043eutput_path:\n", "property-name", "DumpRequest.\u043eutput_path", "look alike", "utput_path"},
	{"names without values", dumpDocument, "minimum: -1", "x-enum-varnames: [Other]\n              minimum: -1", "enum-varnames", "DumpRequest.category_id", "no enum", "x-enum-varnames"},
}

var valueMistakes = []edit{
	{"default outside its enum", dumpDocument, "enum: [0, 1]\n              default: 1", "enum: [0, 1]\n              default: 2", "default", "DumpRequest.auto_publish", "not in the enum", "default: 2"},
	{"default between multiples", relatedDocument, "default: 10", "default: 10\n            multipleOf: 2.5e1", "default", "showAssetMeta parameter size", "no multiple of 2.5e1", "default: 10"},
	{"default outside its range", relatedDocument, "default: 10", "default: 0", "default", "showAssetMeta parameter size", "below the minimum 1", "default: 0"},
	{"default of another type", relatedDocument, "default: 10", "default: ten", "default", "showAssetMeta parameter size", "not of type integer", "ten"},
	{"default of a mandatory property", dumpDocument, "maxLength: 128", "maxLength: 128\n              default: none", "default", "DumpRequest.title", "never used", "default: none"},
	{"default of a mandatory parameter", dumpDocument, "        maxLength: 64\n        pattern", "        maxLength: 64\n        default: mine\n        pattern", "default", "parameter ProjectID", "never used", "default: mine"},
	{"example that lacks a field", dumpDocument, "                  title: tittle\n", "", "example", "publishAssetFromObs request example hls", "has no title", ""},
	{"example with an unknown field", dumpDocument, "                  title: tittle\n", "                  title: tittle\n                  titel: tittle\n", "example", "publishAssetFromObs request example hls", "unknown field titel; did you mean title?", "titel"},
	{"example outside its enum", dumpDocument, "video_type: HLS\n                  title", "video_type: HLSS\n                  title", "example", "publishAssetFromObs request example hls", "did you mean HLS?", "HLSS"},
	{"example that breaks a rule", dumpDocument, "                  storage_mode: 1\n", "                  storage_mode: 0\n", "example", "publishAssetFromObs request example hls", "breaks the rule hls-tenant-storage", ""},
	{"example of a response with another type", dumpDocument, "asset_id: f488337c31c8e4622f1590735b134c65", "asset_id: 5", "example", "publishAssetFromObs response 200 example accepted", "not of type string", "asset_id: 5"},
	{"example of a response with a slip", relatedDocument, "                          video_type: MP4\n", "                          video_typ: MP4\n", "example", "showAssetMeta response 200 example running", "did you mean video_type?", "video_typ"},
	{"example of a parameter", relatedDocument, "example: '20260116000000'", "example: yesterday", "example", "showAssetMeta parameter start_time", "does not match the pattern", "yesterday"},
}

// dotsOnly is a rule as the document has it.
var dotsOnly = section(dumpDocument, "        - x-rule: thumbnail-dots-only", "        - type: object")

var ruleMistakes = []edit{
	{"rule without message", dumpDocument, "          x-rule-message: storage_mode 1 needs output_bucket.\n", "", "rule", "DumpRequest rule tenant-storage-bucket", "has no x-rule-message", "tenant-storage-bucket"},
	{"rule without field", dumpDocument, "          x-rule-field: output_bucket\n", "", "rule", "DumpRequest rule tenant-storage-bucket", "has no x-rule-field", "tenant-storage-bucket"},
	{"rule that nothing checks", dumpDocument, "x-rule: tenant-storage-bucket", "x-rule: tenant-storage-buckets", "rule-unchecked", "DumpRequest rule tenant-storage-buckets", "did you mean tenant-storage-bucket?", "tenant-storage-buckets"},
	{"rule twice", dumpDocument, "x-rule: tenant-storage-path", "x-rule: tenant-storage-bucket", "duplicate-rule", "DumpRequest rule tenant-storage-bucket", "another rule", "tenant-storage-bucket"},
	{"rule that asks for a field that is not", dumpDocument, "x-rule-field: thumbnail.dots", "x-rule-field: thumbnail.dot", "rule", "Thumbnail rule thumbnail-dots-required", "thumbnail.dot, which no request has", "thumbnail.dot"},
	{"rule that reads a field that is not", dumpDocument, "x-rule-reads: [storage_mode, output_bucket]", "x-rule-reads: [storage_mod, output_bucket]", "rule", "DumpRequest rule tenant-storage-bucket", "did you mean storage_mode?", "storage_mod"},
	{"rule with a misspelled condition", dumpDocument, "              required: [output_bucket]", "              required: [outputbucket]", "required", "DumpRequest rule tenant-storage-bucket", "did you mean output_bucket?", "outputbucket"},
	{"rule that looks for a value that is not", dumpDocument, "                enum: [HLS]", "                enum: [HSL]", "enum", "DumpRequest rule hls-tenant-storage.video_type", "never occurs", "HSL"},
	{"rule that counts the elements of a number", dumpDocument, "                dots:\n                  minItems: 1\n", "                time:\n                  minItems: 1\n", "misplaced-keyword", "Thumbnail rule thumbnail-dots-required.time", "does nothing for type integer", "minItems"},
	{"rule that says nothing", dumpDocument, dotsOnly, strings.Split(dotsOnly, "          not:")[0], "rule", "Thumbnail rule thumbnail-dots-only", "no value breaks it", "thumbnail-dots-only"},
	{"rule enforced by nobody", dumpDocument, "          enforced-by: contract\n", "", "rule", "DumpRequest rule hls-same-directory", "enforced-by", ""},
	{"rule enforced by a misspelled name", dumpDocument, "enforced-by: contract", "enforced-by: contrakt", "enum", "DumpRequest rule hls-same-directory enforced-by", "did you mean contract?", "contrakt"},
	{"rule of the service that the contract should check", dumpDocument, "enforced-by: service", "enforced-by: contract", "rule-unchecked", "DumpRequest rule same-region", "no predicate", "same-region"},
	{"rule of the contract left to the service", dumpDocument, "enforced-by: contract", "enforced-by: service", "rule-unchecked", "DumpRequest rule hls-same-directory", "not by the service", "enforced-by"},
	{"rule that reads nothing", dumpDocument, "x-rule-reads: [storage_mode, output_bucket]", "x-rule-reads: []", "rule", "DumpRequest rule tenant-storage-bucket", "reads nothing", "[]"},
	{"rule that reads more than it lists", dumpDocument, "x-rule-reads: [storage_mode, output_bucket]", "x-rule-reads: [output_bucket]", "rule", "DumpRequest rule tenant-storage-bucket", "looks at storage_mode", "storage_mode:"},
	{"rule that lists what it does not read", dumpDocument, "x-rule-reads: [storage_mode, output_bucket]", "x-rule-reads: [storage_mode, output_bucket, title]", "rule", "DumpRequest rule tenant-storage-bucket", "lists title", "title"},
	{"rule after the properties", dumpDocument, "              description: Directory for the results when storage_mode is 1, without the file name.\n", "              description: Directory.\n        - x-rule: review-scores\n          x-rule-message: Late.\n", "rule", "DumpRequest rule review-scores", "comes after the properties", "review-scores"},
	{"rule without a name", dumpDocument, "        - x-rule: tenant-storage-path\n          x-rule-field", "        - x-rule-field", "rule", "DumpRequest", "no x-rule", "x-rule-field"},
}

var operationMistakes = []edit{
	{"operationId twice", relatedDocument, "operationId: unpublishAssets", "operationId: publishAssets", "duplicate-operation-id", "publishAssets", "two operations", "operationId: publishAssets"},
	{"no operationId", relatedDocument, "      operationId: unpublishAssets\n", "", "missing-keyword", "POST /v1.0/{project_id}/asset/status/unpublish", "has no operationId", ""},
	{"path parameter that is missing", dumpDocument, "    parameters:\n      - $ref: '#/components/parameters/ProjectID'\n    post", "    post", "path-parameter", "/v1.0/{project_id}/asset/reproduction", "no path parameter declares", "/v1.0"},
	{"path parameter of another name", dumpDocument, "      name: project_id", "      name: projectid", "path-parameter", "/v1.0/{project_id}/asset/reproduction", "did you mean projectid?", "/v1.0"},
	{"path parameter that may be absent", dumpDocument, "      in: path\n      required: true", "      in: path", "path-parameter", "parameter ProjectID", "required: true", ""},
	{"parameter in a misspelled place", relatedDocument, "          in: query", "          in: querry", "enum", "showAssetMeta parameter asset_id.in", "did you mean query?", "querry"},
	{"parameter twice", relatedDocument, "        - name: transcodeStatus", "        - name: status", "duplicate-parameter", "status", "twice", "name: status"},
	{"response without description", dumpDocument, "          description: Accepted; the asset exists and its work is queued.\n", "", "missing-keyword", "publishAssetFromObs response 200", "has no description", ""},
	{"response of no status", dumpDocument, "        '413':", "        '4l3':", "status-code", "publishAssetFromObs", "4l3", "4l3"},
	{"misspelled field of a response", dumpDocument, "          description: Accepted; the asset exists and its work is queued.", "          desription: Accepted.", "unknown-keyword", "publishAssetFromObs response 200", "did you mean description?", "desription"},
	{"undefined security scheme", dumpDocument, "        - token: []\n", "        - tokens: []\n", "security", "publishAssetFromObs", "did you mean token?", "tokens"},
	{"security scheme of no type", dumpDocument, "      type: apiKey", "      type: apikey", "security", "securityScheme token", "did you mean apiKey?", "apikey"},
	{"no security", dumpDocument, "      security:\n        - token: []\n        - signature: []\n          signatureDate: []\n", "", "missing-keyword", "publishAssetFromObs", "has no security", ""},
	{"undeclared tag", dumpDocument, "      tags: [media upload]", "      tags: [media uploads]", "undeclared-tag", "publishAssetFromObs", "did you mean media upload?", "media uploads"},
	{"tag twice", dumpDocument, "      tags: [media upload]", "      tags: [media upload, media upload]", "duplicate-tag", "publishAssetFromObs", "twice", "media upload, media upload"},
	{"body that may or may not be mandatory", dumpDocument, "      requestBody:\n        required: true\n", "      requestBody:\n", "missing-keyword", "publishAssetFromObs request", "required: true", ""},
	{"header that OpenAPI ignores", dumpDocument, "            Idempotent-Replayed:", "            content-type:", "parameter", "publishAssetFromObs response 200 header content-type", "is ignored", "content-type"},
	{"header twice in other letter case", relatedDocument, "            X-Request-Id:\n", "            x-request-id:\n              $ref: '#/components/headers/RequestID'\n            X-Request-Id:\n", "duplicate-header", "updateBucketAuthorized response 200 header X-Request-Id", "twice", "X-Request-Id"},
	{"header parameter twice in other letter case", dumpDocument, "        - $ref: '#/components/parameters/IdempotencyKey'\n", "        - $ref: '#/components/parameters/IdempotencyKey'\n        - name: idempotency-key\n          in: header\n          description: Again.\n          schema: {type: string}\n", "duplicate-parameter", "idempotency-key", "twice", "idempotency-key"},
	{"link to nowhere", dumpDocument, "          description: Accepted; the asset exists and its work is queued.\n", "          description: Accepted.\n          links: {again: {operationId: publishAssetFromOBS}}\n", "reference", "publishAssetFromObs response 200 link again", "did you mean publishAssetFromObs?", "links"},
	{"style of another type", relatedDocument, "          in: query\n", "          in: query\n          style: deepObject\n", "misplaced-keyword", "showAssetMeta parameter asset_id", "type object and not array", "deepObject"},
	{"misspelled media type", dumpDocument, "          application/json:\n            schema:\n              $ref: '#/components/schemas/DumpRequest'", "          application/jsn:\n            schema:\n              $ref: '#/components/schemas/DumpRequest'", "media-type", "publishAssetFromObs request", "did you mean application/json?", "application/jsn"},
	{"body without schema", dumpDocument, "              schema:\n                $ref: '#/components/schemas/DumpResponse'\n", "", "missing-keyword", "publishAssetFromObs response 200", "has no schema", ""},
	{"path without slash", dumpDocument, "  /v1.0/{project_id}/asset/reproduction:", "  v1.0/{project_id}/asset/reproduction:", "path", "v1.0/{project_id}/asset/reproduction", "slash", "v1.0"},
	{"unknown style", relatedDocument, "          in: query\n", "          in: query\n          style: from\n", "enum", "showAssetMeta parameter asset_id.style", "did you mean form?", "style: from"},
	{"address with a misspelled scheme", dumpDocument, "url: https://github.com", "url: htps://github.com", "url", "info.contact url", "no address", "htps"},
	{"server without a scheme", dumpDocument, "url: https://{endpoint}", "url: '{endpoint}'", "url", "servers url", "no address", "url:"},
	{"misspelled method", dumpDocument, "    post:\n", "    psot:\n", "unknown-keyword", "/v1.0/{project_id}/asset/reproduction", "did you mean post?", "psot"},
	{"variable that the URL lacks", dumpDocument, "url: https://{endpoint}", "url: https://{endpiont}", "server", "servers", "did you mean endpoint?", "endpiont"},
	{"version that is a number", dumpDocument, "  version: 1.", "  version: 1.1 # 1.", "type", "info.version", "quote it", "1.1"},
	{"another OpenAPI", dumpDocument, "openapi: 3.0.3", "openapi: 3.1.0", "openapi-version", "openapi", "3.0.x", "3.1.0"},
}

var yamlMistakes = []edit{
	{"key twice", dumpDocument, "maxLength: 128", "maxLength: 128\n              maxLength: 256", "duplicate-key", "DumpRequest.title.maxLength", "twice", "256"},
	{"property twice", dumpDocument, "            output_path:\n              type", "            title:\n              type", "duplicate-key", "DumpRequest.title", "twice", "title:"},
	{"boolean of YAML 1.1", dumpDocument, "enum: [time, dots, quantity]\n            quantity:", "enum: [time, dots, off]\n            quantity:", "yaml", "Thumbnail.type.enum", "has off, which is a boolean in YAML 1.1", "off"},
	{"number in base 60", relatedDocument, "example: '20260116000000'", "example: 12:30:00", "yaml", "/v1.0/{project_id}/asset/info.get.parameters.example", "YAML 1.1", "12:30:00"},
	{"number with underscores", dumpDocument, "maxLength: 1024", "maxLength: 1_024", "yaml", "DumpRequest.description.maxLength", "plain digits", "1_024"},
	{"number in base 8", dumpDocument, "maxLength: 128", "maxLength: 0128", "yaml", "DumpRequest.title.maxLength", "plain digits", "0128"},
	{"byte order mark", dumpDocument, "# The contract", "\ufeff# The contract", "yaml", "document", "byte order mark", ""},
	{"tab", dumpDocument, "              maxLength: 128", "\t\tmaxLength: 128", "yaml", "maxLength", "tab", "maxLength: 128"},
	{"broken indentation", dumpDocument, "              maxLength: 128", "            maxLength: 128\n              minLength: 1", "yaml", "minLength", "not YAML", "minLength"},
	{"property that stands too deep", dumpDocument, "            tags:\n              type: string", "            tags:\n                type: string", "yaml", "pattern", "not YAML", "pattern:"},
	{"alias", dumpDocument, "required: [asset_id]", "required: &names [asset_id]", "yaml", "required", "anchor or alias", "&names"},
	{"status as a number", dumpDocument, "        '200':", "        200:", "yaml", "/v1.0/{project_id}/asset/reproduction.post.responses", "quote it", "200"},
	{"JSON without a comma", jsonDocument, "\"title\": \"Pets\",", "\"title\": \"Pets\"", "yaml", "version", "not YAML", "\"version\""},
	{"JSON without a colon", jsonDocument, "\"/pets\":", "\"/pets\"", "yaml", "document", "not YAML", "/pets"},
	{"second document", dumpDocument, "  schemas:\n    DumpRequest:", "---\n  schemas:\n    DumpRequest:", "yaml", "document", "second document", ""},
}

// jsonDocument is indented with tabs, as JSON may be.
var jsonDocument = []byte("{\n\t\"openapi\": \"3.0.3\",\n\t\"info\": {\n\t\t\"title\": \"Pets\",\n\t\t\"version\": \"1.0.0\"\n\t},\n\t\"paths\": {\n\t\t\"/pets\": {}\n\t}\n}\n")

// Text that is no document at all is refused with a line, and in no time.
func TestHostileDocuments(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty":           "",
		"scalar":          "openapi",
		"list":            "- openapi",
		"not UTF-8":       "openapi: \xff",
		"deep":            strings.Repeat("{a: ", 5000) + strings.Repeat("}", 5000),
		"deep lists":      "openapi: " + strings.Repeat("[", 1000) + strings.Repeat("]", 1000),
		"billion laughs":  "a: &a [1, 1]\nb: &b [*a, *a]\nc: [*b, *b]",
		"circle":          "openapi: 3.0.3\npaths: {}\ncomponents: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}}",
		"allOf in itself": "openapi: 3.0.3\npaths: {}\ncomponents: {schemas: {A: {allOf: [{$ref: '#/components/schemas/A'}], example: {}}}}",
		"wrong kinds":     "openapi: []\ninfo: 1\npaths: [1]\nservers: {}\ntags: {a: 1}\nsecurity: [1]\ncomponents: {schemas: [1], responses: {A: 1}}",
		"exponential":     exponential(),
		"null everywhere": "openapi:\ninfo:\npaths: {/: {get: }}\ncomponents: {schemas: {A: }}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := spec.LintAll("vod.yaml", []byte(content), nil)
			if len(findings) == 0 {
				t.Fatal("no mistake is found")
			}
			for _, f := range findings {
				if f.Line < 1 || f.Message == "" || f.Subject == "" || f.File != "vod.yaml" {
					t.Errorf("incomplete finding %+v", f)
				}
			}
			if d, _ := spec.Parse("vod.yaml", []byte(content)); d != nil {
				if changes := spec.Breaking(d, d); name == "exponential" && len(changes) != 1 {
					t.Errorf("compared with itself it has the changes %v", changes)
				}
			}
		})
	}
}

// exponential is a document with 2^40 ways to its last schema.
func exponential() string {
	var b strings.Builder
	b.WriteString("openapi: 3.0.3\npaths: {/a: {get: {responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/S0'}}}}}}}}\ncomponents:\n  schemas:\n")
	for i := range 40 {
		fmt.Fprintf(&b, "    S%d: {type: object, properties: {a: {$ref: '#/components/schemas/S%d'}, b: {$ref: '#/components/schemas/S%d'}}}\n", i, i+1, i+1)
	}
	b.WriteString("    S40: {type: string}\n")
	return b.String()
}

func FuzzLint(f *testing.F) {
	for _, e := range schemaMistakes {
		f.Add([]byte(strings.Replace(string(e.document), e.old, e.new, 1)))
	}
	released, err := os.ReadFile("../../openapi/releases/reproduction-1.0.0.yaml")
	if err != nil {
		f.Fatal(err)
	}
	earlier, _ := spec.Parse("released", released)
	f.Fuzz(func(_ *testing.T, content []byte) {
		spec.LintAll("vod.yaml", content, nil)
		if d, _ := spec.Parse("vod.yaml", content); d != nil {
			spec.Breaking(earlier, d)
			spec.Breaking(d, earlier)
		}
	})
}

// ownerDocument has an Owner that requests hold directly and responses in three other ways, with one property to replace.
const ownerDocument = `openapi: 3.0.3
info: {title: Owners, version: 1.0.0}
tags: [{name: owners}]
paths:
  /owners:
    put:
      {operationId: putOwner, summary: Puts., description: Puts., tags: [owners], security: [], requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Owner'}}}},
      responses: {'200': {description: Put., content: {application/json: {schema: RESPONSE}}}}}
components:
  schemas:
    Label: {type: string, description: What it is called., default: none}
    Owner:
      type: object
      additionalProperties: false
      properties:
        label: {$ref: '#/components/schemas/Label'}
        id: {type: string, description: Which one., readOnly: true}
        PROPERTY
`

// TestRightDocuments lints what is no mistake.
func TestRightDocuments(t *testing.T) {
	t.Parallel()
	const (
		owner = "{$ref: '#/components/schemas/Owner'}"
		size  = "size: {type: string, description: How large."
	)
	for _, test := range []struct{ name, response, property string }{
		{"a default behind a reference", owner, "any: {type: object, description: Named., additionalProperties: false, required: [label], " +
			"properties: {label: {$ref: '#/components/schemas/Label'}}}"},
		{"a readOnly property in a map", "{type: object, additionalProperties: " + owner + "}", ""},
		{"a readOnly property in one of several", "{oneOf: [" + owner + ", {type: string}]}", ""},
		{"a readOnly property in any of several", "{anyOf: [" + owner + ", {type: string}]}", ""},
		{"open alternatives of a closed object", owner, "any: {type: object, description: Either., additionalProperties: false, properties: {a: {type: string, description: A.}}, " +
			"anyOf: [{type: object, properties: {a: {type: string, description: A., enum: [b]}}}]}"},
		{"a name of its own that has another value's", owner, size + ", enum: [available, unavailable], x-enum-varnames: [Available, NotAvailable]}"},
		{"a value with a suffix", owner, size + ", enum: [mp4, mp4-fast], x-enum-varnames: [MP4, FastMP4]}"},
		{"names behind a prefix that is longer than theirs", owner, size + ", enum: [TS, TTF], x-enum-varnames: [TypeTS, TypeTTF]}"},
		{"a name that others begin with", owner, size + ", enum: [copy, copy_failed], x-enum-varnames: [Copy, CopyFailed]}"},
		{"a negative value", owner, "level: {type: integer, format: int32, description: A level., enum: [1, -1], x-enum-varnames: [One, MinusOne]}"},
		{"a value inside a name", owner, size + ", enum: [all, small], x-enum-varnames: [All, Tall]}"},
		{"a property that begins with a digit", owner, "1080p: {type: string, description: A size.}"},
		{"alternatives with anchors", owner, size + ", x-pattern-message: must be right, pattern: '^cat$|^dog$'}"},
		{"an empty alternative", owner, size + ", x-pattern-message: must be right, pattern: '^$|^b$'}"},
		{"anchors in a group", owner, size + ", x-pattern-message: must be right, pattern: '(^a$)'}"},
		{"alternatives with anchors in a group", owner, size + ", x-pattern-message: must be right, pattern: '(?:^a$|^b$)'}"},
		{"a decimal multiple", owner, "step: {type: number, format: double, description: A step., multipleOf: 0.1, default: 0.3}"},
		{"anything behind a beginning", owner, size + ", x-pattern-message: must be right, pattern: '^https?://.*$'}"},
	} {
		t.Run(strings.ReplaceAll(test.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			document := strings.NewReplacer("RESPONSE", test.response, "PROPERTY", test.property).Replace(ownerDocument)
			for _, f := range spec.LintAll("vod.yaml", []byte(document), nil) {
				if f.Rule != "response-closed" { // what requests share with responses is closed
					t.Error(f)
				}
			}
		})
	}
}
