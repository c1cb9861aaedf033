package bench_test

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/def"
	vod "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vod/v1"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vod/v1/model"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
)

// operations are those of the documents with their types and those of the vendor's SDK.
var operations = map[string]struct {
	sdk                    *def.HttpRequestDef
	request                any // of the SDK
	params, body, response any // ours; nil where there is none
}{
	"PublishAssetFromObs":     {vod.GenReqDefForPublishAssetFromObs(), model.PublishAssetFromObsRequest{}, nil, gen.DumpRequest{}, gen.DumpResponse{}},
	"UpdateBucketAuthorized":  {vod.GenReqDefForUpdateBucketAuthorized(), model.UpdateBucketAuthorizedRequest{}, nil, companions.BucketAuthority{}, nil},
	"DeleteAssets":            {vod.GenReqDefForDeleteAssets(), model.DeleteAssetsRequest{}, companions.DeleteAssetsParams{}, nil, companions.DeleteResults{}},
	"ShowAssetMeta":           {vod.GenReqDefForShowAssetMeta(), model.ShowAssetMetaRequest{}, companions.ShowAssetMetaParams{}, nil, companions.AssetInfoPage{}},
	"UpdateAssetMeta":         {vod.GenReqDefForUpdateAssetMeta(), model.UpdateAssetMetaRequest{}, nil, companions.AssetChanges{}, nil},
	"ListAssetList":           {vod.GenReqDefForListAssetList(), model.ListAssetListRequest{}, companions.ListAssetListParams{}, nil, companions.AssetSummaries{}},
	"ShowAssetDetail":         {vod.GenReqDefForShowAssetDetail(), model.ShowAssetDetailRequest{}, companions.ShowAssetDetailParams{}, nil, companions.AssetDetails{}},
	"CreateAssetCategory":     {vod.GenReqDefForCreateAssetCategory(), model.CreateAssetCategoryRequest{}, nil, companions.CategoryRequest{}, companions.Category{}},
	"ListAssetCategory":       {vod.GenReqDefForListAssetCategory(), model.ListAssetCategoryRequest{}, companions.ListAssetCategoryParams{}, nil, []companions.CategoryTree{}},
	"UpdateAssetCategory":     {vod.GenReqDefForUpdateAssetCategory(), model.UpdateAssetCategoryRequest{}, nil, companions.CategoryChange{}, companions.Category{}},
	"DeleteAssetCategory":     {vod.GenReqDefForDeleteAssetCategory(), model.DeleteAssetCategoryRequest{}, companions.DeleteAssetCategoryParams{}, nil, nil},
	"PublishAssets":           {vod.GenReqDefForPublishAssets(), model.PublishAssetsRequest{}, nil, companions.AssetIDs{}, companions.AssetInfoList{}},
	"UnpublishAssets":         {vod.GenReqDefForUnpublishAssets(), model.UnpublishAssetsRequest{}, nil, companions.AssetIDs{}, companions.AssetInfoList{}},
	"CreateAssetByFileUpload": {vod.GenReqDefForCreateAssetByFileUpload(), model.CreateAssetByFileUploadRequest{}, nil, companions.FileUpload{}, companions.FileUploadTarget{}},
	"ConfirmAssetUpload":      {vod.GenReqDefForConfirmAssetUpload(), model.ConfirmAssetUploadRequest{}, nil, companions.UploadConfirmation{}, companions.ConfirmedUpload{}},
	"ShowAssetTempAuthority":  {vod.GenReqDefForShowAssetTempAuthority(), model.ShowAssetTempAuthorityRequest{}, companions.ShowAssetTempAuthorityParams{}, nil, companions.UploadAuthority{}},
	"ListTemplateGroup":       {vod.GenReqDefForListTemplateGroup(), model.ListTemplateGroupRequest{}, companions.ListTemplateGroupParams{}, nil, companions.TemplateGroups{}},
	"ShowAssetCipher":         {vod.GenReqDefForShowAssetCipher(), model.ShowAssetCipherRequest{}, companions.ShowAssetCipherParams{}, nil, companions.AssetCipher{}},
	"CreatePreheatingAsset":   {vod.GenReqDefForCreatePreheatingAsset(), model.CreatePreheatingAssetRequest{}, nil, companions.PreheatRequest{}, companions.PreheatTask{}},
	"ShowPreheatingAsset":     {vod.GenReqDefForShowPreheatingAsset(), model.ShowPreheatingAssetRequest{}, companions.ShowPreheatingAssetParams{}, nil, companions.PreheatResults{}},
}

