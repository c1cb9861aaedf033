package object

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	smithyauth "github.com/aws/smithy-go/auth"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// endpoint resolves every request to one store. The SDK resolves twice a request, and its own resolver compiles regular
// expressions each time to find the AWS partition of a region that AWS does not have.
type endpoint struct {
	url       url.URL // without a path
	region    string
	pathStyle bool
}

var _ s3.EndpointResolverV2 = endpoint{}

// newEndpoint reads the endpoint of c, whose region is known.
func newEndpoint(c Config) (endpoint, error) {
	u, err := url.Parse(c.Endpoint)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" ||
		u.User != nil || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" {
		return endpoint{}, errors.New("object store: the endpoint must be http(s)://host or http(s)://host:port and nothing more")
	}
	host := u.Hostname()
	return endpoint{
		url:       url.URL{Scheme: u.Scheme, Host: u.Host},
		region:    c.Region,
		pathStyle: c.PathStyle || host == "localhost" || isAddress(host),
	}, nil
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// of returns the URL of a bucket, whose name needs no escapes.
func (e endpoint) of(bucket string) url.URL {
	u := e.url
	if e.pathStyle || u.Scheme == "https" && strings.Contains(bucket, ".") { // a certificate covers one label
		u.Path = "/" + bucket
	} else {
		u.Host = bucket + "." + u.Host
	}
	return u
}

// ResolveEndpoint implements [s3.EndpointResolverV2].
func (e endpoint) ResolveEndpoint(_ context.Context, p s3.EndpointParameters) (smithyendpoints.Endpoint, error) {
	var signing, properties smithy.Properties
	smithyhttp.SetSigV4SigningName(&signing, "s3")
	smithyhttp.SetSigV4SigningRegion(&signing, e.region)
	smithyhttp.SetDisableDoubleEncoding(&signing, true)
	smithyauth.SetAuthOptions(&properties, []*smithyauth.Option{{SchemeID: smithyauth.SchemeIDSigV4, SignerProperties: signing}})
	return smithyendpoints.Endpoint{URI: e.of(aws.ToString(p.Bucket)), Properties: properties}, nil
}
