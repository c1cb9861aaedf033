// Package vodtest has a VOD service for the unit tests of programs that call one. It listens on the loopback interface,
// keeps the contract to the letter, remembers what it accepted, and fails when a test wants it to. It moves no media:
// an asset is ready as soon as it is accepted, and every bucket, object, category and template exists.
package vodtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/handler"
	"github.com/vod-reproduction/vod/signer"
)

const (
	// ProjectID is the only project that the server knows.
	ProjectID = "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"
	// Region is where the server and every bucket lie.
	Region = "cn-north-4"
	// Token opens the server as X-Auth-Token. Requests signed with AccessKey and SecretKey do so too.
	Token     = "vodtest-token"
	AccessKey = "VODTESTACCESSKEY"
	SecretKey = "vodtest-secret-key"
)

// Server is a VOD service. It is safe for concurrent use.
type Server struct {
	// URL is its endpoint, without a slash at the end.
	URL string

	verifier signer.Verifier
	mu       sync.Mutex
	dumps    []Dump
	byKey    map[string]int
	status   map[string]companions.AssetStatus
	faults   []Fault
}

// Dump is a request that the server accepted.
type Dump struct {
	// AssetID is the ID that the server gave it, also where the response was lost.
	AssetID string
	handler.Dump
}

// NewServer starts a server that stops at the end of the test.
func NewServer(t testing.TB) *Server {
	t.Helper()
	s := &Server{byKey: map[string]int{}, status: map[string]companions.AssetStatus{}}
	s.verifier.Lookup = func(_ context.Context, accessKey string) (signer.Credentials, error) {
		if accessKey != AccessKey {
			return signer.Credentials{}, signer.ErrUnknownAccessKey
		}
		return signer.Credentials{AccessKey: AccessKey, SecretKey: SecretKey}, nil
	}
	listener := httptest.NewServer(s)
	t.Cleanup(listener.Close)
	s.URL = listener.URL
	return s
}

// Config returns what a client needs to call the server. The caller may change it.
func (s *Server) Config() client.Config {
	return client.Config{Endpoint: s.URL, ProjectID: ProjectID, Auth: signer.StaticToken(Token)}
}

// Dumps returns the requests that were accepted, in their order. A repetition under the same Idempotency-Key is no
// second one.
func (s *Server) Dumps() []Dump {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Dump(nil), s.dumps...)
}

// SetStatus changes what the server says of an asset, such as OBS_CREATE_FAILED.
func (s *Server) SetStatus(assetID string, status companions.AssetStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status[assetID] = status
}

// Next sets what happens to the next dumps that are let in, a fault for each, in order behind those set before. Dumps
// behind the last fault succeed again.
func (s *Server) Next(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// ServeHTTP implements the calls publishAssetFromObs and, by asset_id, showAssetMeta.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := &response{ResponseWriter: w}
	handler.New(func(_ context.Context, dump handler.Dump) (handler.Accepted, error) { return s.dump(out, dump) }, handler.Config{
		Authenticate: s.authenticate, Idempotent: true, Next: http.HandlerFunc(s.info),
	}).ServeHTTP(out, r)
}

// response is one that a fault may have finished already: nothing is written behind that.
type response struct {
	http.ResponseWriter
	finished bool
}

// WriteHeader implements http.ResponseWriter.
func (r *response) WriteHeader(status int) {
	if !r.finished {
		r.ResponseWriter.WriteHeader(status)
	}
}

// Write implements http.ResponseWriter.
func (r *response) Write(b []byte) (int, error) {
	if r.finished {
		return len(b), nil
	}
	return r.ResponseWriter.Write(b)
}

// authenticate lets in who has the token or the key of the project.
func (s *Server) authenticate(r *http.Request, projectID string, body []byte) error {
	opens := r.Header.Get("X-Auth-Token") == Token
	if r.Header.Get("X-Auth-Token") == "" {
		_, err := s.verifier.Verify(r, body)
		opens = err == nil
	}
	switch {
	case !opens:
		return &handler.Refusal{Code: contract.CodeNotAuthenticated}
	case projectID != ProjectID:
		return &handler.Refusal{Code: contract.CodeWrongProject}
	}
	return nil
}

func (s *Server) dump(w *response, dump handler.Dump) (handler.Accepted, error) {
	if dump.Request.Input.Location != Region {
		return handler.Accepted{}, &handler.Refusal{Code: contract.CodeWrongAddress, Detail: "input.location must be " + Region}
	}
	fault, hasFault := s.fault()
	if hasFault && !fault.accepts {
		return handler.Accepted{}, fault.happen(w)
	}
	accepted, err := s.accept(dump)
	if err == nil && hasFault {
		err = fault.happen(w)
	}
	return accepted, err
}

func (s *Server) fault() (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) == 0 {
		return Fault{}, false
	}
	fault := s.faults[0]
	s.faults = s.faults[1:]
	return fault, true
}

// accept creates an asset, or finds the one that the key belongs to.
func (s *Server) accept(dump handler.Dump) (handler.Accepted, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.byKey[dump.IdempotencyKey]; ok {
		if !bytes.Equal(s.dumps[i].Body, dump.Body) {
			return handler.Accepted{}, &handler.Refusal{Code: contract.CodeIllegalParameter, Status: http.StatusConflict,
				Detail: "illegal field: {Idempotency-Key}: was used before with another body (unique)"}
		}
		return handler.Accepted{DumpResponse: gen.DumpResponse{AssetID: s.dumps[i].AssetID}, Replayed: true}, nil
	}
	if dump.IdempotencyKey != "" {
		s.byKey[dump.IdempotencyKey] = len(s.dumps)
	}
	id := fmt.Sprintf("%032x", len(s.dumps)+1)
	s.dumps = append(s.dumps, Dump{AssetID: id, Dump: dump})
	s.status[id] = companions.AssetStatusPublished
	if dump.Request.GetAutoPublish() == gen.AutoPublishOff {
		s.status[id] = companions.AssetStatusCreated
	}
	return handler.Accepted{DumpResponse: gen.DumpResponse{AssetID: id}}, nil
}

// info responds with the states of the assets that the query names; every other path ends here too.
func (s *Server) info(w http.ResponseWriter, r *http.Request) {
	projectID, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/v1.0/"), "/asset/info")
	if !ok || r.Method != http.MethodGet {
		handler.Refuse(w, &handler.Refusal{Code: contract.CodeNoSuchAPI, Detail: "vodtest has the dump and asset/info only"})
		return
	}
	if err := s.authenticate(r, projectID, nil); err != nil {
		handler.Refuse(w, err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	page := companions.AssetInfoPage{AssetInfoArray: []companions.AssetInfo{}}
	for _, id := range r.URL.Query()["asset_id"] {
		info := companions.AssetInfo{AssetID: id, Status: companions.AssetStatusNoAsset}
		if status, ok := s.status[id]; ok {
			info.Status = status
		}
		page.AssetInfoArray = append(page.AssetInfoArray, info)
	}
	if len(page.AssetInfoArray) == 0 {
		handler.Refuse(w, &handler.Refusal{Code: contract.CodeIllegalParameter, Detail: "illegal field: {asset_id}: this server finds assets by ID only"})
		return
	}
	page.Total = int32(len(page.AssetInfoArray)) //nolint:gosec // of one URL
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(page) // a client that is gone needs no response
}
