package vodtest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/contract/contracttest"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/signer"
	"github.com/vod-reproduction/vod/vodtest"
)

// TestContract puts the server to the corpus that every server of the contract has to pass.
func TestContract(t *testing.T) {
	t.Parallel()
	server := vodtest.NewServer(t)
	names := contracttest.Names{Bucket: "media", Object: "film.mp4", Region: vodtest.Region}
	for name, auth := range map[string]signer.Authenticator{
		"token":     signer.StaticToken(vodtest.Token),
		"signature": must(signer.New(signer.Credentials{AccessKey: vodtest.AccessKey, SecretKey: vodtest.SecretKey})),
	} {
		t.Run(name, func(t *testing.T) {
			contracttest.Run(t, contracttest.Target{
				Endpoint: server.URL, ProjectID: vodtest.ProjectID, Names: names,
				Client: &http.Client{Transport: &signer.Transport{Auth: auth}}, Stranger: http.DefaultClient,
				Skip: []string{"source", "category", "template-group", "workflow", "http/too large"},
			})
		})
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func film() *gen.DumpRequest {
	return &gen.DumpRequest{
		VideoType: gen.VideoTypeMP4, Title: "Film",
		Input: gen.FileAddr{Bucket: "media", Location: vodtest.Region, Object: "film.mp4"},
	}
}

// impatient repeats nothing, so that a test sees every fault.
func impatient(server *vodtest.Server) *client.Client {
	config := server.Config()
	config.Retry.MaxAttempts = 1
	return must(client.New(config))
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		fault     vodtest.Fault
		created   int
		ambiguous bool
		code      contract.Code
	}{
		{"refused", vodtest.Refused(contract.CodeArrears), 0, false, contract.CodeArrears},
		{"throttled", vodtest.Throttled(2 * time.Second), 0, false, contract.CodeThrottled},
		{"bad gateway", vodtest.Status(http.StatusBadGateway), 0, true, ""},
		{"request lost", vodtest.RequestLost(), 0, true, ""},
		{"response lost", vodtest.ResponseLost(), 1, true, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := vodtest.NewServer(t)
			server.Next(test.fault)
			vod := impatient(server)
			_, err := vod.Dump(t.Context(), film())
			var ambiguous *client.AmbiguousError
			if errors.As(err, &ambiguous) != test.ambiguous || client.Code(err) != test.code {
				t.Errorf("the dump ended with %v", err)
			}
			if created := len(server.Dumps()); created != test.created {
				t.Errorf("%d assets were created, not %d", created, test.created)
			}
			if id, err := vod.Dump(t.Context(), film()); err != nil || id == "" {
				t.Errorf("the dump behind the fault: %q, %v", id, err)
			}
		})
	}
}

// TestLostResponseIsRecovered has a client repeat a dump whose response was lost: the server knows the key.
func TestLostResponseIsRecovered(t *testing.T) {
	t.Parallel()
	server := vodtest.NewServer(t)
	server.Next(vodtest.ResponseLost())
	config := server.Config()
	config.Random = func() float64 { return 0 }
	id, err := must(client.New(config)).Dump(t.Context(), film())
	if err != nil {
		t.Fatal(err)
	}
	dumps := server.Dumps()
	if len(dumps) != 1 || dumps[0].AssetID != id || dumps[0].IdempotencyKey == "" {
		t.Errorf("asset %q of %+v", id, dumps)
	}
}

func TestIdempotencyKeyOfAnotherBody(t *testing.T) {
	t.Parallel()
	vod := impatient(vodtest.NewServer(t))
	if _, err := vod.Dump(t.Context(), film(), client.WithIdempotencyKey("one")); err != nil {
		t.Fatal(err)
	}
	other := film()
	other.Title = "Another film"
	var refused *client.APIError
	if _, err := vod.Dump(t.Context(), other, client.WithIdempotencyKey("one")); !errors.As(err, &refused) || refused.Status != http.StatusConflict {
		t.Errorf("the second body under one key: %v", err)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	server := vodtest.NewServer(t)
	vod := impatient(server)
	public, private := film(), film()
	public.AutoPublish, private.AutoPublish = new(gen.AutoPublishOn), new(gen.AutoPublishOff)
	for _, test := range []struct {
		request *gen.DumpRequest
		want    companions.AssetStatus
	}{
		{public, companions.AssetStatusPublished},
		{private, companions.AssetStatusCreated},
	} {
		id := must(vod.Dump(t.Context(), test.request))
		if info, err := vod.Asset(t.Context(), id); err != nil || info.Status != test.want {
			t.Errorf("the asset is %s, %v; want %s", info.Status, err, test.want)
		}
	}
	if _, err := vod.Details(t.Context(), "nosuch"); client.Code(err) != contract.CodeNoSuchAPI || !strings.Contains(err.Error(), "vodtest has ") {
		t.Errorf("a call that the server does not have is refused with %v", err)
	}
	if info, err := vod.Asset(t.Context(), "nosuch"); err != nil || info.Status != companions.AssetStatusNoAsset {
		t.Errorf("an unknown asset is %s, %v", info.Status, err)
	}
}

// A program under test dumps a film; the test looks at what arrived, and at what the program does when the asset fails.
func Example() {
	test := func(t *testing.T) {
		server := vodtest.NewServer(t)
		vod, err := client.New(server.Config()) // or give server.URL and vodtest.Token to the program
		if err != nil {
			t.Fatal(err)
		}
		server.Next(vodtest.Throttled(0)) // the client waits, and tries again
		id, err := vod.Dump(context.Background(), film())
		fmt.Println(id, err)
		fmt.Println(server.Dumps()[0].Request.Title)

		server.SetStatus(id, companions.AssetStatusOBSCreateFailed)
		_, err = vod.Wait(context.Background(), id)
		var failed *client.JobError
		fmt.Println(errors.As(err, &failed))
	}
	test(new(testing.T)) // as go test does
	// Output:
	// 00000000000000000000000000000001 <nil>
	// Film
	// true
}
