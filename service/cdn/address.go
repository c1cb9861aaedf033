package cdn

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

func checkBase(base string) error {
	u, err := url.Parse(base)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return errors.New("prefetch: a base URL must begin with http:// or https:// and a host")
	case u.User != nil:
		return fmt.Errorf("prefetch: the base URL of %s must not hold a user or password: files are fetched as any viewer would",
			u.Host)
	case strings.ContainsAny(base, "?#"):
		return fmt.Errorf("prefetch: the base URL of %s must not have a query or fragment", u.Host)
	}
	return nil
}

// checkPath reports what keeps path from being appended to a base URL: it would name another host, or another place
// on the same one, to a server that reads it in its own way.
func checkPath(path string) error {
	u, err := url.Parse(path)
	switch {
	case err != nil, !strings.HasPrefix(path, "/"), strings.HasPrefix(path, "//"), strings.ContainsAny(path, `\?#`):
		return errors.New("the path must begin with one slash and be escaped as in a URL, without query and fragment")
	case strings.Contains(u.Path, `\`), strings.ContainsFunc(u.Path, unicode.IsControl):
		return errors.New("the path must not have backslashes or control characters, escaped or not")
	case slices.ContainsFunc(strings.Split(u.Path, "/")[1:], odd):
		return errors.New("the path must not have empty parts, nor the parts . and .., escaped or not")
	}
	return nil
}

func odd(part string) bool { return part == "" || part == "." || part == ".." }
