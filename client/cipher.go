package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

const cipherBytes = 16 // an AES-128 key

// Cipher returns the AES-128 key, 16 bytes, that decrypts the HLS segments of an asset dumped with auto_encrypt. An asset
// that is not encrypted, and an ID that does not exist, are an APIError. No error repeats the key.
func (c *Client) Cipher(ctx context.Context, id string) ([]byte, error) {
	const op = "asset cipher"
	params := &companions.ShowAssetCipherParams{AssetID: id}
	if violations := contract.Check(params); len(violations) > 0 {
		return nil, &ValidationError{Op: op, Violations: violations}
	}
	var cipher companions.AssetCipher
	err := c.do(ctx, call{
		op:      op,
		private: true,
		request: func() (*http.Request, error) {
			return companions.NewShowAssetCipherRequest(c.base, c.projectID, params)
		},
		accept: func(a *response) error {
			cipher = companions.AssetCipher{}
			if err := a.object(); err != nil {
				return err
			}
			if json.Unmarshal(a.body, &cipher) != nil || len(cipher.Key) != cipherBytes {
				return fmt.Errorf("its dk is not a key of %d bytes in base64", cipherBytes)
			}
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	return cipher.Key, nil
}
