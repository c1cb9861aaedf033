package object_test

import (
	"bytes"
	"crypto/md5" //nolint:gosec // the protocol's checksum
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/object"
)

// presigned sends a request to a presigned URL.
func presigned(t *testing.T, method, at string, header http.Header, body []byte) (int, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, at, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, content
}

// A presigned URL allows the one request that it was made for.
func TestPresign(t *testing.T) {
	const bucket, key = "presign", "a b/ä+?.mp4"
	store := client(t, gateway.Endpoint(), nil)
	if err := store.CreateBucket(t.Context(), bucket); err != nil {
		t.Fatal(err)
	}
	content := []byte("any bytes")
	sum := md5.Sum(content) //nolint:gosec // see the import
	checksum := http.Header{"Content-Md5": {base64.StdEncoding.EncodeToString(sum[:])}}
	sign := func(method string, query url.Values, header http.Header, lifetime time.Duration) string {
		t.Helper()
		at, err := store.Presign(t.Context(), method, bucket, key, query, header, lifetime)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	if _, err := store.Put(t.Context(), bucket, "secret", "", strings.NewReader("another's")); err != nil {
		t.Fatal(err)
	}
	plain, checked := sign(http.MethodPut, nil, nil, time.Hour), sign(http.MethodPut, nil, checksum, time.Hour)
	for name, c := range map[string]struct {
		method, at string
		header     http.Header
		body       []byte
		want       int
	}{
		"as signed":            {http.MethodPut, plain, nil, content, 200},
		"with a type":          {http.MethodPut, plain, http.Header{"Content-Type": {"video/mp4"}}, content, 200},
		"with its checksum":    {http.MethodPut, checked, checksum, content, 200},
		"without its checksum": {http.MethodPut, checked, nil, content, 403},
		"other bytes":          {http.MethodPut, checked, checksum, []byte("other bytes"), 400},
		"another method":       {http.MethodDelete, plain, nil, nil, 403},
		"another object":       {http.MethodPut, strings.Replace(plain, ".mp4", ".mp5", 1), nil, content, 403},
		"another query":        {http.MethodPut, plain + "&acl", nil, content, 403},
		"the source of a copy": {http.MethodPut, plain, http.Header{"X-Amz-Copy-Source": {bucket + "/secret"}}, nil, 403},
		"another header of S3": {http.MethodPut, plain, http.Header{"X-Amz-Meta-A": {"b"}}, content, 403},
		"when it is over":      {http.MethodPut, sign(http.MethodPut, nil, nil, 0), nil, content, 403},
	} {
		if got, said := presigned(t, c.method, c.at, c.header, c.body); got != c.want {
			t.Errorf("%s: %d, want %d: %s", name, got, c.want, said)
		}
	}
	if info, err := store.Stat(t.Context(), bucket, key); err != nil || info.Size != int64(len(content)) {
		t.Errorf("stored: %+v, %v", info, err)
	}
}

// A file can be uploaded in parts by presigned URLs alone.
func TestPresignParts(t *testing.T) {
	const bucket, key = "presign-parts", "dir/film.mp4"
	store := client(t, gateway.Endpoint(), nil)
	if err := store.CreateBucket(t.Context(), bucket); err != nil {
		t.Fatal(err)
	}
	send := func(method string, query url.Values, body []byte, want int) []byte {
		t.Helper()
		at, err := store.Presign(t.Context(), method, bucket, key, query, nil, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		status, said := presigned(t, method, at, nil, body)
		if status != want {
			t.Fatalf("%s %v: %d, want %d: %s", method, query, status, want, said)
		}
		return said
	}
	begin := func() string {
		var begun struct{ UploadId string } //nolint:revive,staticcheck // the protocol's name
		if err := xml.Unmarshal(send(http.MethodPost, url.Values{"uploads": {""}}, nil, 200), &begun); err != nil {
			t.Fatal(err)
		}
		return begun.UploadId
	}
	upload := begin()
	send(http.MethodPut, url.Values{"uploadId": {upload}, "partNumber": {"1"}}, []byte("all of it"), 200)
	var parts struct{ Part struct{ ETag string } }
	if err := xml.Unmarshal(send(http.MethodGet, url.Values{"uploadId": {upload}}, nil, 200), &parts); err != nil || parts.Part.ETag == "" {
		t.Fatal(parts, err)
	}
	list := "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + parts.Part.ETag + "</ETag></Part></CompleteMultipartUpload>"
	send(http.MethodPost, url.Values{"uploadId": {upload}}, []byte(list), 200)
	if info, err := store.Stat(t.Context(), bucket, key); err != nil || info.Size != 9 {
		t.Errorf("stored: %+v, %v", info, err)
	}
	send(http.MethodDelete, url.Values{"uploadId": {begin()}}, nil, 204)
	if left := uploads(t, bucket); len(left) > 0 {
		t.Errorf("left are %v", left)
	}
}

// A store that looks for the source of a copy which nobody signed is found out; one that cannot say is asked again.
func TestCheckPresign(t *testing.T) {
	const bucket = "check-presign"
	store := client(t, gateway.Endpoint(), nil)
	if err := store.CreateBucket(t.Context(), bucket); err != nil {
		t.Fatal(err)
	}
	if err := store.CheckPresign(t.Context(), bucket); err != nil {
		t.Error("the embedded store:", err)
	}
	for info, err := range store.List(t.Context(), bucket, "") {
		t.Errorf("left is %q, %v", info.Key, err)
	}
	for _, c := range []struct {
		name         string
		put, copying int // the statuses of the good request and of the one with a source that was not signed
		copied       string
		want         error
	}{
		{"refused", 200, 403, "", nil},
		{"ignored", 200, 200, "", nil},
		{"copied", 200, 200, "source", object.ErrLax},
		{"looked for", 200, 404, "", object.ErrLax},
		{"bad request", 200, 400, "", object.ErrLax},
		{"throttled", 200, 429, "", object.ErrUnavailable},
		{"away", 200, 503, "", object.ErrUnavailable},
		{"wrong credentials or clock", 403, 403, "", object.ErrUnavailable},
		{"no bucket", 404, 404, "", object.ErrUnavailable},
	} {
		endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
			switch query := r.URL.Query(); {
			case r.Method == http.MethodDelete:
				w.WriteHeader(http.StatusNoContent)
			case r.Method == http.MethodGet: // the unfinished parts of what is deleted
				_, _ = io.WriteString(w, "<ListMultipartUploadsResult/>")
			case r.Method == http.MethodHead && strings.HasSuffix(r.URL.Path, ".copy"):
				w.Header().Set("Content-Length", strconv.Itoa(len(c.copied)))
			case r.Method == http.MethodHead:
				w.Header().Set("Content-Length", strconv.Itoa(len("source")))
			case query.Get("X-Amz-SignedHeaders") != "host": // the source
			case r.Header.Get("X-Amz-Copy-Source") == "":
				w.WriteHeader(c.put)
			default:
				w.WriteHeader(c.copying)
			}
		})
		if err := client(t, endpoint, nil).CheckPresign(t.Context(), bucket); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}
