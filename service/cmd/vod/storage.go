package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/signer"
)

// store is the object storage that the buckets lie in: the one of the variables, else OBS with the same access key.
func (s *session) store(login signer.Login) (*object.S3, error) {
	pathStyle, err := strconv.ParseBool(cmp.Or(os.Getenv("VOD_S3_PATH_STYLE"), "false"))
	if err != nil {
		return nil, &failure{code: exitUsage, what: "VOD_S3_PATH_STYLE is neither true nor false", next: "set it to true where the storage wants the bucket in the path"}
	}
	config := object.Config{
		Endpoint: os.Getenv("VOD_S3_ENDPOINT"), Region: login.Region, PathStyle: pathStyle,
		AccessKey: os.Getenv("VOD_S3_ACCESS_KEY"), SecretKey: os.Getenv("VOD_S3_SECRET_KEY"),
	}
	if config.AccessKey == "" {
		config.AccessKey, config.SecretKey, config.SecurityToken = login.AccessKey, login.SecretKey, login.SecurityToken
	}
	domain := defaultDomain
	if login.Endpoint != "" {
		domain = cloudDomain(login.Endpoint)
	}
	if config.Endpoint == "" && login.Region != "" && domain != "" {
		config.Endpoint = "https://obs." + login.Region + "." + domain
	}
	var missing []string
	for _, setting := range [][2]string{{config.Endpoint, "no endpoint"}, {config.AccessKey, "no access key"}, {config.SecretKey, "no secret key"}} {
		if setting[0] == "" {
			missing = append(missing, setting[1])
		}
	}
	if len(missing) > 0 {
		next := "set VOD_S3_ENDPOINT, VOD_S3_ACCESS_KEY and VOD_S3_SECRET_KEY, or give --region and an access key of the cloud"
		if domain == "" {
			next = "set VOD_S3_ENDPOINT, VOD_S3_ACCESS_KEY and VOD_S3_SECRET_KEY; vod env has them for a service on this machine"
		}
		return nil, &failure{code: exitCredentials, what: "the object storage is not configured: " + strings.Join(missing, ", "), next: next}
	}
	s.storage = config.Endpoint
	store, err := object.NewS3(config)
	if err == nil {
		return store, nil
	}
	next := "correct VOD_S3_ENDPOINT; vod env shows the address of a service on this machine"
	if !strings.Contains(config.Endpoint, "://") {
		next = "write http://" + config.Endpoint + ", or https:// where the storage speaks TLS"
	}
	return nil, &failure{
		code: exitUsage, what: strings.TrimPrefix(err.Error(), "object store: "), where: "VOD_S3_ENDPOINT: " + config.Endpoint, next: next, cause: err,
	}
}

// cloudDomain returns the domain of an address of the cloud, whose services all use the OBS in their domain, such as
// myhuaweicloud.eu. It is "" for another service, whose media and keys are none of the cloud's business.
func cloudDomain(endpoint string) string {
	if !strings.Contains(endpoint, "://") {
		endpoint = "https://" + endpoint
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(cloudHost.FindString(strings.ToLower(u.Hostname())), ".")
}

// defaultDomain is that of the endpoints that follow from a region.
const defaultDomain = "myhuaweicloud.com"

var cloudHost = regexp.MustCompile(`\.myhuaweicloud\.[a-z]+$`)

// storeFailure says what to do when the object storage did not do what was asked of it at an address. The exit codes are
// those that the service's refusals have.
func (s *session) storeFailure(op, address string, err error) *failure {
	f := &failure{code: exitOther, what: op + ": " + err.Error(), where: address + " in the storage at " + s.storage, cause: err}
	var (
		refused     smithy.APIError
		unreached   *url.Error
		unread      *smithyhttp.ResponseError
		certificate *tls.CertificateVerificationError
	)
	switch { // without the SDK's own words
	case errors.As(err, &refused):
		f.what = op + ": " + refused.ErrorCode() + ": " + refused.ErrorMessage()
	case errors.As(err, &unreached):
		f.what = op + ": " + unreached.Err.Error()
	case errors.As(err, &unread):
		f.what = fmt.Sprintf("%s: the response of the object storage cannot be understood (HTTP %d)", op, unread.HTTPStatusCode())
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return explain(err)
	case errors.Is(err, object.ErrNoStore):
		f.code, f.what = exitUsage, op+": the server at the storage's endpoint is no object storage"
		f.next = "correct VOD_S3_ENDPOINT: it is the address of the storage, and VOD_ENDPOINT that of the service; vod env shows both"
	case errors.Is(err, http.ErrSchemeMismatch):
		f.code, f.what = exitUsage, op+": the object storage speaks plain HTTP"
		f.next = "begin VOD_S3_ENDPOINT with http://"
	case errors.As(err, &certificate):
		f.next = "the storage's certificate is not trusted: check the host name in VOD_S3_ENDPOINT, and the proxy if there is one"
	case errors.As(err, &refused) && refused.ErrorCode() == "RequestTimeTooSkewed":
		f.code, f.next = exitCredentials, "set this machine's clock: a signature is good for 15 minutes only"
	case deniedByStore(err):
		f.code = exitCredentials
		f.next = "check VOD_S3_ACCESS_KEY and VOD_S3_SECRET_KEY, or without them the access key of the calls, and its right to the bucket"
	case errors.As(err, &refused) && refused.ErrorCode() == "AuthorizationHeaderMalformed":
		f.code, f.next = exitRejected, "give the region of the storage: --region or VOD_REGION"
	case errors.Is(err, object.ErrNoBucket):
		f.code, f.next = exitRejected, "check the bucket's name and region; vod serve makes the buckets of its vod.yaml"
	case errors.As(err, &refused) && refused.ErrorCode() == "InsufficientStorage":
		f.code, f.next = exitTemporary, "make room on the disk of the storage: on this machine vod doctor looks at it"
	case errors.Is(err, object.ErrUnavailable):
		f.code, f.next = exitTemporary, "check VOD_S3_ENDPOINT or --region and the network; vod env shows the address of a service on this machine"
	case errors.As(err, &refused) && slices.Contains([]string{"ExistingObjectIsDirectory", "ObjectParentIsFile"}, refused.ErrorCode()):
		f.code, f.next = exitUsage, "choose another KEY: this storage keeps objects as files, so that no key can be the folder of another one"
	case errors.Is(err, object.ErrName):
		f.code, f.next = exitUsage, "choose another name: obs://BUCKET/KEY"
	default:
		f.next = "check VOD_S3_ENDPOINT, and what the storage lets this access key do"
	}
	return f
}

// deniedByStore reports whether other credentials for the object storage would help. To the service its own wrong key is
// a store that is unavailable; to a person it is what to correct.
func deniedByStore(err error) bool {
	var refused smithy.APIError
	return errors.Is(err, object.ErrDenied) || errors.As(err, &refused) &&
		slices.Contains([]string{"ExpiredToken", "InvalidAccessKeyId", "SignatureDoesNotMatch", "XAdminUserNotFound"}, refused.ErrorCode())
}
