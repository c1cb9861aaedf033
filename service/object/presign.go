package object

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/encoding/httpbinding"
)

// MaxPresign is the longest that a presigned URL can last: the protocol's week.
const MaxPresign = 7 * 24 * time.Hour

// Presign returns a URL at which whoever has it may send one kind of request for an object until lifetime, a second to
// MaxPresign, is over: method, query and header must be those given here. Nothing is sent, and the object need not exist.
// It fails with ErrName.
//
// A store that keeps to the protocol refuses further x-amz headers; CheckPresign finds one that does not.
func (s *S3) Presign(ctx context.Context, method, bucket, key string, query url.Values, header http.Header, lifetime time.Duration) (string, error) {
	if err := checkNames(bucket, key); err != nil {
		return "", err
	}
	o := s.client.Options()
	endpoint, err := s3.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, s3.EndpointParameters{
		Bucket: &bucket, Region: &o.Region, Endpoint: o.BaseEndpoint, ForcePathStyle: &o.UsePathStyle,
	})
	if err != nil {
		return "", fmt.Errorf("presign %s/%.200q: %w", bucket, key, err)
	}
	at := endpoint.URI
	root := strings.TrimSuffix(at.Path, "/") // "" or that of the bucket, whose name needs no escapes
	at.Path, at.RawPath = root+"/"+key, root+"/"+httpbinding.EscapePath(key, false)
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
	signed, _, err := v4.NewSigner().PresignHTTP(ctx, credentials, request, "UNSIGNED-PAYLOAD", "s3", s.region, time.Now(),
		func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	if err != nil {
		return "", fmt.Errorf("presign %s/%.200q: %w", bucket, key, err)
	}
	return signed, nil
}

// ErrLax says that a store takes headers which the signature of a presigned URL does not cover.
var ErrLax = errors.New("store does not check presigned requests")

// CheckPresign fails with ErrLax when the bearer of a presigned PUT for an object in a bucket could add the source of a copy,
// and so read every object that this client may read. It tries that with a source that does not exist.
func (s *S3) CheckPresign(ctx context.Context, bucket string) error {
	const key = "assets/.presign"
	address, err := s.Presign(ctx, http.MethodPut, bucket, key, nil, nil, time.Minute)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, address, http.NoBody)
	if err != nil {
		return err
	}
	request.Header.Set("X-Amz-Copy-Source", bucket+"/"+key+".missing")
	response, err := s.client.Options().HTTPClient.Do(request)
	if err != nil {
		return fmt.Errorf("check presigned requests: %w: the request was not completed", ErrUnavailable) // the cause has the address
	}
	_ = response.Body.Close() // its status says all
	switch status := response.StatusCode; {
	case status == http.StatusForbidden:
		return nil
	case status == http.StatusOK: // the source was ignored
		return s.Delete(ctx, bucket, key)
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		return fmt.Errorf("check presigned requests: %w: status %d", ErrUnavailable, status)
	default:
		return fmt.Errorf("check presigned requests: %w: status %d", ErrLax, status)
	}
}
