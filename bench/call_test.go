//go:build unix

package bench_test

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vod/v1/model"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/internal/sidebyside"
	"github.com/vod-reproduction/vod/signer"
)

const (
	callsInATurn = 2000
	turns        = 12
)

// BenchmarkBesideSDK makes dumps over loopback, against a server in another process that responds at once. Ours validates
// the request first and judges the response.
func BenchmarkBesideSDK(b *testing.B) {
	b.Setenv("HOME", b.TempDir()) // the SDK writes an identifier into the home directory
	for _, inFlight := range []int{1, 64} {
		b.Run("a dump over loopback, the client's processor time, "+strconv.Itoa(inFlight)+" in flight", func(b *testing.B) {
			ours, official := ourDump(b, startServer(b)), officialDump(b, startServer(b))
			sidebyside.CompareProcessor(b, callsInATurn, turns, spread(inFlight, ours), spread(inFlight, official))
		})
	}
}

// spread makes n calls from several goroutines.
func spread(inFlight int, call func()) sidebyside.Work {
	return func(n int) {
		var wg sync.WaitGroup
		for i := range inFlight {
			wg.Go(func() {
				for range (n + i) / inFlight {
					call()
				}
			})
		}
		wg.Wait()
	}
}

// TestBursts holds that calls which begin at one moment, again and again, all find a connection that is kept.
func TestBursts(t *testing.T) {
	const inFlight = 64
	url := startServer(t)
	call := ourDump(t, url)
	spread(inFlight, call)(inFlight * 4)
	before := connections(t, url)
	for range 20 {
		spread(inFlight, call)(inFlight)
	}
	after := connections(t, url) - 1 // this look took one itself
	if after != before {
		t.Errorf("%d in flight: %d more connections in bursts", inFlight, after-before)
	}
}

func connections(tb testing.TB, url string) int {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, url+"/connections", nil)
	if err != nil {
		tb.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		tb.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatal(err)
	}
	n, err := strconv.Atoi(string(content))
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func ourDump(tb testing.TB, url string) func() {
	tb.Helper()
	sign, err := signer.New(keys)
	if err != nil {
		tb.Fatal(err)
	}
	c, err := client.New(client.Config{Endpoint: url, ProjectID: servicetest.ProjectID, Auth: sign})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.CloseIdleConnections)
	request := &gen.DumpRequest{
		VideoType: gen.VideoTypeMP4, Title: "title",
		Input: gen.FileAddr{Bucket: "bucket", Location: "cn-north-4", Object: "path"},
	}
	return func() {
		if _, err := c.Dump(context.Background(), request); err != nil {
			tb.Error(err)
		}
	}
}

func officialDump(tb testing.TB, url string) func() {
	tb.Helper()
	c := officialClient(tb, url)
	request := &model.PublishAssetFromObsRequest{Body: &model.PublishAssetFromObsReq{
		VideoType: model.GetPublishAssetFromObsReqVideoTypeEnum().MP4, Title: "title",
		Input: &model.FileAddr{Bucket: "bucket", Location: "cn-north-4", Object: "path"},
	}}
	return func() {
		if _, err := c.PublishAssetFromObs(request); err != nil {
			tb.Error(err)
		}
	}
}
