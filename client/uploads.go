package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

// CreateUpload creates an asset whose file is to be uploaded, and returns the addresses to which the caller sends it and what
// goes with it, each with one PUT. Then [Client.ConfirmUpload] starts the processing. After temporary failures the request is
// repeated; an asset whose response was lost is never confirmed, and the service drops it.
func (c *Client) CreateUpload(ctx context.Context, upload *companions.FileUpload) (companions.FileUploadTarget, error) {
	var target companions.FileUploadTarget
	err := c.post(ctx, upload, companions.NewCreateAssetByFileUploadRequestWithBody, call{
		op: "create upload", private: true, // whoever has an address may write
		accept: func(a *response) error {
			target = companions.FileUploadTarget{}
			if err := a.into(&target); err != nil {
				return err
			}
			if target.AssetID == "" || target.VideoUploadURL == "" {
				return errors.New("it has no asset_id or no video_upload_url")
			}
			return nil
		},
	})
	return target, err
}

// ConfirmUpload says how an upload ended. With companions.UploadResultCreated the asset is processed, for [Client.Wait]; a file
// that is not there is an [APIError] with contract.CodeNoSuchObject. Repeating it changes nothing.
func (c *Client) ConfirmUpload(ctx context.Context, assetID string, result companions.UploadResult) error {
	body := companions.UploadConfirmation{AssetID: assetID, Status: result}
	return c.post(ctx, &body, companions.NewConfirmAssetUploadRequestWithBody, call{
		op: "confirm upload",
		accept: func(a *response) error {
			var confirmed companions.ConfirmedUpload
			if err := a.into(&confirmed); err != nil {
				return err
			}
			if confirmed.AssetID != assetID {
				return fmt.Errorf("it is about asset %q", confirmed.AssetID)
			}
			return nil
		},
	})
}

// post sends a body, once it is checked. newRequest is the generated function for its request.
func (c *Client) post(ctx context.Context, body contract.Checker,
	newRequest func(server string, project companions.ProjectID, contentType string, body io.Reader) (*http.Request, error), do call) error {
	if violations := contract.Check(body); len(violations) > 0 {
		return &ValidationError{Op: do.op, Violations: violations}
	}
	content, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("%s: %w", do.op, err)
	}
	do.request = func() (*http.Request, error) {
		return newRequest(c.base, c.projectID, mediaType, bytes.NewReader(content))
	}
	return c.do(ctx, do)
}
