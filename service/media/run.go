package media

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// run is one start of a program.
type run struct {
	program string
	args    []string
	input   string        // path of the file that inputName stands for; empty: none
	dir     string        // the only place that it may write to; empty: it writes nothing
	stdout  io.Writer     // may be nil
	said    *tail         // keeps the last lines of standard error; may be nil
	most    int64         // bytes that dir may hold; 0: any number
	limit   time.Duration // without progress, see watchdog
	// progress is called with how much media time was handled; whenever that has grown, the limit starts anew. nil for ffprobe.
	progress func(time.Duration)
	// lines is called with what else was printed beside the progress, and starts the limit anew each time; nil drops it.
	lines func(string)
}

var (
	// errTooMuch says that a program printed more than anyone wants to read.
	errTooMuch = errors.New("printed too much")
	errOutput  = errors.New("reached the limit of what one file may hold")
	// errIncomplete says that a program did not notice that writing failed.
	errIncomplete = errors.New("is the disk full?")
)

// start runs a program in the sandbox to its end. Its whole process group is
// killed when ctx ends or a limit is reached.
func (t *Tools) start(ctx context.Context, r run) error {
	// A child dies with the thread that started it, see prepare.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	name, args := t.sandbox.command(t.limits, r.program, r.args)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"LC_ALL=C"}
	cmd.WaitDelay = 5 * time.Second
	if r.dir != "" {
		cmd.Dir = r.dir
	}
	if r.said == nil {
		r.said = new(tail)
	}
	cmd.Stderr, cmd.Stdout = r.said, r.stdout
	used := newProcessorClock(cmd)
	defer watch(t.limits.Run, used.now, cancel).stop()
	stall := watch(r.limit, used.now, cancel)
	defer stall.stop()
	defer watchRoom(r.dir, r.most, cancel)()
	if r.progress != nil {
		reader, writer := io.Pipe()
		cmd.Stdout = writer
		done := make(chan struct{})
		go func() {
			defer close(done)
			var furthest time.Duration
			readProgress(reader, func(at time.Duration) {
				if at > furthest {
					furthest = at
					stall.progress()
				}
				r.progress(at)
			}, func(line string) {
				if r.lines != nil {
					stall.progress()
					r.lines(line)
				}
			})
		}()
		defer func() {
			_ = writer.Close() // a pipe in memory: it cannot fail
			<-done
		}()
	}
	if err := t.sandbox.prepare(cmd, r.dir); err != nil {
		return fmt.Errorf("prepare the sandbox: %w", err)
	}
	if r.input != "" {
		file, err := t.sandbox.give(cmd, r.input)
		if err != nil {
			return fmt.Errorf("open the input: %w", err)
		}
		defer func() { _ = file.Close() }() // only read
	}
	err := cmd.Start()
	if err == nil {
		used.started()
		err = cmd.Wait()
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err != nil {
		said := r.said.String()
		e := &exitError{program: r.program, err: err, said: said, culprit: culpritOf(cmd.ProcessState, said, t.limits)}
		t.log.LogAttrs(ctx, slog.LevelDebug, "a media program failed", slog.Any("error", e))
		return e
	}
	if r.dir != "" {
		return errors.Join(t.inspect(r.dir), checkRoom(r.dir, r.most))
	}
	return nil
}

// inspect looks over a directory that a sandboxed program wrote to. A program in a
// stranger's hands could lay a link there to have this one give away a file of
// the host; and some of ffmpeg's muxers take no notice when writing fails.
func (t *Tools) inspect(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		file, err := entry.Info()
		switch {
		case err != nil:
			return err
		case !file.Mode().IsRegular():
			return fmt.Errorf("a media program left %s, which is no file", path)
		case file.Size() == 0:
			return fmt.Errorf("a media program left %s empty: %w", path, errIncomplete)
		case file.Size() >= t.limits.Output&^511: // the unit of the limit
			return &exitError{program: entry.Name(), err: errOutput, culprit: aLimit}
		case filepath.Ext(path) == ".ts" && file.Size()%packetSize != 0: // the muxer of HLS takes no notice of that
			return fmt.Errorf("a media program left %s cut short: %w", path, errIncomplete)
		}
		return nil
	})
}

// packetSize is that of MPEG-TS, in bytes.
const packetSize = 188

// readProgress reads what -progress prints: key=value lines, among others.
func readProgress(r io.Reader, advance func(time.Duration), other func(string)) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if us, ok := strings.CutPrefix(lines.Text(), "out_time_us="); ok {
			if n, err := strconv.ParseInt(us, 10, 64); err == nil {
				advance(max(0, time.Duration(n)*time.Microsecond))
			}
		} else {
			other(lines.Text())
		}
	}
	_, _ = io.Copy(io.Discard, r) // so that the writer never blocks
}

// tail keeps the last bytes that are written to it.
type tail struct{ kept []byte }

// maxTail is how many bytes those are.
const maxTail = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.kept = append(t.kept, b...)
	if over := len(t.kept) - maxTail; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(b), nil
}

func (t *tail) String() string { return strings.TrimSpace(string(t.kept)) }

// bounded keeps what is written to it, and fails the write that goes beyond what is wanted.
type bounded struct {
	limit int
	kept  []byte
	over  bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if len(b.kept)+len(p) > b.limit {
		b.over = true
		return 0, errTooMuch
	}
	b.kept = append(b.kept, p...)
	return len(p), nil
}
