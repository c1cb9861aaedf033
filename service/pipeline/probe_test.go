package pipeline

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/media"
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
