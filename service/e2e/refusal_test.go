package e2e_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/signer"
)

// TestRefusals holds every refusal that depends on the service's own knowledge: who asks, for what, and what exists.
func TestRefusals(t *testing.T) {
	s := start(t, servicetest.NewDir(t))
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("clip"))
	s.Put(t, "closed", "clip.mp4", []byte("clip"))
	s.Put(t, "foreign", "clip.mp4", []byte("clip"))
	valid := request("in/clip.mp4", "clip")
	from := func(bucket, location, key string) string {
		return `{"video_type":"MP4","title":"t","input":{"bucket":"` + bucket + `","location":"` + location + `","object":"` + key + `"}}`
	}
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		code, says               string
	}{
		{"missing object", "POST", dumpPath, from(servicetest.Bucket, servicetest.Region, "in/none.mp4"), 400, "VOD.10003", "does not exist"},
		{"missing object with a slash in front", "POST", dumpPath, from(servicetest.Bucket, servicetest.Region, "/in/clip.mp4"), 400, "", ""},
		{"key that climbs", "POST", dumpPath, from(servicetest.Bucket, servicetest.Region, "../closed/clip.mp4"), 400, "VOD.10003", ""},
		{"bucket not authorized", "POST", dumpPath, from("closed", servicetest.Region, "clip.mp4"), 403, "VOD.10114", "closed"},
		{"bucket of another tenant", "POST", dumpPath, from("foreign", servicetest.Region, "clip.mp4"), 403, "VOD.10114", "foreign"},
		{"bucket of the service", "POST", dumpPath, from("vod-service", servicetest.Region, "clip.mp4"), 403, "VOD.10114", "vod-service"},
		{"bucket that does not exist", "POST", dumpPath, from("nowhere", servicetest.Region, "clip.mp4"), 403, "VOD.10114", "nowhere"},
		{"bucket that is an address", "POST", dumpPath, from("169.254.169.254", servicetest.Region, "x"), 403, "VOD.10114", ""},
		{"wrong region", "POST", dumpPath, from(servicetest.Bucket, "cn-east-2", "in/clip.mp4"), 403, "VOD.10075", "cn-north-4"},
		{"unknown category", "POST", dumpPath, strings.Replace(valid, `"title"`, `"category_id":77,"title"`, 1), 404, "VOD.10064", "category_id"},
		{"foreign project", "POST", strings.Replace(dumpPath, servicetest.ProjectID, "other", 1), valid, 403, "VOD.10057", "project"},
		{"unknown path", "POST", dumpPath + "s", valid, 404, "APIGW.0101", ""},
		{"path with a slash behind", "POST", dumpPath + "/", valid, 404, "APIGW.0101", ""},
		{"path with two slashes", "POST", "/" + dumpPath, valid, 404, "APIGW.0101", ""},
		{"wrong method", "GET", dumpPath, "", 405, "VOD.10058", "POST"},
		{"too large", "POST", dumpPath, strings.Repeat(" ", 13<<20), 413, "APIGW.0201", ""},
		{"unknown asset", "GET", "/v1.0/" + servicetest.ProjectID + "/asset/details?asset_id=" + noAsset, "", 404, "VOD.10062", ""},
		{"details without an ID", "GET", "/v1.0/" + servicetest.ProjectID + "/asset/details", "", 400, "VOD.10053", "asset_id"},
		{"page that is no number", "GET", "/v1.0/" + servicetest.ProjectID + "/asset/info?page=x", "", 400, "VOD.10053", "page"},
		{"size out of range", "GET", "/v1.0/" + servicetest.ProjectID + "/asset/info?size=101", "", 400, "VOD.10053", "size"},
		{"time that does not exist", "GET", "/v1.0/" + servicetest.ProjectID + "/asset/info?start_time=20261399000000", "", 400, "VOD.10053", "start_time"},
		{"control character in the title", "POST", dumpPath, strings.Replace(valid, `"title":"`, `"title":"\u0007`, 1), 400, "VOD.10053", "title"},
		{"NUL in a description", "POST", dumpPath, strings.Replace(valid, `"title"`, `"description":"a\u0000b","title"`, 1), 400, "VOD.10053", "description"},
		{"control character in a category", "POST", "/v1.0/" + servicetest.ProjectID + "/asset/category", `{"name":"a\u001bb"}`, 400, "VOD.10053", "name"},
		{"NUL in a search", "GET", "/v1.0/" + servicetest.ProjectID + "/asset/info?query_string=a%00b", "", 400, "VOD.10053", "query_string"},
		{"bytes that are no text in a search", "GET", "/v1.0/" + servicetest.ProjectID + "/asset/info?query_string=%ff", "", 400, "VOD.10053", "query_string"},
		{"authority of a foreign bucket", "PUT", "/v1.0/" + servicetest.ProjectID + "/asset/authority", `{"bucket":"foreign","operation":"1"}`, 403, "VOD.10138", "foreign"},
		{"authority with a number", "PUT", "/v1.0/" + servicetest.ProjectID + "/asset/authority", `{"bucket":"media","operation":1}`, 400, "VOD.10053", "operation"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := s.send(servicetest.Context(t), c.method, c.path, c.body)
			if err != nil {
				t.Fatal(err)
			}
			wantRefusal(t, got, c.status, c.code, c.says)
		})
	}
	for _, header := range [][]string{
		{"Content-Type", "text/plain"}, {"Content-Type", "application/json; charset=utf-16"}, {"Content-Encoding", "gzip"},
	} {
		t.Run(header[0]+" "+header[1], func(t *testing.T) {
			got, err := s.send(servicetest.Context(t), http.MethodPost, dumpPath, valid, header...)
			if err != nil {
				t.Fatal(err)
			}
			wantRefusal(t, got, 403, "VOD.10059", "")
		})
	}
	if n, err := s.count(servicetest.Context(t)); err != nil || n != 0 {
		t.Errorf("after refusals only there are %d assets (%v)", n, err)
	}
}

