package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

const (
	firstPoll = 2 * time.Second
	lastPoll  = 30 * time.Second
	// pollGrowth makes the pauses 2, 3, 4.5 ... seconds: a short dump is seen early, a long one costs two calls a minute.
	pollGrowth = 1.5
	// pollFailures is how many polls in a row may fail for a temporary reason. Each has been repeated by its own policy.
	pollFailures = 10
	// appearWithin is how long a new asset may be unknown to the query before it counts as missing.
	appearWithin = 30 * time.Second
)

// Phase is what an asset's status means to a program that waits for the asset.
type Phase int

const (
	// InProgress assets still change by themselves. A status that this version does not know counts as such.
	InProgress Phase = iota
	// Ready assets are complete, published or not.
	Ready
	// Failed assets have failed, were canceled or deleted, or do not exist.
	Failed
)

// PhaseOf returns the phase of a status of asset/info.
func PhaseOf(status companions.AssetStatus) Phase {
	switch status {
	case companions.AssetStatusPublished, companions.AssetStatusCreated, companions.AssetStatusTranscodeSucceed,
		companions.AssetStatusOBSCreateSuccess:
		return Ready
	case companions.AssetStatusOBSCreateFailed, companions.AssetStatusTranscodeFailed, companions.AssetStatusServerError,
		companions.AssetStatusUploadFailed, companions.AssetStatusCancelled, companions.AssetStatusDeleted,
		companions.AssetStatusDeleting, companions.AssetStatusDeleteFailed, companions.AssetStatusNoAsset, companions.AssetStatusNoAssetAlias,
		companions.AssetStatusUncreated:
		return Failed
	}
	return InProgress
}

// WaitOption changes one Wait.
type WaitOption func(*waiting)

// UntilPublished makes Wait regard CREATED, TRANSCODE_SUCCEED and OBS_CREATE_SUCCESS as in progress: right for a dump with
// auto_publish 1, which passes through them. If the asset stays there, Wait goes on until ctx ends, unless the service
// says in the asset's processing list that it will not publish it.
func UntilPublished() WaitOption {
	return func(w *waiting) { w.published = true }
}

// Observe has Wait call see with the asset after every successful poll, to show how far it is. Wait goes on when see
// returns.
func Observe(see func(companions.AssetInfo)) WaitOption {
	return func(w *waiting) { w.see = see }
}

// Wait polls an asset's status, every 2 s at first and every 30 s in the end, until it no longer changes by itself.
//
// It returns the asset without an error for PUBLISHED and, unless UntilPublished is given, for CREATED, TRANSCODE_SUCCEED
// and OBS_CREATE_SUCCESS. A failed, canceled, deleted or missing asset is a JobError with the reason, beside the asset
// as last seen. States that this version does not know count as being in progress. Up to ten polls in a row may fail for
// temporary reasons. An upload is CREATING, and waited for, until [Client.ConfirmUpload]. ctx bounds the whole; when it ends,
// the error wraps ctx's and names the last status seen.
func (c *Client) Wait(ctx context.Context, id string, options ...WaitOption) (companions.AssetInfo, error) {
	w := waiting{client: c, see: func(companions.AssetInfo) {}, pause: firstPoll, since: c.clock.Now(), last: companions.AssetInfo{AssetID: id}}
	for _, option := range options {
		option(&w)
	}
	for {
		pause := w.pause
		info, err := c.Asset(ctx, id)
		switch {
		case err == nil:
			w.failures = 0
			w.see(info)
			if done, err := w.look(info); done {
				return info, err
			}
		case ctx.Err() != nil:
			return w.last, w.stopped(err)
		case !w.bearable(err):
			return w.last, err
		default:
			pause = max(pause, asked(err))
		}
		// Up to a tenth more, so that many waiting clients do not ask at the same moment.
		pause += time.Duration(c.random() * 0.1 * float64(pause))
		if err := c.clock.Sleep(ctx, pause); err != nil {
			return w.last, w.stopped(because(ctx, err))
		}
		w.pause = min(lastPoll, time.Duration(float64(w.pause)*pollGrowth))
	}
}

// waiting is the state of one Wait.
type waiting struct {
	client    *Client
	published bool
	see       func(companions.AssetInfo)
	pause     time.Duration
	since     time.Time
	failures  int
	last      companions.AssetInfo
}

// look judges a status; done reports that waiting is over.
func (w *waiting) look(info companions.AssetInfo) (done bool, err error) {
	unknown := info.Status == companions.AssetStatusNoAsset || info.Status == companions.AssetStatusUncreated
	switch phase := PhaseOf(info.Status); {
	case unknown && w.unseen():
		return false, nil
	case phase == Failed:
		return true, failedJob(info)
	case phase == Ready && (!w.published || info.Status == companions.AssetStatusPublished):
		return true, nil
	case phase == Ready:
		if why := unpublished(info); why != "" {
			return true, &JobError{AssetID: info.AssetID, Status: info.Status, Reason: why}
		}
	}
	w.last = info
	return false, nil
}

// unpublished returns why an asset will not be published by itself; "" when that is not said.
func unpublished(info companions.AssetInfo) string {
	if info.BaseInfo == nil {
		return ""
	}
	for _, step := range info.BaseInfo.Processing {
		if step.Name == "publish" && step.State == companions.StepStateNotDone && step.Error != nil {
			return "it is not published: " + *step.Error
		}
	}
	return ""
}

// unseen reports whether the asset may still be on its way into the query.
func (w *waiting) unseen() bool {
	return w.last.Status == "" && w.client.clock.Now().Sub(w.since) < appearWithin
}

// bearable reports whether a failed poll is a reason to ask again.
func (w *waiting) bearable(err error) bool {
	var api *APIError
	if errors.As(err, &api) && (api.Code == contract.CodeNoSuchAsset || api.Status == http.StatusNotFound) {
		return w.unseen()
	}
	w.failures++
	return Retryable(err) && w.failures <= pollFailures
}

// stopped says where things stood when the caller's context ended.
func (w *waiting) stopped(err error) error {
	state := "its state is not known"
	if w.last.Status != "" {
		state = "it was " + string(w.last.Status)
	}
	if w.last.Status == companions.AssetStatusCreating {
		state += ", as an upload is until it is confirmed"
	}
	return fmt.Errorf("stopped waiting for asset %s, %s: %w", w.last.AssetID, state, err)
}

// failedJob finds the reason in the description, or in the step that failed.
func failedJob(info companions.AssetInfo) *JobError {
	e := &JobError{AssetID: info.AssetID, Status: info.Status}
	if info.Description != nil {
		e.Reason = *info.Description
	}
	if e.Reason == "" && info.BaseInfo != nil {
		for _, step := range info.BaseInfo.Processing {
			if step.State == companions.StepStateFailed && step.Error != nil {
				e.Reason = step.Name + ": " + *step.Error
				break
			}
		}
	}
	return e
}
