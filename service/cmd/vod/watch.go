package main

import (
	"context"
	"fmt"
	"time"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen/companions"
)

// watch prints every change of the assets until none moves any more. On a terminal, bars below that show how far their
// steps are.
func (s *session) watch(ctx context.Context, c *client.Client, ids []string, interval time.Duration) error {
	last := map[string]string{}
	failed := 0
	moving := ids
	steps := s.newBoard()
	defer steps.clear()
	for {
		infos, err := look(ctx, c, moving)
		if err != nil {
			return stopped(ctx, ids, err)
		}
		moving = nil
		steps.clear()
		for _, info := range infos {
			switch client.PhaseOf(info.Status) {
			case client.InProgress:
				moving = append(moving, info.AssetID)
			case client.Failed:
				failed++
			}
			line := statusLine(info)
			if steps != nil {
				line = lineOf(info, valueOf(info.Description))
			}
			if last[info.AssetID] == line {
				continue
			}
			last[info.AssetID] = line
			if err := s.printChange(info, line); err != nil {
				return err
			}
		}
		steps.draw(bars(infos))
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
