package object_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
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
	testReplacesNothing(t, gateway.Endpoint(), "replaces-nothing")
}

// Nor does one in a store that does not know the condition for it, and refuses it or takes it for a broken header.
func TestUploadWithoutCondition(t *testing.T) {
	for code, status := range map[string]int{"NotImplemented": http.StatusNotImplemented, "InvalidArgument": http.StatusBadRequest} {
		t.Run(code, func(t *testing.T) {
			p, _ := newProxy(t, func(string, int) action { return pass })
			old := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("If-None-Match") != "" {
					w.WriteHeader(status)
					_, _ = io.WriteString(w, "<Error><Code>"+code+"</Code><Message>A header you provided implies functionality that is not implemented</Message></Error>")
					return
				}
				p.ServeHTTP(w, r)
			}))
			defer old.Close()
			bucket := "condition-" + strings.ToLower(code)
			testReplacesNothing(t, old.URL, bucket)
			store := client(t, old.URL, nil)
			for name, size := range map[string]int64{"new part": 5, "new parts": 17 << 20} {
				info, err := store.Upload(t.Context(), bucket, name, "", bytes.NewReader(make([]byte, size)))
				if err != nil || info.Size != size {
					t.Errorf("%s: %+v, %v", name, info, err)
				}
			}
			if left := uploads(t, bucket); len(left) > 0 {
				t.Errorf("left are %v", left)
			}
		})
	}
}

func testReplacesNothing(t *testing.T, endpoint, bucket string) {
	t.Helper()
	store := client(t, endpoint, nil)
	if err := store.CreateBucket(t.Context(), bucket); err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int{"one part": 5, "two parts": 17 << 20} {
		t.Run(name, func(t *testing.T) {
			body := io.MultiReader(bytes.NewReader(make([]byte, size)), &atEnd{func() {
				if _, err := store.Put(t.Context(), bucket, name, "", strings.NewReader("first")); err != nil {
					t.Error(err)
				}
			}})
			if _, err := store.Upload(t.Context(), bucket, name, "", body); !errors.Is(err, object.ErrExists) {
				t.Errorf("the upload ended with %v", err)
			}
			reader, _, err := store.Open(t.Context(), bucket, name, object.Range{}, "")
			if err != nil {
				t.Fatal(err)
			}
			defer reader.Close()
			if kept, err := io.ReadAll(reader); err != nil || string(kept) != "first" {
				t.Errorf("the object has %d bytes, %v", len(kept), err)
			}
			if left := uploads(t, bucket); len(left) > 0 {
				t.Errorf("left are %v", left)
			}
		})
	}
}
