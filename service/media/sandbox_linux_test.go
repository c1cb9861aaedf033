package media

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

// sandboxes are the strongest sandbox of this host, and all of its weaker forms.
func sandboxes(t *testing.T) []*Tools {
	t.Helper()
	servicetest.NeedFFmpeg(t)
	tools, err := Find(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	strong := tools.sandbox
	if !strong.limits {
		t.Fatal("no limits can be set on this host")
	}
	var all []*Tools
	for _, c := range weakened(strong) {
		weaker := *tools
		weaker.sandbox = c
		all = append(all, &weaker)
	}
	return all
}

func weakened(c sandbox) []sandbox {
	return slices.Compact([]sandbox{
		c, {limits: true, noNetwork: c.noNetwork, unprivileged: c.unprivileged}, {limits: true, unprivileged: c.unprivileged}, {limits: true},
	})
}

// shell runs a script in the sandbox and returns what it printed.
func (t *Tools) shell(ctx context.Context, input, dir, script string, args ...string) (string, error) {
	out := &bounded{limit: 64 << 10}
	err := t.start(ctx, run{program: "/bin/sh", args: append([]string{"-c", script, "sh"}, args...), input: input, dir: dir, stdout: out, limit: time.Minute})
	return strings.TrimSpace(string(out.kept)), err
}

// A host without the program that stands for others has the same sandbox.
func TestSandboxWithoutTrue(t *testing.T) {
	servicetest.NeedFFmpeg(t)
	whole, err := Find(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	programs := t.TempDir()
	if err := os.Chmod(filepath.Dir(programs), 0o755); err != nil { //nolint:gosec // the user of the sandbox looks into it
		t.Fatal(err)
	}
	for _, name := range []string{"ffmpeg", "ffprobe", "mount", "nice", "setpriv"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(programs, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", programs)
	bare, err := Find(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	if bare.sandbox != whole.sandbox {
		t.Errorf("the sandbox has %v, want %v", bare.Sandbox(), whole.Sandbox())
	}
}

func TestSandboxHolds(t *testing.T) {
	t.Setenv("CAGE_CANARY", "seen")
	foreign := filepath.Join(t.TempDir(), "foreign")
	if err := os.WriteFile(foreign, []byte("canary"), 0o600); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(t.TempDir(), "mine")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	listening := listener.Addr().(*net.TCPAddr).Port
	for _, tools := range sandboxes(t) {
		t.Run(strings.Join(tools.Sandbox(), ", "), func(t *testing.T) {
			const script = `
				echo "canary=$CAGE_CANARY"
				echo "input=$(cat /proc/self/fd/3)"
				echo "foreign=$(cat "$1" 2>/dev/null)"
				echo "above=$(ls .. 2>/dev/null | wc -l)"
				echo "parent=$(test -e "/proc/$2" && echo seen)"
				echo "interfaces=$(tail -n +3 /proc/self/net/dev | grep -v lo: | wc -l)"
				echo "ports=$(grep -i -c "0100007F:$3 00000000:0000 0A" /proc/self/net/tcp)"
				echo "uid=$(id -u)"
				echo "caps=$(grep CapEff /proc/self/status | tr -d '\t')"
				echo written > here && echo "here=$(cat here)"`
			said, err := tools.shell(t.Context(), mine, t.TempDir(), script, foreign, strconv.Itoa(os.Getpid()), fmt.Sprintf("%04X", listening))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for line := range strings.Lines(said) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
				got[name] = value
			}
			want := map[string]string{"canary": "", "input": "mine", "here": "written"}
			if tools.sandbox.unprivileged {
				want["foreign"], want["above"], want["uid"] = "", "0", strconv.Itoa(nobody)
			}
			if tools.sandbox.unprivileged || os.Geteuid() != 0 {
				want["caps"] = "CapEff:0000000000000000"
			}
			if tools.sandbox.noNetwork {
				want["interfaces"], want["ports"] = "0", "0"
			} else {
				want["ports"] = "1" // so that a 0 above means something
			}
			if tools.sandbox.alone {
				want["parent"] = ""
			} else {
				want["parent"] = "seen"
			}
			for name, value := range want {
				if got[name] != value {
					t.Errorf("%s is %q, want %q", name, got[name], value)
				}
			}
		})
	}
}

func TestLimitsOfARun(t *testing.T) {
	memory := int64(400 << 20)
	if sandboxes(t)[0].Version() >= "6" { // which starts more threads before it needs that much for pictures
		memory = 600 << 20
	}
	for _, test := range []struct {
		name    string
		limit   func(*Limits)
		program string
		args    []string
		culprit culprit
	}{
		{"output", func(l *Limits) { l.Output = 100 << 10 }, "ffmpeg", []string{"-f", "lavfi", "-i", "testsrc2=duration=20", "-c:v", "mjpeg", "-f", "avi", "file:out"}, aLimit},
		{"output that the muxer loses without a word", func(l *Limits) { l.Output = 100 << 10 }, "ffmpeg",
			[]string{"-f", "lavfi", "-i", "testsrc2=duration=2", "-c:v", "mjpeg", "-q:v", "2", "-f", "hls", "-hls_segment_filename", "file:%d.ts", "file:out"}, aLimit},
		{"memory", func(l *Limits) { l.Memory = memory }, "ffmpeg",
			[]string{"-f", "lavfi", "-i", "testsrc2=size=7680x4320:duration=2", "-threads", "1", "-c:v", "mjpeg", "-f", "avi", "file:out"}, aLimit},
		{"processor time", func(l *Limits) { l.CPU = time.Second }, "ffmpeg",
			[]string{"-f", "lavfi", "-i", "testsrc2=size=1280x720", "-c:v", "mjpeg", "-f", "null", "-"}, aLimit},
		{"processor time, deaf", func(l *Limits) { l.CPU = time.Second }, "sh", []string{"-c", "while :; do :; done"}, aLimit},
		{"garbage", func(*Limits) {}, "ffmpeg", []string{"-f", "mov", "-i", "file:/dev/null", "-f", "null", "-"}, theMedia},
		{"crash", func(*Limits) {}, "sh", []string{"-c", "kill -SEGV $$; exit 1"}, theMedia},
		{"no program", func(*Limits) {}, "/no/such/program", nil, theHost},
		{"no room", func(*Limits) {}, "ffmpeg", []string{"-f", "lavfi", "-i", "testsrc2=duration=20", "-c:v", "mjpeg", "-f", "avi", "file:/dev/full"}, theHost},
		{"terminated", func(*Limits) {}, "sh", []string{"-c", "kill -TERM $$; exit 255"}, theHost},
	} {
		t.Run(test.name, func(t *testing.T) {
			if strings.HasPrefix(test.name, "processor time") {
				servicetest.SkipShort(t, "it uses up processor time")
			}
			t.Parallel()
			all := sandboxes(t)
			for _, tools := range []*Tools{all[0], all[len(all)-1]} {
				test.limit(&tools.limits)
				err := tools.start(t.Context(), run{program: test.program, args: append(begin(test.program), test.args...), dir: t.TempDir(), limit: time.Minute})
				exit, ok := errors.AsType[*exitError](err)
				if !ok || exit.culprit != test.culprit {
					t.Errorf("in %v: %v; want the %s at fault", tools.Sandbox(), err, test.culprit)
				}
			}
		})
	}
}

func begin(program string) []string {
	if program == "ffmpeg" {
		return []string{"-nostdin", "-loglevel", "error", "-y"}
	}
	return nil
}

func TestRunEndsWithAllItStarted(t *testing.T) {
	for _, tools := range sandboxes(t) {
		t.Run(strings.Join(tools.Sandbox(), ", "), func(t *testing.T) {
			dir := t.TempDir()
			pipe := filepath.Join(dir, "pipe")
			if err := errors.Join(unix.Mkfifo(pipe, 0o666), os.Chmod(pipe, 0o666)); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error, 1)
			go func() {
				_, err := tools.shell(ctx, "", dir, "{ echo ready; exec sleep 1000; } >pipe & wait")
				ended <- err
				// Whoever waits for a writer need not any longer.
				if late, err := unix.Open(pipe, unix.O_WRONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0); err == nil {
					_ = unix.Close(late)
				}
			}()
			reader, err := os.Open(pipe)
			if err != nil {
				t.Fatal(err)
			}
			defer reader.Close()
			said := bufio.NewReader(reader)
			if line, err := said.ReadString('\n'); line != "ready\n" {
				t.Fatal(line, err, <-ended)
			}
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("ended with %v", err)
			}
			if _, err := said.ReadByte(); !errors.Is(err, io.EOF) { // it comes when the last writer is gone
				t.Error(err)
			}
		})
	}
}

func TestWhoIsToBlame(t *testing.T) {
	servicetest.SkipShort(t, "it uses up processor time")
	tools := sandboxes(t)[0]
	tools.limits.Run = time.Minute
	spin := run{program: "/bin/sh", args: []string{"-c", "while :; do :; done"}, limit: 100 * time.Millisecond}
	busy := func() (err error) {
		for {
			if err = tools.start(t.Context(), spin); !errors.Is(err, errStalled) { // others left it no processor
				return err
			}
		}
	}
	asleep := run{program: "/bin/sleep", args: []string{"1000"}, limit: 100 * time.Millisecond}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	deadline, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	patient := spin
	patient.limit = time.Minute
	for _, test := range []struct {
		name string
		err  error
		want Kind // empty: no refusal
	}{
		{"nobody", nil, ""},
		{"a run without progress", busy(), TooBig},
		{"a run that gets no processor", tools.start(t.Context(), asleep), ""},
		{"a caller that gave up", tools.start(stopped, patient), ""},
		{"a caller's deadline", tools.start(deadline, patient), ""},
		{"the media", tools.start(t.Context(), run{program: "/bin/false", limit: time.Minute}), Broken},
		{"the host", tools.start(t.Context(), run{program: "/bin/sh", args: []string{"-c", "echo 'x: No space left on device' >&2; exit 1"}, limit: time.Minute}), ""},
		{"a limit", tools.start(t.Context(), run{program: "/bin/sh", args: []string{"-c", "echo 'x: Cannot allocate memory' >&2; exit 1"}, limit: time.Minute}), TooBig},
		{"no input", tools.start(t.Context(), run{program: "/bin/true", input: filepath.Join(t.TempDir(), "none"), limit: time.Minute}), ""},
	} {
		err := blame(test.err, Broken, "It cannot be decoded.")
		refusal, refused := errors.AsType[*Refusal](err)
		if refused != (test.want != "") || refused && refusal.Kind != test.want {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
		if (err == nil) != (test.err == nil) || !errors.Is(err, test.err) {
			t.Errorf("%s: the cause %v is lost in %v", test.name, test.err, err)
		}
	}
}

func TestLeftBehind(t *testing.T) {
	tools := sandboxes(t)[0]
	tools.limits.Output = 1 << 20
	for script, want := range map[string]string{
		"echo 1 >a; mkdir b; echo 2 >b/c": "",
		"ln -s /etc/passwd a":             "which is no file",
		"mkdir b; mkfifo b/a":             "which is no file",
		": >a":                            "empty",
	} {
		_, err := tools.shell(t.Context(), "", t.TempDir(), script)
		if want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", script, err, want)
		}
	}
}

// serviceVariable makes this test program a service that works on media in the sandbox of this number.
const serviceVariable = "VOD_MEDIA_TEST_SERVICE"

func init() {
	if weaker := os.Getenv(serviceVariable); weaker != "" {
		fmt.Fprintln(os.Stderr, "the service ended:", service(weaker))
		os.Exit(1)
	}
}

// service has ffmpeg work without end, and tells its process ID once it does.
func service(weaker string) error {
	tools, err := Find(context.Background(), Config{})
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(weaker)
	if err != nil {
		return err
	}
	tools.sandbox = weakened(tools.sandbox)[n]
	tell := sync.OnceFunc(func() {
		children, _ := filepath.Glob("/proc/self/task/*/children")
		for _, name := range children {
			if child, err := os.ReadFile(name); err == nil && len(child) > 0 {
				fmt.Println(strings.TrimSpace(string(child)))
			}
		}
	})
	return tools.start(context.Background(), run{
		program: tools.ffmpeg, args: append(quiet(), "-re", "-f", "lavfi", "-i", "testsrc", "-f", "null", "-"),
		limit: time.Hour, progress: func(time.Duration) { tell() },
	})
}

func TestKilledServiceLeavesNothing(t *testing.T) {
	servicetest.SkipShort(t, "it runs a service of its own")
	for n, tools := range sandboxes(t) {
		t.Run(strings.Join(tools.Sandbox(), ", "), func(t *testing.T) {
			service := exec.Command(os.Args[0])
			service.Env = append(os.Environ(), serviceVariable+"="+strconv.Itoa(n))
			service.Stderr = os.Stderr
			out, err := service.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := service.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = service.Wait() }() // it was killed
			defer func() { _ = service.Process.Kill() }()
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatalf("the service told of no process: %v", err)
			}
			pid, err := strconv.Atoi(strings.TrimSpace(line))
			if err != nil {
				t.Fatal(err)
			}
			ffmpeg, err := unix.PidfdOpen(pid, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(ffmpeg)
			ended := []unix.PollFd{{Fd: int32(ffmpeg), Events: unix.POLLIN}}
			if n, err := unix.Poll(ended, 0); n != 0 || err != nil {
				t.Fatalf("ffmpeg is not at work: %d %v", n, err)
			}
			if err := service.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			n, err := unix.Poll(ended, 20_000)
			for errors.Is(err, unix.EINTR) { // a signal of the runtime's own
				n, err = unix.Poll(ended, 20_000)
			}
			if n != 1 || err != nil {
				t.Errorf("ffmpeg outlives the service: %d %v", n, err)
				_ = unix.PidfdSendSignal(ffmpeg, unix.SIGKILL, nil, 0)
			}
		})
	}
}
