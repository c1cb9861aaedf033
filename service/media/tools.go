package media

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Config names the programs and their limits. Its zero value is usable.
type Config struct {
	FFmpeg, FFprobe string // paths; empty: from PATH
	Limits          Limits
	Log             *slog.Logger // nil discards
}

// Limits bounds one run. A zero field stands for its default.
type Limits struct {
	Memory   int64         // bytes of address space
	Pixels   int64         // of one frame
	Duration time.Duration // of the media
	Streams  int
	Output   int64         // bytes of one written file
	Probe    time.Duration // time that a program runs to look into a file
	Stall    time.Duration // time that any other program runs without progress
	Run      time.Duration // time that any program runs, whatever its progress
	CPU      time.Duration // processor time of any run, in whole seconds; by default all processors for all of Run
	Threads  int
}

// What the zero fields of Limits stand for.
const (
	DefaultMemory   = 4 << 30
	DefaultPixels   = 8192 * 4320
	DefaultDuration = 24 * time.Hour
	DefaultStreams  = 64
	DefaultOutput   = 64 << 30
	DefaultProbe    = time.Minute
	DefaultStall    = 2 * time.Minute
	DefaultRun      = 12 * time.Hour
)

func (l Limits) withDefaults() Limits {
	setDefault(&l.Memory, DefaultMemory)
	setDefault(&l.Pixels, DefaultPixels)
	setDefault(&l.Duration, DefaultDuration)
	setDefault(&l.Streams, DefaultStreams)
	setDefault(&l.Output, DefaultOutput)
	setDefault(&l.Probe, DefaultProbe)
	setDefault(&l.Stall, DefaultStall)
	setDefault(&l.Run, DefaultRun)
	setDefault(&l.CPU, l.Run*time.Duration(runtime.NumCPU()))
	setDefault(&l.Threads, runtime.NumCPU())
	return l
}

// cpu is the processor time in the unit of the system's limit.
func (l Limits) cpu() time.Duration { return max(time.Second, l.CPU.Truncate(time.Second)) }

func setDefault[T comparable](v *T, value T) {
	if *v == *new(T) {
		*v = value
	}
}

// Tools is a usable pair of ffmpeg and ffprobe. Its methods are safe for
// concurrent use.
type Tools struct {
	ffmpeg, ffprobe string
	version         string
	limits          Limits
	sandbox         sandbox
	log             *slog.Logger
}

// Find looks for both programs, runs them, and finds out how far this host
// lets them be sandboxed. Its error says what to install.
func Find(ctx context.Context, c Config) (*Tools, error) {
	t := &Tools{limits: c.Limits.withDefaults(), log: c.Log}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if t.ffmpeg, err = look(c.FFmpeg, "ffmpeg"); err != nil {
		return nil, err
	}
	if t.ffprobe, err = look(c.FFprobe, "ffprobe"); err != nil {
		return nil, err
	}
	// The two take long to start: they are tried once, in the sandbox of a program that does not.
	if t.sandbox = strongest(ctx, "true"); t.sandbox != (sandbox{}) && t.try(ctx) == nil {
		return t, nil
	}
	t.sandbox = strongest(ctx, t.ffmpeg)
	if err := t.try(ctx); err != nil {
		return nil, err
	}
	return t, nil
}

// try runs both programs in the sandbox.
func (t *Tools) try(ctx context.Context) (err error) {
	var probing errgroup.Group
	probing.Go(func() error {
		_, err := t.versionOf(ctx, t.ffprobe, "ffprobe")
		return err
	})
	t.version, err = t.versionOf(ctx, t.ffmpeg, "ffmpeg")
	return cmp.Or(probing.Wait(), err)
}

// versionOf runs a program in the sandbox and returns its version.
func (t *Tools) versionOf(ctx context.Context, program, name string) (version string, err error) {
	out := &bounded{limit: 64 << 10}
	if err := t.start(ctx, run{program: program, args: []string{"-version"}, stdout: out, limit: t.limits.Probe}); err != nil {
		return "", fmt.Errorf("%s does not run in its sandbox (%s): %w", program, strings.Join(t.Sandbox(), ", "), err)
	}
	first, _, _ := strings.Cut(string(out.kept), "\n")
	fields := strings.Fields(first)
	if len(fields) < 3 || fields[0] != name {
		return "", fmt.Errorf("%s is not %s: it calls itself %.60q", program, name, first)
	}
	if isOld(fields[2]) {
		return "", fmt.Errorf("%s is version %.60s, and at least 5.1 is needed: install a newer package ffmpeg, or name the path of another one", program, fields[2])
	}
	return fields[2], nil
}

// isOld reports whether a version is below 5.1, the first with all options that are used here. Builds between releases have dates
// or hashes instead of numbers: they are tried.
func isOld(version string) bool {
	var major, minor int
	_, _ = fmt.Sscanf(strings.TrimPrefix(version, "n"), "%d.%d", &major, &minor) // what is not there stays 0
	return major > 0 && (major < 5 || major == 5 && minor < 1)
}

func look(path, name string) (string, error) {
	if path == "" {
		path = name
	}
	found, err := exec.LookPath(path)
	if err != nil {
		return "", fmt.Errorf("%w: install the package ffmpeg, or name its path", err)
	}
	return found, nil
}

// Version is that of ffmpeg, such as "5.1.9-0+deb12u1".
func (t *Tools) Version() string { return t.version }

// Sandbox lists what holds a run on this host, for logs.
func (t *Tools) Sandbox() []string { return t.sandbox.steps() }