// differences are the parts of the documents that differ from the SDK, each with the reason.
var differences = map[string]string{
	" response.asset_info_array[].base_info.processing[]":           "an addition of the documents",
	" response.base_info.processing[]":                              "an addition of the documents",
	"ShowPreheatingAsset response.preheating_results[].error":       "an addition of the documents",
	"ShowAssetCipher response.asset_id":                             "the service returns the plain key of the asset that was asked for",
	"ListTemplateGroup response.error_":                             "refusals have a status and a body of their own",
	"ListTemplateGroup response.template_group_list[].common.pvc_v": "the service has no encoder of this kind",
	"ListTemplateGroup response.template_group_list[].descr":        "the configuration has none",
	"ListTemplateGroup response.template_group_list[].waterm":       "the service has no watermarks",
	"ShowAssetCipher response.edk":                                  "the service encrypts no keys",
}

// TestShapesAreTheSDKs holds the fields of requests and responses against those of the vendor's SDK: their names and types,
// and methods and paths against the table of docs/sdks.md, which another test holds against the documents.
func TestShapesAreTheSDKs(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("../docs/sdks.md")
	if err != nil {
		t.Fatal(err)
	}
	if served := strings.Count(string(table), "| yes |\n"); served != len(operations) {
		t.Errorf("docs/sdks.md has %d rows with yes; the test knows %d operations", served, len(operations))
	}
	unused := maps.Clone(differences)
	for name, o := range operations {
		if row := fmt.Sprintf("| `%s` | `%s %s` | yes |", name, o.sdk.Method, o.sdk.Path); !strings.Contains(string(table), row) {
			t.Errorf("docs/sdks.md has no row %s", row)
		}
		theirs, ours := map[string]string{}, map[string]string{}
		shape(theirs, "request", reflect.TypeOf(o.request))
		shape(theirs, "response", reflect.TypeOf(o.sdk.Response))
		shape(ours, "request", reflect.TypeOf(o.params))
		shape(ours, "request.body", reflect.TypeOf(o.body))
		if response := reflect.TypeOf(o.response); response != nil && response.Kind() == reflect.Slice { // which the SDK wraps
			shape(ours, "response.body", response)
		} else {
			shape(ours, "response", response)
		}
		for _, path := range slices.Sorted(maps.Keys(merged(theirs, ours))) {
			if theirs[path] == ours[path] {
				continue
			}
			known := false
			for part := range differences {
				if strings.Contains(name+" "+path, part) {
					known = true
					delete(unused, part)
				}
			}
			if !known {
				t.Errorf("%s %s: the SDK has %q, the document %q", name, path, theirs[path], ours[path])
			}
		}
	}
	for at := range unused {
		t.Errorf("%s does not differ any more", at)
	}
}

func merged(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// shape notes the type of every field at and below a type, by path. Above are the types around it, so that one that holds
// itself ends.
func shape(fields map[string]string, path string, of reflect.Type, above ...reflect.Type) {
	for of != nil && of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch {
	case of == nil, slices.Contains(above, of):
	case of == reflect.TypeFor[[]byte](): // base64
		fields[path] = "string"
	case of.Kind() == reflect.Slice:
		shape(fields, path+"[]", of.Elem(), above...)
	case of.Kind() == reflect.Struct && !isEnum(of):
		for field := range of.Fields() {
			tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if field.IsExported() && tag != "" && tag != "-" {
				shape(fields, path+"."+tag, field.Type, append(above, of)...)
			}
		}
	default:
		if isEnum(of) {
			of = of.Field(0).Type
		}
		fields[path] = map[reflect.Kind]string{reflect.String: "string", reflect.Bool: "boolean", reflect.Int32: "integer", reflect.Int64: "integer"}[of.Kind()]
	}
}

// isEnum reports whether a type is one of the SDK's for enumerations: a struct with its value.
func isEnum(of reflect.Type) bool {
	return of.Kind() == reflect.Struct && of.NumField() == 1 && of.Field(0).Name == "value"
}
