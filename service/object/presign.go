package object

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go/encoding/httpbinding"
)

// Presign returns a URL at which whoever has it may send one kind of request for an object until lifetime, from a second to
// the week of the protocol, is over: method, query and header must be those given here. Nothing is sent, and the object need
// not exist.
// It fails with ErrName.
//
// A store that keeps to the protocol refuses further x-amz headers; CheckPresign finds one that does not.
func (s *S3) Presign(ctx context.Context, method, bucket, key string, query url.Values, header http.Header, lifetime time.Duration) (string, error) {
	if err := checkNames(bucket, key); err != nil {
		return "", err
	}
	o := s.client.Options()
	at := s.endpoint.of(bucket)
	at.Path, at.RawPath = at.Path+"/"+key, at.Path+"/"+httpbinding.EscapePath(key, false)
	all := url.Values{"X-Amz-Expires": {strconv.Itoa(int(lifetime / time.Second))}}
	for name, values := range query {
		all[name] = values
	}
	at.RawQuery = all.Encode()
	request := &http.Request{Method: method, URL: &at, Host: at.Host, Header: header.Clone()}
	if request.Header == nil {
		request.Header = http.Header{}
	}
	credentials, err := o.Credentials.Retrieve(ctx)
	if err != nil {
		return "", fmt.Errorf("presign %s/%.200q: %w", bucket, key, err)
	}
	signed, _, err := v4.NewSigner().PresignHTTP(ctx, credentials, request, "UNSIGNED-PAYLOAD", "s3", s.endpoint.region, time.Now(),
		func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	if err != nil {
		return "", fmt.Errorf("presign %s/%.200q: %w", bucket, key, err)
	}
	return signed, nil
}

// ErrLax says that a store takes headers which the signature of a presigned URL does not cover.
var ErrLax = errors.New("store does not check presigned requests")

// CheckPresign fails with ErrLax when the bearer of a presigned PUT for an object in a bucket could add the source of a copy,
// and so read every object that this client may read. It tries that with a source of its own, after the same URL has proved
// to be good: whatever else is wrong is ErrUnavailable, and says nothing of the store's checks.
func (s *S3) CheckPresign(ctx context.Context, bucket string) (err error) {
	source := "assets/.presign/" + rand.Text() // two processes do not meet
	target := source + ".copy"
	if _, err := s.Put(ctx, bucket, source, "", strings.NewReader("source")); err != nil {
		return fmt.Errorf("check presigned requests: %w: %w", ErrUnavailable, err)
	}
	defer func() {
		ctx := context.WithoutCancel(ctx)
		err = errors.Join(err, s.Delete(ctx, bucket, source), s.Delete(ctx, bucket, target))
	}()
	address, err := s.Presign(ctx, http.MethodPut, bucket, target, nil, nil, time.Minute)
	if err != nil {
		return err
	}
	status, err := s.sendEmpty(ctx, address, nil)
	if err != nil || status != http.StatusOK {
		return errors.Join(fmt.Errorf("check presigned requests: %w: status %d of a good one", ErrUnavailable, status), err)
	}
	status, err = s.sendEmpty(ctx, address, http.Header{"X-Amz-Copy-Source": {bucket + "/" + source}})
	switch {
	case err != nil:
		return err
	case status == http.StatusForbidden:
		return nil
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		return fmt.Errorf("check presigned requests: %w: status %d", ErrUnavailable, status)
	case status != http.StatusOK:
		return fmt.Errorf("check presigned requests: %w: status %d", ErrLax, status)
	}
	switch info, err := s.Stat(ctx, bucket, target); {
	case err != nil:
		return fmt.Errorf("check presigned requests: %w: %w", ErrUnavailable, err)
	case info.Size != 0:
		return fmt.Errorf("check presigned requests: %w: it made a copy", ErrLax)
	}
	return nil // the source was ignored
}

// sendEmpty puts nothing at a presigned URL and returns the status of the response.
func (s *S3) sendEmpty(ctx context.Context, address string, header http.Header) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, address, http.NoBody)
	if err != nil {
		return 0, err
	}
	maps.Copy(request.Header, header)
	response, err := s.client.Options().HTTPClient.Do(request)
	if err != nil {
		return 0, fmt.Errorf("check presigned requests: %w: the request was not completed", ErrUnavailable) // the cause has the address
	}
	return response.StatusCode, response.Body.Close()
}
