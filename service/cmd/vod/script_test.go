package main

import (
	"bufio"
	"context"
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

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/service/config"
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
		variables, err := startService(t.Context(), filepath.Join(env.WorkDir, "data"), env.Defer)
		env.Vars = append(env.Vars, variables...)
		return err
	}))
}

// startService runs vod serve in dir until what it registers with atEnd is called.
func startService(ctx context.Context, dir string, atEnd func(func())) (variables []string, err error) {
	settings := config.Development()
	settings.Listen, settings.Store.Listen, settings.Media.Disabled = "127.0.0.1:0", "127.0.0.1:0", true
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
