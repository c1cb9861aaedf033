package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/keyring"
)

var update = flag.Bool("update", false, "write what the commands print into the scripts")

// TestMain lets the scripts run this very program as "vod".
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"vod": main})
}

// The scripts of testdata/script meet no server, no credentials and no settings.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, parameters("testdata/script", func(*testscript.Env) error { return nil }))
}

// Each script of testdata/cloud has a cloud of its own, and the environment of somebody who may use it.
func TestCloudScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, parameters("testdata/cloud", func(env *testscript.Env) error {
		_, server := startCloud()
		env.Defer(server.Close)
		env.Vars = append(env.Vars, cloudEnvironment(server.URL)...)
		return nil
	}))
}

// Each script of testdata/service has a service of its own, without media processing, and the environment that vod serve
// writes for its clients.
func TestServiceScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, parameters("testdata/service", func(env *testscript.Env) error {
		settings := config.Development()
		settings.Media.Disabled = true
		variables, err := startService(t.Context(), filepath.Join(env.WorkDir, "data"), settings, env.Defer)
		env.Vars = append(env.Vars, variables...)
		return err
	}))
}

// TestDocumentedUploads runs what docs and README say of uploads.
func TestDocumentedUploads(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-C", root, "-o", filepath.Join(bin, "upload"), "./examples/upload")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	testscript.Run(t, parameters("testdata/documented", func(env *testscript.Env) error {
		settings := config.Development()
		settings.Media.Disabled = true
		variables, err := startService(t.Context(), filepath.Join(env.WorkDir, "data"), settings, env.Defer)
		env.Vars = append(env.Vars, variables...)
		env.Setenv("PATH", bin+string(filepath.ListSeparator)+env.Getenv("PATH"))
		return errors.Join(err,
			writeBlock(env.WorkDir, "curl.sh", filepath.Join(root, "docs/sdks.md"), "video_upload_url"),
			writeBlock(env.WorkDir, "folder.sh", filepath.Join(root, "README.md"), "vod upload films/"))
	}))
}

// writeBlock writes the only block of shell commands of a document that has a word into a file of dir.
func writeBlock(dir, name, document, word string) error {
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	for _, block := range strings.Split(string(text), "```sh\n")[1:] {
		if block, _, _ = strings.Cut(block, "```"); strings.Contains(block, word) {
			return os.WriteFile(filepath.Join(dir, name), []byte("set -e\n"+block), 0o600)
		}
	}
	return fmt.Errorf("%s has no commands with %q", document, word)
}

// Each script of testdata/mistakes has a service of its own, tokens of its first user of which one has ended, and a cloud
// whose clock is an hour ahead.
func TestMistakes(t *testing.T) {
	t.Parallel()
	testscript.Run(t, parameters("testdata/mistakes", func(env *testscript.Env) error {
		dir, settings := filepath.Join(env.WorkDir, "data"), config.Development()
		variables, err := startService(t.Context(), dir, settings, env.Defer)
		if err != nil {
			return err
		}
		later, server := startCloud()
		env.Defer(server.Close)
		later.verifier.Now = func() time.Time { return time.Now().Add(time.Hour) }
		keys, err := keyring.Open(filepath.Join(dir, "vod.key"), false)
		if err != nil {
			return err
		}
		env.Vars = append(env.Vars, variables...)
		address := env.Getenv("VOD_ENDPOINT")
		env.Vars = append(env.Vars, "LATER="+server.URL, "ADDRESS="+strings.TrimPrefix(address, "http://"),
			"STORE="+strings.TrimPrefix(env.Getenv("VOD_S3_ENDPOINT"), "http://"),
			"TOKEN="+token(keys, settings.Users[0], time.Now().Add(time.Hour)), "ENDED_TOKEN="+token(keys, settings.Users[0], time.Now()))
		return nil
	}))
}

// token returns what the service issues to a user as a token that ends at a time.
func token(keys *keyring.Keyring, user config.User, end time.Time) string {
	password := sha256.Sum256([]byte("password\x00" + user.Name + "\x00" + user.Password.Reveal()))
	text, _ := json.Marshal(map[string]any{"user": user.Name, "expires": end.Unix(), "password": password[:8]}) // plain values
	return base64.RawURLEncoding.EncodeToString(keys.Seal("token", text))
}

// startService runs vod serve with settings in dir, on free ports, until what it registers with atEnd is called.
func startService(ctx context.Context, dir string, settings config.Config, atEnd func(func())) (variables []string, err error) {
	settings.Listen, settings.Store.Listen = "127.0.0.1:0", "127.0.0.1:0"
	if err := config.Create(dir, settings); err != nil {
		return nil, err
	}
	ready := filepath.Join(dir, "ready")
	vod := exec.CommandContext(ctx, "vod", "serve", "--data-dir", dir, "--ready-file", ready)
	vod.Env = append(os.Environ(), quickExit)
	stderr, err := vod.StderrPipe()
	if err == nil {
		err = vod.Start()
	}
	if err != nil {
		return nil, err
	}
	atEnd(func() {
		_ = vod.Process.Signal(os.Interrupt)
		_ = vod.Wait() // the scripts have seen what they wanted
	})
	lines := bufio.NewScanner(stderr)
	for lines.Scan() && !strings.Contains(lines.Text(), "msg=ready") {
	}
	go func() { _, _ = io.Copy(io.Discard, stderr) }()
	text, err := os.ReadFile(ready)
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		variables = append(variables, name+"="+strings.Trim(value, "'")) // none of these values has a quote
	}
	return variables, err
}

// quickExit keeps a program that was built with the race detector from waiting a second at its end, each time.
const quickExit = "GORACE=atexit_sleep_ms=10"

func parameters(dir string, setup func(*testscript.Env) error) testscript.Params {
	return testscript.Params{
		Dir: dir,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(append(env.Vars, quickExit), documented()...)
			return setup(env)
		},
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exitcode": expectExitCode},
	}
}

// documented has what the messages take from the document, by field, for the files of cmpenv: the values of $VIDEO_TYPE, the
// range of $THUMBNAIL_QUANTITY, and what $TAGS must be.
func documented() (vars []string) {
	for path, p := range contract.Fields() {
		limits := p.PatternMessage
		switch {
		case len(p.Enum) > 0:
			limits = strings.Join(p.Enum, ", ")
		case p.Type == "integer":
			limits = fmt.Sprintf("%d and %d", p.Minimum, p.Maximum)
		}
		vars = append(vars, strings.ToUpper(strings.ReplaceAll(path, ".", "_"))+"="+limits)
	}
	return vars
}

func cloudEnvironment(endpoint string) []string {
	return []string{
		"VOD_ENDPOINT=" + endpoint,
		"ADDRESS=" + strings.TrimPrefix(endpoint, "http://"),
		"VOD_REGION=cn-north-4",
		"VOD_PROJECT_ID=" + cloudProject,
		"VOD_ACCESS_KEY=" + cloudAccessKey,
		"VOD_SECRET_KEY=" + cloudSecretKey,
		"AK=" + cloudAccessKey,
		"SK=" + cloudSecretKey,
	}
}

// expectExitCode is the script command "exitcode CODE PROGRAM ARGUMENT...": the program must end with that very code.
func expectExitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode CODE PROGRAM [ARGUMENT]...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
