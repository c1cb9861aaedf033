// Package vodtest has a VOD service for the unit tests of programs that call one. It listens on the loopback interface,
// keeps the contract to the letter, remembers what it accepted, and fails when a test wants it to. It moves no media:
// an asset is ready as soon as it is accepted, and every bucket, object, category and template exists.
package vodtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
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
	// IdempotencyKey is the header of that name, empty when the request had none.
	IdempotencyKey string
	Request        *gen.DumpRequest
	body           []byte
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
	w.Header().Set(contract.HeaderIdempotency, contract.IdempotencySupported)
	project, call, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1.0/"), "/")
	method := map[string]string{"asset/reproduction": http.MethodPost, "asset/info": http.MethodGet}[call]
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, contract.MaxBodyBytes))
	switch {
	case !ok || method == "" || !strings.HasPrefix(r.URL.Path, "/v1.0/"):
		refuse(w, http.StatusNotFound, contract.CodeNoSuchAPI, "")
	case r.Method == http.MethodOptions:
		w.Header().Set("Allow", "OPTIONS, "+method)
		w.WriteHeader(http.StatusNoContent)
	case r.Method != method:
		w.Header().Set("Allow", "OPTIONS, "+method)
		refuse(w, http.StatusMethodNotAllowed, contract.CodeWrongMethod, "this path takes "+method)
	case err != nil:
		refuse(w, http.StatusRequestEntityTooLarge, contract.CodeRequestTooLarge, "")
	case !s.knows(r, body):
		refuse(w, http.StatusUnauthorized, contract.CodeNotAuthenticated, "")
	case project != ProjectID:
		refuse(w, http.StatusForbidden, contract.CodeWrongProject, "")
	case method == http.MethodGet:
		s.info(w, r)
	default:
		s.dump(w, r, body)
	}
}

// knows reports whether a request has the token or the signature that open the server.
func (s *Server) knows(r *http.Request, body []byte) bool {
	if token := r.Header.Get("X-Auth-Token"); token != "" {
		return token == Token
	}
	_, err := s.verifier.Verify(r, body)
	return err == nil
}

func (s *Server) dump(w http.ResponseWriter, r *http.Request, body []byte) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, contract.CodeContentType, "")
		return
	}
	request, violations := contract.Parse(body)
	params := gen.PublishAssetFromObsParams{}
	if keys := r.Header.Values("Idempotency-Key"); len(keys) > 0 {
		key := strings.Join(keys, ", ")
		params.IdempotencyKey = &key
	}
	violations = append(contract.Check(&params), violations...)
	if len(violations) > 0 {
		refuse(w, http.StatusBadRequest, contract.CodeIllegalParameter, illegal(violations))
		return
	}
	if request.Input.Location != Region {
		refuse(w, http.StatusForbidden, contract.CodeWrongAddress, "input.location must be "+Region)
		return
	}
	fault, hasFault := s.fault()
	if hasFault && !fault.accepts {
		fault.respond(w)
		return
	}
	assetID, replayed, err := s.accept(request, params.IdempotencyKey, body)
	switch {
	case err != nil:
		refuse(w, http.StatusConflict, contract.CodeIllegalParameter, err.Error())
		return
	case hasFault:
		fault.respond(w)
		return
	case replayed:
		w.Header().Set("Idempotent-Replayed", "true")
	}
	respond(w, http.StatusOK, gen.DumpResponse{AssetID: assetID})
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

var errOtherBody = errors.New("illegal field: {Idempotency-Key}: was used before with another body (unique)")

// accept creates an asset, or finds the one that the key belongs to.
func (s *Server) accept(request *gen.DumpRequest, key *string, body []byte) (assetID string, replayed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dump := Dump{AssetID: fmt.Sprintf("%032x", len(s.dumps)+1), Request: request, body: body}
	if key != nil {
		dump.IdempotencyKey = *key
		if i, ok := s.byKey[*key]; ok {
			if !bytes.Equal(s.dumps[i].body, body) {
				return "", false, errOtherBody
			}
			return s.dumps[i].AssetID, true, nil
		}
		s.byKey[*key] = len(s.dumps)
	}
	s.dumps = append(s.dumps, dump)
	s.status[dump.AssetID] = companions.AssetStatusPublished
	if request.GetAutoPublish() == gen.AutoPublishOff {
		s.status[dump.AssetID] = companions.AssetStatusCreated
	}
	return dump.AssetID, false, nil
}

// info responds with the states of the assets that the query names.
func (s *Server) info(w http.ResponseWriter, r *http.Request) {
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
		refuse(w, http.StatusBadRequest, contract.CodeIllegalParameter, "illegal field: {asset_id}: this server finds assets by ID only")
		return
	}
	page.Total = int32(len(page.AssetInfoArray)) //nolint:gosec // of one URL
	respond(w, http.StatusOK, page)
}

// illegal says which fields are wrong in the form that clients of the cloud read.
func illegal(violations contract.Violations) string {
	v := violations[0]
	return fmt.Sprintf("illegal field: {%s}: %s", v.Field, violations.Error())
}

func refuse(w http.ResponseWriter, status int, code contract.Code, detail string) {
	problem, _ := contract.Lookup(code)
	message := problem.Message
	if detail != "" {
		message = strings.TrimSuffix(message, ".") + ", " + detail
	}
	respond(w, status, gen.Error{ErrorCode: string(code), ErrorMsg: message})
}

func respond(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that is gone needs no response
}
