//go:build unix

package e2e_test

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/servicetest"
)

// TestStoreOutage takes the store away right after 150 dumps were accepted, for as long as VOD_OUTAGE says, and brings it
// back: all of them are published, and none of the tries in between counted.
func TestStoreOutage(t *testing.T) {
	const dumps = 150
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
	s := start(t, servicetest.NewDirWith(t, "workers: 2\n"+settings))
	ctx := servicetest.Context(t)
	ids := make([]string, dumps)
	for i := range ids {
		if ids[i], err = s.dump(ctx, request("in/clip.mp4", fmt.Sprint("clip ", i)), fmt.Sprint("key", i)); err != nil {
			t.Fatal(err)
		}
	}
	line.cut(true)
	before := published(t, s, ids)
	if before == dumps {
		t.Fatal("all dumps were published before the outage")
	}
	select {
	case <-time.After(outage):
	case <-ctx.Done():
		t.Fatal(ctx.Err())
	}
	line.cut(false)
	back := time.Now()
	for published(t, s, ids) <= before+1 { // one may have been about to end
	}
	first := time.Since(back)
	for _, id := range ids {
		if info := s.wait(t, id); info.Status != companions.AssetStatusPublished {
			t.Errorf("%s is %s: %s", id, info.Status, *info.Description)
		}
	}
	log := s.Log()
	t.Logf("%d of %d dumps were published before an outage of %s; the next ones %s after it, the last one %s; %d deferrals",
		before, dumps, outage, first, time.Since(back), strings.Count(log, "asset deferred"))
	if n := strings.Count(log, "attempt failed"); n > 0 {
		t.Errorf("%d attempts counted", n)
	}
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
