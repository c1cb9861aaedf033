package media

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestShownSize(t *testing.T) {
	for _, test := range []struct {
		aspect, side            string
		width, height, rotation int
	}{
		{`"1:1"`, ``, 720, 576, 0},
		{`"16:15"`, ``, 768, 576, 0},
		{`"0:1"`, ``, 720, 576, 0},
		{`"N/A"`, ``, 720, 576, 0},
		{`"16:1"`, ``, 11520, 576, 0},
		{`"17:1"`, ``, 720, 576, 0},
		{`"1:16"`, ``, 45, 576, 0},
		{`"1:17"`, ``, 720, 576, 0},
		{`"2147483647:1"`, ``, 720, 576, 0},
		{`"1:1"`, matrix(0, -1, 1, 0), 576, 720, 270},
		{`"1:1"`, matrix(0, 1, -1, 0), 576, 720, 90},
		{`"16:15"`, matrix(-0.017, 1, -1, -0.017), 576, 768, 90},
		{`"1:1"`, matrix(-1, 0, 0, -1), 720, 576, 180},
		{`"1:1"`, matrix(1, -0.017, 0.017, 1), 720, 576, 0},
		{`"1:1"`, matrix(0.7, -0.7, 0.7, 0.7), 720, 576, 315},
		{`"1:1"`, matrix(0, 0, 0, 0), 720, 576, 0},
		{`"1:1"`, `{"side_data_type": "Display Matrix", "displaymatrix": "1 2 3"}`, 720, 576, 0},
		{`"1:1"`, strings.Replace(matrix(0, 1, -1, 0), "Display Matrix", "Spherical Mapping", 1), 720, 576, 0},
		{`"1:1"`, `{"side_data_type": "CPB properties"}, ` + matrix(0, 1, -1, 0), 576, 720, 90},
	} {
		said := fmt.Sprintf(`{"streams": [{"index": 2, "codec_type": "video", "codec_name": "h264", "width": 720, "height": 576,
			"sample_aspect_ratio": %s, "side_data_list": [%s]}]}`, test.aspect, test.side)
		info, err := describe([]byte(said), Input{Type: "MP4"}, Limits{}.withDefaults())
		if err != nil {
			t.Errorf("%s %s: %v", test.aspect, test.side, err)
			continue
		}
		if v := info.Video; v.Width != test.width || v.Height != test.height || v.Rotation != test.rotation || v.Index != 2 {
			t.Errorf("%s %s: %+v, want %d x %d turned by %d", test.aspect, test.side, v, test.width, test.height, test.rotation)
		}
	}
}

// matrix is what ffprobe prints about a display matrix.
func matrix(a, b, c, d float64) string {
	const one = 65536
	text, _ := json.Marshal(fmt.Sprintf("\n00000000: %11.0f %11.0f %11d\n00000001: %11.0f %11.0f %11d\n00000002: %11d %11d %11d\n",
		a*one, b*one, 0, c*one, d*one, 0, 0, 0, 1<<30)) // text is always valid
	return fmt.Sprintf(`{"side_data_type": "Display Matrix", "displaymatrix": %s}`, text)
}

func TestCodecName(t *testing.T) {
	for _, test := range [][3]string{
		{"h264", "High", "H.264"}, {"hevc", "", "H.265"}, {"wmv3", "", "WMV"}, {"aac", "LC", "AAC"}, {"aac", "HE-AAC", "HEAAC"},
		{"aac", "HE-AACv2", "HEAAC"}, {"eac3", "", "EAC-3"}, {"pcm_s24le", "", "PCM"}, {"pcm_alaw", "", "PCM"},
		{"adpcm_ima_wav", "", "ADPCM"}, {"amr_wb", "", "AMR"}, {"wmapro", "", "WMA"}, {"vp9", "", "VP9"}, {"rv40", "", "RV40"},
	} {
		if got := codecName(test[0], test[1]); got != test[2] {
			t.Errorf("%s %s is named %s, not %s", test[0], test[1], got, test[2])
		}
	}
}

// FuzzDescribe holds what is read of ffprobe's words, which repeat a stranger's file, to what the rest relies on.
func FuzzDescribe(f *testing.F) {
	for _, said := range []string{
		``, `{}`, `[]`, `{"streams": [{}]}`,
		`{"streams": [{"index": 0, "codec_type": "video", "codec_name": "h264", "width": 1920, "height": 1080, "avg_frame_rate": "30000/1001",
			"sample_aspect_ratio": "4:3", "side_data_list": [` + matrix(0, 1, -1, 0) + `]},
			{"index": 1, "codec_type": "audio", "codec_name": "aac", "profile": "LC", "channels": 2, "sample_rate": "48000", "bit_rate": "N/A"}],
			"format": {"duration": "12.5", "bit_rate": "100000"}}`,
		`{"streams": [{"codec_type": "video", "codec_name": "vp8", "width": 4294967296, "height": 4294967296, "r_frame_rate": "1e308/1e-308"}]}`,
		`{"streams": [{"codec_type": "audio", "codec_name": "mp3", "sample_rate": "nan", "bit_rate": "-inf"}], "format": {"duration": "1e300"}}`,
	} {
		f.Add([]byte(said), "MP4")
		f.Add([]byte(said), "WEBM")
		f.Add([]byte(said), "MP3")
	}
	limits := Limits{}.withDefaults()
	f.Fuzz(func(t *testing.T, said []byte, videoType string) {
		info, err := describe(said, Input{Type: videoType}, limits)
		if err != nil {
			if _, ok := errors.AsType[*Refusal](err); !ok {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		if info.Duration < 0 || info.BitRate < 0 || info.Video == nil && info.Audio == nil {
			t.Fatalf("%+v", info)
		}
		if v := info.Video; v != nil {
			if v.Index < 0 || v.Width < 1 || v.Height < 1 || int64(v.Width)*int64(v.Height) > limits.Pixels || v.BitRate < 0 ||
				v.Rotation < 0 || v.Rotation >= 360 || !(v.FrameRate >= 0 && v.FrameRate <= math.MaxInt64) || v.Codec == "" {
				t.Fatalf("%+v", v)
			}
		}
		if a := info.Audio; a != nil && (a.Index < 0 || a.Channels < 0 || a.SampleRate < 0 || a.BitRate < 0 || a.Codec == "") {
			t.Fatalf("%+v", a)
		}
	})
}
