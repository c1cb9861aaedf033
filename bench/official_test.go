package bench_test

import (
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/region"
	vod "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vod/v1"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vod/v1/model"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

// TestOfficialSDK checks that the vendor's own client, unchanged, dumps into our service and reads the asset back.
func TestOfficialSDK(t *testing.T) {
	t.Setenv("HOME", t.TempDir()) // the SDK writes an identifier into the home directory
	s := servicetest.Start(t, servicetest.NewDir(t))
	s.Put(t, servicetest.Bucket, "dir/clip.mp4", []byte("any bytes"))

	client := officialClient(t, s.URL)
	id := dumped(t, client, "dir/clip.mp4")
	if info := await(t, client, id); info.BaseInfo == nil || *info.BaseInfo.Title != "from the official SDK" {
		t.Errorf("ShowAssetMeta: %v", info)
	}

	details, err := client.ShowAssetDetail(&model.ShowAssetDetailRequest{AssetId: id})
	if err != nil {
		t.Fatal("ShowAssetDetail:", err)
	}
	if details.BaseInfo == nil || details.BaseInfo.VideoUrl == nil || *details.BaseInfo.VideoUrl == "" {
		t.Errorf("ShowAssetDetail: %v", details)
	}

	_, err = client.PublishAssetFromObs(&model.PublishAssetFromObsRequest{Body: &model.PublishAssetFromObsReq{
		VideoType: model.GetPublishAssetFromObsReqVideoTypeEnum().MP4,
		Title:     "missing",
		Input:     &model.FileAddr{Bucket: servicetest.Bucket, Location: servicetest.Region, Object: "missing.mp4"},
	}})
	if code := errorCode(err); code != "VOD.10003" {
		t.Errorf("a missing object gives %q (%v), want VOD.10003", code, err)
	}
}

// TestOfficialSDKManages checks that the vendor's own client lists, files, unpublishes and deletes assets of our service.
func TestOfficialSDKManages(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	s := servicetest.Start(t, servicetest.NewDir(t))
	s.Put(t, servicetest.Bucket, "clip.mp4", []byte("any bytes"))
	client := officialClient(t, s.URL)
	id := dumped(t, client, "clip.mp4")
	await(t, client, id)

	listed, err := client.ListAssetList(&model.ListAssetListRequest{})
	if err != nil || listed.Total == nil || *listed.Total != 1 || listed.Assets == nil || (*listed.Assets)[0].AssetId != id {
		t.Fatalf("ListAssetList: %v, %v", listed, err)
	}
	category, err := client.CreateAssetCategory(&model.CreateAssetCategoryRequest{Body: &model.CreateCategoryReq{Name: "Films"}})
	if err != nil || category.Id == nil {
		t.Fatalf("CreateAssetCategory: %v, %v", category, err)
	}
	_, err = client.UpdateAssetMeta(&model.UpdateAssetMetaRequest{Body: &model.UpdateAssetMetaReq{AssetId: id, CategoryId: category.Id}})
	if err != nil {
		t.Error("UpdateAssetMeta:", err)
	}
	_, err = client.UpdateAssetCategory(&model.UpdateAssetCategoryRequest{Body: &model.UpdateCategoryReq{Id: *category.Id, Name: "Movies"}})
	if err != nil {
		t.Error("UpdateAssetCategory:", err)
	}
	if trees, err := client.ListAssetCategory(&model.ListAssetCategoryRequest{Id: 0}); err != nil {
		t.Errorf("ListAssetCategory: %v, %v", trees, err)
	}
	if _, err := client.DeleteAssetCategory(&model.DeleteAssetCategoryRequest{Id: *category.Id}); err != nil {
		t.Error("DeleteAssetCategory:", err)
	}
	unpublished, err := client.UnpublishAssets(&model.UnpublishAssetsRequest{Body: &model.PublishAssetReq{AssetId: []string{id}}})
	if err != nil || unpublished.AssetInfoArray == nil || *(*unpublished.AssetInfoArray)[0].Status != "CREATED" {
		t.Errorf("UnpublishAssets: %v, %v", unpublished, err)
	}
	published, err := client.PublishAssets(&model.PublishAssetsRequest{Body: &model.PublishAssetReq{AssetId: []string{id}}})
	if err != nil || published.AssetInfoArray == nil || *(*published.AssetInfoArray)[0].Status != "PUBLISHED" {
		t.Errorf("PublishAssets: %v, %v", published, err)
	}
	groups, err := client.ListTemplateGroup(&model.ListTemplateGroupRequest{GroupId: new(servicetest.HLSGroup)})
	if err != nil || groups.TemplateGroupList == nil || len(*groups.TemplateGroupList) != 1 {
		t.Fatalf("ListTemplateGroup: %v, %v", groups, err)
	}
	outputs := *(*groups.TemplateGroupList)[0].QualityInfoList
	if len(outputs) == 0 || outputs[0].Format != model.GetQualityInfoFormatEnum().HLS || outputs[0].Video == nil {
		t.Errorf("ListTemplateGroup: %v", groups)
	}
	deleted, err := client.DeleteAssets(&model.DeleteAssetsRequest{AssetId: []string{id}})
	if err != nil || deleted.DeleteResultArray == nil || len(*deleted.DeleteResultArray) != 1 || *(*deleted.DeleteResultArray)[0].Status != model.GetDeleteResultStatusEnum().DELETED {
		t.Errorf("DeleteAssets: %v, %v", deleted, err)
	}
	if listed, err := client.ListAssetList(&model.ListAssetListRequest{}); err != nil || *listed.Total != 0 {
		t.Errorf("ListAssetList after that: %v, %v", listed, err)
	}
}

// TestOfficialSDKWithoutProject checks that the vendor's client finds the ID of its project by the name of its region.
func TestOfficialSDKWithoutProject(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	s := servicetest.Start(t, servicetest.NewDir(t))
	credentials, err := basic.NewCredentialsBuilder().WithAk(servicetest.AccessKey).WithSk(servicetest.SecretKey).
		WithIamEndpointOverride(s.URL).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	http, err := vod.VodClientBuilder().WithRegion(region.NewRegion(servicetest.Region, s.URL)).WithCredential(credentials).
		WithHttpConfig(config.DefaultHttpConfig()).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vod.NewVodClient(http).ShowAssetMeta(&model.ShowAssetMetaRequest{}); err != nil {
		t.Error("ShowAssetMeta:", err)
	}
}

// officialClient is the vendor's client for a service.
func officialClient(t testing.TB, url string) *vod.VodClient {
	t.Helper()
	credentials, err := basic.NewCredentialsBuilder().WithAk(servicetest.AccessKey).WithSk(servicetest.SecretKey).
		WithProjectId(servicetest.ProjectID).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	http, err := vod.VodClientBuilder().WithEndpoint(url).WithCredential(credentials).
		WithHttpConfig(config.DefaultHttpConfig()).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	return vod.NewVodClient(http)
}

// dumped dumps an object and returns the asset's ID.
func dumped(t *testing.T, client *vod.VodClient, object string) string {
	t.Helper()
	got, err := client.PublishAssetFromObs(&model.PublishAssetFromObsRequest{Body: &model.PublishAssetFromObsReq{
		VideoType: model.GetPublishAssetFromObsReqVideoTypeEnum().MP4,
		Title:     "from the official SDK",
		Input:     &model.FileAddr{Bucket: servicetest.Bucket, Location: servicetest.Region, Object: object},
	}})
	if err != nil || got.AssetId == nil {
		t.Fatalf("PublishAssetFromObs: %v, %v", got, err)
	}
	return *got.AssetId
}

// await asks until an asset is published.
func await(t *testing.T, client *vod.VodClient, id string) model.AssetInfo {
	t.Helper()
	for {
		listed, err := client.ShowAssetMeta(&model.ShowAssetMetaRequest{AssetId: &[]string{id}})
		if err != nil {
			t.Fatal("ShowAssetMeta:", err)
		}
		if listed.AssetInfoArray == nil || len(*listed.AssetInfoArray) != 1 {
			t.Fatalf("ShowAssetMeta: %v", listed)
		}
		switch info := (*listed.AssetInfoArray)[0]; *info.Status {
		case "OBS_CREATING":
		case "PUBLISHED":
			return info
		default:
			t.Fatalf("the asset is %s: %v", *info.Status, info)
		}
	}
}
