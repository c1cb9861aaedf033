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
