package pipeline

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/endpoint"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/moderation"
)

// Reviewer judges assets; *moderation.Client is one.
type Reviewer interface {
	Review(ctx context.Context, request moderation.Request) (moderation.Verdict, error)
}

// Review says who judges, and which frames: one every Every, but MaxFrames at most.
type Review struct {
	Reviewer
	Every     time.Duration
	MaxFrames int
}

// reviewPicture is how frames are judged: large enough to see what they show.
var reviewPicture = media.Picture{MaxLength: 640}

// review has the asset judged.
func (w *attempt) review(ctx context.Context) error {
	plan := w.Asset.Plan.Review
	if plan == nil || w.earlier(ctx, asset.StageReview, &w.verdict) {
		return nil
	}
	line, err := w.begin(ctx, asset.StageReview, 0)
	if err != nil {
		return err
	}
	request := moderation.Request{AssetID: w.Asset.ID, TemplateID: plan.TemplateID, Title: w.Asset.Title, Description: w.Asset.Description}
	if w.Asset.Tags != "" {
		request.Tags = strings.Split(w.Asset.Tags, ",")
	}
	frames, files, err := w.frames(ctx, line)
	if err != nil {
		return err
	}
	for _, s := range frames {
		jpeg, err := os.ReadFile(s.Path)
		if err != nil {
			return scratchFailure(err)
		}
		request.Frames = append(request.Frames, moderation.Frame{Offset: s.Offset, JPEG: jpeg})
	}
	verdict, err := w.cfg.Review.Review(ctx, request)
	if err != nil {
		return reviewFailure(err)
	}
	w.verdict = w.judged(verdict, files)
	return line.complete(ctx, w.verdict, files)
}

// frames takes the frames that are judged: spread over the length, and the cover.
func (w *attempt) frames(ctx context.Context, line *timeline) ([]media.Frame, []asset.File, error) {
	if w.kind.Audio {
		return nil, nil, nil
	}
	every := max(w.cfg.Review.Every, w.info.Duration/time.Duration(w.cfg.Review.MaxFrames))
	timestamps := media.EveryTimestamps(w.info.Duration, every)
	timestamps = timestamps[:min(len(timestamps), w.cfg.Review.MaxFrames)]
	if cover, ok := w.cover(); ok {
		timestamps = slices.Compact(slices.Sorted(slices.Values(append(timestamps, cover))))
	}
	in, err := w.input(ctx)
	if err != nil {
		return nil, nil, err
	}
	dir, err := w.folder("review")
	if err != nil {
		return nil, nil, err
	}
	frames, err := reported(ctx, line, func(ctx context.Context, percent func(int)) ([]media.Frame, error) {
		return w.cfg.Tools.Snapshots(ctx, in, foundOf(w.info), timestamps, reviewPicture, dir, func(done, total int) { percent(90 * done / total) })
	})
	if err != nil {
		return nil, nil, processingFailure(asset.CodeReviewFailed, err)
	}
	files := make([]asset.File, len(frames))
	for i, s := range frames {
		if files[i], err = w.upload(ctx, "review/"+filepath.Base(s.Path), s.Path); err != nil {
			return nil, nil, err
		}
	}
	return frames, files, nil
}

// cover is the timestamp of the asset's cover.
func (w *attempt) cover() (at time.Duration, ok bool) {
	i := slices.IndexFunc(w.snapshots.List, func(s asset.Snapshot) bool { return s.File == w.snapshots.Cover })
	if i < 0 {
		return 0, false
	}
	return w.snapshots.List[i].Offset, true
}

// judged is what the database keeps of a verdict.
func (w *attempt) judged(v moderation.Verdict, files []asset.File) asset.Verdict {
	cover, covered := w.cover()
	out := asset.Verdict{Suggestion: asset.Suggestion(v.Suggestion), Text: asset.ReviewedText{
		Suggestion: asset.Suggestion(v.Text.Suggestion), Politics: v.Text.Politics, Porn: v.Text.Porn, Abuse: v.Text.Abuse,
	}}
	for i, f := range v.Frames {
		out.Pictures = append(out.Pictures, asset.ReviewedPicture{
			Snapshot:   asset.Snapshot{Offset: f.Offset, File: files[i].Name},
			Suggestion: asset.Suggestion(f.Suggestion),
			Cover:      covered && f.Offset == cover.Truncate(time.Millisecond),
			Politics:   labelsOf(f.Politics), Terrorism: labelsOf(f.Terrorism), Porn: labelsOf(f.Porn),
		})
	}
	return out
}

func labelsOf(list []moderation.Label) (out []asset.Label) {
	for _, l := range list {
		out = append(out, asset.Label(l))
	}
	return out
}

// reviewPause is how long to wait for an endpoint that does not judge, at least:
// every try takes the frames anew.
const reviewPause = 5 * time.Minute

// reviewFailure is for an asset that nobody judged.
func reviewFailure(err error) error {
	fault, ok := errors.AsType[*endpoint.Error](err)
	if !ok {
		return err
	}
	switch fault.Status {
	case 0, http.StatusOK, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		if !fault.Temporary {
			return asset.Permanent(asset.CodeReviewFailed, "The asset could not be reviewed: "+fault.Reason+".", err)
		}
	}
	return asset.Deferred(asset.CodeReviewFailed, "The asset waits for its review: "+fault.Reason+".",
		max(reviewPause, fault.RetryAfter), err)
}
