package bench_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	official "github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/signer"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/request"

	"github.com/vod-reproduction/vod/internal/sidebyside"
	"github.com/vod-reproduction/vod/signer"
)

const (
	endpoint = "https://vod.cn-north-4.myhuaweicloud.com"
	path     = "/v1.0/0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7/asset/reproduction"
	date     = "20260116T080000Z"
	body     = `{"input":{"bucket":"bucket","location":"cn-north-4","object":"path"},"title":"title","description":"des",` +
		`"category_id":-1,"tags":"test","video_type":"MP4","auto_publish":1,"template_group_name":"tempName"}` + "\n"
)

var (
	at, _ = time.Parse("20060102T150405Z", date)
	keys  = signer.Credentials{AccessKey: "AKEXAMPLE0000000001", SecretKey: "SKexample0000000000000000000000000000001"}
)

func officialRequest() *request.DefaultHttpRequest {
	r := request.NewHttpRequestBuilder().WithEndpoint(endpoint).WithPath(path).WithMethod("POST").
		AddHeaderParam("X-Sdk-Date", date).AddHeaderParam("X-Project-Id", "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7").
		AddHeaderParam("host", "vod.cn-north-4.myhuaweicloud.com").WithBody("", body).Build()
	return r
}

func ourRequest(tb testing.TB) *http.Request {
	r, err := http.NewRequest(http.MethodPost, endpoint+path, strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("X-Project-Id", "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7")
	return r
}

// TestSameSignature signs one request with both signers.
func TestSameSignature(t *testing.T) {
	r := ourRequest(t)
	if err := signer.Sign(r, []byte(body), keys, at); err != nil {
		t.Fatal(err)
	}
	theirs, err := official.Sign(officialRequest(), keys.AccessKey, keys.SecretKey)
	if err != nil {
		t.Fatal(err)
	}
	if ours := r.Header.Get("Authorization"); ours != theirs["Authorization"] {
		t.Errorf("the signatures differ:\nours   %s\ntheirs %s", ours, theirs["Authorization"])
	}
}

func BenchmarkBesideSigning(b *testing.B) {
	s, err := signer.New(keys)
	if err != nil {
		b.Fatal(err)
	}
	r, content, theirs := ourRequest(b), []byte(body), officialRequest()
	b.Run("sign an *http.Request", func(b *testing.B) {
		sidebyside.Compare(b, sidebyside.Each(func() {
			if err := s.Sign(r, content, at); err != nil {
				b.Fatal(err)
			}
		}), sidebyside.Each(func() {
			if _, err := official.Sign(theirs, keys.AccessKey, keys.SecretKey); err != nil {
				b.Fatal(err)
			}
		}))
	})
}
