package main

import "testing"

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
