package pipeline

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/media"
)

// transcode makes the outputs of the template group, encrypted where that was asked for.
func (w *attempt) transcode(ctx context.Context) error {
	plan := w.Asset.Plan.Transcode
	var earlier asset.Transcoded
	switch {
	case plan == nil:
		return nil
	case w.earlier(ctx, asset.StageTranscode, &earlier):
		return w.encrypted(ctx, nil)
	}
	line, err := w.begin(ctx, asset.StageTranscode, 0)
	if err != nil {
		return err
	}
	in, err := w.input(ctx)
	if err != nil {
		return err
	}
	if err := w.reserveResults(w.transcoded(*plan)); err != nil {
		return err
	}
	dir, err := w.folder("output")
	if err != nil {
		return err
	}
	made, err := reported(ctx, line, func(ctx context.Context, percent func(int)) ([]media.Output, error) {
		return w.cfg.Tools.Transcode(ctx, in, foundOf(w.info), ladderOf(*plan), dir,
			func(done time.Duration) { percent(int(100 * done / max(1, w.info.Duration))) })
	})
	if err != nil {
		return processingFailure(asset.CodeTranscodeFailed, err)
	}
	var encryption *timeline
	if plan.Encrypt {
		if encryption, err = w.encrypt(ctx, dir, made); err != nil {
			return err
		}
	}
	result := asset.Transcoded{Tool: "ffmpeg " + w.cfg.Tools.Version()}
	var files []asset.File
	for _, output := range made {
		for _, name := range output.Files {
			file, err := w.upload(ctx, "output/"+name, filepath.Join(dir, name))
			if err != nil {
				return err
			}
			files = append(files, file)
		}
		result.Outputs = append(result.Outputs, asset.Output{
			Name: output.Name, File: "output/" + output.Files[0], Info: infoOf(output.Info), Remuxed: output.Remuxed,
		})
	}
	if err := line.complete(ctx, result, files); err != nil {
		return err
	}
	return w.encrypted(ctx, encryption)
}

func ladderOf(plan asset.Transcode) media.Ladder {
	l := media.Ladder{HLS: plan.Format == asset.FormatHLS, Segment: plan.Segment, Remux: plan.Remux}
	for _, r := range plan.Renditions {
		l.Renditions = append(l.Renditions, media.Rendition(r))
	}
	return l
}

// Keys seals and opens the keys of encrypted media; *keyring.Keyring is one.
type Keys interface {
	Seal(owner string, key []byte) []byte
	Unseal(owner string, sealed []byte) ([]byte, error)
}

// encrypt encrypts the outputs with the asset's own key, which is made once. Its
// stage goes on until the outputs are recorded: before that, all is done again.
func (w *attempt) encrypt(ctx context.Context, dir string, made []media.Output) (*timeline, error) {
	line, err := w.begin(ctx, asset.StageEncrypt, 0)
	if err != nil {
		return nil, err
	}
	var key [media.KeySize]byte
	_, _ = rand.Read(key[:]) // never fails: it ends the program instead
	sealed, err := w.assets.Cipher(ctx, w.Attempt, w.cfg.Keys.Seal(w.Asset.ID, key[:]))
	if err != nil {
		return nil, err
	}
	opened, err := w.cfg.Keys.Unseal(w.Asset.ID, sealed)
	if err != nil {
		return nil, asset.Unavailable("", asset.CodeInternal, "The service could not open the asset's key.", err)
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
		if line, err = w.begin(ctx, asset.StageEncrypt, 0); err != nil {
			return err
		}
	}
	return line.complete(ctx, nil, nil)
}
