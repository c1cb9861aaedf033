package moderation_test

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/vod-reproduction/vod/service/endpoint"
	"github.com/vod-reproduction/vod/service/moderation"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "canary-token-5b1f"

// picture is a JPEG of one color.
func picture(gray uint8) []byte {
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range img.Pix {
		img.Pix[i] = gray
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// request is one of two frames, at 0 and 12.5 seconds.
func request() moderation.Request {
	return moderation.Request{
		AssetID: "f488337c31c8e4622f1590735b134c65", Title: "Holidays",
		Frames: []moderation.Frame{{JPEG: picture(0)}, {Offset: 12_500 * time.Millisecond, JPEG: picture(200)}},
	}
}

// response judges that request.
func response(text, first, second string) string {
	return fmt.Sprintf(`{"text": {"suggestion": %q}, "frames": [{"offset_ms": 0, "suggestion": %q}, {"offset_ms": 12500, "suggestion": %q}]}`,
		text, first, second)
}

// serve starts an endpoint that lives as long as the test.
func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// say answers the same whatever is asked.
func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

// client asks the endpoint at an address.
func client(t *testing.T, c endpoint.Config) *moderation.Client {
	t.Helper()
	m, err := moderation.New(c, token)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.CloseIdleConnections)
	return m
}

// silent reports whether text is free of what must not be printed.
func silent(text string) bool { return text != "" && !strings.Contains(text, "canary") }
