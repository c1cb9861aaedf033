package object_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/object"
)

// atEnd calls f once when everything before it was read, and ends.
type atEnd struct{ f func() }

func (a *atEnd) Read([]byte) (int, error) {
	if a.f != nil {
		a.f()
		a.f = nil
	}
	return 0, io.EOF
}

// An object that appears while an upload is under way stays, and nothing is left of the upload.
func TestUploadReplacesNothing(t *testing.T) {
	store := client(t, gateway.Endpoint(), nil)
	if err := store.CreateBucket(t.Context(), "replaces-nothing"); err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int{"one part": 5, "two parts": 17 << 20} {
		t.Run(name, func(t *testing.T) {
			body := io.MultiReader(bytes.NewReader(make([]byte, size)), &atEnd{func() {
				if _, err := store.Put(t.Context(), "replaces-nothing", name, "", strings.NewReader("first")); err != nil {
					t.Error(err)
				}
			}})
			if _, err := store.Upload(t.Context(), "replaces-nothing", name, "", body); !errors.Is(err, object.ErrExists) {
				t.Errorf("the upload ended with %v", err)
			}
			reader, _, err := store.Open(t.Context(), "replaces-nothing", name, object.Range{}, "")
			if err != nil {
				t.Fatal(err)
			}
			defer reader.Close()
			if kept, err := io.ReadAll(reader); err != nil || string(kept) != "first" {
				t.Errorf("the object has %d bytes, %v", len(kept), err)
			}
			if left := uploads(t, "replaces-nothing"); len(left) > 0 {
				t.Errorf("left are %v", left)
			}
		})
	}
}
