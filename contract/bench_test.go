package contract_test

import (
	"encoding/json"
	"testing"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

var pageExample = []byte(`{"video_type":"HLS","title":"tittle","auto_publish":1,"input":{"bucket":"bucket_name",` +
	`"location":"cn-north-4","object":"test/hls/test_video.m3u8"},"storage_mode":1,"output_bucket":"bucket_name","output_path":"test/hls"}`)

// BenchmarkParse is decoding and validating in one, against encoding/json decoding alone.
func BenchmarkParse(b *testing.B) {
	b.Run("contract", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, violations := contract.Parse(pageExample); violations != nil {
				b.Fatal(violations)
			}
		}
	})
	b.Run("encoding-json-decode-only", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var r gen.DumpRequest
			if err := json.Unmarshal(pageExample, &r); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkValidate(b *testing.B) {
	request, _ := contract.Decode(pageExample)
	b.ReportAllocs()
	for b.Loop() {
		if violations := contract.Validate(request); violations != nil {
			b.Fatal(violations)
		}
	}
}
