package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/seed"
	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/cdn/cdntest"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// processRounds is enough to notice a broken promise in every run; VOD_KILL_ROUNDS asks for more.
const processRounds = 4

// TestKillProcessing kills the service with SIGKILL at random moments while it works on assets with every stage on, dumped and
// uploaded, and starts it again. Afterwards every asset is published with everything that was asked for, once, and no stage that was
// done was done again.
func TestKillProcessing(t *testing.T) {
	rounds := killRoundsOr(t, processRounds)
	servicetest.Extend(t, rounds)
	t.Logf("%d rounds", rounds)
	random := seed.Random(t, 0)

	told := &deliveries{ids: map[string]map[string]bool{}}
	receiver, reviewer := httptest.NewServer(told), httptest.NewServer(http.HandlerFunc(passAll))
	t.Cleanup(receiver.Close)
	t.Cleanup(reviewer.Close)
	cache := cdntest.New(t)
	settings := strings.NewReplacer("listen: 127.0.0.1:0\nregion", "listen: "+servicetest.FreeAddress(t)+"\nregion", servicetest.Region, contract.ReviewRegion, "http://127.0.0.1:9", cache.Base).Replace(servicetest.MediaSettings)
	settings = strings.Replace(settings, "    name: "+contract.ReviewRegion+"\n",
		"    name: "+contract.ReviewRegion+"\n    callback: {url: "+receiver.URL+", key: k}\n", 1) + "review: {url: " + reviewer.URL + "}\n"
	dir := servicetest.NewDirWith(t, settings)
	s := startOf(t, dir, 0, rounds)
	cache.Start(t, s.URL) // no restart changes the address
	film := mediatest.Film{Frames: 50, Rate: 25, Width: 160, Height: 120, KeyEvery: 25, Sound: true}.Make(t)
	s.putFile(t, "film.mp4", film)

	dumped := s.dumpAll(t, "first")
	s.settleAll(t, dumped)
	perDump := s.Copies(t)
	uploaded := s.uploadAll(t, film)
	s.settleAll(t, uploaded)
	perUpload := s.Copies(t) - perDump
	for id, stage := range map[string]string{dumped: "review", uploaded: "attach"} {
		if step(s.details(t, id).BaseInfo, stage).State != companions.StepStateDone {
			t.Fatalf("asset %s has no stage %s", id, stage)
		}
	}
	ids, done := []string{dumped, uploaded}, map[string]string{}
	for round := range rounds {
		ids = append(ids, s.dumpAll(t, fmt.Sprint(round)), s.uploadAll(t, film))
		// The moment of the kill is the random part of this test; nothing is synchronized by it.
		<-time.After(time.Duration(random.Int64N(int64(3 * time.Second))))
		for _, id := range ids[max(0, len(ids)-6):] {
			s.remember(t, id, done)
		}
		s.Kill()
		s = startOf(t, dir, round+1, rounds)
	}
	for _, id := range ids {
		s.settleAll(t, id)
		s.remember(t, id, done)
	}
	each := len(ids) / 2
	eventually(t, "all events", func() bool { return told.count() == (4+3)*each }) // uploads are not reviewed
	if doubled := told.doubled(); doubled != 0 {
		t.Errorf("%d events were told under two ids", doubled)
	}
	s.Stop(t) // the last orphaned objects are removed before it ends
	if copies := s.Copies(t); copies != (perDump+perUpload)*each {
		t.Errorf("the service's bucket holds %d objects for %d dumps with %d each and as many uploads with %d", copies, each, perDump, perUpload)
	}
	t.Logf("%d dumps with %d objects each, and as many uploads with %d: none stuck, nothing doubled", each, perDump, perUpload)
}

