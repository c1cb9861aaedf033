package bench_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"net/http"
	"testing"

	vod "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vod/v1"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vod/v1/model"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

// TestOfficialSDKUploads checks that the vendor's own client creates assets, uploads their files and confirms them.
func TestOfficialSDKUploads(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	s := servicetest.Start(t, servicetest.NewDir(t))
	client := officialClient(t, s.URL)
	content := []byte("any bytes")
	for name, upload := range map[string]func(*model.CreateAssetByFileUploadResponse){
		"at once": func(created *model.CreateAssetByFileUploadResponse) {
			transfer(t, http.MethodPut, *created.VideoUploadUrl, content)
		},
		"in parts": func(created *model.CreateAssetByFileUploadResponse) { sendParts(t, client, created.Target, content) },
	} {
		t.Run(name, func(t *testing.T) {
			created, err := client.CreateAssetByFileUpload(&model.CreateAssetByFileUploadRequest{Body: &model.CreateAssetByFileUploadReq{
				Title: "uploaded " + name, VideoName: "clip.mp4", VideoType: "MP4", Tags: new("a,b"), AutoPreheat: new("0"),
			}})
			if err != nil || created.AssetId == nil || created.VideoUploadUrl == nil || created.Target == nil {
				t.Fatalf("CreateAssetByFileUpload: %v, %v", created, err)
			}
			confirm := func() error {
				_, err := client.ConfirmAssetUpload(&model.ConfirmAssetUploadRequest{Body: &model.ConfirmAssetUploadReq{
					AssetId: *created.AssetId, Status: model.GetConfirmAssetUploadReqStatusEnum().CREATED,
				}})
				return err
			}
			if code := errorCode(confirm()); code != "VOD.10003" {
				t.Errorf("confirmed before it is there: %q", code)
			}
			listed, err := client.ShowAssetMeta(&model.ShowAssetMetaRequest{AssetId: &[]string{*created.AssetId}})
			if err != nil || *(*listed.AssetInfoArray)[0].Status != "CREATING" {
				t.Errorf("ShowAssetMeta before it is there: %v, %v", listed, err)
			}
			upload(created)
			for range 2 {
				if err := confirm(); err != nil {
					t.Fatal("ConfirmAssetUpload:", err)
				}
			}
			info := await(t, client, *created.AssetId)
			response, err := http.Get(*info.BaseInfo.VideoUrl)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			if got, err := io.ReadAll(response.Body); err != nil || !bytes.Equal(got, content) {
				t.Errorf("published is %q, %v", got, err)
			}
		})
	}
}

// transfer sends a request to a presigned address and returns the body of its response.
func transfer(t *testing.T, method, address string, content []byte) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "video/mp4")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode/100 != 2 {
		t.Fatalf("%s: %s %v: %s", method, response.Status, err, body)
	}
	return body
}

// sendParts uploads a file in one part, each of whose requests has its own authority.
func sendParts(t *testing.T, client *vod.VodClient, target *model.FileAddr, content []byte) {
	t.Helper()
	to := func(r model.ShowAssetTempAuthorityRequest) string {
		t.Helper()
		r.Bucket, r.ObjectKey, r.ContentType = target.Bucket, target.Object, new("video/mp4")
		got, err := client.ShowAssetTempAuthority(&r)
		if err != nil || got.SignStr == nil {
			t.Fatalf("ShowAssetTempAuthority: %v, %v", got, err)
		}
		return *got.SignStr
	}
	begin := func() (begun struct {
		UploadID string `xml:"UploadId"`
	}) {
		if err := xml.Unmarshal(transfer(t, http.MethodPost, to(model.ShowAssetTempAuthorityRequest{HttpVerb: "POST"}), nil), &begun); err != nil {
			t.Fatal(err)
		}
		return begun
	}
	abandoned := begin().UploadID
	transfer(t, http.MethodDelete, to(model.ShowAssetTempAuthorityRequest{HttpVerb: "DELETE", UploadId: &abandoned}), nil)
	upload := begin().UploadID
	transfer(t, http.MethodPut, to(model.ShowAssetTempAuthorityRequest{HttpVerb: "PUT", UploadId: &upload, PartNumber: new(int32(1))}), content)
	var parts struct{ Part struct{ ETag string } }
	if err := xml.Unmarshal(transfer(t, http.MethodGet, to(model.ShowAssetTempAuthorityRequest{HttpVerb: "GET", UploadId: &upload}), nil), &parts); err != nil {
		t.Fatal(err)
	}
	transfer(t, http.MethodPost, to(model.ShowAssetTempAuthorityRequest{HttpVerb: "POST", UploadId: &upload}),
		[]byte("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"+parts.Part.ETag+"</ETag></Part></CompleteMultipartUpload>"))
}
