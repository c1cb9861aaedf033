package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/signer"
)

// What the cloud of the scripts knows its caller by.
const (
	cloudProject   = "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"
	cloudAccessKey = "AKEXAMPLE0000000001"
	cloudSecretKey = "SKexample0000000000000000000000000000001"
	cloudToken     = "TOKENexample"
	cloudRequestID = "d1f4c2"
)

// cloud is a server that speaks the contract and behaves as the name of the object asks:
//
//	missing.*  there is no such object         busy.*   throttled, come back in two minutes
//	broken.*   500 and a page of HTML          cut.*    taken, and the connection cut
//	fails.*    taken, and the job fails        slow.*   taken, and never done
//	steps.*    taken, and done at the second look
//	stalls.*   taken, and never answered
//
// Everything else is published at the first look. As in the cloud, nothing tells the source of an asset. Bucket "closed" must be authorized first. Below /keys it honors
// Idempotency-Key, as only a server of this kit does.
type cloud struct {
	verifier signer.Verifier
	// slowLooks has a value for each look at an asset that is never done, stalled for each call that is never answered.
	slowLooks, stalled chan struct{}

	mu         sync.Mutex
	authorized bool
	byKey      map[string]string
	assets     map[string]*cloudAsset
}

type cloudAsset struct {
	request *gen.DumpRequest
	looks   int
}

// startCloud starts a cloud. The caller closes the server.
func startCloud() (*cloud, *httptest.Server) {
	c := &cloud{slowLooks: make(chan struct{}, 1), stalled: make(chan struct{}, 1), byKey: map[string]string{}, assets: map[string]*cloudAsset{}}
	c.verifier.Lookup = func(_ context.Context, accessKey string) (signer.Credentials, error) {
		if accessKey != cloudAccessKey {
			return signer.Credentials{}, signer.ErrUnknownAccessKey
		}
		return signer.Credentials{AccessKey: cloudAccessKey, SecretKey: cloudSecretKey}, nil
	}
	mux := http.NewServeMux()
	for _, prefix := range []string{"", "/keys"} {
		mux.HandleFunc("POST "+prefix+"/v1.0/{project}/asset/reproduction", c.guard(c.dump))
		mux.HandleFunc("PUT "+prefix+"/v1.0/{project}/asset/authority", c.guard(c.authority))
		mux.HandleFunc("GET "+prefix+"/v1.0/{project}/asset/info", c.guard(c.info))
	}
	mux.HandleFunc("OPTIONS /keys/v1.0/{project}/asset/reproduction", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Vod-Idempotency", "supported")
	})
	return c, httptest.NewServer(mux)
}

// guard lets only the known caller in, and only to its own project.
func (c *cloud) guard(next func(http.ResponseWriter, *http.Request, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", cloudRequestID)
		body, err := io.ReadAll(io.LimitReader(r.Body, contract.MaxBodyBytes))
		if err != nil {
			return
		}
		if token := r.Header.Get("X-Auth-Token"); token != cloudToken {
			var refused *signer.VerifyError
			if _, err := c.verifier.Verify(r, body); errors.As(err, &refused) {
				refuse(w, http.StatusUnauthorized, contract.CodeNotAuthenticated, "Incorrect IAM authentication information: "+refused.Message)
				return
			}
		}
		if r.PathValue("project") != cloudProject {
			refuse(w, http.StatusForbidden, contract.CodeWrongProject, "Tenant ID verification failed.")
			return
		}
		next(w, r, body)
	}
}

