package object_test

import (
	"bytes"
	"crypto/md5" //nolint:gosec // the protocol's ETag of parts
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vod-reproduction/vod/service/object"
)

var sentinels = []error{
	object.ErrName, object.ErrNotFound, object.ErrNoBucket, object.ErrDenied, object.ErrChanged, object.ErrArchived,
	object.ErrRange, object.ErrTooLarge, object.ErrUnavailable,
}

// serve sends every request to handler.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

// TestErrors tries the responses of stores, and wants the one error that each means.
func TestErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		code   string
		kind   error // nil: none of this package's
	}{
		{404, "NoSuchKey", object.ErrNotFound},
		{404, "NoSuchBucket", object.ErrNoBucket},
		{301, "PermanentRedirect", object.ErrNoBucket},
		{307, "TemporaryRedirect", object.ErrNoBucket},
		{400, "AuthorizationHeaderMalformed", object.ErrNoBucket},
		{403, "AccessDenied", object.ErrDenied},
		{403, "SignatureDoesNotMatch", object.ErrUnavailable},
		{403, "InvalidAccessKeyId", object.ErrUnavailable},
		{404, "XAdminUserNotFound", object.ErrUnavailable},
		{401, "", object.ErrDenied},
		{403, "", object.ErrDenied},
		{403, "InvalidObjectState", object.ErrArchived},
		{412, "PreconditionFailed", object.ErrChanged},
		{416, "InvalidRange", object.ErrRange},
		{400, "KeyTooLongError", object.ErrName},
		{500, "InternalError", object.ErrUnavailable},
		{503, "SlowDown", object.ErrUnavailable},
		{503, "", object.ErrUnavailable},
		{429, "TooManyRequests", object.ErrUnavailable},
		{400, "MalformedXML", nil},
		{409, "OperationAborted", nil},
	} {
		t.Run(fmt.Sprint(test.status, test.code), func(t *testing.T) {
			t.Parallel()
			endpoint := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				if test.code != "" {
					_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>m</Message></Error>", test.code)
				}
			})
			_, _, err := client(t, endpoint, nil).Open(t.Context(), "bucket", "some/key", object.Range{}, "")
			if err == nil || !strings.Contains(err.Error(), `open bucket/"some/key"`) {
				t.Errorf("error %v does not say what was done to what", err)
			}
			var kinds []error
			for _, kind := range sentinels {
				if errors.Is(err, kind) {
					kinds = append(kinds, kind)
				}
			}
			var want []error
			if test.kind != nil {
				want = []error{test.kind}
			}
			if !slices.Equal(kinds, want) {
				t.Errorf("%v is %v, want %v", err, kinds, want)
			}
			if strings.Contains(fmt.Sprintf("%+v", err), secretKey) {
				t.Error("the error shows the secret key")
			}
		})
	}
}

// TestUnknownKey has a store respond with 404 to whatever an access key asks that it does not know, as versitygw does. A response
// to HEAD has no body that would say so.
func TestUnknownKey(t *testing.T) {
	t.Parallel()
	endpoint := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprint(w, "<Error><Code>XAdminUserNotFound</Code><Message>m</Message></Error>")
	})
	_, err := client(t, endpoint, nil).Stat(t.Context(), "bucket", "some/key")
	if !errors.Is(err, object.ErrCredentials) || errors.Is(err, object.ErrNoBucket) || !strings.Contains(err.Error(), `stat bucket/"some/key"`) {
		t.Error(err)
	}
}

// TestForeign has another server than a store respond, whose "not found" is not the store's.
func TestForeign(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status  int
		content string
		foreign bool
	}{
		{404, "application/json; charset=utf-8", true},
		{405, "application/json", true},
		{301, "text/html", true},
		{403, "text/html; charset=UTF-8", true},
		{501, "text/html", true},
		{404, "application/xml", false},
		{501, "application/xml", false},
		{404, "", false},
		{503, "text/html", false}, // a proxy before a store that is down
	} {
		endpoint := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{test.content}
			w.WriteHeader(test.status)
		})
		_, err := client(t, endpoint, nil).Stat(t.Context(), "bucket", "k")
		if errors.Is(err, object.ErrNoStore) != test.foreign || test.foreign && !errors.Is(err, object.ErrUnavailable) {
			t.Errorf("status %d of %q: %v", test.status, test.content, err)
		}
	}
}

