package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/vod-reproduction/vod/service/config"
)

// Where a directory cannot be written, the next step is that of the reason.
func TestUnwritableDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := config.Create(dir, config.Development()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		reason        error
		start, change string
	}{
		"no permission": {
			syscall.EACCES, "let this user read and write the directory, or choose another one by --data-dir", "run it as the user that owns " + dir,
		},
		"read-only": {
			syscall.EROFS, "mount the file system for writing, or choose another directory by --data-dir",
			"mount the file system for writing, and repeat the command",
		},
		"full": {syscall.ENOSPC, "free disk space, or choose another directory by --data-dir", "free disk space, and repeat the command"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault := &fs.PathError{Op: "open", Path: filepath.Join(dir, "x"), Err: c.reason}
			if got := explain(startFailure(dir, fault)).next; got != c.start {
				t.Errorf("a start: %q, want %q", got, c.start)
			}
			a := accounts{session: &session{}, files: serveFlags{dir: dir}}
			if got := explain(a.change(func(string) error { return fault })).next; got != c.change {
				t.Errorf("a change: %q, want %q", got, c.change)
			}
		})
	}
}

// A start that cannot do what it was told says which of its settings is wrong.
func TestFailedStartNamesSetting(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		setting string
		flags   []string
		says    string
	}{
		"ready file in no directory": {
			"", []string{"--ready-file", "nowhere/ready"}, "next: name a file by --ready-file in a directory that exists and that this user can write",
		},
		"key that is none": {"VOD_KEY=short", nil, "VOD_KEY: open the keyring: the key does not have 64 hex digits; set it to the content of vod.key"},
		"no database": {
			"VOD_DATABASE=postgres://vod:CANARY@127.0.0.1:1/vod", nil,
			"next: start the database, or correct the URL in VOD_DATABASE or in database of the configuration",
		},
		"role without a database": {
			"", []string{"--role", "api"},
			"next: set database in the configuration, or VOD_DATABASE, to the URL of a PostgreSQL database",
		},
		"worker without the API's address": {
			"VOD_DATABASE=postgres://vod:CANARY@127.0.0.1:1/vod", []string{"--role", "worker"},
			"next: set public_url in the configuration to the address at which clients reach the API",
		},
		"collector that is none": {
			"OTEL_EXPORTER_OTLP_ENDPOINT=CANARY", nil,
			"error: OTEL_EXPORTER_OTLP_ENDPOINT is not a URL that begins with http:// or https://\nvod: next: correct the variable, or unset it",
		},
		"collector without a scheme": {
			"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=127.0.0.1:4318", nil, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is not a URL",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			settings := config.Development()
			settings.Listen, settings.Media.Disabled = "127.0.0.1:0", true
			if settings.Store.Listen = "127.0.0.1:0"; strings.HasPrefix(c.setting, "VOD_DATABASE") {
				settings.Store.Listen, settings.Store.Endpoint = "", "http://127.0.0.1:1"
			}
			if err := config.Create(dir, settings); err != nil {
				t.Fatal(err)
			}
			var messages bytes.Buffer
			vod := exec.CommandContext(t.Context(), "vod", append([]string{"serve", "--data-dir", dir}, c.flags...)...)
			vod.Dir, vod.Stderr, vod.Env = dir, &messages, append(os.Environ(), c.setting)
			_ = vod.Run() // the exit code is looked at
			if got := messages.String(); vod.ProcessState.ExitCode() != exitOther || !strings.Contains(got, c.says) || strings.Contains(got, "CANARY") {
				t.Errorf("exit code %d\n%s\nwant %s", vod.ProcessState.ExitCode(), got, c.says)
			}
		})
	}
}
