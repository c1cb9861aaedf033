package contract_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// TestParseReportsEverything has bodies with several faults at once.
func TestParseReportsEverything(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       []string // "field rule"
	}{
		{"empty object", `{}`, []string{"video_type required", "title required", "input required"}},
		{"every kind of fault", `{"video_type":"EXE","title":"","category_id":-2,"tags":",","auto_publish":1.0,"color":1,
			"input":{"bucket":null,"location":"cn-north-4"},"storage_mode":1,"storage_mode":0}`,
			[]string{
				"auto_publish type", "color additionalProperties", "input.bucket type", "input.object required",
				"storage_mode json", "video_type enum", "title required", "category_id minimum", "tags pattern",
				// No tenant-storage-bucket: which storage_mode counts is not known.
			}},
		{"several rules", `{"video_type":"MP3","title":"x","template_group_name":"g","storage_mode":1,"review":{"template_id":"t"},
			"input":{"bucket":"b","location":"cn-north-4","object":"o"},"thumbnail":{"type":"dots","time":3,"quantity":2}}`,
			[]string{
				"output_bucket tenant-storage-bucket", "output_path tenant-storage-path",
				"template_group_name audio-no-transcoding", "review review-region",
				"thumbnail.dots thumbnail-dots-required", "thumbnail.quantity thumbnail-quantity-only",
				"thumbnail.time thumbnail-time-only",
			}},
		{"a rule beside an unknown field", `{"video_type":"MP4","title":"x","thumbnail":{"type":"quantity","count":2},
			"input":{"bucket":"b","location":"cn-north-4","object":"o"}}`,
			[]string{"thumbnail.count additionalProperties", "thumbnail.quantity thumbnail-quantity-required"}},
		{"text behind", `{"video_type":"MP4","title":"","input":{"bucket":"b","location":"cn-north-4","object":"o"}}{}`,
			[]string{" json", "title required"}},
		{"text that breaks is not judged further", `{"title":"","video_type":tru}`, []string{"video_type json"}},
		{"another kind of document is not judged further", `[{"title":""}]`, []string{" type"}},
		{"a field of another type silences its rules", `{"video_type":"HLS","title":"x","storage_mode":"1",
			"input":{"bucket":"b","location":"cn-north-4","object":"o"}}`, []string{"storage_mode type"}},
	}
	for _, test := range tests {
		_, violations := contract.Parse([]byte(test.body))
		var got []string
		for _, v := range violations {
			got = append(got, v.Field+" "+v.Rule)
		}
		if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(test.want))) {
			t.Errorf("%s:\n got %q\nwant %q", test.name, got, test.want)
		}
	}
}

// TestViolationsKeepValuesToThemselves looks for a secret that stands in every place where text may stand.
func TestViolationsKeepValuesToThemselves(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	long := strings.Repeat(secret, 200)
	for _, body := range []string{
		`{"video_type":"` + secret + `","title":"` + long + `","description":"` + long + `","tags":",` + secret + `",
			"input":{"bucket":"` + long + `","location":"` + long + `","object":"` + long + `"},
			"thumbnail":{"type":"` + secret + `"},"storage_mode":"` + secret + `","output_bucket":"` + long + `","output_path":"` + long + `"}`,
		`{"title":"\ud800` + secret + `"}`, `{"title":"` + secret + "\xff" + `"}`, `{"title":` + secret + `}`, `{"title":"` + secret,
		`{"title":"x"}` + secret, `"` + secret + `"`, secret,
	} {
		_, violations := contract.Parse([]byte(body))
		if len(violations) == 0 || strings.Contains(violations.Error(), secret) {
			t.Errorf("%.60s: %v", body, violations)
		}
	}
}

func TestParseGivesTheRequest(t *testing.T) {
	t.Parallel()
	request, violations := contract.Parse(pageExample)
	if violations.Err() != nil {
		t.Fatal(violations)
	}
	if request.VideoType != gen.VideoTypeHLS || request.Input.Object != "test/hls/test_video.m3u8" ||
		request.GetStorageMode() != gen.StorageModeTenant || *request.OutputPath != "test/hls" || request.Thumbnail != nil {
		t.Errorf("read %+v", request)
	}
}

func TestValidateNil(t *testing.T) {
	t.Parallel()
	if contract.Validate(nil).Err() == nil {
		t.Error("a nil request passes")
	}
}

// TestParseBoundsItsAnswer has a body of a megabyte that is wrong everywhere.
func TestParseBoundsItsAnswer(t *testing.T) {
	t.Parallel()
	_, violations := contract.Parse([]byte(`{` + strings.Repeat(`"`+strings.Repeat("x", 1000)+`":1,`, 1000) + `"title":1}`))
	if size := len(violations.Error()); size == 0 || size > 64<<10 {
		t.Errorf("the response has %d bytes", size)
	}
}
