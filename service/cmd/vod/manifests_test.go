package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

// TestConverters runs the commands of "vod help manifests" on lists as the programs write them.
func TestConverters(t *testing.T) {
	t.Parallel()
	const want = "obs://BUCKET/2026/day 1/a+b.mp4\nobs://BUCKET/100%.mov\n"
	const bodies = `{"input":{"bucket":"BUCKET","object":"2026/day 1/a+b.mp4"}}` + "\n" + `{"input":{"bucket":"BUCKET","object":"100%.mov"}}` + "\n"
	cases := []struct{ list, want string }{
		{"2026/day 1/a+b.mp4\n100%.mov\n", want},
		{"Start at 2026-09-30 08:18:50.0592788 +0000 UTC\n\nListing objects .\n\nFolder list:\nobs://BUCKET/2026/\n\nObject list:\n" +
			"obs://BUCKET/2026/day 1/a+b.mp4\n\nobs://BUCKET/100%.mov\n\nTotal size of bucket is: 1.00MB\nFolder number is: 1\nFile number is: 2\n", want},
		{"2026-01-02 03:04:05          0 2026/\n2026-01-02 03:04:05    1048576 2026/day 1/a+b.mp4\n2026-01-02 03:04:05 12345678901 100%.mov\n", want},
		{"  1048576 2026-01-02 03:04:05.000000000 2026/day 1/a+b.mp4\n        5 2026-01-02 03:04:05.000000000 100%.mov\n", want},
		{"s3://BUCKET/2026/day 1/a+b.mp4\ns3://BUCKET/100%.mov\n", want},
		{"media,a.mp4,5,A\n", "bucket,object,,title\nmedia,a.mp4,5,A\n"},
		{`[{"Path":"2026/day 1/a+b.mp4","Size":5},` + "\n" + `{"Path":"100%.mov","IsDir":false}]`, bodies},
		{`{"Contents": [{"Key": "2026/day 1/a+b.mp4"}, {"Key": "100%.mov"}]}`, bodies},
		{`{"name":"a","path":"a.mp4","size":5}`, `{"title":"a","input":{"bucket":"BUCKET","object":"a.mp4"}}` + "\n"},
		{`"BUCKET","2026/","0"` + "\n" + `"BUCKET","2026/day+1/a%2Bb.mp4","1048576"` + "\n" + `"BUCKET","100%25.mov","5"` + "\n", want},
	}
	if len(cases) != len(converters) {
		t.Fatalf("%d cases for %d converters", len(cases), len(converters))
	}
	for i, c := range converters {
		t.Run(c.of, func(t *testing.T) {
			t.Parallel()
			program, _, _ := strings.Cut(c.command, " ")
			if _, err := exec.LookPath(program); err != nil {
				servicetest.SkipShort(t, "this machine has no "+program)
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "LIST"), []byte(cases[i].list), 0o600); err != nil {
				t.Fatal(err)
			}
			command := exec.CommandContext(t.Context(), "sh", "-c", c.command)
			command.Dir = dir
			if out, err := command.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			made, err := filepath.Glob(filepath.Join(dir, "FILE*"))
			if err != nil || len(made) != 1 {
				t.Fatalf("%q is made, %v", made, err)
			}
			if got, err := os.ReadFile(made[0]); err != nil || string(got) != cases[i].want {
				t.Errorf("%s, %v; want %s", got, err, cases[i].want)
			}
		})
	}
}
