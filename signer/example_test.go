package signer_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/signer"
)

var pair = signer.Credentials{AccessKey: "AKEXAMPLE0000000001", SecretKey: "SKexample0000000000000000000000000000001"}

func ExampleSign() {
	body := `{"title":"title","video_type":"MP4","input":{"bucket":"b","location":"cn-north-4","object":"o.mp4"}}`
	req, err := http.NewRequest(http.MethodPost,
		"https://vod.cn-north-4.myhuaweicloud.com/v1.0/0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7/asset/reproduction",
		strings.NewReader(body))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := signer.Sign(req, []byte(body), pair, time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)); err != nil {
		fmt.Println(err)
		return
	}
	canonical, err := signer.CanonicalRequest(req, []byte(body))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(req.Header.Get("X-Sdk-Date"))
	fmt.Println(canonical)
	// Output:
	// 20260116T080000Z
	// POST
	// /v1.0/0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7/asset/reproduction/
	//
	// host:vod.cn-north-4.myhuaweicloud.com
	// x-sdk-date:20260116T080000Z
	//
	// host;x-sdk-date
	// d63a39e570d9df63dbd589df05f5d4a812a3bcc758d928693ea681fc393d8949
}

// A handler verifies the raw body before it does anything with it, and a Transport signs each request of a client.
func Example() {
	verifier := &signer.Verifier{
		Lookup: func(_ context.Context, accessKey string) (signer.Credentials, error) {
			if accessKey != pair.AccessKey {
				return signer.Credentials{}, signer.ErrUnknownAccessKey
			}
			return pair, nil
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, signer.MaxSignedBody))
		if err != nil {
			http.Error(w, "unreadable body", http.StatusBadRequest)
			return
		}
		caller, err := verifier.Verify(r, body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		_, _ = fmt.Fprintf(w, "%s sent %s", caller.AccessKey, body)
	}))
	defer server.Close()

	signing, err := signer.New(pair)
	if err != nil {
		fmt.Println(err)
		return
	}
	client := &http.Client{Transport: &signer.Transport{Auth: signing}}
	resp, err := client.Post(server.URL+"/v1.0/p/asset/reproduction", "application/json", strings.NewReader("{}"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	fmt.Println(string(answer), err)
	// Output: AKEXAMPLE0000000001 sent {} <nil>
}

// A program takes the credentials that its user already has.
func ExampleChain() {
	variables := map[string]string{
		"HUAWEICLOUD_SDK_AK": "AKEXAMPLE0000000001", "HUAWEICLOUD_SDK_SK": "SKexample0000000000000000000000000000001",
		"HW_REGION_NAME": "cn-north-4",
	}
	chain := signer.Chain{
		Explicit: signer.Login{ProjectID: "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"},
		Environ:  func(name string) string { return variables[name] }, // os.Getenv when left out
	}
	login, err := chain.Find()
	if err != nil {
		fmt.Println(err)
		return
	}
	transport, err := login.Transport(http.DefaultTransport)
	if err != nil {
		fmt.Println(err)
		return
	}
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	fmt.Println(client.Timeout, login.Source, login.Region)
	fmt.Println(login.Credentials)
	// Output:
	// 30s HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK cn-north-4
	// {AccessKey:AKEXAMPLE0000000001 SecretKey:hidden SecurityToken:none}
}

// authenticated is net/http middleware: it verifies the raw body before the next handler does anything with it.
func authenticated(verifier *signer.Verifier, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			http.Error(w, "unreadable body", http.StatusBadRequest)
			return
		}
		if _, err := verifier.Verify(r, body); err != nil {
			http.Error(w, "incorrect signature", http.StatusUnauthorized)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// A Verifier as net/http middleware, in front of a handler that knows nothing of signatures.
func ExampleVerifier() {
	verifier := &signer.Verifier{Lookup: func(_ context.Context, accessKey string) (signer.Credentials, error) {
		if accessKey != pair.AccessKey {
			return signer.Credentials{}, signer.ErrUnknownAccessKey
		}
		return pair, nil
	}}
	handler := authenticated(verifier, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	}))
	for _, credentials := range []signer.Credentials{pair, {AccessKey: pair.AccessKey, SecretKey: "guessed"}} {
		r := httptest.NewRequest(http.MethodPost, "http://vod.example.com/v1.0/p/asset/reproduction", strings.NewReader("{}"))
		if err := signer.Sign(r, []byte("{}"), credentials, time.Now()); err != nil {
			fmt.Println(err)
			return
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
	}
	// Output:
	// 200 {}
	// 401 incorrect signature
}

// keyService authenticates with signatures that another process makes, which alone has the secret key.
type keyService struct {
	sign func(req *http.Request, body []byte, at time.Time) error
}

func (k keyService) Authenticate(req *http.Request, now time.Time) error {
	var body []byte
	if req.GetBody != nil { // as net/http sets it for bodies in memory
		again, err := req.GetBody()
		if err != nil {
			return err
		}
		defer func() { _ = again.Close() }()
		if body, err = io.ReadAll(again); err != nil {
			return err
		}
	}
	return k.sign(req, body, now)
}

// An Authenticator of one's own keeps the secret key out of the program, for instance in a KMS.
func ExampleAuthenticator() {
	remote, err := signer.New(pair) // in the other process
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		algorithm, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		fmt.Println(algorithm)
	}))
	defer server.Close()
	client := &http.Client{Transport: &signer.Transport{Auth: keyService{sign: remote.Sign}}}
	resp, err := client.Post(server.URL, "application/json", strings.NewReader("{}"))
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = resp.Body.Close()
	// Output: SDK-HMAC-SHA256
}

// A generated client signs by a request editor.
func ExampleEditor() {
	verifier := signer.Verifier{Lookup: func(_ context.Context, accessKey string) (signer.Credentials, error) { return pair, nil }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := verifier.Verify(r, body); err != nil {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	auth, err := signer.New(pair)
	if err != nil {
		fmt.Println(err)
		return
	}
	generated, err := gen.NewClientWithResponses(server.URL, gen.WithRequestEditorFn(signer.Editor(auth)))
	if err != nil {
		fmt.Println(err)
		return
	}
	request := gen.DumpRequest{VideoType: gen.VideoTypeMP4, Title: "title", Input: gen.FileAddr{Bucket: "b", Location: "cn-north-4", Object: "o.mp4"}}
	response, err := generated.PublishAssetFromObsWithResponse(context.Background(), "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7", nil, request)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(response.StatusCode())
	// Output: 200
}
