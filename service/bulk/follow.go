package bulk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen/companions"
)

const (
	// assetsPerCall is the most assets that one call returns.
	assetsPerCall = 10
	// looksPerSecond bounds the calls that ask for assets.
	looksPerSecond = 10
	firstLook      = 2 * time.Second
	lastLook       = 30 * time.Second
	// appearWithin is how long a new asset may be unknown.
	appearWithin = 30 * time.Second
)

// Follow asks for the accepted items of the journal, ten in a call, until all of them are Done or Failed. Failed calls
// are repeated as long as patience lasts. When ctx ends, it returns its error.
func Follow(ctx context.Context, j *Journal, config Config) error {
	c, err := config.withDefaults()
	if err != nil {
		return err
	}
	f := follower{
		run:   &run{Config: c, journal: j, pace: newPace(c.Clock, looksPerSecond*60, looksPerSecond, c.Patience)},
		since: c.Clock.Now(),
	}
	for pause := firstLook; ; pause = min(lastLook, pause*3/2) {
		left, err := f.round(ctx)
		if err != nil || left == 0 {
			return err
		}
		if err := c.Clock.Sleep(ctx, pause); err != nil {
			return ctx.Err()
		}
	}
}

type follower struct {
	*run
	since time.Time
}

// round asks for every accepted item once, and counts those that are still on the way.
func (f *follower) round(ctx context.Context) (left int, err error) {
	for after := int64(0); ; {
		items, err := f.journal.items(ctx, Accepted, after, assetsPerCall)
		if err != nil || len(items) == 0 {
			return left, err
		}
		after = items[len(items)-1].ID
		infos, err := f.look(ctx, items)
		if err != nil {
			return left, err
		}
		ended, err := f.record(items, infos)
		if err != nil {
			return left, err
		}
		left += len(items) - ended
	}
}

// record writes down what became of the items of a call, all with one wait for the disk, and counts those that have ended.
func (f *follower) record(items []Item, infos []companions.AssetInfo) (ended int, err error) {
	var deliveries []*delivery
	var moves []move
	for i, info := range infos {
		d := &delivery{run: f.run, item: items[i], was: items[i].State}
		if m, ended := f.judge(d, info); ended {
			deliveries, moves = append(deliveries, d), append(moves, m)
		}
	}
	if len(moves) == 0 {
		return 0, nil
	}
	g, err := f.journal.enter(moves...)
	if err != nil {
		return 0, err
	}
	if err := g.wait(); err != nil {
		return 0, err
	}
	for i, d := range deliveries {
		d.entered(moves[i])
		d.observe()
	}
	return len(moves), nil
}

// look asks for up to ten items, again and again while the failure is a temporary one.
func (f *follower) look(ctx context.Context, items []Item) ([]companions.AssetInfo, error) {
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item.AssetID
	}
	var infos []companions.AssetInfo
	err := f.patiently(ctx, f.pace, func() (err error) {
		infos, err = f.Service.Assets(ctx, ids...)
		return err
	})
	var unavailable *UnavailableError
	if err != nil && ctx.Err() == nil && !errors.As(err, &unavailable) {
		return nil, fmt.Errorf("follow the assets: %w", err)
	}
	return infos, err
}

// patiently makes a call that changes nothing, again and again while the failure is a temporary one and patience lasts.
func (r *run) patiently(ctx context.Context, pace *pace, call func() error) error {
	for {
		sent, err := pace.wait(ctx)
		if err != nil {
			return ctx.Err()
		}
		err = call()
		switch {
		case err == nil:
			pace.taken()
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !client.Retryable(err):
			return err
		case !pace.turnedAway(sent, 0, false):
			return &UnavailableError{Err: err}
		}
	}
}

// judge returns the last move of an item whose asset has ended.
func (f *follower) judge(d *delivery, info companions.AssetInfo) (_ move, ended bool) {
	if info.Status == companions.AssetStatusNoAsset && f.Clock.Now().Sub(f.since) < appearWithin {
		return move{}, false
	}
	switch client.PhaseOf(info.Status) {
	case client.InProgress:
		return move{}, false
	case client.Ready:
		return d.next(Done, d.item.AssetID, "", ""), true
	}
	message := ""
	if info.Description != nil {
		message = *info.Description
	}
	return d.next(Failed, d.item.AssetID, string(info.Status), message), true
}
