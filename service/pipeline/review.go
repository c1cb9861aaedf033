package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/endpoint"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/moderation"
	"github.com/vod-reproduction/vod/service/object"
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

// material is what the reviewer gets of a film. It is kept between the attempt that takes the frames and the one that waits
// for the verdict, and for those that follow when there is none.
type material struct {
	Offsets []time.Duration `json:"offsets"` // of the frames
	Files   []asset.File    `json:"files"`
}

// taken returns what an earlier attempt took for the reviewer, or nil.
func (w *attempt) taken() *material {
	var kept struct {
		Review *material `json:"review"`
	}
	if len(w.Cursor) == 0 || json.Unmarshal(w.Cursor, &kept) != nil {
		return nil
	}
	return kept.Review
}

// review has the asset judged: a first attempt takes the frames, another one, which holds no worker, asks and waits.
func (w *attempt) review(ctx context.Context) error {
	plan := w.Asset.Plan.Review
	if plan == nil || w.earlier(ctx, asset.StageReview, &w.verdict) {
		return nil
	}
	line, err := w.begin(ctx, asset.StageReview, 0)
	if err != nil {
		return err
	}
	if !w.Reviewing {
		if w.taken() == nil {
			if err := w.take(ctx, line); err != nil {
				return err
			}
		}
		return asset.ErrAwaitsReview
	}
	shown := w.taken()
	request := moderation.Request{AssetID: w.Asset.ID, TemplateID: plan.TemplateID, Title: w.Asset.Title, Description: w.Asset.Description}
	if w.Asset.Tags != "" {
		request.Tags = strings.Split(w.Asset.Tags, ",")
	}
	for i, file := range shown.Files {
		jpeg, err := w.picture(ctx, file)
		if err != nil {
			return err
		}
		request.Frames = append(request.Frames, moderation.Frame{Offset: shown.Offsets[i], JPEG: jpeg})
	}
	verdict, err := w.cfg.Review.Review(ctx, request)
	if err != nil {
		return reviewFailure(err)
	}
	w.verdict = w.judged(verdict, shown.Files)
	return line.complete(ctx, w.verdict, shown.Files)
}

// take takes the frames that are to be judged, and keeps them.
func (w *attempt) take(ctx context.Context, line *timeline) error {
	frames, files, err := w.frames(ctx, line)
	if err != nil {
		return err
	}
	shown := material{Files: files}
	for _, frame := range frames {
		shown.Offsets = append(shown.Offsets, frame.Offset)
	}
	cursor, err := json.Marshal(map[string]material{"review": shown})
	if err != nil {
		return err
	}
	if err := w.assets.SaveCursor(ctx, w.Attempt, cursor); err != nil {
		return err
	}
	w.uploads = nil
	return nil
}

// picture reads a frame that was taken before. When it is gone the frames are taken anew.
func (w *attempt) picture(ctx context.Context, file asset.File) ([]byte, error) {
	body, _, err := w.objects.Open(ctx, file.Bucket, file.Key, object.Range{}, file.ETag)
	if err == nil {
		var jpeg []byte
		jpeg, err = io.ReadAll(io.LimitReader(body, moderation.MaxFrameSize+1))
		if err = errors.Join(err, body.Close()); err == nil {
			return jpeg, nil
		}
	}
	if errors.Is(err, object.ErrNotFound) || errors.Is(err, object.ErrChanged) {
		if err := w.assets.SaveCursor(ctx, w.Attempt, nil); err != nil {
			return nil, err
		}
		return nil, asset.ErrNeedsWork
	}
	return nil, w.outputFailure(err)
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
	reason := "The asset waits for its review: " + fault.Reason + "."
	if fault.RetryAfter > 0 {
		return asset.Deferred(asset.CodeReviewFailed, reason, fault.RetryAfter, err)
	}
	return asset.Unavailable(asset.OnReviewer, asset.CodeReviewFailed, reason, err)
}
