package jobs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store"
	"github.com/vod-reproduction/vod/service/store/storetest"
)

const (
	crashFileEnv = "VOD_TEST_CRASH_FILE"
	crashAssets  = 5
)

// crashingProcess is another process that has work in hand until it is killed.
func crashingProcess(path string) {
	ctx := context.Background()
	client := New(Config{Workers: crashAssets})
	s, err := store.Open(ctx, store.Config{DSN: path, Queue: client.Connect})
	if err == nil {
		err = s.AuthorizeBucket(ctx, storetest.Project, storetest.NewAsset().Source.Bucket)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for range crashAssets {
		if _, _, err := s.Accept(ctx, storetest.NewAsset()); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	err = client.Start(ctx, s, Work{Runner: runFunc(func(ctx context.Context, a asset.Attempt) error {
		if err := s.SaveCursor(ctx, a, []byte(a.Asset.ID)); err != nil {
			return err
		}
		fmt.Println(a.Asset.ID)
		select {}
	})})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	select {}
}

// A process is killed with work in hand: the next one finishes every asset once.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vod.db")
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), crashFileEnv+"="+path)
	child.Stderr = t.Output()
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ids := make(map[string]bool)
	for lines := bufio.NewScanner(out); len(ids) < crashAssets; {
		if !lines.Scan() {
			t.Fatalf("the other process ended early: %v", child.Wait())
		}
		ids[lines.Text()] = true
	}

	if s, err := store.Open(t.Context(), store.Config{DSN: path, Queue: New(Config{}).Connect}); !errors.Is(err, store.ErrInUse) {
		t.Errorf("Open beside a living process = %v, %v; want ErrInUse", s, err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // "signal: killed"

	s := open(t, config{Config: Config{MaxAttempts: 1}, path: path}) // a crash is no failure
	handled := start(t, s, runFunc(func(ctx context.Context, a asset.Attempt) error {
		if string(a.Cursor) != a.Asset.ID {
			t.Errorf("cursor %q was lost, want %q", a.Cursor, a.Asset.ID)
		}
		return s.Finish(ctx, a, storetest.Ending(a))
	}))
	for id := range ids {
		handled(id)
		if a := s.MustGet(t, id); a.State != asset.Created || a.Attempt != 2 {
			t.Errorf("asset %s is %s in attempt %d, want %s in 2", id, a.State, a.Attempt, asset.Created)
		}
	}
	var check string
	if err := s.Write.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&check); err != nil || check != "ok" {
		t.Errorf("integrity_check = %s, %v", check, err)
	}
}
