package contracttest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync/atomic"
	"testing"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/contract/contracttest"
	"github.com/vod-reproduction/vod/gen"
)

// fakeServer stands for the server under test. It checks neither credentials nor whether buckets, objects and templates
// exist.
type fakeServer struct{ created atomic.Int64 }

const fakeProject = "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"

var dumpPath = regexp.MustCompile(`^/v1\.0/([0-9A-Za-z_-]+)/asset/reproduction$`)

func (s *fakeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	path := dumpPath.FindStringSubmatch(r.URL.Path)
	switch {
	case err != nil:
		s.refuse(w, contract.CodeRequestTooLarge, "")
		return
	case path == nil || r.Method != http.MethodPost:
		s.refuse(w, contract.CodeNoSuchAPI, "")
		return
	case path[1] != fakeProject:
		s.refuse(w, contract.CodeWrongProject, "")
		return
	case !regexp.MustCompile(`(?i)^application/json(;|$)`).MatchString(r.Header.Get("Content-Type")):
		s.refuse(w, contract.CodeContentType, "")
		return
	}
	if _, violations := contract.Parse(body); len(violations) > 0 {
		s.refuse(w, contract.CodeIllegalParameter, violations.Error())
		return
	}
	s.respond(w, http.StatusOK, gen.DumpResponse{AssetID: fmt.Sprintf("%032x", s.created.Add(1))})
}

func (s *fakeServer) refuse(w http.ResponseWriter, code contract.Code, detail string) {
	known, _ := contract.Lookup(code)
	s.respond(w, known.Status, gen.Error{ErrorCode: string(code), ErrorMsg: known.Message + " " + detail})
}

func (*fakeServer) respond(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// contractOf is the body of a test, such as func TestContract(t *testing.T).
func contractOf(t *testing.T) {
	server := httptest.NewServer(&fakeServer{})
	defer server.Close()
	contracttest.Run(t, contracttest.Target{
		Endpoint:  server.URL,
		ProjectID: fakeProject,
		Names:     contracttest.Names{Bucket: "media", Object: "film.mp4", Region: "cn-north-4"},
		MaxBody:   1 << 20,
		Skip:      []string{"same-region", "source", "category", "template-group", "workflow"},
	})
}

// A server is held to the contract from one of its own tests, which calls Run; here it is contractOf above.
func ExampleRun() {
	run := func(_, _ string) (bool, error) { return true, nil } // go test does this for functions named TestXxx
	passed := testing.RunTests(run, []testing.InternalTest{{Name: "TestContract", F: contractOf}})
	fmt.Println(passed)
}

// The corpus also serves to test a validator without a server.
func ExampleCases() {
	refused := 0
	for _, c := range contracttest.Cases(contracttest.Example) {
		_, violations := contract.Parse(c.Body)
		if accepted := len(violations) == 0; accepted != (c.Accepted() || c.ServerOnly) {
			fmt.Println("wrong verdict on", c.Name)
		}
		if !c.Accepted() {
			refused++
		}
	}
	fmt.Println(refused > 100)
	// Output: true
}
