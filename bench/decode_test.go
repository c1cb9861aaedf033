package bench_test

import (
	"encoding/json"
	"testing"

	jsoniter "github.com/json-iterator/go"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vod/v1/model"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/internal/sidebyside"
)

// BenchmarkBesideDecoding decodes one request. Ours is strict and holds it against every rule of the contract; the others
// only decode.
func BenchmarkBesideDecoding(b *testing.B) {
	content := []byte(body)
	ours := sidebyside.Each(func() {
		if _, violations := contract.Parse(content); violations != nil {
			b.Fatal(violations)
		}
	})
	b.Run("decode and validate, beside the official SDK's decoding (json-iterator)", func(b *testing.B) {
		sidebyside.Compare(b, ours, sidebyside.Each(func() {
			var r model.PublishAssetFromObsReq
			if err := jsoniter.Unmarshal(content, &r); err != nil {
				b.Fatal(err)
			}
		}))
	})
	b.Run("the same, beside decoding with encoding/json", func(b *testing.B) {
		sidebyside.Compare(b, ours, sidebyside.Each(func() {
			var r gen.DumpRequest
			if err := json.Unmarshal(content, &r); err != nil {
				b.Fatal(err)
			}
		}))
	})
}
