package object

import (
	"context"
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
// A store that keeps to the protocol refuses further x-amz headers. In one that does not, the bearer of a PUT could add the
// source of a copy.
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
