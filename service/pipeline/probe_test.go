package pipeline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// Whatever the tools find comes back from the database as it was: a field that was lost would be decided on as if it were 0.
func TestNothingOfAProbeIsLost(t *testing.T) {
	t.Parallel()
	found := media.Info{Video: new(media.Video), Audio: new(media.Audio)}
	fill(t, reflect.ValueOf(&found).Elem(), new(int))
	text, err := json.Marshal(infoOf(found))
	if err != nil {
		t.Fatal(err)
	}
	var kept asset.MediaInfo
	if err := json.Unmarshal(text, &kept); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(found, foundOf(kept)); d != "" {
		t.Errorf("what the tools found (-found +kept):\n%s", d)
	}
	for _, part := range []media.Info{{Duration: time.Second, Video: found.Video}, {Duration: time.Second, Audio: found.Audio}} {
		if d := cmp.Diff(part, foundOf(infoOf(part))); d != "" {
			t.Errorf("of a file with less (-found +kept):\n%s", d)
		}
	}
}

// fill sets every field below v to another value than 0, and than every other field.
func fill(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		fill(t, v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), n)
		}
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n))
	case reflect.Bool:
		v.SetBool(true)
	default:
		t.Fatalf("a field of kind %s: say how to fill it", v.Kind())
	}
}

// Picture and sound whose only edit has the duration 0 last to the end.
func TestEditsOfZeroDuration(t *testing.T) {
	t.Parallel()
	film, err := os.ReadFile(mediatest.Film{Frames: 100, Rate: 25, Width: 160, Height: 90, KeyEvery: 25, Sound: true}.Make(t))
	if err != nil {
		t.Fatal(err)
	}
	lists := bytes.Split(film, []byte("elst"))
	for _, list := range lists[1:] {
		clear(list[8:12]) // behind version and number of entries
	}
	if film = bytes.Join(lists, []byte("elst")); len(lists) != 3 {
		t.Fatalf("the film has %d edit lists", len(lists)-1)
	}
	p := newStudio(t, faults{})
	p.put("film.mp4", film)
	n := p.request("film.mp4")
	n.Plan.Transcode = &asset.Transcode{Format: asset.FormatMP4, Renditions: []asset.Rendition{{Name: "r", Height: 90}}}
	a := p.dump(n)
	if a.State != asset.Created {
		t.Fatalf("asset is %s: %s %s", a.State, a.ErrorCode, a.Reason)
	}
	p.expectMedia(a, film)
	for _, info := range []asset.MediaInfo{*a.Results.Probe, a.Results.Transcode.Outputs[0].Info} {
		if d := info.Duration - 4*time.Second; d.Abs() > 50*time.Millisecond || info.AudioCodec == "" {
			t.Errorf("it lasts %v, with sound %q", info.Duration, info.AudioCodec)
		}
	}
}
