package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/signer"
)

// A media file is dumped and followed until it is published.
func Example() {
	service := exampleService()
	defer service.Close()
	ctx := context.Background()

	sign, err := signer.New(signer.Credentials{AccessKey: "AKEXAMPLE", SecretKey: "not a real secret"})
	if err != nil {
		fmt.Println(err)
		return
	}
	vod, err := client.New(client.Config{
		Endpoint:  service.URL, // or Region: "cn-north-4" for the cloud
		ProjectID: "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7",
		Auth:      sign,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	id, err := vod.Dump(ctx, &gen.DumpRequest{
		VideoType: gen.VideoTypeMP4,
		Title:     "Holidays",
		Input:     gen.FileAddr{Bucket: "media", Location: "cn-north-4", Object: "2026/holidays.mp4"},
	})
	if err != nil {
		fmt.Println(err, client.Hint(err))
		return
	}
	asset, err := vod.Wait(ctx, id, client.UntilPublished())
	if err != nil {
		fmt.Println(err, client.Hint(err))
		return
	}
	fmt.Println(asset.AssetID, asset.Status)
	// Output: f488337c31c8e4622f1590735b134c65 PUBLISHED
}

// A request that breaks the contract is not sent; every fault is named at once.
func ExampleClient_Dump_invalid() {
	sign, _ := signer.New(signer.Credentials{AccessKey: "AKEXAMPLE", SecretKey: "not a real secret"})
	vod, _ := client.New(client.Config{Region: "cn-north-4", ProjectID: "0f5e1b6a", Auth: sign})

	_, err := vod.Dump(context.Background(), &gen.DumpRequest{
		VideoType: "EXE",
		Title:     strings.Repeat("x", 10_000),
		Input:     gen.FileAddr{Bucket: "media", Location: "cn-north-4", Object: "a.exe"},
	})
	var invalid *client.ValidationError
	if errors.As(err, &invalid) {
		for _, violation := range invalid.Violations {
			fmt.Println(violation.Field, violation.Rule)
		}
	}
	// Output:
	// video_type enum
	// title maxLength
}

// What a program does about an error follows from its type, its code, and whether it is retryable.
func ExampleCode() {
	err := error(&client.APIError{Op: "dump", Status: 403, Code: contract.CodeBucketForbidden, Message: "The bucket is not authorized.", RequestID: "4e1f"})

	fmt.Println(err)
	fmt.Println(client.Code(err) == contract.CodeBucketForbidden, client.Retryable(err))
	fmt.Println(client.Hint(err))
	// Output:
	// dump: VOD.10114 The bucket is not authorized. (HTTP 403, request id 4e1f)
	// true false
	// authorize the bucket for VOD first
}

// A dump whose outcome is unknown is not sent again blindly: a server that honors keys returns the asset that it has, and
// for any other the newest assets show whether there is one.
func ExampleAmbiguousError() {
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPost:
			w.WriteHeader(http.StatusBadGateway) // the dump may have been accepted behind it
		case http.MethodGet:
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprint(w, `{"asset_info_array":[{"asset_id":"f488337c31c8e4622f1590735b134c65","status":"CREATING",
				"base_info":{"title":"Holidays"}}],"is_truncated":0,"total":1}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer gateway.Close()
	ctx := context.Background()
	vod, err := client.New(client.Config{Endpoint: gateway.URL, ProjectID: "0f5e1b6a", Auth: signer.StaticToken("issued-by-IAM")})
	if err != nil {
		fmt.Println(err)
		return
	}
	request := &gen.DumpRequest{
		VideoType: gen.VideoTypeMP4,
		Title:     "Holidays",
		Input:     gen.FileAddr{Bucket: "media", Location: "cn-north-4", Object: "2026/holidays.mp4"},
	}
	id, err := vod.Dump(ctx, request)
	var ambiguous *client.AmbiguousError
	switch {
	case errors.As(err, &ambiguous) && ambiguous.KeyHonored:
		id, err = vod.Dump(ctx, request, client.WithIdempotencyKey(ambiguous.IdempotencyKey))
		fmt.Println("sent again:", id, err)
	case errors.As(err, &ambiguous):
		for asset, err := range vod.Search(ctx, client.Search{Text: request.Title}) {
			fmt.Println("perhaps", asset.AssetID, asset.Status, err)
		}
	default:
		fmt.Println(id, err)
	}
	// Output: perhaps f488337c31c8e4622f1590735b134c65 CREATING <nil>
}

// The context bounds the wait, with all its requests and pauses. The asset is returned as last seen.
func ExampleClient_Wait() {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"asset_info_array":[{"asset_id":"f488337c31c8e4622f1590735b134c65","status":"TRANSCODING"}],"is_truncated":0,"total":1}`)
	}))
	defer service.Close()
	vod, err := client.New(client.Config{Endpoint: service.URL, ProjectID: "0f5e1b6a", Auth: signer.StaticToken("issued-by-IAM")})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background()) // or WithTimeout
	defer cancel()
	asset, err := vod.Wait(ctx, "f488337c31c8e4622f1590735b134c65",
		client.Observe(func(companions.AssetInfo) { cancel() })) // seen once is enough here
	fmt.Println(asset.Status, errors.Is(err, context.Canceled))
	// Output: TRANSCODING true
}

// exampleService stands for the cloud or "vod serve", which this package must not depend on.
func exampleService() *httptest.Server {
	const id = "f488337c31c8e4622f1590735b134c65"
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodPost {
			_, _ = fmt.Fprintf(w, `{"asset_id":%q}`, id)
			return
		}
		_, _ = fmt.Fprintf(w, `{"asset_info_array":[{"asset_id":%q,"status":"PUBLISHED"}],"is_truncated":0,"total":1}`, id)
	}))
}
