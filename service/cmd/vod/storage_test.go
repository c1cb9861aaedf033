package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/signer"
)

// Only the services of the cloud have their media in its OBS, which is in their domain.
func TestStorageOfCloud(t *testing.T) {
	for _, name := range []string{"VOD_S3_ENDPOINT", "VOD_S3_ACCESS_KEY", "VOD_S3_SECRET_KEY", "VOD_S3_PATH_STYLE"} {
		t.Setenv(name, "")
	}
	for endpoint, want := range map[string]string{
		"": "https://obs.eu-west-101.myhuaweicloud.com",
		"https://vod.eu-west-101.myhuaweicloud.com":     "https://obs.eu-west-101.myhuaweicloud.com",
		"vod.eu-west-101.myhuaweicloud.eu":              "https://obs.eu-west-101.myhuaweicloud.eu",
		"https://VOD.eu-west-101.MyHuaweiCloud.EU:443/": "https://obs.eu-west-101.myhuaweicloud.eu",
		"http://127.0.0.1:8470":                         "",
		"https://vod.example.com/myhuaweicloud.com":     "",
		"https://vod.myhuaweicloud.com.example.invalid": "",
	} {
		s := session{}
		_, err := s.store(signer.Login{
			Credentials: signer.Credentials{AccessKey: "AK", SecretKey: "SK"}, Region: "eu-west-101", Endpoint: endpoint,
		})
		if s.storage != want || (err == nil) != (want != "") {
			t.Errorf("%q has its media in %q, %v; want %q", endpoint, s.storage, err, want)
		}
	}
}

// A storage whose disk is full is not a matter of addresses.
func TestStorageIsFull(t *testing.T) {
	t.Parallel()
	s := session{storage: "http://127.0.0.1:8471"}
	full := fmt.Errorf("upload: %w: %w", object.ErrUnavailable, &smithy.GenericAPIError{Code: "InsufficientStorage", Message: "No space left on device."})
	f := s.storeFailure("upload", "obs://media/film.mp4", full)
	if f.code != exitTemporary || !strings.Contains(f.next, "room on the disk") {
		t.Errorf("%+v", f)
	}
}
