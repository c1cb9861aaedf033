// Command upload creates an asset by uploading a file of this machine, and waits until it is published:
//
//	upload holiday.mp4
//
// It takes the variables that "vod env" prints.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/signer"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: upload FILE")
		os.Exit(2)
	}
	if err := upload(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		if hint := client.Hint(err); hint != "" {
			fmt.Fprintln(os.Stderr, hint)
		}
		os.Exit(1)
	}
}

func upload(ctx context.Context, path string) error {
	login, err := signer.Chain{}.Find()
	if err != nil {
		return err
	}
	sign, err := login.Authenticator()
	if err != nil {
		return err
	}
	vod, err := client.New(client.Config{Endpoint: login.Endpoint, Region: login.Region, ProjectID: login.ProjectID, Auth: sign})
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return fmt.Errorf("%s is empty", path)
	}

	name := filepath.Base(path)
	publish := companions.AutoPublishOn
	target, err := vod.CreateUpload(ctx, &companions.FileUpload{
		Title: name, VideoName: name, VideoType: companions.UploadType(strings.ToUpper(strings.TrimPrefix(filepath.Ext(name), "."))),
		AutoPublish: &publish,
	})
	if err != nil {
		return err
	}
	if err := send(ctx, target.VideoUploadURL, file, info.Size()); err != nil {
		return errors.Join(err, vod.ConfirmUpload(ctx, target.AssetID, companions.UploadResultFailed))
	}
	if err := vod.ConfirmUpload(ctx, target.AssetID, companions.UploadResultCreated); err != nil {
		return err
	}
	asset, err := vod.Wait(ctx, target.AssetID, client.UntilPublished())
	if err != nil {
		return err
	}
	fmt.Println(asset.AssetID, *asset.BaseInfo.VideoURL)
	return nil
}

// send puts a file where the service wants it. The address itself is the permission: the request is not signed.
func send(ctx context.Context, address string, file io.Reader, size int64) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, address, file)
	if err != nil {
		return err
	}
	request.ContentLength = size
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10))
		return fmt.Errorf("upload: %s: %s", response.Status, said)
	}
	return nil
}
