package webhook_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/webhook"
)

// TestParse decodes messages of every type and encodes them again without a loss.
func TestParse(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 5 {
		t.Fatalf("found %v, %v", files, err)
	}
	for _, file := range files {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		event, err := webhook.Parse(string(want))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		message, err := event.Message()
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		var got bytes.Buffer
		if err := json.Indent(&got, []byte(message), "", "  "); err != nil || got.String()+"\n" != string(want) {
			t.Errorf("%s: got %s", file, got.String())
		}
	}
}

// TestParseCloud decodes what the cloud sends beside this project's service: no event ID, the misspelled height only,
// and fields of the future.
func TestParseCloud(t *testing.T) {
	t.Parallel()
	event, err := webhook.Parse(`{"event_type":"createComplete","later":1,"create_info":{"asset_id":"a","status":"SUCCEED","more":{},"meta_data":{"hight":720}}}`)
	if err != nil || event.ID != "" || event.AssetID != "a" || event.MetaData.Height != 720 {
		t.Errorf("got %+v, %v", event, err)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		``:   "cannot be decoded",
		`{}`: "type",
		`{"event_type":"coverComplete","create_info":{"asset_id":"a","status":"SUCCEED"}}`:     "coverComplete",
		`{"event_type":"createComplete","transcode_info":{"asset_id":"a","status":"SUCCEED"}}`: "no details",
		`{"event_type":"createComplete","create_info":{"status":"SUCCEED"}}`:                   "asset ID",
		`{"event_type":"createComplete","create_info":{"asset_id":"a","status":"succeed"}}`:    "succeed",
	} {
		if _, err := webhook.Parse(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}
