package embedded

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/gofiber/fiber/v3"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/s3api/utils"
	"github.com/versity/versitygw/s3err"
)

// signatures lets the official OBS SDKs in. They sign with version 2 of S3's signature, or with version 4 and the time in
// Date as HTTP writes it, and the gateway takes neither. A request with such a signature is checked as strictly as the
// gateway checks its own, and then signed anew for it; the body is not touched. All other requests pass as they are.
type signatures struct {
	account auth.Account
	region  string
}

const (
	dateHeader    = "X-Amz-Date"
	payloadHeader = "X-Amz-Content-Sha256"
	amzPrefix     = "x-amz-"
	version4      = "AWS4-HMAC-SHA256"
)

// handle is the middleware.
func (s signatures) handle(c fiber.Ctx) error {
	check := s.checkOf(c)
	if check == nil {
		return c.Next()
	}
	err := check(c)
	if err == nil {
		err = s.sign(c)
	}
	if fault, ok := errors.AsType[s3err.S3Error](err); ok {
		request, host := utils.EnsureRequestIDs(c)
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationXML)
		return c.Status(fault.StatusCode()).Send(fault.XMLBody(request, host))
	}
	if err != nil {
		return err
	}
	return c.Next()
}

// checkOf returns the check for the signature of a request; nil when that is left to the gateway.
func (s signatures) checkOf(c fiber.Ctx) func(fiber.Ctx) error {
	header := c.Get(fiber.HeaderAuthorization)
	switch {
	case strings.HasPrefix(header, version2+" "):
		return s.checkHeader
	case header == "" && c.Request().URI().QueryArgs().Has(accessParam):
		return s.checkURL
	case strings.HasPrefix(header, version4) && c.Get(dateHeader) == "" && !signingTime(c).IsZero():
		return s.checkVersion4
	}
	return nil
}

// signingTime is the time in Date, if HTTP writes it like that; else the zero time.
func signingTime(c fiber.Ctx) time.Time {
	date, err := http.ParseTime(c.Get(fiber.HeaderDate))
	if err != nil {
		return time.Time{}
	}
	return date.UTC()
}

// checkVersion4 checks a signature of version 4 that was made at the time in Date.
func (s signatures) checkVersion4(c fiber.Ctx) error {
	date := signingTime(c)
	given, err := utils.ParseAuthorization(c.Get(fiber.HeaderAuthorization))
	if err == nil {
		err = utils.ValidateDate(date)
	}
	payload := c.Get(payloadHeader)
	switch {
	case err != nil:
		return err
	case given.Region != s.region:
		return s3err.MalformedAuth.IncorrectRegion(s.region, given.Region)
	case given.Date != date.Format("20060102"):
		return s3err.MalformedAuth.DateMismatch()
	case given.Access != s.account.Access:
		return s3err.GetInvalidAccessKeyIdErr(given.Access)
	case utils.IsStreamingPayload(payload): // its chunks are signed too, and follow from this signature
		return s3err.GetInvalidArgumentErr(s3err.InvalidArgSHA256Payload, payload)
	}
	key, _, err := auth.ResolveDerivedKey(nil, s.account, given.Access, "", given.Date, given.Region, "s3")
	if err != nil {
		return err
	}
	original := string(c.Request().URI().PathOriginal())
	decoded, err := url.PathUnescape(original)
	if err != nil {
		return s3err.GetAPIError(s3err.ErrInvalidURI)
	}
	c.Path(decoded) // that is what the gateway has when it checks a signature
	_, err = utils.CheckValidSignature(c, given, key, payload, date, int64(c.Request().Header.ContentLength()))
	c.Path(original)
	return err
}

// sign signs a request as the gateway wants it, now.
func (s signatures) sign(c fiber.Ctx) error {
	header := &c.Request().Header
	if c.Get(payloadHeader) == "" {
		header.Set(payloadHeader, "UNSIGNED-PAYLOAD")
	}
	header.Del(dateHeader)
	decoded, err := url.PathUnescape(string(c.Request().URI().PathOriginal()))
	if err != nil {
		return s3err.GetAPIError(s3err.ErrInvalidURI)
	}
	query := url.Values{}
	for name, value := range c.Request().URI().QueryArgs().All() {
		query.Add(string(name), string(value))
	}
	host := string(header.Host())
	request := &http.Request{Method: c.Method(), Host: host, Header: http.Header{},
		URL: &url.URL{Scheme: "http", Host: host, Opaque: "//" + host + decoded, RawQuery: query.Encode()}}
	for name, value := range header.All() {
		if strings.HasPrefix(strings.ToLower(string(name)), amzPrefix) {
			request.Header.Add(string(name), string(value))
		}
	}
	keys := aws.Credentials{AccessKeyID: s.account.Access, SecretAccessKey: s.account.Secret}
	if err := v4.NewSigner().SignHTTP(c, keys, request, c.Get(payloadHeader), "s3", s.region, time.Now()); err != nil {
		return err
	}
	for _, name := range []string{fiber.HeaderAuthorization, dateHeader} {
		header.Set(name, request.Header.Get(name))
	}
	return nil
}
