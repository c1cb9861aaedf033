//go:build unix

package e2e_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/servicetest"
)

// TestStoreOutage takes the store away right after many dumps were accepted, for as long as VOD_OUTAGE says, and brings it
// back: all of them are published, and none of the tries in between counted.
func TestStoreOutage(t *testing.T) {
	servicetest.SkipShort(t, "it waits for an outage to end")
	t.Parallel()
	const workers = 2 // an asset of each may be about to end
	outage, err := time.ParseDuration(cmp.Or(os.Getenv("VOD_OUTAGE"), "10s"))
	if err != nil {
		t.Fatal(err)
	}
	store := start(t, servicetest.NewDir(t))
	store.Put(t, servicetest.Bucket, "in/clip.mp4", bytes.Repeat([]byte("media"), 1<<20))
	store.Put(t, "second-service", ".keep", nil) // a folder is a bucket
	line := newLine(t, strings.TrimPrefix(store.Vars["VOD_S3_ENDPOINT"], "http://"))
	settings := strings.Replace(servicetest.Settings, `listen: "127.0.0.1:0", bucket: `+servicetest.ServiceBucket,
		`endpoint: "http://`+line.address+`", bucket: second-service`, 1)
	s := start(t, servicetest.NewDirWith(t, fmt.Sprintf("workers: %d\n", workers)+settings))
	ctx := servicetest.Context(t)
	var ids []string
	before := 0
	for len(ids)-before <= workers { // they may have kept up
		line.cut(false)
		ids = append(ids, s.dumpMany(t, 150, len(ids))...)
		line.cut(true)
		before = published(t, s, ids)
	}
	select {
	case <-time.After(outage):
	case <-ctx.Done():
		t.Fatal(ctx.Err())
	}
	line.cut(false)
	back := time.Now()
	for published(t, s, ids) <= before+workers {
	}
	first := time.Since(back)
	for _, id := range ids {
		if info := s.wait(t, id); info.Status != companions.AssetStatusPublished {
			t.Errorf("%s is %s: %s", id, info.Status, *info.Description)
		}
	}
	log := s.Log()
	t.Logf("%d of %d dumps were published before an outage of %s; the next ones %s after it, the last one %s; %d deferrals",
		before, len(ids), outage, first, time.Since(back), strings.Count(log, "asset deferred"))
	if n := strings.Count(log, "attempt failed"); n > 0 {
		t.Errorf("%d attempts counted", n)
	}
}

// dumpMany accepts so many dumps, faster than workers publish them; first is the number of the first.
func (s service) dumpMany(t *testing.T, many, first int) []string {
	t.Helper()
	const senders = 16
	ctx := servicetest.Context(t)
	ids, errs := make([]string, many), make([]error, senders)
	var sent sync.WaitGroup
	for sender := range senders {
		sent.Go(func() {
			for i := sender; i < many && errs[sender] == nil; i += senders {
				n := first + i
				ids[i], errs[sender] = s.dump(ctx, request("in/clip.mp4", fmt.Sprint("clip ", n)), fmt.Sprint("key", n))
			}
		})
	}
	sent.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return ids
}

// published counts those of some assets that are published.
func published(t *testing.T, s service, ids []string) (n int) {
	t.Helper()
	for _, id := range ids {
		info, err := s.info(servicetest.Context(t), id)
		if err != nil {
			t.Fatal(err)
		}
		if info.Status == companions.AssetStatusPublished {
			n++
		}
	}
	return n
}

// TestStall stops the process, with SIGSTOP, for as long as VOD_STALL says while it works on media. When it goes on nothing
// is lost but the time.
func TestStall(t *testing.T) {
	servicetest.SkipShort(t, "it encodes")
	t.Parallel()
	stall, err := time.ParseDuration(cmp.Or(os.Getenv("VOD_STALL"), "5s"))
	if err != nil {
		t.Fatal(err)
	}
	s := work(t)
	ctx := servicetest.Context(t)
	var ids []string
	for i := range 4 {
		body := strings.Replace(request("film.mp4", fmt.Sprint("film ", i)), `"title"`,
			`"thumbnail":{"type":"quantity","quantity":3},"template_group_name":"`+servicetest.HLSGroup+`","title"`, 1)
		id, err := s.dump(ctx, body, fmt.Sprint("key", i))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	for !strings.Contains(s.Log(), "stage=transcode") { // the first one has ended, the next ones run
		if ctx.Err() != nil {
			t.Fatal(ctx.Err())
		}
		published(t, s, ids[:1])
	}
	s.Sleep(t)
	time.Sleep(stall) // the stall itself
	s.Wake(t)
	for _, id := range ids {
		if info := s.wait(t, id); info.Status != companions.AssetStatusPublished {
			t.Errorf("%s is %s: %s", id, info.Status, *info.Description)
		}
	}
	if n := strings.Count(s.Log(), "attempt failed"); n > 0 {
		t.Errorf("%d attempts counted", n)
		for line := range strings.Lines(s.Log()) {
			if strings.Contains(line, "level=WARN") {
				t.Log(line)
			}
		}
	}
}
