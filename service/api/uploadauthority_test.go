package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

// TestUploadQuery has every combination of a method with what else a request of an upload has.
func TestUploadQuery(t *testing.T) {
	t.Parallel()
	for verb, want := range map[companions.UploadMethod]struct{ plain, upload, part, lone string }{ // "" is refused
		companions.UploadMethodPUT:    {plain: "complete", part: "partNumber=7&uploadId=u%261"},
		companions.UploadMethodPOST:   {plain: "uploads=", upload: "uploadId=u%261"},
		companions.UploadMethodGET:    {upload: "uploadId=u%261"},
		companions.UploadMethodDELETE: {upload: "uploadId=u%261"},
	} {
		id, number := new("u&1"), new(int32(7))
		for name, c := range map[string]struct {
			params companions.ShowAssetTempAuthorityParams
			want   string
		}{
			"plain":     {companions.ShowAssetTempAuthorityParams{}, want.plain},
			"upload":    {companions.ShowAssetTempAuthorityParams{UploadID: id}, want.upload},
			"part":      {companions.ShowAssetTempAuthorityParams{UploadID: id, PartNumber: number}, want.part},
			"lone part": {companions.ShowAssetTempAuthorityParams{PartNumber: number}, want.lone},
		} {
			c.params.HTTPVerb = verb
			query, violations := uploadQuery(c.params)
			got := query.Encode()
			if got == "" && violations == nil {
				got = "complete"
			}
			if got != c.want || (c.want == "") != (len(violations) == 1) {
				t.Errorf("%s %s: %q, %v; want %q", verb, name, got, violations, c.want)
			}
		}
	}
}

// TestUploadURLTime has an address that is made in the last moment of an upload, and can be used for an hour all the same.
func TestUploadURLTime(t *testing.T) {
	t.Parallel()
	objects, err := object.NewS3(object.Config{Endpoint: "http://127.0.0.1:9", Region: "cn-north-4", AccessKey: "a", SecretKey: "s", PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	u := asset.Upload{New: asset.New{Source: asset.Location{Bucket: "vod", Key: "film.mp4"}}, ExpiresAt: time.Now()}
	address, err := (&Server{objects: objects}).presign(t.Context(), u, u.Source.Key, http.MethodPut, nil, nil)
	if err != nil || !strings.Contains(address, "X-Amz-Expires=3600&") {
		t.Errorf("%s, %v", address, err)
	}
}

// TestFileNames holds names to what a key and a URL can end in.
func TestFileNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", maxFileName)
	for name, ok := range map[string]bool{
		"film.mp4": true, "film": true, "a film (1)?#%.mp4": true, "фильм.mp4": true, "...": true, long: true,
		long + "a": false, "é" + long[1:]: false, "a/b.mp4": false, "/": false, ".": false, "..": false, "a\nb": false, "a\x00b": false, "a\x7fb": false,
	} {
		if err := checkFileName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}
