package object

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// errNoUpload says that the store does not know an upload: it was completed, aborted or cleaned away.
var errNoUpload = errors.New("no such multipart upload")

// What the stores' error codes mean. Codes come first because they say more than a status: a copy may fail with
// status 200, and 403 stands for a refusal as well as for an archived object.
var meanings = map[string]error{
	"NoSuchKey":     ErrNotFound,
	"NoSuchVersion": ErrNotFound,
	"NotFound":      ErrNotFound, // what the SDK makes of a 404 without a body

	"NoSuchBucket":                 ErrNoBucket,
	"PermanentRedirect":            ErrNoBucket,
	"AuthorizationHeaderMalformed": ErrNoBucket, // S3's response to a request that was signed for another region

	"NoSuchUpload": errNoUpload,

	"BucketAlreadyExists": ErrDenied,

	"InvalidObjectState":         ErrArchived,
	"PreconditionFailed":         ErrChanged,
	"ConditionalRequestConflict": ErrChanged, // another write came first
	"InvalidRange":               ErrRange,
	"EntityTooLarge":             ErrTooLarge,

	"KeyTooLongError":   ErrName,
	"InvalidBucketName": ErrName,
	"InvalidObjectName": ErrName,
	// Of a store that keeps objects as files: a key below another object, or in the place of a directory.
	"ObjectParentIsFile":          ErrName,
	"ExistingObjectIsDirectory":   ErrName,
	"DirectoryObjectContainsData": ErrName,

	// The service's own credentials or clock, which no owner of an object can mend.
	"ExpiredToken":          ErrCredentials,
	"InvalidAccessKeyId":    ErrCredentials,
	"RequestTimeTooSkewed":  ErrUnavailable,
	"SignatureDoesNotMatch": ErrCredentials,
	"XAdminUserNotFound":    ErrCredentials, // the embedded store's InvalidAccessKeyId, with status 404

	"InternalError":      ErrUnavailable,
	"RequestTimeout":     ErrUnavailable,
	"ServiceUnavailable": ErrUnavailable,
	"SlowDown":           ErrUnavailable,
}

// explain turns what the SDK returned into an error of this package. A done ctx is reported as such and not as the
// store's failure.
func explain(ctx context.Context, op, bucket, key string, err error) error {
	if err == nil {
		return nil
	}
	place := bucket
	if key != "" {
		place = fmt.Sprintf("%s/%.200q", bucket, key)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s %s: %w", op, place, ctx.Err())
	}
	if kind := meaning(err); kind != nil {
		return fmt.Errorf("%s %s: %w: %w", op, place, kind, err)
	}
	return fmt.Errorf("%s %s: %w", op, place, err)
}

// meaning is nil for a response that fits none of this package's errors.
func meaning(err error) error {
	if foreign(err) {
		return ErrNoStore
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		if kind, ok := meanings[api.ErrorCode()]; ok {
			return kind
		}
	}
	var response *smithyhttp.ResponseError
	if !errors.As(err, &response) {
		var unsent *smithyhttp.RequestSendError
		if errors.As(err, &unsent) {
			return ErrUnavailable
		}
		return nil
	}
	switch status := response.HTTPStatusCode(); {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return ErrDenied
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusPreconditionFailed:
		return ErrChanged
	case status == http.StatusRequestedRangeNotSatisfiable:
		return ErrRange
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests, status >= 500:
		return ErrUnavailable
	case status == http.StatusMovedPermanently, status == http.StatusTemporaryRedirect,
		status == http.StatusPermanentRedirect:
		return ErrNoBucket
	case status < 300:
		return ErrUnavailable // a response that could not be understood, or was cut
	}
	return nil
}

// foreign reports whether err is the response of another server than an object store, such as the API of the service or a
// web site: a store's errors are XML. What such a server says about objects means nothing.
func foreign(err error) bool {
	var response *smithyhttp.ResponseError
	if !errors.As(err, &response) {
		return false
	}
	media, _, _ := strings.Cut(response.Response.Header.Get("Content-Type"), ";")
	switch status := response.HTTPStatusCode(); {
	case status < 300, status >= 500 && status != http.StatusNotImplemented, status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
		return false
	}
	return media == "application/json" || media == "text/html"
}
