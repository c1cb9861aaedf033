package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/cdn/cdntest"
	"github.com/vod-reproduction/vod/service/media/mediatest"
	"github.com/vod-reproduction/vod/webhook"
)

// eventually waits until what is done beside the asset's own work is done.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-servicetest.Context(t).Done():
			t.Fatalf("without %s: %v", what, context.Cause(servicetest.Context(t)))
		}
	}
}

func step(info *companions.BaseInfo, name string) companions.ProcessingStep {
	i := slices.IndexFunc(info.Processing, func(s companions.ProcessingStep) bool { return s.Name == name })
	if i < 0 {
		return companions.ProcessingStep{}
	}
	return info.Processing[i]
}

// TestPreheating loads the files of an asset into a real cache as it is published, and serves viewers from there.
func TestPreheating(t *testing.T) {
	cache := cdntest.New(t)
	settings := strings.Replace(servicetest.MediaSettings, "edges: [http://127.0.0.1:9]", "edges: ["+cache.Base+"]", 1)
	s := start(t, servicetest.NewDirWith(t, settings))
	cache.Start(t, s.URL)
	s.putFile(t, "film.mp4", mediatest.Film{Frames: 100, Rate: 25, Width: 320, Height: 240}.Make(t))
	d := s.process(t, "film.mp4", func(r *gen.DumpRequest) {
		r.AutoPublish, r.AutoPreheat = new(gen.AutoPublishOn), new(gen.AutoPreheatOn)
		r.Thumbnail = &gen.Thumbnail{Type: gen.ThumbnailTypeTime}
	})
	eventually(t, "the files in the cache", func() bool {
		d = s.details(t, d.AssetID)
		return step(d.BaseInfo, "preheat").State == companions.StepStateDone
	})
	for _, url := range []string{*d.BaseInfo.VideoURL, d.ThumbnailInfo.Sample[0].URL} {
		got := get(t, strings.Replace(url, s.URL, cache.Base, 1))
		if got.status != http.StatusOK || got.header.Get("X-Cache") != "HIT" {
			t.Errorf("%s in the cache: %d %s", url, got.status, got.header.Get("X-Cache"))
		}
	}

	preheat := func(body string) response {
		got, err := s.send(servicetest.Context(t), http.MethodPost, "/v1.0/"+servicetest.ProjectID+"/asset/preheating", body)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	asked := preheat(`{"urls":["` + *d.BaseInfo.VideoURL + `"]}`)
	var task companions.PreheatTask
	if err := json.Unmarshal(asked.body, &task); err != nil || asked.status != http.StatusAccepted {
		t.Fatalf("preheating: %d %s", asked.status, asked.body)
	}
	results := func() (r companions.PreheatResults) {
		got, err := s.send(servicetest.Context(t), http.MethodGet, "/v1.0/"+servicetest.ProjectID+"/asset/preheating?task_id="+task.TaskID, "")
		if err != nil || got.status != http.StatusOK || json.Unmarshal(got.body, &r) != nil || len(r.PreheatingResults) != 1 {
			t.Fatalf("preheating: %d %s %v", got.status, got.body, err)
		}
		return r
	}
	eventually(t, "the end of the task", func() bool { return results().PreheatingResults[0].Status != companions.PreheatStatusProcessing })
	if r := results().PreheatingResults[0]; r.Status != companions.PreheatStatusSucceeded || r.URL != *d.BaseInfo.VideoURL {
		t.Errorf("the task ends with %s", text(t, r))
	}
	wantRefusal(t, preheat(`{"urls":["http://127.0.0.1:9/x"]}`), 400, "VOD.10053", "urls")
	wantRefusal(t, preheat(`{"urls":["`+s.URL+`/media/`+d.AssetID+`/other.mp4"]}`), 404, "VOD.10062", "")
}

// TestNotifications follows an asset by what its owner's endpoint is told.
func TestNotifications(t *testing.T) {
	servicetest.SkipShort(t, "it encodes")
	t.Parallel()
	type told struct {
		Type       string `json:"event_type"`
		ID         string `json:"event_id"`
		Transcoded struct {
			Output []struct{ URL string } `json:"output"`
		} `json:"transcode_info"`
		Created struct {
			Status, Title, URL string
			ErrorCode          string `json:"error_code"`
		} `json:"create_info"`
	}
	var mu sync.Mutex
	var events []told
	tries := 0
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		var body struct{ Message string }
		var e told
		if tries++; tries == 1 {
			http.Error(w, "not now", http.StatusServiceUnavailable) // it comes again
			return
		}
		switch {
		case json.NewDecoder(r.Body).Decode(&body) != nil, json.Unmarshal([]byte(body.Message), &e) != nil:
			t.Error("an event cannot be read")
		case !webhook.Verify("callback"+servicetest.Canary, r.Header.Get(webhook.HeaderTimestamp), r.Header.Get(webhook.HeaderSign), body.Message):
			t.Error("an event is not signed")
		}
		events = append(events, e)
	}))
	t.Cleanup(receiver.Close)
	settings := strings.Replace(servicetest.MediaSettings, "    name: "+servicetest.Region+"\n",
		"    name: "+servicetest.Region+"\n    callback: {url: "+receiver.URL+"/hook, key: callback"+servicetest.Canary+"}\n", 1)
	s := start(t, servicetest.NewDirWith(t, settings))
	s.putFile(t, "film.mp4", mediatest.Film{Frames: 100, Rate: 25, Width: 320, Height: 240}.Make(t))
	s.process(t, "film.mp4", func(r *gen.DumpRequest) {
		r.Thumbnail, r.TemplateGroupName = &gen.Thumbnail{Type: gen.ThumbnailTypeTime}, new(servicetest.MP4Group)
	})
	s.Put(t, servicetest.Bucket, "bad.mp4", []byte("no film"))
	s.failure(t, "bad.mp4", func(*gen.DumpRequest) {})
	eventually(t, "all events", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(events) == 4
	})
	mu.Lock()
	defer mu.Unlock()
	seen := map[string]int{}
	for _, e := range events {
		seen[e.Type+e.Created.Status]++
		switch {
		case e.ID == "":
			t.Error("an event has no ID")
		case e.Type == "transcodeComplete" && len(e.Transcoded.Output) != 1:
			t.Errorf("outputs: %+v", e.Transcoded)
		case e.Created.Status == "FAILED" && e.Created.ErrorCode != "VOD.10063":
			t.Errorf("the failure is told as %+v", e.Created)
		}
	}
	for _, want := range []string{"thumbnailComplete", "transcodeComplete", "createCompleteSUCCEED", "createCompleteFAILED"} {
		if seen[want] != 1 {
			t.Errorf("%s was told %d times", want, seen[want])
		}
	}
}

