//go:build unix

package bench_test

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	vod "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vod/v1"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vod/v1/model"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

// TestOfficialSDKBehindBalancer makes the vendor's calls through nginx, as deploy/nginx.conf sets it up, to two API
// processes on one PostgreSQL; a worker does the work. One of the two then dies, and clients notice nothing.
func TestOfficialSDKBehindBalancer(t *testing.T) {
	t.Setenv("HOME", t.TempDir()) // the SDK writes an identifier into the home directory
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	apis, store := startBehind(t, url)
	balance(t, listener, apis)
	store.Put(t, servicetest.Bucket, "dir/clip.mp4", []byte("any bytes"))
	store.Put(t, servicetest.Closed, "clip.mp4", []byte("other bytes"))

	client := officialClient(t, url)
	id := dumped(t, client, "dir/clip.mp4")
	await(t, client, id)
	if detail, err := client.ShowAssetDetail(&model.ShowAssetDetailRequest{AssetId: id}); err != nil || !strings.HasPrefix(*detail.BaseInfo.VideoUrl, url) {
		t.Errorf("ShowAssetDetail: %v, %v", detail, err)
	}
	ids := &model.PublishAssetReq{AssetId: []string{id}}
	if _, err := client.UnpublishAssets(&model.UnpublishAssetsRequest{Body: ids}); err != nil {
		t.Error("UnpublishAssets:", err)
	}
	if _, err := client.PublishAssets(&model.PublishAssetsRequest{Body: ids}); err != nil {
		t.Error("PublishAssets:", err)
	}
	if _, err := client.CreateAssetCategory(&model.CreateAssetCategoryRequest{Body: &model.CreateCategoryReq{Name: "films"}}); err != nil {
		t.Error("CreateAssetCategory:", err)
	}
	preheat(t, client, id)
	if _, err := client.UpdateBucketAuthorized(&model.UpdateBucketAuthorizedRequest{
		Body: &model.UpdateBucketAuthorizedReq{Bucket: servicetest.Closed, Operation: "1"}}); err != nil {
		t.Error("UpdateBucketAuthorized:", err)
	}
	for range 2 { // once at each process
		if _, err := client.ShowAssetCipher(&model.ShowAssetCipherRequest{AssetId: id}); errorCode(err) == "" {
			t.Error("ShowAssetCipher of an asset that is not encrypted:", err)
		}
	}
	for i, api := range apis {
		if !strings.Contains(api.Log(), "msg=request ") {
			t.Errorf("the balancer sent nothing to process %d", i)
		}
	}

	for i, api := range apis {
		token := tokenOf(t, api.URL)
		for _, at := range []string{apis[1-i].URL, url, url} {
			if status := infoWith(t, at, token); status != http.StatusOK {
				t.Errorf("a token of process %d at %s: %d", i, at, status)
			}
		}
	}

	apis[0].Kill()
	await(t, client, dumped(t, client, "dir/clip.mp4"))
}

// startBehind starts a store, two API processes and a worker, whose public URL is that of their balancer.
func startBehind(t *testing.T, url string) (apis [2]*servicetest.Service, store *servicetest.Service) {
	t.Helper()
	database := servicetest.StartPostgres(t).Create(t)
	store = servicetest.Start(t, servicetest.NewDir(t)) // its embedded store is the S3 server
	store.Put(t, "shared-service", ".keep", nil)        // a folder is a bucket
	settings := strings.Replace(servicetest.Settings, `listen: "127.0.0.1:0", bucket: `+servicetest.ServiceBucket,
		`endpoint: "`+store.Vars["VOD_S3_ENDPOINT"]+`", bucket: shared-service`, 1) +
		"public_url: " + url + "\nedges: [" + url + "]\ndatabase: " + database + "\n"
	t.Setenv("VOD_KEY", strings.Repeat("0123456789abcdef", 4))
	for i := range apis {
		address := servicetest.FreeAddress(t)
		apis[i] = servicetest.StartBinary(t, servicetest.Binary(t), servicetest.NewDirWith(t, settings), "--role", "api", "--listen", address, "--log-level", "debug")
		apis[i].URL = "http://" + address // not the balancer's
	}
	servicetest.StartBinary(t, servicetest.Binary(t), servicetest.NewDirWith(t, settings), "--role", "worker")
	return apis, store
}

// balance runs nginx on listener with the project's own settings.
func balance(t *testing.T, listener *net.TCPListener, apis [2]*servicetest.Service) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "deploy", "nginx.conf"))
	if err != nil {
		t.Fatal(err)
	}
	config := string(text)
	address := func(i int) string { return strings.TrimPrefix(apis[i].URL, "http://") }
	for name, address := range map[string]string{
		"listen 80": "listen " + listener.Addr().String(), "api1:8470": address(0), "api2:8470": address(1),
	} {
		if !strings.Contains(config, name) {
			t.Fatalf("deploy/nginx.conf has no %q", name)
		}
		config = strings.Replace(config, name, address, 1)
	}
	servicetest.StartNginx(t, listener, config)
}

// infoWith lists the assets with a token and returns the status.
func infoWith(t *testing.T, url, token string) int {
	t.Helper()
	status, _ := send(t, http.MethodGet, url+"/v1.0/"+servicetest.ProjectID+"/asset/info", "", "X-Auth-Token", token)
	return status
}

// tokenOf signs in.
func tokenOf(t *testing.T, url string) string {
	t.Helper()
	body := `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"` + servicetest.UserName + `","password":"` +
		servicetest.UserSecret + `","domain":{"name":"` + servicetest.UserDomain + `"}}}},"scope":{"project":{"name":"` + servicetest.Region + `"}}}}`
	_, header := send(t, http.MethodPost, url+"/v3/auth/tokens", body, "Content-Type", "application/json")
	return header.Get("X-Subject-Token")
}

func send(t *testing.T, method, url, body, name, value string) (status int, header http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(servicetest.Context(t), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(name, value)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close() // nothing in it was wanted
	return res.StatusCode, res.Header
}

// preheat loads the files of an asset into the cache and waits for the end.
func preheat(t *testing.T, client *vod.VodClient, id string) {
	t.Helper()
	task, err := client.CreatePreheatingAsset(&model.CreatePreheatingAssetRequest{Body: &model.CreatePreheatingAssetReq{AssetId: &id}})
	if err != nil {
		t.Error("CreatePreheatingAsset:", err)
		return
	}
	for status := "processing"; status == "processing"; {
		got, err := client.ShowPreheatingAsset(&model.ShowPreheatingAssetRequest{TaskId: *task.TaskId})
		if err != nil || got.PreheatingResults == nil || len(*got.PreheatingResults) == 0 {
			t.Error("ShowPreheatingAsset:", got, err)
			return
		}
		if status = (*got.PreheatingResults)[0].Status.Value(); status == "failed" {
			t.Error("preheating failed:", got)
		}
	}
}