func (c *cloud) dump(w http.ResponseWriter, r *http.Request, body []byte) {
	keys := strings.HasPrefix(r.URL.Path, "/keys/")
	if keys {
		w.Header().Set("Vod-Idempotency", "supported")
	}
	request, violations := contract.Parse(body)
	if len(violations) > 0 {
		refuse(w, http.StatusBadRequest, contract.CodeIllegalParameter, violations.Error())
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if request.Input.Bucket == "closed" && !c.authorized {
		refuse(w, http.StatusForbidden, contract.CodeBucketForbidden, "The bucket is not authorized.")
		return
	}
	switch behavior(request) {
	case "missing":
		refuse(w, http.StatusBadRequest, contract.CodeNoSuchObject, "The specified key does not exist.")
		return
	case "busy":
		w.Header().Set("Retry-After", "120")
		refuse(w, http.StatusTooManyRequests, contract.CodeThrottled, "The throttling threshold has been reached.")
		return
	case "broken":
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, "<html>\x1b[31moops</html>")
		return
	}
	id := fmt.Sprintf("%032x", len(c.assets)+1)
	if key := r.Header.Get("Idempotency-Key"); keys {
		if known, ok := c.byKey[key]; ok {
			answer(w, gen.DumpResponse{AssetID: known})
			return
		}
		c.byKey[key] = id
	}
	c.assets[id] = &cloudAsset{request: request}
	switch behavior(request) {
	case "stalls":
		c.mu.Unlock()
		c.stalled <- struct{}{}
		<-r.Context().Done() // the caller has gone
		c.mu.Lock()
		panic(http.ErrAbortHandler)
	case "cut":
		panic(http.ErrAbortHandler)
	}
	answer(w, gen.DumpResponse{AssetID: id})
}

// behavior is what the object's name asks for.
func behavior(r *gen.DumpRequest) string {
	name, _, _ := strings.Cut(r.Input.Object, ".")
	return name
}

func (c *cloud) authority(w http.ResponseWriter, _ *http.Request, body []byte) {
	var request companions.BucketAuthority
	if err := json.Unmarshal(body, &request); err != nil || request.Bucket == "" {
		refuse(w, http.StatusBadRequest, contract.CodeIllegalParameter, "illegal field: {bucket}")
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.authorized = request.Operation == companions.BucketOperationOpen
}

func (c *cloud) info(w http.ResponseWriter, r *http.Request, _ []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	page := companions.AssetInfoPage{AssetInfoArray: []companions.AssetInfo{}}
	for _, id := range r.URL.Query()["asset_id"] {
		page.AssetInfoArray = append(page.AssetInfoArray, c.look(id))
	}
	if title := r.URL.Query().Get("query_string"); title != "" {
		for _, id := range slices.Sorted(maps.Keys(c.assets)) {
			if strings.Contains(c.assets[id].request.Title, title) {
				page.AssetInfoArray = append(page.AssetInfoArray, c.look(id))
			}
		}
	}
	page.Total = int32(len(page.AssetInfoArray))
	answer(w, page)
}

func (c *cloud) look(id string) companions.AssetInfo {
	a, ok := c.assets[id]
	if !ok {
		return companions.AssetInfo{AssetID: id, Status: companions.AssetStatusNoAssetAlias}
	}
	a.looks++
	info := companions.AssetInfo{AssetID: id, Status: companions.AssetStatusPublished, BaseInfo: &companions.BaseInfo{Title: &a.request.Title}}
	switch what := behavior(a.request); {
	case what == "fails":
		info.Status = companions.AssetStatusOBSCreateFailed
		reason := string(contract.CodeSourceUnreadable) + " The OBS source file could not be obtained."
		info.Description = &reason
	case what == "slow":
		info.Status = companions.AssetStatusOBSCreating
		select {
		case c.slowLooks <- struct{}{}:
		default:
		}
	case what == "steps" && a.looks == 1:
		info.Status = companions.AssetStatusOBSCreating
		done, total := int64(5), int64(10)
		info.BaseInfo.Processing = []companions.ProcessingStep{
			{Name: "copy", State: companions.StepStateRunning, Bytes: &done, Total: &total},
		}
	}
	return info
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the scripts see what does not arrive
}

func refuse(w http.ResponseWriter, status int, code contract.Code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(gen.Error{ErrorCode: string(code), ErrorMsg: message})
}