// TestReview has assets judged by an endpoint that decides by the title.
func TestReview(t *testing.T) {
	var mu sync.Mutex
	frames := 0
	reviewer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct {
			Title  string
			Frames []struct {
				OffsetMS int64 `json:"offset_ms"`
			}
		}
		_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		form := multipart.NewReader(r.Body, params["boundary"])
		part, err2 := form.NextPart()
		if err != nil || err2 != nil || json.NewDecoder(part).Decode(&request) != nil {
			t.Errorf("the request cannot be read: %v %v", err, err2)
			return
		}
		for range request.Frames {
			frame, err := form.NextPart()
			if err != nil {
				t.Error(err)
				return
			}
			if jpeg, _ := io.ReadAll(frame); len(jpeg) < 100 {
				t.Error("a frame is missing")
			}
		}
		mu.Lock()
		frames += len(request.Frames)
		mu.Unlock()
		var judged []string
		for i, f := range request.Frames {
			verdict := "pass"
			if i == 1 {
				verdict = request.Title
			}
			judged = append(judged, fmt.Sprintf(`{"offset_ms":%d,"suggestion":%q,"porn":[{"confidence":0.5,"label":"skin"}]}`, f.OffsetMS, verdict))
		}
		_, _ = fmt.Fprintf(w, `{"text":{"suggestion":"pass"},"frames":[%s]}`, strings.Join(judged, ","))
	}))
	t.Cleanup(reviewer.Close)
	settings := strings.ReplaceAll(servicetest.MediaSettings, servicetest.Region, contract.ReviewRegion) + "review: {url: " + reviewer.URL + ", every_seconds: 1}\n"
	s := start(t, servicetest.NewDirWith(t, settings))
	s.putFile(t, "film.mp4", mediatest.Film{Frames: 100, Rate: 25, Width: 320, Height: 240}.Make(t))
	for title, want := range map[string]struct {
		published bool
		status    companions.ReviewStatus
		publish   companions.AssetStatus // after a call to publish it
	}{
		"pass":   {true, companions.ReviewStatusPassed, companions.AssetStatusPublished},
		"review": {false, companions.ReviewStatusSuspicious, companions.AssetStatusPublished},
		"block":  {false, companions.ReviewStatusBlocked, companions.AssetStatusCreated},
	} {
		d := s.process(t, "film.mp4", func(r *gen.DumpRequest) {
			r.Title, r.AutoPublish, r.Input.Location = title, new(gen.AutoPublishOn), contract.ReviewRegion
			r.Review = &gen.Review{TemplateID: new("strict")}
		})
		info, err := s.info(servicetest.Context(t), d.AssetID)
		if err != nil {
			t.Fatal(err)
		}
		if published := info.Status == companions.AssetStatusPublished; published != want.published {
			t.Errorf("%s: published is %v", title, published)
		}
		r := d.ReviewInfo
		if r.ReviewStatus != want.status || string(*r.Suggestion) != title || len(r.Video) != 4 || string(*r.Video[1].Suggestion) != title ||
			r.Video[1].Porn[0].Confidence != "0.5" {
			t.Errorf("%s: review_info is %s", title, text(t, r))
		}
		got, err := s.send(servicetest.Context(t), http.MethodPost, "/v1.0/"+servicetest.ProjectID+"/asset/status/publish", `{"asset_id":["`+d.AssetID+`"]}`)
		var list companions.AssetInfoList
		if err != nil || json.Unmarshal(got.body, &list) != nil || list.AssetInfoArray[0].Status != want.publish {
			t.Errorf("%s: publishing gives %d %s %v", title, got.status, got.body, err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if frames != 12 {
		t.Errorf("%d frames were judged, want 12", frames)
	}
}
