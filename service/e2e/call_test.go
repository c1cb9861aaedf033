package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/signer"
)

// service is the process with the calls that the tests make.
type service struct{ *servicetest.Service }

func start(t *testing.T, dir string) service {
	t.Helper()
	return service{servicetest.Start(t, dir)}
}

// response is what the service said.
type response struct {
	status int
	header http.Header
	body   []byte
}

var httpClient = &http.Client{
	Timeout:       5 * time.Minute, // of one request, on a slow machine
	Transport:     &http.Transport{MaxIdleConnsPerHost: 32},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// send makes one signed call and reads the whole response.
func (s service) send(ctx context.Context, method, path, body string, header ...string) (response, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, strings.NewReader(body))
	if err != nil {
		return response{}, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if err := signer.Sign(req, []byte(body), signer.Credentials{AccessKey: servicetest.AccessKey, SecretKey: servicetest.SecretKey}, time.Now()); err != nil {
		return response{}, err
	}
	return do(req)
}

func do(req *http.Request) (response, error) {
	resp, err := httpClient.Do(req)
	if err != nil {
		return response{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	return response{resp.StatusCode, resp.Header, content}, err
}

const dumpPath = "/v1.0/" + servicetest.ProjectID + "/asset/reproduction"

// dump sends one request under a key and returns the asset's ID.
func (s service) dump(ctx context.Context, body, key string) (string, error) {
	got, err := s.send(ctx, http.MethodPost, dumpPath, body, "Idempotency-Key", key)
	if err != nil {
		return "", err
	}
	if got.status != http.StatusOK {
		return "", fmt.Errorf("status %d: %s", got.status, got.body)
	}
	var accepted gen.DumpResponse
	return accepted.AssetID, json.Unmarshal(got.body, &accepted)
}

// info asks for the state of one asset.
func (s service) info(ctx context.Context, id string) (companions.AssetInfo, error) {
	got, err := s.send(ctx, http.MethodGet, "/v1.0/"+servicetest.ProjectID+"/asset/info?asset_id="+id, "")
	if err != nil {
		return companions.AssetInfo{}, err
	}
	var page companions.AssetInfoPage
	if err := json.Unmarshal(got.body, &page); err != nil || len(page.AssetInfoArray) != 1 {
		return companions.AssetInfo{}, fmt.Errorf("asset/info: status %d: %s", got.status, got.body)
	}
	return page.AssetInfoArray[0], nil
}

// wait asks until the asset has ended.
func (s service) wait(t *testing.T, id string) companions.AssetInfo {
	t.Helper()
	for {
		info, err := s.info(servicetest.Context(t), id)
		if err != nil {
			t.Fatal(err)
		}
		if info.Status != companions.AssetStatusOBSCreating {
			return info
		}
	}
}

// request is a valid dump of one object.
func request(key, title string) string {
	var b bytes.Buffer
	_ = json.NewEncoder(&b).Encode(gen.DumpRequest{
		VideoType: gen.VideoTypeMP4, Title: title,
		Input: gen.FileAddr{Bucket: servicetest.Bucket, Location: servicetest.Region, Object: key},
	})
	return b.String()
}

// count returns the number of assets of the project.
func (s service) count(ctx context.Context) (int, error) {
	got, err := s.send(ctx, http.MethodGet, "/v1.0/"+servicetest.ProjectID+"/asset/info?size=1", "")
	if err != nil {
		return 0, err
	}
	var page companions.AssetInfoPage
	if err := json.Unmarshal(got.body, &page); err != nil {
		return 0, fmt.Errorf("asset/info: status %d: %s", got.status, got.body)
	}
	return int(page.Total), nil
}
