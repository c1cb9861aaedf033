package client

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

var (
	projectIDPattern = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	regionPattern    = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+){1,7}$`)
)

// baseURL gives the address below which every call lies, with a slash at its end. The endpoint wins over the region.
func baseURL(endpoint, region string) (string, error) {
	if endpoint == "" {
		if region == "" {
			return "", errors.New("client: neither Endpoint nor Region is set")
		}
		if !regionPattern.MatchString(region) {
			return "", errors.New("client: Region must look like cn-north-4")
		}
		return "https://vod." + region + ".myhuaweicloud.com/", nil
	}
	if !strings.Contains(endpoint, "://") {
		endpoint = "https://" + endpoint
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		var parse *url.Error
		if errors.As(err, &parse) {
			err = parse.Err // without the address, which may hold a password
		}
		return "", fmt.Errorf("client: Endpoint is no URL: %w", err)
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return "", fmt.Errorf("client: Endpoint must begin with https:// or http://, not %s://", u.Scheme)
	case u.Hostname() == "":
		return "", errors.New("client: Endpoint has no host")
	case u.User != nil:
		return "", errors.New("client: Endpoint must not hold a user or password; requests are signed instead")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", errors.New("client: Endpoint must end with its path")
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return "", errors.New("client: Endpoint must not have dots as a part of its path")
		}
	}
	u.RawPath = strings.TrimRight(u.EscapedPath(), "/") + "/"
	u.Path, err = url.PathUnescape(u.RawPath)
	if err != nil {
		return "", fmt.Errorf("client: Endpoint is no URL: %w", err)
	}
	return u.String(), nil
}