// TestCredentials holds every way of not being allowed in.
func TestCredentials(t *testing.T) {
	s := start(t, servicetest.NewDir(t))
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("clip"))
	body := request("in/clip.mp4", "clip")
	owner := signer.Credentials{AccessKey: servicetest.AccessKey, SecretKey: servicetest.SecretKey}
	sign := func(c signer.Credentials, at time.Time) func(*http.Request) error {
		return func(r *http.Request) error { return signer.Sign(r, []byte(body), c, at) }
	}
	for _, c := range []struct {
		name   string
		apply  func(*http.Request) error
		status int
		code   string
		says   string
	}{
		{"nothing", func(*http.Request) error { return nil }, 401, "APIGW.0301", "x-auth-token not found"},
		{"unknown key", sign(signer.Credentials{AccessKey: "AKNOBODY", SecretKey: "x"}, time.Now()), 401, "APIGW.0301", "AKNOBODY"},
		{"wrong secret", sign(signer.Credentials{AccessKey: servicetest.AccessKey, SecretKey: "x"}, time.Now()), 401, "APIGW.0301", "canonicalRequest"},
		{"old signature", sign(owner, time.Now().Add(-16*time.Minute)), 401, "APIGW.0301", "expired"},
		{"signature from the future", sign(owner, time.Now().Add(16*time.Minute)), 401, "APIGW.0301", ""},
		{"bad token", func(r *http.Request) error { r.Header.Set("X-Auth-Token", "nonsense"); return nil }, 401, "APIGW.0301", "token"},
		{"token and signature", func(r *http.Request) error {
			r.Header.Set("X-Auth-Token", "nonsense")
			return sign(owner, time.Now())(r)
		}, 401, "APIGW.0301", "not both"},
		{"another body", func(r *http.Request) error { return signer.Sign(r, []byte(body+" "), owner, time.Now()) }, 401, "APIGW.0301", ""},
		{"no permission", sign(signer.Credentials{AccessKey: servicetest.ReaderKey, SecretKey: servicetest.ReaderSecret}, time.Now()), 403, "VOD.10074", "vod:asset:publishFromObs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodPost, s.URL+dumpPath, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			if err := c.apply(req); err != nil {
				t.Fatal(err)
			}
			got, err := do(req)
			if err != nil {
				t.Fatal(err)
			}
			wantRefusal(t, got, c.status, c.code, c.says)
			if strings.Contains(string(got.body), servicetest.Canary) {
				t.Error("the response holds a secret")
			}
		})
	}
	for _, path := range []string{"/v1.0/x?secret=", "/v1.0/x%3Fsecret=", "/ui/?password=", "/media/a/b?X-Amz-Signature=", "/v1.0/x?a=%zz&secret=", "/x;secret?"} {
		get(t, s.URL+path+servicetest.Canary, "X-Auth-Token", servicetest.Canary)
	}
	if log := s.Log(); strings.Contains(log, servicetest.Canary) {
		t.Errorf("the log holds a secret:\n%s", log)
	}
}

func wantRefusal(t *testing.T, got response, status int, code, says string) {
	t.Helper()
	var refusal gen.Error
	if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		t.Errorf("Content-Type %q, want JSON: %s", kind, got.body)
	}
	if err := json.Unmarshal(got.body, &refusal); err != nil {
		t.Fatalf("%v: %s", err, got.body)
	}
	if got.status != status || code != "" && refusal.ErrorCode != code || !strings.Contains(refusal.ErrorMsg, says) {
		t.Errorf("got %d %s %q, want %d %s naming %q", got.status, refusal.ErrorCode, refusal.ErrorMsg, status, code, says)
	}
	if refusal.RequestID == nil || *refusal.RequestID != got.header.Get("X-Request-Id") || *refusal.RequestID == "" {
		t.Errorf("request_id and X-Request-Id differ or are missing: %s", got.body)
	}
}
