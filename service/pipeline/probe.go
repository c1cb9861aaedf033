package pipeline

import (
	"context"

	"github.com/vod-reproduction/vod/service/asset"
)

// probe finds out what the media is, and refuses what is not what it was called.
func (w *attempt) probe(ctx context.Context) error {
	switch {
	case w.earlier(ctx, asset.StageProbe, &w.info):
		return nil
	case w.cfg.Tools == nil:
		return w.leaveOut(ctx, asset.StageProbe, "this service is set up without ffmpeg")
	case w.large:
		return w.leaveOut(ctx, asset.StageProbe, "the media is larger than what this service looks into")
	}
	line, err := w.begin(ctx, w.Attempt, asset.StageProbe, 0)
	if err != nil {
		return err
	}
	in, err := w.input(ctx)
	if err != nil {
		return err
	}
	info, err := w.cfg.Tools.Probe(ctx, in)
	if err != nil {
		return processingFailure(codeWrongType, err)
	}
	w.info = infoOf(info)
	return line.complete(ctx, w.info, nil)
}
