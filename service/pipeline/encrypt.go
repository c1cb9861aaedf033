package pipeline

import (
	"context"
	"crypto/rand"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/media"
)

// Keys seals and opens the keys of encrypted media; *keyring.Keyring is one.
type Keys interface {
	Seal(owner string, key []byte) []byte
	Unseal(owner string, sealed []byte) ([]byte, error)
}

// encrypt encrypts the outputs with the asset's own key, which is made once. Its
// stage goes on until the outputs are recorded: before that, all is done again.
func (w *attempt) encrypt(ctx context.Context, dir string, made []media.Output) (*timeline, error) {
	line, err := w.begin(ctx, w.Attempt, asset.StageEncrypt, 0)
	if err != nil {
		return nil, err
	}
	var key [media.KeySize]byte
	_, _ = rand.Read(key[:]) // never fails: it ends the program instead
	sealed, err := w.record.Cipher(ctx, w.Attempt, w.cfg.Keys.Seal(w.Asset.ID, key[:]))
	if err != nil {
		return nil, err
	}
	opened, err := w.cfg.Keys.Unseal(w.Asset.ID, sealed)
	if err != nil {
		return nil, asset.Temporary(codeInternal, "The service could not open the asset's key.", err)
	}
	copy(key[:], opened)
	if err := media.EncryptHLS(ctx, dir, made, key, w.cfg.KeyURL(w.Asset.ID)); err != nil {
		return nil, scratchFailure(err)
	}
	return line, nil
}

// encrypted ends the stage of encryption, whose outputs are recorded; line is
// nil when an earlier attempt did that.
func (w *attempt) encrypted(ctx context.Context, line *timeline) (err error) {
	if !w.Asset.Plan.Transcode.Encrypt || w.earlier(ctx, asset.StageEncrypt, new(any)) {
		return nil
	}
	if line == nil {
		if line, err = w.begin(ctx, w.Attempt, asset.StageEncrypt, 0); err != nil {
			return err
		}
	}
	return line.complete(ctx, nil, nil)
}
