package bench_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
	vod "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vod/v1"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vod/v1/model"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/signer"
)

// BenchmarkCall makes whole dumps over loopback, server included, against a server that responds at once. Ours
// validates the request first and judges the response; allocations are those of both ends.
func BenchmarkCall(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"asset_id":"f488337c31c8e4622f1590735b134c65"}`)
	}))
	defer server.Close()

	b.Run("ours", func(b *testing.B) {
		sign, err := signer.New(keys)
		if err != nil {
			b.Fatal(err)
		}
		c, err := client.New(client.Config{Endpoint: server.URL, ProjectID: servicetest.ProjectID, Auth: sign})
		if err != nil {
			b.Fatal(err)
		}
		defer c.CloseIdleConnections()
		request := &gen.DumpRequest{
			VideoType: gen.VideoTypeMP4, Title: "title",
			Input: gen.FileAddr{Bucket: "bucket", Location: "cn-north-4", Object: "path"},
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Dump(context.Background(), request); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("official", func(b *testing.B) {
		b.Setenv("HOME", b.TempDir()) // the SDK writes an identifier into the home directory
		credentials, err := basic.NewCredentialsBuilder().WithAk(keys.AccessKey).WithSk(keys.SecretKey).
			WithProjectId(servicetest.ProjectID).SafeBuild()
		if err != nil {
			b.Fatal(err)
		}
		built, err := vod.VodClientBuilder().WithEndpoint(server.URL).WithCredential(credentials).
			WithHttpConfig(config.DefaultHttpConfig()).SafeBuild()
		if err != nil {
			b.Fatal(err)
		}
		c := vod.NewVodClient(built)
		request := &model.PublishAssetFromObsRequest{Body: &model.PublishAssetFromObsReq{
			VideoType: model.GetPublishAssetFromObsReqVideoTypeEnum().MP4, Title: "title",
			Input: &model.FileAddr{Bucket: "bucket", Location: "cn-north-4", Object: "path"},
		}}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.PublishAssetFromObs(request); err != nil {
				b.Fatal(err)
			}
		}
	})
}
