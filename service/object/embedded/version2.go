package embedded

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what version 2 of the signature is made with
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/versity/versitygw/s3api/utils"
	"github.com/versity/versitygw/s3err"
)

// Version 2 of S3's signature, in Authorization or in the query of a URL.
const (
	version2       = "AWS"
	accessParam    = "AWSAccessKeyId"
	expiresParam   = "Expires"
	signatureParam = "Signature"
)

// notSigned are the parameters that version 2 does not cover. They choose what of a list is shown; every other one says
// what is done, and is covered.
var notSigned = map[string]bool{
	accessParam: true, expiresParam: true, signatureParam: true,
	"prefix": true, "delimiter": true, "encoding-type": true, "marker": true, "max-keys": true,
	"list-type": true, "continuation-token": true, "start-after": true, "fetch-owner": true,
	"key-marker": true, "version-id-marker": true, "upload-id-marker": true, "max-uploads": true,
	"part-number-marker": true, "max-parts": true,
}

// checkHeader checks a signature of version 2 in Authorization.
func (s signatures) checkHeader(c fiber.Ctx) error {
	line := c.Get(fiber.HeaderDate)
	text := line
	if date := c.Get(dateHeader); date != "" {
		line, text = "", date // it is covered as a header
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return s3err.GetAPIError(s3err.ErrMissingDateHeader)
	}
	if err := utils.ValidateDate(date.UTC()); err != nil {
		return err
	}
	access, signature, _ := strings.Cut(strings.TrimPrefix(c.Get(fiber.HeaderAuthorization), version2+" "), ":")
	return s.checkVersion2(c, access, signature, line)
}

// checkURL checks a signature of version 2 in the URL, and takes it out of there.
func (s signatures) checkURL(c fiber.Ctx) error {
	args := c.Request().URI().QueryArgs()
	line := string(args.Peek(expiresParam))
	if expires, err := strconv.ParseInt(line, 10, 64); err != nil || time.Now().Unix() > expires {
		return s3err.APIError{Code: "AccessDenied", Description: "The URL has expired, or has no time.", HTTPStatusCode: http.StatusForbidden}
	}
	if err := s.checkVersion2(c, string(args.Peek(accessParam)), string(args.Peek(signatureParam)), line); err != nil {
		return err
	}
	for _, name := range []string{accessParam, expiresParam, signatureParam} {
		args.Del(name)
	}
	c.Request().URI().SetQueryStringBytes(args.QueryString())
	return nil
}

func (s signatures) checkVersion2(c fiber.Ctx, access, signature, date string) error {
	if access != s.account.Access {
		return s3err.GetInvalidAccessKeyIdErr(access)
	}
	resource, err := resourceOf(c)
	if err != nil {
		return s3err.GetAPIError(s3err.ErrInvalidURI)
	}
	text := strings.Join([]string{c.Method(), c.Get("Content-Md5"), c.Get(fiber.HeaderContentType), date, headersOf(c) + resource}, "\n")
	mac := hmac.New(sha1.New, []byte(s.account.Secret))
	mac.Write([]byte(text))
	if want := base64.StdEncoding.EncodeToString(mac.Sum(nil)); !hmac.Equal([]byte(want), []byte(signature)) {
		return s3err.GetAPIError(s3err.ErrSignatureDoesNotMatch)
	}
	return nil
}

// headersOf returns the lines of the headers that version 2 covers.
func headersOf(c fiber.Ctx) string {
	values := map[string][]string{}
	for name, value := range c.Request().Header.All() {
		if name := strings.ToLower(string(name)); strings.HasPrefix(name, amzPrefix) {
			values[name] = append(values[name], strings.TrimSpace(string(value)))
		}
	}
	lines := make([]string, 0, len(values))
	for name, list := range values {
		lines = append(lines, name+":"+strings.Join(list, ",")+"\n")
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// resourceOf returns the path as it was sent and the parameters that version 2 covers.
func resourceOf(c fiber.Ctx) (string, error) {
	var covered []string
	for pair := range strings.SplitSeq(string(c.Request().URI().QueryString()), "&") {
		name, value, valued := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return "", err
		}
		if name == "" || notSigned[name] {
			continue
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return "", err
		}
		if valued {
			name += "=" + value
		}
		covered = append(covered, name)
	}
	resource := string(c.Request().URI().PathOriginal())
	if len(covered) == 0 {
		return resource, nil
	}
	slices.Sort(covered)
	return resource + "?" + strings.Join(covered, "&"), nil
}
