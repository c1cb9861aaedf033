// Package page lists what the vendor's API reference states, row by row, with the place of each statement in the OpenAPI
// document and the cases of the corpus that keep and break it. The tests of the documents follow the places, those of
// the contract the cases.
package page

import (
	"slices"
)

// Row is one statement of the vendor's API reference, in our words, and where it went.
type Row struct {
	// Page is the place of the statement, as x-page in the document writes it.
	Page string
	Says string
	// Place is where the document has it: "Schema.field keyword", "rule name", or a JSON pointer that begins with #.
	Place string
	// Accept and Reject are cases of the corpus, or probes of contracttest.Run, that keep and break it.
	Accept, Reject string
	// Why says why Accept or Reject is empty.
	Why string
}

const (
	operation = "#/paths/~1v1.0~1{project_id}~1asset~1reproduction/post"
	smallest  = "request/only what is mandatory"
	noRefusal = "a default or a precedence refuses nothing"
	notAsked  = "it is part of a response"
)

// String names the row in a test's message.
func (r Row) String() string { return r.Page + ": " + r.Says }

// Rows returns all rows, in the order of the API reference.
func Rows() []Row { return slices.Concat(body, objects) }

// body lists what the API reference says, top to bottom. Tables 4 to 6 are in objects.
var body = []Row{
	{"Function", "the caller may use VOD", "#/components/responses/Forbidden", smallest, "http/another project", ""},
	{"Function", "the caller and VOD may read the bucket", "#/components/responses/Forbidden", "source/there", "source/bucket not opened", ""},
	{"Function", "the bucket is opened to VOD first", "#/info/description", "source/there", "source/bucket not opened", ""},
	{"Constraints", "bucket and service are in one region", "rule same-region", "same-region/the server's own", "same-region/another", ""},
	{"Authorization Information", "users need the permission for the call", "#/components/responses/Forbidden", smallest, "http/another project", ""},
	{"URI", "the path", operation, smallest, "http/unknown path", ""},
	{"URI", "the method POST", operation, smallest, "http/GET", ""},
	{"Table 1, project_id", "mandatory", "#/components/parameters/ProjectID/required", smallest, "http/project that climbs", ""},
	{"Table 1, project_id", "text, a project's ID", "#/components/parameters/ProjectID/schema/pattern", smallest, "http/project with a space", ""},
	{"Table 1, project_id", "the caller's own project", "#/components/parameters/ProjectID", smallest, "http/another project", ""},
	{"Table 2, X-Auth-Token", "mandatory with token authentication", "#/components/securitySchemes/token", smallest, "http/no credentials", ""},
	{"Table 2, X-Auth-Token", "IAM's X-Subject-Token", "#/components/securitySchemes/token/description", smallest, "http/wrong token", ""},
	{"Table 2, Authorization", "mandatory with a signature", "#/components/securitySchemes/signature", smallest, "http/wrong signature", ""},
	{"Table 2, X-Sdk-Date", "mandatory with a signature, the time of sending", "#/components/securitySchemes/signatureDate", smallest, "http/wrong signature", ""},

	{"Table 3", "these fields and no others", "DumpRequest additionalProperties", smallest, "fields/unknown", ""},
	{"Table 3, video_type", "mandatory", "DumpRequest.video_type required", "video_type/MP4", "video_type/left out", ""},
	{"Table 3, video_type", "one of the listed formats", "DumpRequest.video_type enum", "video_type/MP4", "video_type/MP5", ""},
	{"Table 3, video_type", "text", "DumpRequest.video_type type", "video_type/MP4", "video_type/1", ""},
	{"Table 3, video_type", "audio is not transcoded", "rule audio-no-transcoding", "audio-no-transcoding/neither", "audio-no-transcoding/WAV with template", ""},
	{"Table 3, video_type", "audio gets no watermark and no subtitles", "DumpRequest.video_type description", "video_type/WAV", "", "the request has no field that asks for them"},
	{"Table 3, video_type, note", "HLS needs the tenant's bucket", "rule hls-tenant-storage", "hls-tenant-storage/1", "hls-tenant-storage/0", ""},
	{"Table 3, video_type, note", "HLS comes out in the directory where it goes in", "rule hls-same-directory", "video_type/HLS", "hls-same-directory/another", ""},
	{"Table 3, title", "mandatory", "DumpRequest.title required", "title/1 character", "title/left out", ""},
	{"Table 3, title", "text", "DumpRequest.title type", "title/1 character", "title/1", ""},
	{"Table 3, title", "UTF-8", "DumpRequest.title description", "text/escapes", "text/a byte that is not UTF-8", ""},
	{"Table 3, title", "limited in characters", "DumpRequest.title maxLength", "title/most 4-byte characters", "title/too many 4-byte characters", ""},
	{"Table 3, description", "optional text", "DumpRequest.description type", smallest, "description/1", ""},
	{"Table 3, description", "limited in characters", "DumpRequest.description maxLength", "description/most 4-byte characters", "description/too many 4-byte characters", ""},
	{"Table 3, category_id", "optional whole number", "DumpRequest.category_id type", smallest, "category_id/0.5", ""},
	{"Table 3, category_id", "a category that was created before", "DumpRequest.category_id description", "category_id/most", "category_id/unknown", ""},
	{"Table 3, category_id", "-1, or nothing, is Other", "DumpRequest.category_id minimum", "category_id/-1", "category_id/too little", ""},
	{"Table 3, tags", "optional text", "DumpRequest.tags type", smallest, "tags/1", ""},
	{"Table 3, tags", "each tag limited in characters", "DumpRequest.tags pattern", "tags/most 4-byte characters", "tags/too many 4-byte characters", ""},
	{"Table 3, tags", "limited in number", "DumpRequest.tags pattern", "tags/most", "tags/too many", ""},
	{"Table 3, tags", "separated by commas", "DumpRequest.tags pattern", "tags/most, all of them long", "tags/empty between", ""},
	{"Table 3, tags", "UTF-8", "DumpRequest.tags pattern", "tags/most 3-byte characters", "text/a tag that is not UTF-8", ""},
	{"Table 3, auto_publish", "optional whole number", "DumpRequest.auto_publish type", smallest, "auto_publish/true", ""},
	{"Table 3, auto_publish", "0 does not publish", "DumpRequest.auto_publish enum", "auto_publish/first value", "auto_publish/below all values", ""},
	{"Table 3, auto_publish", "1 publishes", "DumpRequest.auto_publish enum", "auto_publish/first value", "auto_publish/above all values", ""},
	{"Table 3, auto_publish", "a default", "DumpRequest.auto_publish default", smallest, "", noRefusal},
	{"Table 3, template_group_name", "optional text", "DumpRequest.template_group_name type", smallest, "template_group_name/1", ""},
	{"Table 3, template_group_name", "names the template that transcodes", "DumpRequest.template_group_name minLength", "template_group_name/one", "template_group_name/empty", ""},
	{"Table 3, template_group_name", "it takes precedence over workflow_name", "DumpRequest.template_group_name description", "workflow/unknown beside a template group", "template-group/unknown beside a workflow", ""},
	{"Table 3, auto_encrypt", "optional whole number", "DumpRequest.auto_encrypt type", smallest, "auto_encrypt/true", ""},
	{"Table 3, auto_encrypt", "0 does not encrypt", "DumpRequest.auto_encrypt enum", "auto_encrypt/first value", "auto_encrypt/below all values", ""},
	{"Table 3, auto_encrypt", "1 encrypts", "DumpRequest.auto_encrypt enum", "auto_encrypt/first value", "auto_encrypt/above all values", ""},
	{"Table 3, auto_encrypt", "a default", "DumpRequest.auto_encrypt default", smallest, "", noRefusal},
	{"Table 3, auto_encrypt", "encryption needs transcoding", "rule encrypt-needs-transcoding", "encrypt-needs-transcoding/template", "encrypt-needs-transcoding/neither", ""},
	{"Table 3, auto_encrypt", "encryption needs HLS as the output", "rule encrypt-output-hls", "encrypt-output-hls/template with HLS", "encrypt-output-hls/template without HLS", ""},
	{"Table 3, auto_preheat", "optional whole number", "DumpRequest.auto_preheat type", smallest, "auto_preheat/true", ""},
	{"Table 3, auto_preheat", "0 does not preheat", "DumpRequest.auto_preheat enum", "auto_preheat/first value", "auto_preheat/below all values", ""},
	{"Table 3, auto_preheat", "1 preheats", "DumpRequest.auto_preheat enum", "auto_preheat/first value", "auto_preheat/above all values", ""},
	{"Table 3, auto_preheat", "a default", "DumpRequest.auto_preheat default", smallest, "", noRefusal},
	{"Table 3, thumbnail", "optional object of Table 4", "DumpRequest.thumbnail allOf", "thumbnail.type/time", "thumbnail/[]", ""},
	{"Table 3, thumbnail", "snapshots are billed", "DumpRequest.thumbnail description", smallest, "", "a bill refuses nothing"},
	{"Table 3, review", "optional object of Table 5", "DumpRequest.review allOf", "review/only what is mandatory", "review/[]", ""},
	{"Table 3, review", "only in AP-Singapore", "rule review-region", "review-region/in the region", "review-region/elsewhere", ""},
	{"Table 3, workflow_name", "optional text", "DumpRequest.workflow_name type", smallest, "workflow_name/1", ""},
	{"Table 3, workflow_name", "names the workflow that transcodes", "DumpRequest.workflow_name minLength", "workflow_name/one", "workflow_name/empty", ""},
	{"Table 3, input", "mandatory", "DumpRequest.input required", smallest, "input/left out", ""},
	{"Table 3, input", "object of Table 6", "DumpRequest.input allOf", smallest, "input/[]", ""},
	{"Table 3, storage_mode", "optional whole number", "DumpRequest.storage_mode type", smallest, "storage_mode/true", ""},
	{"Table 3, storage_mode", "0 copies to VOD's bucket", "DumpRequest.storage_mode enum", "storage_mode/first value", "storage_mode/below all values", ""},
	{"Table 3, storage_mode", "1 stays in the tenant's bucket", "DumpRequest.storage_mode enum", "storage_mode/first value", "storage_mode/above all values", ""},
	{"Table 3, storage_mode", "a default", "DumpRequest.storage_mode default", smallest, "", noRefusal},
	{"Table 3, output_bucket", "text", "DumpRequest.output_bucket type", "tenant-storage-bucket/there", "output_bucket/1", ""},
	{"Table 3, output_bucket", "mandatory with storage_mode 1", "rule tenant-storage-bucket", "tenant-storage-bucket/there", "tenant-storage-bucket/left out", ""},
	{"Table 3, output_path", "text", "DumpRequest.output_path type", "tenant-storage-path/the root", "output_path/1", ""},
	{"Table 3, output_path", "mandatory with storage_mode 1", "rule tenant-storage-path", "tenant-storage-path/the root", "tenant-storage-path/left out", ""},

	{"Table 7", "the response to an accepted request", "#/components/schemas/DumpResponse", smallest, "", notAsked},
	{"Table 7, asset_id", "text, the asset's ID, given once and for all", "DumpResponse.asset_id type", smallest, "", notAsked},
	{"Table 8", "the response to a refused request", "#/components/schemas/Error", "", "source/no such object", notAsked},
	{"Table 8, error_code", "text, the code", "Error.error_code type", "", "source/no such object", notAsked},
	{"Table 8, error_msg", "text, what it means", "Error.error_msg type", "", "source/no such object", notAsked},
	{"Example Requests, first", "HLS that stays where it is", operation + "/requestBody/content/application~1json/examples/hls", "video_type/HLS", "hls-tenant-storage/left out", ""},
	{"Example Requests, first", "playlist and segments share a directory", operation + "/requestBody/content/application~1json/examples/hls", "video_type/HLS", "hls-same-directory/below", ""},
	{"URI", "the body is called JSON", operation + "/requestBody/content/application~1json", "http/JSON with a charset", "http/no content type", ""},
	{"Example Requests, second", "one file with a template", operation + "/requestBody/content/application~1json/examples/file", "template_group_name/one", "template_group_name/empty", ""},
	{"Example Responses, 200", "an asset_id", operation + "/responses/200/content/application~1json/examples/accepted", smallest, "", notAsked},
	{"Example Responses, 400", "no such key", operation + "/responses/400/content/application~1json/examples/missingObject", "", "source/no such object", notAsked},
	{"Status Codes, 200", "the request succeeded", operation + "/responses/200", smallest, "", notAsked},
	{"Status Codes, 400", "the request failed", operation + "/responses/400", "", "source/no such object", notAsked},
	{"Error Codes", "the codes are listed elsewhere", "Error.error_code description", "", "source/bucket not opened", notAsked},
}
