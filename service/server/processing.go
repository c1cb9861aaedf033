package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vod-reproduction/vod/service/api"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/cdn"
	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/endpoint"
	"github.com/vod-reproduction/vod/service/jobs"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/moderation"
	"github.com/vod-reproduction/vod/service/pipeline"
)

// processing is all that works on assets beside the store, and what it talks to.
type processing struct {
	runner *pipeline.Runner
	work   jobs.Work
	idle   []func() // close idle connections
}

// toolSearch looks for ffmpeg while the other parts start: running it takes as long as they do.
type toolSearch struct {
	errgroup.Group
	tools *media.Tools // once Wait has returned nil; nil where nothing is done with media
}

// findTools begins the search, which ends early when ctx is done.
func findTools(ctx context.Context, c Config) *toolSearch {
	search := new(toolSearch)
	if m := c.Service.Media; !m.Disabled && c.Role != RoleAPI {
		// The embedded store changes the working directory while it starts.
		ffmpeg, unknown := absolute(m.FFmpeg)
		ffprobe, unknownToo := absolute(m.FFprobe)
		search.Go(func() error {
			err := errors.Join(unknown, unknownToo)
			if err == nil {
				search.tools, err = media.Find(ctx, media.Config{FFmpeg: ffmpeg, FFprobe: ffprobe, Limits: limits(m), Log: c.Log})
			}
			if err != nil {
				return fmt.Errorf("find ffmpeg: %w; without it, set media.disabled in the configuration", err)
			}
			return nil
		})
	}
	return search
}

// absolute returns the path of a program for any working directory. A name without a directory is looked for in PATH.
func absolute(program string) (string, error) {
	if filepath.Base(program) == program || program == "" {
		return program, nil
	}
	return filepath.Abs(program)
}

// newProcessing sets up the work on assets as c says.
func newProcessing(ctx context.Context, s *Server, c Config, search *toolSearch) (p *processing, err error) {
	p = &processing{}
	settings := pipeline.Config{Bucket: c.Service.Store.Bucket, Log: c.Log, Keys: s.keyring, KeyURL: s.keyURL, Embedded: s.embedded != nil,
		MaxSource: int64(c.Service.Media.MaxSourceMB) << 20}
	if s.scratch, err = takeScratch(c.Dir); err != nil {
		return nil, err
	}
	settings.Scratch = s.scratch.path
	if err := search.Wait(); err != nil {
		return nil, err
	}
	if tools := search.tools; tools != nil {
		c.Log.LogAttrs(ctx, slog.LevelInfo, "media processing is enabled", slog.String("ffmpeg", tools.Version()),
			slog.String("sandbox", strings.Join(tools.Sandbox(), ", ")))
		settings.Tools = tools
	}
	if r := c.Service.Review; r.URL != "" {
		reviewer, err := moderation.New(endpoint.Config{URL: r.URL.Reveal()}, r.Token.Reveal())
		if err != nil {
			return nil, err
		}
		p.idle = append(p.idle, reviewer.CloseIdleConnections)
		settings.Review = pipeline.Review{Reviewer: reviewer, Every: time.Duration(r.EverySeconds) * time.Second, MaxFrames: r.MaxFrames}
	}
	p.idle = append(p.idle, func() { s.live.Load().notifier.CloseIdleConnections() })
	p.runner = pipeline.New(s.assets, s.objects, settings)
	p.work = jobs.Work{Runner: p.runner, Clean: p.runner.Clean, Remove: p.runner.Remove, Notifier: s,
		Check: s.checks(settings.Bucket, p.runner), Room: p.runner.Room}
	if len(c.Service.Edges) > 0 {
		prefetcher, err := cdn.New(cdn.Config{Bases: c.Service.Edges})
		if err != nil {
			return nil, err
		}
		p.idle = append(p.idle, prefetcher.CloseIdleConnections)
		p.work.Preheater = preheater{prefetcher}
	}
	return p, nil
}

// checks look whether what assets wait for works again.
func (s *Server) checks(bucket string, runner *pipeline.Runner) map[asset.Dependency]func(context.Context) error {
	return map[asset.Dependency]func(context.Context) error{
		asset.OnDatabase: s.assets.Ping,
		asset.OnStore: func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, checkTimeout)
			defer cancel()
			return checkObjects(ctx, s.objects, bucket)
		},
		asset.OnDisk: func(context.Context) error { return runner.CheckDisk() },
	}
}

// checkTimeout bounds how long a store may take to be found working.
const checkTimeout = 10 * time.Second

func limits(m config.Media) media.Limits {
	return media.Limits{
		Memory: int64(m.MemoryMB) << 20, Pixels: int64(m.MaxPixels), Duration: time.Duration(m.MaxHours) * time.Hour,
		Streams: m.MaxStreams, Output: int64(m.MaxOutputMB) << 20, Threads: m.Threads,
	}
}

func (p *processing) closeIdle() {
	for _, f := range p.idle {
		f()
	}
}

// preheater loads files into the CDN caches.
type preheater struct{ prefetcher *cdn.Prefetcher }

// Preheat implements jobs.Preheater.
func (p preheater) Preheat(ctx context.Context, file asset.Address) error {
	var faults []error
	temporary := false
	for _, r := range p.prefetcher.Prefetch(ctx, api.MediaPath(file)) {
		if r.Err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", r.URL, r.Err))
			temporary = temporary || r.Temporary
		}
	}
	err := errors.Join(faults...)
	if temporary {
		return asset.Unavailable(asset.OnCache, asset.CodeInternal, "Waiting for the CDN cache: "+err.Error(), err)
	}
	return err
}