// dumpAll asks for everything at once.
func (s service) dumpAll(t *testing.T, key string) string {
	t.Helper()
	body, err := json.Marshal(gen.DumpRequest{
		VideoType: gen.VideoTypeMP4, Title: key, AutoPublish: new(gen.AutoPublishOn), AutoPreheat: new(gen.AutoPreheatOn),
		Input:     gen.FileAddr{Bucket: servicetest.Bucket, Location: contract.ReviewRegion, Object: "film.mp4"},
		Thumbnail: &gen.Thumbnail{Type: gen.ThumbnailTypeQuantity, Quantity: new(int32(2))}, Review: &gen.Review{TemplateID: new("strict")},
		TemplateGroupName: new(servicetest.HLSGroup), AutoEncrypt: new(gen.AutoEncryptOn),
	})
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.dump(servicetest.Context(t), string(body), key)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// uploadAll uploads a film with all that may come with it, which is no review, and asks for everything else at once.
func (s service) uploadAll(t *testing.T, film string) string {
	t.Helper()
	target := s.upload(t, `{"title": "uploaded", "video_name": "film.mp4", "video_type": "MP4", "auto_publish": 1, "auto_preheat": "1",
		"thumbnail": {"type": "quantity", "quantity": 2}, "template_group_name": "`+servicetest.HLSGroup+`", "auto_encrypt": 1,
		"cover_type": "PNG", "subtitles": [`+subtitle+`]}`)
	content, err := os.ReadFile(film) //nolint:gosec // made by the test
	if err != nil {
		t.Fatal(err)
	}
	for address, content := range map[string]string{
		target.VideoUploadURL: string(content), *target.CoverUploadURL: greyPNG(t), target.SubtitleUploadURLs[0]: firstWords,
	} {
		if status := put(t, address, content); status != http.StatusOK {
			t.Fatalf("PUT: %d", status)
		}
	}
	if code := s.confirm(t, target.AssetID, "CREATED"); code != "" {
		t.Fatal(code)
	}
	return target.AssetID
}

// settleAll waits until every stage of an asset is done.
func (s service) settleAll(t *testing.T, id string) {
	t.Helper()
	if info := s.wait(t, id); info.Status != companions.AssetStatusPublished {
		t.Fatalf("asset %s is %s: %v", id, info.Status, *info.Description)
	}
	eventually(t, "the preheating", func() bool {
		return step(s.details(t, id).BaseInfo, "preheat").State == companions.StepStateDone
	})
	for _, st := range s.details(t, id).BaseInfo.Processing {
		if st.State != companions.StepStateDone {
			t.Errorf("asset %s: stage %s is %s", id, st.Name, st.State)
		}
	}
}

// remember compares when the stages of an asset were done with what an earlier look saw.
func (s service) remember(t *testing.T, id string, done map[string]string) {
	t.Helper()
	for _, st := range s.details(t, id).BaseInfo.Processing {
		if st.State != companions.StepStateDone || st.Name == "copy" { // a copy is the source of verify, which ends both
			continue
		}
		before, now := done[id+st.Name], *st.Started+" to "+*st.Ended
		if before != "" && before != now {
			t.Errorf("asset %s: stage %s was done %s, and again %s", id, st.Name, before, now)
		}
		done[id+st.Name] = now
	}
}

// passAll is a reviewer that finds nothing.
func passAll(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Frames []struct {
			OffsetMS int64 `json:"offset_ms"`
		}
	}
	_, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	part, err := multipart.NewReader(r.Body, params["boundary"]).NextPart()
	if err != nil || json.NewDecoder(part).Decode(&request) != nil {
		http.Error(w, "cannot be read", http.StatusBadRequest)
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	var judged []string
	for _, f := range request.Frames {
		judged = append(judged, fmt.Sprintf(`{"offset_ms":%d,"suggestion":"pass"}`, f.OffsetMS))
	}
	_, _ = fmt.Fprintf(w, `{"text":{"suggestion":"pass"},"frames":[%s]}`, strings.Join(judged, ","))
}

// deliveries is a receiver that remembers under which ids it was told of each event.
type deliveries struct {
	mu  sync.Mutex
	ids map[string]map[string]bool
}

func (d *deliveries) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct{ Message string }
	var event struct {
		Type string `json:"event_type"`
		ID   string `json:"event_id"`
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil || json.Unmarshal([]byte(body.Message), &event) != nil {
		http.Error(w, "cannot be read", http.StatusBadRequest)
		return
	}
	what := event.Type + " " + between(body.Message, `"asset_id":"`, `"`)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ids[what] == nil {
		d.ids[what] = map[string]bool{}
	}
	d.ids[what][event.ID] = true
}

func (d *deliveries) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.ids)
}

func (d *deliveries) doubled() (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, ids := range d.ids {
		n += len(ids) - 1
	}
	return n
}
