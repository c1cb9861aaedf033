package bench_test

import (
	"encoding/json"
	"testing"

	jsoniter "github.com/json-iterator/go"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vod/v1/model"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// BenchmarkDecode decodes one request. Ours is strict and holds it against every rule of the contract; the others only
// decode.
func BenchmarkDecode(b *testing.B) {
	content := []byte(body)
	b.Run("ours-strict-and-validated", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, violations := contract.Parse(content); violations != nil {
				b.Fatal(violations)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var r gen.DumpRequest
			if err := json.Unmarshal(content, &r); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("official-json-iterator", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var r model.PublishAssetFromObsReq
			if err := jsoniter.Unmarshal(content, &r); err != nil {
				b.Fatal(err)
			}
		}
	})
}
