package object_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/vod-reproduction/vod/service/object"
)

// TestAddressing looks at where requests would go, which the presigned address shows without a network. The SDK's resolver says
// the same.
func TestAddressing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		endpoint  string
		pathStyle bool
		bucket    string
		want      string
	}{
		{"https://obs.cn-north-4.myhuaweicloud.com", false, "bucket1", "https://bucket1.obs.cn-north-4.myhuaweicloud.com"},
		{"https://obs.cn-north-4.myhuaweicloud.com/", false, "bucket1", "https://bucket1.obs.cn-north-4.myhuaweicloud.com"},
		{"https://obs.cn-north-4.myhuaweicloud.com", false, "my.bucket", "https://obs.cn-north-4.myhuaweicloud.com/my.bucket"},
		{"http://obs.example.com", false, "media.archive", "http://media.archive.obs.example.com"},
		{"https://obs.example.com:8443", false, "bucket1", "https://bucket1.obs.example.com:8443"},
		{"https://obs.example.com:8443", true, "bucket1", "https://obs.example.com:8443/bucket1"},
		{"http://127.0.0.1:9000", false, "bucket1", "http://127.0.0.1:9000/bucket1"},
		{"http://[::1]:9000", false, "bucket1", "http://[::1]:9000/bucket1"},
		{"http://localhost:9000", false, "bucket1", "http://localhost:9000/bucket1"},
	} {
		store := client(t, test.endpoint, func(c *object.Config) { c.PathStyle = test.pathStyle })
		address, err := store.Presign(t.Context(), http.MethodGet, test.bucket, "a/b?.mp4", nil, nil, 90*time.Second)
		if err != nil {
			t.Errorf("%s: %v", test.endpoint, err)
			continue
		}
		got, query, _ := strings.Cut(address, "?")
		values, err := url.ParseQuery(query)
		if err != nil || got != test.want+"/a/b%3F.mp4" || values.Get("X-Amz-Expires") != "90" || strings.Contains(query, "hecksum") {
			t.Errorf("%s: %s, %v", test.endpoint, address, err)
		}
		theirs, err := s3.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(), s3.EndpointParameters{
			Bucket: &test.bucket, Region: aws.String("us-east-1"), Endpoint: &test.endpoint,
			ForcePathStyle: aws.Bool(test.pathStyle || strings.Contains(test.endpoint, "localhost")),
		})
		if err != nil || strings.TrimSuffix(theirs.URI.String(), "/") != test.want {
			t.Errorf("%s: the SDK resolves to %s, %v", test.endpoint, &theirs.URI, err)
		}
	}
}

// TestNoBucketLeadsElsewhere has a name for which the SDK's resolver goes to AWS.
func TestNoBucketLeadsElsewhere(t *testing.T) {
	t.Parallel()
	bucket := strings.Repeat("a", 50) + "--op-s3"
	address, err := client(t, "https://obs.example.com", nil).Presign(t.Context(), http.MethodGet, bucket, "k", nil, nil, time.Minute)
	if err != nil || !strings.HasPrefix(address, "https://"+bucket+".obs.example.com/k?") {
		t.Errorf("%s, %v", address, err)
	}
}

// TestOnce makes clients that send each request once while the client that they are made from is in use: -race sees what they share.
func TestOnce(t *testing.T) {
	t.Parallel()
	store := client(t, serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "1") }), nil)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			one := store
			if i%2 == 0 {
				one = store.Once()
			}
			if _, err := one.Stat(t.Context(), "bucket", "k"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestConnectionsAreKept sends 64 requests at once, twice: the second time must open no connection.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	const callers = 64
	var connections, arrived atomic.Int64
	var all [2]chan struct{} // closed when every request of the round has arrived, so that none takes the connection of another
	for round := range all {
		all[round] = make(chan struct{})
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := arrived.Add(1) - 1
		if n%callers == callers-1 {
			close(all[n/callers])
		}
		select {
		case <-all[n/callers]:
			w.Header().Set("Content-Length", "1")
		case <-r.Context().Done():
		}
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	store := client(t, server.URL, nil)
	defer store.CloseIdleConnections()
	for round := range all {
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				if _, err := store.Stat(t.Context(), "bucket", "k"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := connections.Load(); got != callers {
			t.Errorf("%d connections after round %d", got, round+1)
		}
	}
}
