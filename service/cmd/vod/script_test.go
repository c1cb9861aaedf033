package main

import (
	"errors"
	"flag"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
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

// quickExit keeps a program that was built with the race detector from waiting a second at its end, each time.
const quickExit = "GORACE=atexit_sleep_ms=10"

func parameters(dir string, setup func(*testscript.Env) error) testscript.Params {
	return testscript.Params{
		Dir: dir,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, quickExit)
			return setup(env)
		},
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exitcode": expectExitCode},
	}
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
