package main

import (
	"context"
	"fmt"
	"time"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen/companions"
)

// watch prints every change of the assets until none moves any more.
func (s *session) watch(ctx context.Context, c *client.Client, ids []string, interval time.Duration) error {
	last := map[string]string{}
	failed := 0
	moving := ids
	for {
		infos, err := look(ctx, c, moving)
		if err != nil {
			return stopped(ctx, ids, err)
		}
		moving = nil
		for _, info := range infos {
			onTheWay, bad := fate(info.Status)
			if onTheWay {
				moving = append(moving, info.AssetID)
			}
			if bad {
				failed++
			}
			line := statusLine(info)
			if last[info.AssetID] == line {
				continue
			}
			last[info.AssetID] = line
			if err := s.printChange(info, line); err != nil {
				return err
			}
		}
		if len(moving) == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return stopped(ctx, ids, ctx.Err())
		case <-time.After(interval):
		}
	}
	if failed > 0 {
		return &failure{code: exitJobFailed, what: fmt.Sprintf("%s failed", count(failed, "asset"))}
	}
	return nil
}

func (s *session) printChange(info companions.AssetInfo, line string) error {
	if s.options.json() {
		return s.printJSON(info)
	}
	return s.print(line)
}

// fate tells whether an asset will still change by itself, and whether it came to a bad end. States that this version
// does not know count as being on the way.
func fate(status companions.AssetStatus) (onTheWay, bad bool) {
	switch status {
	case companions.AssetStatusPublished, companions.AssetStatusCreated, companions.AssetStatusTranscodeSucceed,
		companions.AssetStatusOBSCreateSuccess:
		return false, false
	case companions.AssetStatusOBSCreateFailed, companions.AssetStatusTranscodeFailed, companions.AssetStatusServerError,
		companions.AssetStatusUploadFailed, companions.AssetStatusCancelled, companions.AssetStatusDeleted,
		companions.AssetStatusDeleteFailed, companions.AssetStatusNoAsset, companions.AssetStatusUncreated:
		return false, true
	}
	return true, false
}
