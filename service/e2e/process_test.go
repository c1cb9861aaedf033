package e2e_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// work starts a service that works on media, with a film of 10 seconds at 25 frames a second as film.mp4.
func work(t *testing.T) service {
	t.Helper()
	s := start(t, servicetest.NewDirWith(t, servicetest.MediaSettings))
	s.putFile(t, "film.mp4", mediatest.Film{Frames: 250, Rate: 25, Width: 640, Height: 480, KeyEvery: 25, Sound: true}.Make(t))
	return s
}

func (s service) putFile(t *testing.T, key, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s.Put(t, servicetest.Bucket, key, content)
}

// ended dumps an object of the tests' bucket with changes to the plain request, and waits for the asset's end.
func (s service) ended(t *testing.T, key string, change func(*gen.DumpRequest)) companions.AssetInfo {
	t.Helper()
	r := gen.DumpRequest{VideoType: gen.VideoTypeMP4, Title: t.Name(),
		Input: gen.FileAddr{Bucket: servicetest.Bucket, Location: servicetest.Region, Object: key}}
	change(&r)
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.dump(servicetest.Context(t), string(body), rand.Text())
	if err != nil {
		t.Fatal(err)
	}
	return s.wait(t, id)
}

// process is ended for an asset that must be created; it returns all about it.
func (s service) process(t *testing.T, key string, change func(*gen.DumpRequest)) companions.AssetDetails {
	t.Helper()
	info := s.ended(t, key, change)
	if info.Status != companions.AssetStatusPublished && info.Status != companions.AssetStatusCreated {
		t.Fatalf("the asset is %s: %v", info.Status, *info.Description)
	}
	return s.details(t, info.AssetID)
}

// failure is ended for an asset that must fail; it returns code and reason.
func (s service) failure(t *testing.T, key string, change func(*gen.DumpRequest)) string {
	t.Helper()
	info := s.ended(t, key, change)
	if info.Status != companions.AssetStatusOBSCreateFailed {
		t.Fatalf("the asset is %s", info.Status)
	}
	return *info.Description
}

