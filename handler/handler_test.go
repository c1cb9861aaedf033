package handler_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/contract/contracttest"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/handler"
	"github.com/vod-reproduction/vod/signer"
)

const (
	project = "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"
	token   = "token-that-opens"
)

func authenticate(r *http.Request, projectID string, _ []byte) error {
	switch {
	case r.Header.Get("X-Auth-Token") != token:
		return &handler.Refusal{Code: contract.CodeNotAuthenticated}
	case projectID != project:
		return &handler.Refusal{Code: contract.CodeWrongProject}
	}
	return nil
}

// TestContract puts a handler, alone and in front of a mux, to the corpus that every server of the contract has to pass.
func TestContract(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	for name, next := range map[string]http.Handler{"alone": nil, "before a mux": mux} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var created atomic.Int64
			server := httptest.NewServer(handler.New(func(_ context.Context, dump handler.Dump) (handler.Accepted, error) {
				if dump.Request.Input.Location != "cn-north-4" {
					return handler.Accepted{}, &handler.Refusal{Code: contract.CodeWrongAddress, Detail: "input.location must be cn-north-4"}
				}
				return handler.Accepted{DumpResponse: gen.DumpResponse{AssetID: fmt.Sprintf("%032x", created.Add(1))}}, nil
			}, handler.Config{Authenticate: authenticate, MaxBody: 1 << 20, Next: next}))
			defer server.Close()
			skip := []string{"source", "category", "template-group", "workflow"}
			if next != nil { // the mux refuses other paths by itself, in plain text
				skip = append(skip, "http/unknown path", "http/slash behind the path", "http/another version")
			}
			contracttest.Run(t, contracttest.Target{
				Endpoint: server.URL, ProjectID: project, MaxBody: 1 << 20, Skip: skip,
				Names:  contracttest.Names{Bucket: "media", Object: "film.mp4", Region: "cn-north-4"},
				Client: &http.Client{Transport: &signer.Transport{Auth: signer.StaticToken(token)}}, Stranger: http.DefaultClient,
			})
		})
	}
}

const film = `{"video_type": "MP4", "title": "Film", "input": {"bucket": "media", "location": "cn-north-4", "object": "film.mp4"}}`

// TestRefusals holds status and text of what a function returns, and of headers and paths.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, path string
		key        []string
		err        error
		status     int
		text       string
	}{
		{"accepted", "/v1.0/p/asset/reproduction", nil, nil, 200, `{"asset_id":"a1"}`},
		{"accepted with a key", "/v1.0/p/asset/reproduction", []string{"k"}, nil, 200, `{"asset_id":"a1"}`},
		{"an error of the program", "/v1.0/p/asset/reproduction", nil, errors.New("dsn=secret"), 500, `"VOD.10051"`},
		{"a refusal", "/v1.0/p/asset/reproduction", nil, &handler.Refusal{Code: contract.CodeNoSuchObject, Detail: "input.object"}, 400, "does not exist, input.object"},
		{"a refusal within an error", "/v1.0/p/asset/reproduction", nil, fmt.Errorf("dumping: %w", &handler.Refusal{Code: contract.CodeArrears}), 403, `"VOD.10120"`},
		{"a code that is not known", "/v1.0/p/asset/reproduction", nil, &handler.Refusal{Code: "VOD.99999"}, 403, `"error_msg":"Forbidden"`},
		{"a refusal without a code", "/v1.0/p/asset/reproduction", nil, &handler.Refusal{Status: 418}, 418, `"VOD.10051"`},
		{"no refusal, as an error", "/v1.0/p/asset/reproduction", nil, (*handler.Refusal)(nil), 500, `"VOD.10051"`},
		{"no asset ID", "/v1.0/none/asset/reproduction", nil, nil, 500, `"VOD.10051"`},
		{"two keys", "/v1.0/p/asset/reproduction", []string{"a", "b"}, nil, 400, "{Idempotency-Key}"},
		{"an empty key", "/v1.0/p/asset/reproduction", []string{""}, nil, 400, "{Idempotency-Key}"},
		{"a project with a dot", "/v1.0/a.b/asset/reproduction", nil, nil, 400, "{project_id}"},
		{"a long project", "/v1.0/" + strings.Repeat("p", 65) + "/asset/reproduction", nil, nil, 400, "{project_id}"},
		{"no project", "/v1.0//asset/reproduction", nil, nil, 400, "{project_id}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := handler.New(func(_ context.Context, dump handler.Dump) (handler.Accepted, error) {
				if dump.ProjectID == "none" {
					return handler.Accepted{}, nil
				}
				return handler.Accepted{DumpResponse: gen.DumpResponse{AssetID: "a1"}, Replayed: true}, test.err
			}, handler.Config{Idempotent: true})
			r := httptest.NewRequest(http.MethodPost, test.path, strings.NewReader(film))
			r.Header.Set("Content-Type", "application/json")
			r.Header["Idempotency-Key"] = test.key
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.text) || strings.Contains(w.Body.String(), "secret") {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if w.Header().Get("Content-Type") != "application/json" || w.Header().Get(contract.HeaderIdempotency) != contract.IdempotencySupported {
				t.Errorf("headers %v", w.Header())
			}
		})
	}
}

// TestBodies sends bodies that are as long as announced, and others: middleware may have decompressed them.
func TestBodies(t *testing.T) {
	t.Parallel()
	readers := map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "by byte": iotest.OneByteReader, "with the end": iotest.DataErrReader,
	}
	for _, blanks := range []int{0, 1, 511, 4<<10 - len(film), 4<<10 + 1, 64 << 10} {
		for _, announced := range []int{-1, 0, 1, len(film), len(film) + blanks, 1 << 40} {
			for name, reader := range readers {
				body := film + strings.Repeat(" ", blanks)
				var got []byte
				h := handler.New(func(_ context.Context, dump handler.Dump) (handler.Accepted, error) {
					got = dump.Body
					return handler.Accepted{DumpResponse: gen.DumpResponse{AssetID: "a1"}}, nil
				}, handler.Config{MaxBody: int64(len(body))})
				r := httptest.NewRequest(http.MethodPost, "/v1.0/p/asset/reproduction", reader(strings.NewReader(body)))
				r.ContentLength = int64(announced)
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if string(got) != body {
					t.Errorf("%d bytes announced as %d, read %s: %d, %d bytes", len(body), announced, name, w.Code, len(got))
				}
				r.Body = io.NopCloser(reader(strings.NewReader(body + " ")))
				w = httptest.NewRecorder()
				if h.ServeHTTP(w, r); w.Code != http.StatusRequestEntityTooLarge {
					t.Errorf("one more than %d bytes, announced as %d, read %s: %d", len(body), announced, name, w.Code)
				}
			}
		}
	}
}

// TestEveryParameterIsRead names a header parameter of the document that no Dump has.
func TestEveryParameterIsRead(t *testing.T) {
	t.Parallel()
	params := reflect.TypeFor[gen.PublishAssetFromObsParams]()
	for i := range params.NumField() {
		field := params.Field(i).Name
		if _, ok := reflect.TypeFor[handler.Dump]().FieldByName(field); !ok {
			t.Errorf("handler.go does not read %s, and handler.Dump has no field for it", field)
		}
	}
}