// TestCompletedAndForgotten loses the response to the completion of a copy, and then has the upload be gone: the copy is there
// if its ETag is that of the parts, as S3 makes it.
func TestCompletedAndForgotten(t *testing.T) {
	t.Parallel()
	part := strings.Repeat("0f", md5.Size)
	sum := md5.Sum(bytes.Repeat([]byte{0x0f}, 2*md5.Size)) //nolint:gosec // see the import
	for there, want := range map[string]error{
		hex.EncodeToString(sum[:]) + "-2": nil, hex.EncodeToString(sum[:]) + "-3": object.ErrUnavailable, part: object.ErrUnavailable,
	} {
		var completions atomic.Int32
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			switch kindOf(r) {
			case http.MethodHead:
				etag := "source"
				if strings.HasSuffix(r.URL.Path, "/copy") {
					etag = there
				}
				w.Header().Set("Content-Length", "10485760")
				w.Header().Set("Last-Modified", "Fri, 16 Jan 2026 08:00:00 GMT")
				w.Header().Set("ETag", `"`+etag+`"`)
			case "begin":
				_, _ = io.WriteString(w, `<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>`)
			case "part":
				_, _ = io.WriteString(w, `<CopyPartResult><ETag>"`+part+`"</ETag></CopyPartResult>`)
			case "complete":
				if completions.Add(1) == 1 {
					panic(http.ErrAbortHandler)
				}
				w.WriteHeader(http.StatusNotFound)
				_, _ = io.WriteString(w, `<Error><Code>NoSuchUpload</Code></Error>`)
			default:
				w.WriteHeader(http.StatusNoContent)
			}
		})
		store := client(t, url, func(c *object.Config) { c.Attempts, c.CopyThreshold, c.PartSize = 2, 1, 5<<20 })
		_, err := store.Copy(t.Context(), object.Info{Bucket: "media", Key: "film", Size: 10 << 20}, "media", "copy", object.Cursor{}, unsaved)
		if !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("the copy has the ETag %s: %v, want %v", there, err, want)
		}
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	_, err := client(t, closed.URL, nil).Stat(t.Context(), "bucket", "k")
	if !errors.Is(err, object.ErrUnavailable) {
		t.Error(err)
	}
}

// TestRedirect makes sure that nothing follows a redirect with a signature in its hands.
func TestRedirect(t *testing.T) {
	t.Parallel()
	elsewhere := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the client went elsewhere: %s %s", r.Method, r.URL)
	})
	for _, status := range []int{301, 302, 307, 308} {
		endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere+r.URL.Path, status)
		})
		store := client(t, endpoint, nil)
		if _, err := store.Stat(t.Context(), "bucket", "k"); err == nil {
			t.Errorf("stat: %d passed for success", status)
		}
		if _, err := store.Put(t.Context(), "bucket", "k", "", strings.NewReader("x")); err == nil {
			t.Errorf("put: %d passed for success", status)
		}
	}
}

// TestOpenBadAnswers has a server ignore the range or break off in mid body.
func TestOpenBadAnswers(t *testing.T) {
	t.Parallel()
	const whole = "0123456789"
	for _, test := range []struct {
		name     string
		at       object.Range
		response http.HandlerFunc
	}{
		{"range ignored", object.Range{Offset: 2, Length: 3}, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, whole)
		}},
		{"another range", object.Range{Offset: 2, Length: 3}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 3-5/10")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, whole[3:6])
		}},
		{"shorter range", object.Range{Offset: 2, Length: 3}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 2-3/10")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, whole[2:4])
		}},
		{"unknown length", object.Range{}, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, whole)
			w.(http.Flusher).Flush()
		}},
		{"cut off", object.Range{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, whole[:4])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body, _, err := client(t, serve(t, test.response), nil).Open(t.Context(), "bucket", "k", test.at, "")
			if err == nil {
				defer body.Close()
				_, err = io.ReadAll(body)
			}
			if !errors.Is(err, object.ErrUnavailable) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

// TestNoChecksumTrailers looks at a write, since OBS refuses the headers that the SDK adds unless told not to.
func TestNoChecksumTrailers(t *testing.T) {
	t.Parallel()
	endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			if name = strings.ToLower(name); strings.Contains(name, "checksum") || name == "x-amz-trailer" {
				t.Errorf("%s carries the header %s", r.Method, name)
			}
		}
		if r.Method == http.MethodHead {
			w.Header().Set("Content-Length", "1")
		}
		w.Header().Set("ETag", `"e"`)
	})
	if _, err := client(t, endpoint, nil).Put(t.Context(), "bucket", "k", "", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
}

func TestNewS3Refuses(t *testing.T) {
	t.Parallel()
	good := object.Config{Endpoint: "https://obs.example.com", AccessKey: "a", SecretKey: "hidden-secret", SecurityToken: "hidden-token"}
	for name, change := range map[string]func(*object.Config){
		"no endpoint":     func(c *object.Config) { c.Endpoint = "" },
		"no scheme":       func(c *object.Config) { c.Endpoint = "obs.example.com" },
		"other scheme":    func(c *object.Config) { c.Endpoint = "ftp://obs.example.com" },
		"user":            func(c *object.Config) { c.Endpoint = "https://u:hidden-secret@obs.example.com" },
		"path":            func(c *object.Config) { c.Endpoint = "https://obs.example.com/bucket" },
		"no key":          func(c *object.Config) { c.AccessKey = "" },
		"no secret":       func(c *object.Config) { c.SecretKey = "" },
		"small parts":     func(c *object.Config) { c.PartSize = 5<<20 - 1 },
		"large parts":     func(c *object.Config) { c.PartSize = object.MaxSingle + 1 },
		"large threshold": func(c *object.Config) { c.CopyThreshold = object.MaxSingle + 1 },
		"no threshold":    func(c *object.Config) { c.CopyThreshold = -1 },
		"no attempts":     func(c *object.Config) { c.Attempts = -1 },
	} {
		c := good
		change(&c)
		if _, err := object.NewS3(c); err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, good); strings.Contains(text, "hidden-") {
			t.Errorf("%s shows a secret: %s", verb, text)
		}
	}
}