func (s service) details(t *testing.T, id string) (d companions.AssetDetails) {
	t.Helper()
	got, err := s.send(servicetest.Context(t), http.MethodGet, "/v1.0/"+servicetest.ProjectID+"/asset/details?asset_id="+id, "")
	if err != nil || got.status != http.StatusOK {
		t.Fatalf("asset/details: %d %s %v", got.status, got.body, err)
	}
	if err := json.Unmarshal(got.body, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// text shows a value with what its pointers point to.
func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// fetch saves the content of a URL.
func fetch(t *testing.T, url, name string) string {
	t.Helper()
	got := get(t, url)
	if got.status != http.StatusOK {
		t.Fatalf("GET %s: %d %s", url, got.status, got.body)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, got.body, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSnapshots takes snapshots in each way, and looks at which frames they show.
func TestSnapshots(t *testing.T) {
	servicetest.SkipShort(t, "it encodes")
	s := work(t)
	for name, c := range map[string]struct {
		thumbnail gen.Thumbnail
		seconds   []int32
		cover     int // which of them
		width     int64
	}{
		"time":     {gen.Thumbnail{Type: gen.ThumbnailTypeTime, Time: new(int32(3))}, []int32{0, 3, 6, 9}, 0, 480},
		"interval": {gen.Thumbnail{Type: gen.ThumbnailTypeTime}, []int32{0}, 0, 480},
		"dots":     {gen.Thumbnail{Type: gen.ThumbnailTypeDots, Dots: []int32{7, 2, 99}, CoverPosition: new(int32(2))}, []int32{2, 7}, 1, 480},
		"quantity": {gen.Thumbnail{Type: gen.ThumbnailTypeQuantity, Quantity: new(int32(5)), MaxLength: new(int32(320))}, []int32{1, 3, 5, 7, 9}, 0, 320},
		"spaced":   {gen.Thumbnail{Type: gen.ThumbnailTypeQuantity, Quantity: new(int32(3)), QuantityTime: new(int32(4))}, []int32{0, 4, 8}, 0, 480},
	} {
		t.Run(name, func(t *testing.T) {
			d := s.process(t, "film.mp4", func(r *gen.DumpRequest) { r.Thumbnail = &c.thumbnail })
			taken := d.ThumbnailInfo.Sample
			switch c.thumbnail.Type {
			case gen.ThumbnailTypeDots:
				taken = d.ThumbnailInfo.Dots
			case gen.ThumbnailTypeQuantity:
				taken = d.ThumbnailInfo.Quantity
			case gen.ThumbnailTypeTime:
			}
			if *d.ThumbnailInfo.ThumbnailStatus != companions.ThumbnailStatusSucceeded || len(taken) != len(c.seconds) {
				t.Fatalf("snapshots: %+v", d.ThumbnailInfo)
			}
			for i, snapshot := range taken {
				if snapshot.Offset != c.seconds[i] {
					t.Errorf("snapshot %d is of second %d, want %d", i, snapshot.Offset, c.seconds[i])
				}
				if frame := mediatest.FrameNumber(t, fetch(t, snapshot.URL, "snapshot.jpg")); frame != int(c.seconds[i])*25 {
					t.Errorf("the snapshot of second %d shows frame %d", c.seconds[i], frame)
				}
			}
			if cover := *d.BaseInfo.CoverInfoArray[0].CoverURL; cover != taken[c.cover].URL {
				t.Errorf("the cover is %s, want %s", cover, taken[c.cover].URL)
			}
			if remark := d.ThumbnailInfo.ExecDesc; name == "dots" && (remark == nil || !strings.Contains(*remark, "1 of 3")) {
				t.Errorf("a second after the end is not mentioned: %v", remark)
			}
		})
	}
	m := s.process(t, "film.mp4", func(*gen.DumpRequest) {}).BaseInfo.MetaData
	if *m.Codec != companions.CodecH264 || *m.Width != 640 || *m.Height != 480 || *m.Duration != 10 || *m.FrameRate != 25 || *m.AudioChannels != 1 || *m.PackType != "MP4" {
		t.Errorf("meta_data is %s", text(t, m))
	}
}

// TestTranscoding makes the outputs of template groups, plain and encrypted.
func TestTranscoding(t *testing.T) {
	servicetest.SkipShort(t, "it encodes")
	s := work(t)
	t.Run("MP4", func(t *testing.T) {
		d := s.process(t, "film.mp4", func(r *gen.DumpRequest) { r.TemplateGroupName = new(servicetest.MP4Group) })
		if *d.TranscodeInfo.TranscodeStatus != companions.TranscodeStatusSucceeded || len(d.TranscodeInfo.Output) != 1 {
			t.Fatalf("transcoding: %+v", d.TranscodeInfo)
		}
		out := d.TranscodeInfo.Output[0]
		if *out.MetaData.Height != 240 || *out.MetaData.Width != 320 || *out.MetaData.Duration != 10 || *out.Encrypted != companions.EncryptedNo {
			t.Errorf("the output is %s", text(t, out.MetaData))
		}
		if seconds := play(t, fetch(t, out.URL, "out.mp4")); seconds != "10" {
			t.Errorf("the output plays for %s s", seconds)
		}
	})
	t.Run("workflow", func(t *testing.T) {
		d := s.process(t, "film.mp4", func(r *gen.DumpRequest) { r.WorkflowName = new(servicetest.Workflow) })
		if len(d.TranscodeInfo.Output) != 3 || len(d.ThumbnailInfo.Quantity) != 2 {
			t.Fatalf("outputs %d, snapshots %d", len(d.TranscodeInfo.Output), len(d.ThumbnailInfo.Quantity))
		}
		for _, out := range d.TranscodeInfo.Output {
			if seconds := play(t, out.URL); seconds != "10" {
				t.Errorf("%s plays for %s s", out.URL, seconds)
			}
		}
	})
	t.Run("encrypted", func(t *testing.T) {
		d := s.process(t, "film.mp4", func(r *gen.DumpRequest) {
			r.TemplateGroupName, r.AutoEncrypt, r.AutoPublish = new(servicetest.HLSGroup), new(gen.AutoEncryptOn), new(gen.AutoPublishOn)
		})
		got, err := s.send(servicetest.Context(t), http.MethodGet, "/v1.0/"+servicetest.ProjectID+"/asset/ciphers?asset_id="+d.AssetID, "")
		if err != nil || got.status != http.StatusOK {
			t.Fatalf("ciphers: %d %s %v", got.status, got.body, err)
		}
		var cipher companions.AssetCipher
		if err := json.Unmarshal(got.body, &cipher); err != nil || len(cipher.Key) != 16 {
			t.Fatalf("ciphers: %s", got.body)
		}
		if clear := get(t, s.URL+"/media/"+d.AssetID+"/film.mp4"); clear.status != http.StatusNotFound || d.BaseInfo.VideoURL != nil {
			t.Errorf("the film is handed out unencrypted: %d, video_url %v", clear.status, d.BaseInfo.VideoURL)
		}
		for _, out := range d.TranscodeInfo.Output[1:] {
			if *out.Encrypted != companions.EncryptedYes {
				t.Errorf("%s is not called encrypted", out.URL)
			}
			list := string(get(t, out.URL).body)
			key := between(list, `URI="`, `"`)
			refused := get(t, key)
			if refused.status != http.StatusUnauthorized {
				t.Errorf("a stranger gets the key: %d", refused.status)
			}
			login := "Basic " + base64.StdEncoding.EncodeToString([]byte(servicetest.UserName+":"+servicetest.UserSecret))
			if given := get(t, key, "Authorization", login); given.status != http.StatusOK || string(given.body) != string(cipher.Key) {
				t.Errorf("the asset's project does not get the key: %d", given.status)
			}
			// Local copies of the list, with the right key and with another one.
			base := out.URL[:strings.LastIndex(out.URL, "/")+1]
			for name, c := range map[string]struct {
				key   []byte
				plays bool
			}{"right": {cipher.Key, true}, "wrong": {[]byte("sixteen bytes 16"), false}} {
				dir := t.TempDir()
				text := strings.ReplaceAll(strings.ReplaceAll(list, "\n", "\n"+base), "\n"+base+"#", "\n#")
				text = strings.ReplaceAll(strings.TrimSuffix(text, base), key, "key.bin")
				for file, content := range map[string][]byte{"list.m3u8": []byte(text), "key.bin": c.key} {
					if err := os.WriteFile(filepath.Join(dir, file), content, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				if plays := play(t, filepath.Join(dir, "list.m3u8")) == "10"; plays != c.plays {
					t.Errorf("with the %s key: plays %v, want %v", name, plays, c.plays)
				}
			}
		}
	})
}

func between(text, before, after string) string {
	_, text, _ = strings.Cut(text, before)
	text, _, _ = strings.Cut(text, after)
	return text
}

// play decodes a whole file or stream as a player would, and returns its length in whole seconds; "" when it does not play.
func play(t *testing.T, from string) string {
	t.Helper()
	var progress, said strings.Builder
	c := exec.CommandContext(servicetest.Context(t), "ffmpeg", "-nostdin", "-v", "error", "-xerror", "-protocol_whitelist", "file,crypto,http,tcp,data",
		"-allowed_extensions", "ALL", "-i", from, "-map", "0:v", "-f", "null", "-progress", "pipe:1", "-")
	if !strings.Contains(from, ".m3u8") {
		c.Args = slices.Delete(c.Args, 7, 9)
	}
	c.Stdout, c.Stderr = &progress, &said
	if err := c.Run(); err != nil {
		t.Logf("%s: %v %s", from, err, said.String())
		return ""
	}
	at := progress.String()
	at = at[strings.LastIndex(at, "out_time_us=")+len("out_time_us="):]
	var us int64
	if _, err := fmt.Sscan(at, &us); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint((us + 500_000) / 1_000_000)
}
