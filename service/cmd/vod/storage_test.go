package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/vod-reproduction/vod/service/object"
)

// Only the services of the cloud have their media in its OBS.
func TestOfCloud(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]bool{
		"https://vod.cn-north-4.myhuaweicloud.com":      true,
		"vod.eu-west-101.myhuaweicloud.eu":              true,
		"http://127.0.0.1:8470":                         false,
		"https://vod.example.com/myhuaweicloud.com":     false,
		"https://vod.myhuaweicloud.com.example.invalid": false,
	} {
		if got := ofCloud(endpoint); got != want {
			t.Errorf("%s is of the cloud: %v, want %v", endpoint, got, want)
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
