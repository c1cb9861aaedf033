package object

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	defaultRegion   = "us-east-1"
	defaultPartSize = 256 << 20
	defaultAttempts = 4
	minPartSize     = 5 << 20 // of S3; OBS allows less
	maxParts        = 10_000

	dialTimeout   = 10 * time.Second
	answerTimeout = time.Minute
	// A store may respond to a copy only when it has moved all the bytes, at worst MaxSingle of them or a whole upload.
	patientTimeout = 15 * time.Minute
	stallTimeout   = time.Minute
	maxBackoff     = 10 * time.Second
)

// Config says which S3 endpoint to use and how. Printing it does not show its secrets.
type Config struct {
	// Endpoint is "https://host" or "http://host:port", such as https://obs.cn-north-4.myhuaweicloud.com.
	Endpoint string
	// Region is what requests are signed for; empty means us-east-1.
	Region string
	// AccessKey and SecretKey are required; SecurityToken belongs to temporary ones.
	AccessKey, SecretKey, SecurityToken string
	// PathStyle puts the bucket into the path instead of the host name. It is implied for an IP address and for
	// localhost. OBS refuses it on its own domains; some private installations need it.
	PathStyle bool
	// CopyThreshold is the largest object, in bytes, that Copy copies with one request; 0 means MaxSingle, which is
	// also the largest value.
	CopyThreshold int64
	// PartSize is the size of a part of a larger copy in bytes, 5 MiB to MaxSingle; 0 means 256 MiB. It grows by
	// itself where an object would need more than 10,000 parts.
	PartSize int64
	// Attempts bounds how often one request is sent, the first time included; 0 means 4.
	Attempts int
}

// String describes c without its secrets.
func (c Config) String() string {
	return fmt.Sprintf("S3 at %s, region %s, access key %s, secrets hidden", c.Endpoint, c.Region, c.AccessKey)
}

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// LogValue is String, for log/slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// NewS3 returns a client of the endpoint that c names. It connects to nothing yet.
func NewS3(c Config) (*S3, error) {
	c.Region = orDefault(c.Region, defaultRegion)
	at, err := newEndpoint(c)
	if err != nil {
		return nil, err
	}
	if c.AccessKey == "" || c.SecretKey == "" {
		return nil, errors.New("object store: access key and secret key are required")
	}
	c.CopyThreshold = orDefault(c.CopyThreshold, MaxSingle)
	c.PartSize = orDefault(c.PartSize, defaultPartSize)
	c.Attempts = orDefault(c.Attempts, defaultAttempts)
	if c.CopyThreshold < 0 || c.CopyThreshold > MaxSingle {
		return nil, fmt.Errorf("object store: copy threshold %d is not within 1 and %d bytes", c.CopyThreshold, MaxSingle)
	}
	if c.PartSize < minPartSize || c.PartSize > MaxSingle {
		return nil, fmt.Errorf("object store: part size %d is not within %d and %d bytes",
			c.PartSize, minPartSize, MaxSingle)
	}
	if c.Attempts < 1 {
		return nil, fmt.Errorf("object store: %d attempts: at least 1 is needed", c.Attempts)
	}

	quick, slow := newHTTPClient(answerTimeout), newHTTPClient(patientTimeout)
	client := s3.New(s3.Options{
		EndpointResolverV2: at,
		Region:             c.Region,
		Credentials:        credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, c.SecurityToken),
		HTTPClient:         quick,
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = c.Attempts
			o.MaxBackoff = maxBackoff
		}),
		// OBS and older servers refuse the checksum trailers that the SDK would otherwise add.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	})
	return &S3{
		client:        client,
		patient:       func(o *s3.Options) { o.HTTPClient = slow },
		idle:          func() { quick.CloseIdleConnections(); slow.CloseIdleConnections() },
		endpoint:      at,
		copyThreshold: c.CopyThreshold,
		partSize:      c.PartSize,
		stall:         stallTimeout,
	}, nil
}

func orDefault[T comparable](value, standard T) T {
	var zero T
	if value == zero {
		return standard
	}
	return value
}

// newHTTPClient allows each request the time wait until the response begins. It follows no redirect: a signature is
// made for one host, and the store's owner chose that host.
func newHTTPClient(wait time.Duration) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}).DialContext,
			TLSHandshakeTimeout:   dialTimeout,
			ResponseHeaderTimeout: wait,
			ExpectContinueTimeout: time.Second,
			IdleConnTimeout:       90 * time.Second,
			MaxIdleConns:          256, // of all buckets, where each is a host
			MaxIdleConnsPerHost:   64,
			ForceAttemptHTTP2:     true,
			DisableCompression:    true, // media must arrive as they are stored
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
