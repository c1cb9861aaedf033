package playlist_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/playlist"
)

// TestRefusedNames puts each name into a list of segments and into a list of variants.
func TestRefusedNames(t *testing.T) {
	t.Parallel()
	for name, why := range map[string]string{
		"/etc/passwd.ts":                 "another directory",
		"//evil.example/a.ts":            "another directory",
		"sub//a.ts":                      "another directory",
		"sub/../a.ts":                    "another directory",
		"sub/.hidden/a.ts":               "begins with a dot",
		"../a.ts":                        "another directory",
		`..\a.ts`:                        "a backslash",
		`\\evil\share\a.ts`:              "a backslash",
		"http://evil.example/a.ts":       "is an address",
		"HTTPS://evil.example/a.ts":      "is an address",
		"file:///etc/passwd.ts":          "is an address",
		"data:video/mp2t;base64,R0lG.ts": "is an address",
		"concat:a.ts|b.ts":               "is an address",
		"C:a.ts":                         "is an address",
		"..":                             "another directory",
		".":                              "begins with a dot",
		".hidden.ts":                     "begins with a dot",
		"a%2f..%2fb.ts":                  "contains a %",
		"%2e%2e":                         "contains a %",
		"a%252fb.ts":                     "contains a %",
		"a%00.ts":                        "contains a %",
		"100%.ts":                        "contains a %",
		"a.ts?token=1":                   "query or a fragment",
		"a.ts#t=1":                       "query or a fragment",
		" a.ts":                          "begins with a blank",
		"a\x00.ts":                       "control character U+0000",
		"a\rb.ts":                        "control character U+000D",
		"a\x7f.ts":                       "control character U+007F",
		"a\u0085.ts":                     "control character U+0085",
		"a\u202egpj.ts":                  "invisible character U+202E",
		"a\u200b.ts":                     "invisible character U+200B",
		"a\u00a0.ts":                     "invisible character U+00A0",
		"a\xff.ts":                       "not UTF-8",
		strings.Repeat("a", 253) + ".ts": "has 256 bytes",
	} {
		refuse(t, begin+"#EXTINF:1,\n"+name+"\n#EXT-X-ENDLIST\n", 4, why)
		refuse(t, "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n"+name+"\n", 3, why)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	const stream = "#EXTM3U\n#EXT-X-STREAM-INF:"
	for name, c := range map[string]struct {
		text string
		line int
		why  string
	}{
		"empty":                  {"", 0, "is empty"},
		"no header":              {"#EXTINF:1,\na.ts\n", 1, "#EXTM3U"},
		"blank line first":       {"\n" + begin + end, 1, "#EXTM3U"},
		"other header":           {"#EXTM3U8\n" + end, 1, "#EXTM3U"},
		"carriage returns":       {strings.ReplaceAll(begin+end, "\n", "\r"), 1, "carriage returns alone"},
		"more in the first line": {"#EXTM3U url-tvg=\"\"\n" + end, 1, "does not stand alone"},
		"byte order mark":        {"\uFEFF" + begin + end, 1, "byte order mark"},
		"UTF-16":                 {"\xff\xfe#\x00E\x00", 1, "#EXTM3U"},
		"binary":                 {"\x00\x00\x00\x18ftypmp42", 1, "#EXTM3U"},
		"HTML":                   {"<!DOCTYPE html><html>", 1, "#EXTM3U"},
		"NUL in a comment":       {begin + "# a\x00b\n" + end, 3, "control character U+0000"},
		"no UTF-8 in a comment":  {begin + "# \xc3\n" + end, 3, "not UTF-8"},
		"end of DOS in a name":   {begin + "#EXT-X-ENDLIST\n#EXTINF:1,\na.ts\x1a", 5, "control character U+001A"},
		"end of DOS midway":      {begin + "\x1a\n" + end, 3, "control character U+001A"},
		"only the header":        {"#EXTM3U\n", 0, "names no segment"},
		"no segment":             {begin + "#EXT-X-ENDLIST\n", 0, "names no segment"},
		"live":                   {begin + "#EXTINF:1,\na.ts\n", 0, "still running"},
		"no target duration":     {"#EXTM3U\n" + end, 0, "#EXT-X-TARGETDURATION is missing"},
		"no length":              {begin + "#EXTINF:0,\na.ts\n#EXT-X-ENDLIST\n", 0, "have no length"},
		"plain M3U":              {"#EXTM3U\na.ts\n", 2, "neither #EXTINF nor"},
		"plain M3U, address":     {"#EXTM3U\nhttp://evil/\n", 2, "is an address"},
		"segment without length": {begin + end + "b.ts\n", 6, "neither #EXTINF nor"},
		"length without segment": {begin + end + "#EXTINF:1,\n", 6, "is missing"},
		"two lengths":            {begin + "#EXTINF:1,\n# no\n#EXTINF:1,\na.ts\n", 3, "no segment follows"},
		"fragmented":             {begin + "#EXT-X-MAP:URI=\"init.mp4\"\n" + end, 3, "fragmented MP4"},
		"MP4 segment":            {begin + "#EXTINF:1,\na.m4s\n", 4, "does not end in .ts"},
		"only an extension":      {begin + "#EXTINF:1,\nts\n", 4, "does not end in .ts"},
		"part of a file":         {begin + "#EXTINF:1,\n#EXT-X-BYTERANGE:100@0\na.ts\n", 4, "part of a file"},
		"gap":                    {begin + "#EXT-X-GAP\n" + end, 3, "segment is missing"},
		"delta":                  {begin + "#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n" + end, 3, "left out"},
		"key frames":             {begin + "#EXT-X-I-FRAMES-ONLY\n" + end, 3, "key frames"},
		"variables":              {"#EXTM3U\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"\n", 2, "variables"},
		"two target durations":   {begin + "#EXT-X-TARGETDURATION:11\n" + end, 3, "more than once"},

		"AES":                 {begin + "#EXT-X-KEY:METHOD=AES-128,URI=\"http://evil/key\"\n" + end, 3, "is encrypted"},
		"sample AES":          {begin + "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://a\"\n" + end, 3, "is encrypted"},
		"key without method":  {begin + "#EXT-X-KEY:URI=\"k\"\n" + end, 3, "is encrypted"},
		"key without list":    {begin + "#EXT-X-KEY:\n" + end, 3, "is encrypted"},
		"two methods":         {begin + "#EXT-X-KEY:METHOD=NONE,METHOD=AES-128\n" + end, 3, "more than once"},
		"method in quotes":    {begin + "#EXT-X-KEY:METHOD=\"NONE\n" + end, 3, "not closed"},
		"method behind quote": {begin + "#EXT-X-KEY:METHOD=\"NONE\"AES\n" + end, 3, "a comma after"},
		"session key":         {"#EXTM3U\n#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"k\"\n", 2, "is encrypted"},

		"length NaN":               {begin + "#EXTINF:NaN,\na.ts\n", 3, "no duration"},
		"length infinite":          {begin + "#EXTINF:Inf,\na.ts\n", 3, "no duration"},
		"length negative":          {begin + "#EXTINF:-1,\na.ts\n", 3, "no duration"},
		"length with exponent":     {begin + "#EXTINF:1e3,\na.ts\n", 3, "no duration"},
		"length hexadecimal":       {begin + "#EXTINF:0x1p4,\na.ts\n", 3, "no duration"},
		"length with two dots":     {begin + "#EXTINF:1.2.3,\na.ts\n", 3, "no duration"},
		"length empty":             {begin + "#EXTINF:,\na.ts\n", 3, "no duration"},
		"length missing":           {begin + "#EXTINF\na.ts\n", 3, "no duration"},
		"length absurd":            {begin + "#EXTINF:3600.5,\na.ts\n", 3, "no duration"},
		"length of 400 digits":     {begin + "#EXTINF:" + strings.Repeat("9", 400) + ",\na.ts\n", 3, "no duration"},
		"target duration negative": {"#EXTM3U\n#EXT-X-TARGETDURATION:-1\n" + end, 2, "target duration"},
		"target duration absurd":   {"#EXTM3U\n#EXT-X-TARGETDURATION:3601\n" + end, 2, "target duration"},
		"target duration in words": {"#EXTM3U\n#EXT-X-TARGETDURATION:9 s\n" + end, 2, "target duration"},
		"sequence too large":       {begin + "#EXT-X-MEDIA-SEQUENCE:18446744073709551616\n" + end, 3, "media sequence"},
		"sequence fraction":        {begin + "#EXT-X-MEDIA-SEQUENCE:1.5\n" + end, 3, "media sequence"},
		"sequence negative":        {begin + "#EXT-X-MEDIA-SEQUENCE:-1\n" + end, 3, "media sequence"},
		"sequence late":            {begin + end + "#EXT-X-MEDIA-SEQUENCE:1\n", 6, "before the first segment"},

		"no variant":             {"#EXTM3U\n#EXT-X-SESSION-DATA:DATA-ID=\"a\"\n", 0, "names no variant"},
		"variant missing":        {stream + "BANDWIDTH=1\n", 2, "is missing"},
		"variant missing before": {stream + "BANDWIDTH=1\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n", 2, "no variant follows"},
		"no bandwidth":           {stream + "RESOLUTION=1x1\na\n", 2, "bandwidth"},
		"bandwidth signed":       {stream + "BANDWIDTH=+1\na\n", 2, "bandwidth"},
		"bandwidth too large":    {stream + "BANDWIDTH=9223372036854775808\na\n", 2, "bandwidth"},
		"bandwidth empty":        {stream + "BANDWIDTH=\na\n", 2, "no valid value"},
		"resolution in words":    {stream + "BANDWIDTH=1,RESOLUTION=HD\na\n", 2, "resolution"},
		"resolution of nothing":  {stream + "BANDWIDTH=1,RESOLUTION=0x720\na\n", 2, "resolution"},
		"resolution absurd":      {stream + "BANDWIDTH=1,RESOLUTION=99999x1\na\n", 2, "resolution"},
		"resolution of three":    {stream + "BANDWIDTH=1,RESOLUTION=1x1x1\na\n", 2, "resolution"},
		"blank in a number":      {stream + "BANDWIDTH=1 000\na\n", 2, "bandwidth"},
		"two bandwidths":         {stream + "BANDWIDTH=1,BANDWIDTH=2\na\n", 2, "more than once"},
		"codecs not quoted":      {stream + "BANDWIDTH=1,CODECS=avc1.64000d,mp4a.40.2\na\n", 2, "no attribute"},
		"two dots":               {stream + "BANDWIDTH=1.2.3\na\n", 2, "bandwidth"},
		"small letters":          {stream + "bandwidth=1\na\n", 2, "no attribute"},
		"sound apart":            {"#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI=\"a.m3u8\"\n", 2, "playlist of their own"},
		"variants, then segment": {stream + "BANDWIDTH=1\na\n#EXTINF:1,\na.ts\n", 4, "#EXT-X-STREAM-INF of line 2"},
		"segment, then variants": {begin + end + "#EXT-X-STREAM-INF:BANDWIDTH=1\na\n", 6, "#EXT-X-TARGETDURATION of line 2"},

		"long line":         {begin + "#" + strings.Repeat("x", playlist.MaxLine) + "\n" + end, 3, "longer than 4096 bytes"},
		"longer line":       {begin + strings.Repeat("x", 100<<10), 3, "longer than 4096 bytes"},
		"long line at last": {begin + end + "#" + strings.Repeat("x", playlist.MaxLine), 6, "longer than 4096 bytes"},
		"large file":        {begin + strings.Repeat("#"+strings.Repeat("x", 1023)+"\n", 4096), 4094, "larger than 4194304 bytes"},
		"many segments":     {begin + strings.Repeat("#EXTINF:1,\na.ts\n", playlist.MaxSegments+1), 2 + 2*(playlist.MaxSegments+1), "more than 20000 segments"},
		"many variants":     {"#EXTM3U\n" + strings.Repeat("#EXT-X-STREAM-INF:BANDWIDTH=1\na\n", playlist.MaxVariants+1), 1 + 2*(playlist.MaxVariants+1), "more than 100 variants"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refuse(t, c.text, c.line, c.why)
		})
	}
}

// TestRefusedTags refuses what players would fetch, and what nobody checked, by the line and the name of the tag.
func TestRefusedTags(t *testing.T) {
	t.Parallel()
	const variants = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n"
	for _, tag := range []string{
		`#EXT-X-CONTENT-STEERING:SERVER-URI="http://evil.example/steer",PATHWAY-ID="a"`,
		`#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9,URI="http://evil.example/i.m3u8"`,
		`#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=9,URI="i.m3u8"`,
		`#EXT-X-SESSION-DATA:DATA-ID="a",URI="http://evil.example/data.json"`,
		`#EXT-X-SESSION-DATA:DATA-ID="a", URI = "data.json"`,
		`#EXT-X-SESSION-KEY:METHOD=AES-128,URI="k"`,
		`#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="a",NAME="a",URI="http://evil.example/subs.m3u8"`,
		`#EXT-X-STREAM-INF:BANDWIDTH=1,URI="http://evil.example/"`,
		`#EXT-X-DEFINE:NAME="a",VALUE="b"`,
		`#EXT-X-FUTURE:URI="http://evil.example/"`,
		`#EXTVLCOPT:http-proxy=evil.example`,
		`#EXT`,
	} {
		refuse(t, variants+tag+"\nlow.m3u8\n", 4, tagName(tag))
	}
	for _, tag := range []string{
		`#EXT-X-PART:DURATION=1,URI="http://evil.example/part.ts"`,
		`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="http://evil.example/next.ts"`,
		`#EXT-X-RENDITION-REPORT:URI="../other.m3u8"`,
		`#EXT-X-KEY:METHOD=NONE,URI="http://evil.example/key"`,
		`#EXT-X-MAP:URI="init.mp4"`,
		`#EXT-X-DATERANGE:ID="a",CLASS="com.apple.hls.interstitial",X-RESUME-OFFSET=0`,
		`#EXT-X-DATERANGE:ID="a",X-ASSET-URI="ad.m3u8"`,
		`#EXT-X-DATERANGE:ID="a",X-ASSET-LIST="ads.json"`,
		`#EXT-X-DATERANGE:ID="a",X-COM-EXAMPLE-AD="https://evil.example/ad"`,
		`#EXT-X-FUTURE`,
	} {
		refuse(t, begin+tag+"\n"+end, 3, tagName(tag))
	}
}

func tagName(line string) string {
	name, _, _ := strings.Cut(line, ":")
	return name
}

func refuse(t *testing.T, text string, line int, why string) {
	t.Helper()
	list, err := playlist.Parse(strings.NewReader(text))
	fault, ok := errors.AsType[*playlist.Error](err)
	if !ok || fault.Line != line || !strings.Contains(fault.Reason, why) {
		t.Errorf("%.80q: %v; want line %d, %q", text, err, line, why)
	}
	if list.Master != nil || list.Media != nil {
		t.Errorf("%.80q is refused and given", text)
	}
}
