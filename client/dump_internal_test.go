package client

import (
	"bytes"
	"io"
	"net/http"
	"reflect"
	"testing"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/signer"
)

// The request of a dump that has no options is the one that the generated function builds.
func TestDumpRequestIsTheGenerated(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"https://vod.cn-north-4.myhuaweicloud.com", "http://127.0.0.1:8080/gateway/vod%20api/", "[::1]:1"} {
		c, err := New(Config{Endpoint: endpoint, ProjectID: "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7", Auth: signer.StaticToken("t")})
		if err != nil {
			t.Fatal(err)
		}
		key, body := "a key", []byte(`{"title":"title"}`)
		ours, err := (&dump{client: c, dumpOptions: dumpOptions{key: key}, body: body}).request()
		if err != nil {
			t.Fatal(err)
		}
		ours.Header.Del("Accept-Encoding") // only ours asks for no compression
		want, err := gen.NewPublishAssetFromObsRequestWithBody(c.base, c.projectID,
			&gen.PublishAssetFromObsParams{IdempotencyKey: &key}, mediaType, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []*http.Request{ours, want} {
			again, err := r.GetBody()
			if err != nil {
				t.Fatal(err)
			}
			for _, reader := range []io.Reader{r.Body, again} {
				if got, err := io.ReadAll(reader); err != nil || !bytes.Equal(got, body) {
					t.Errorf("body %q, %v", got, err)
				}
			}
			r.Body, r.GetBody = nil, nil
		}
		if ours = ours.WithContext(want.Context()); !reflect.DeepEqual(ours, want) {
			t.Errorf("%s: built %+v\ngenerated %+v", endpoint, ours, want)
		}
	}
}
