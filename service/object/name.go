package object

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"unicode/utf8"
)

// MaxKey is the longest key, in bytes of UTF-8, that S3 and OBS accept.
const MaxKey = 1024

var bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// CheckBucket reports with ErrName whether bucket can be the name of a bucket by the common rules of S3 and OBS: 3 to
// 63 of a-z, 0-9, "." and "-", a letter or digit at both ends, no two dots together, and no IPv4 address. The name
// becomes a part of a host name, so this also keeps a hostile one from naming another host.
func CheckBucket(bucket string) error {
	if !bucketPattern.MatchString(bucket) {
		return fmt.Errorf("bucket %.80q: %w: want 3 to 63 of a-z, 0-9, dot and hyphen, "+
			"with a letter or digit at both ends", bucket, ErrName)
	}
	if strings.Contains(bucket, "..") {
		return fmt.Errorf("bucket %q: %w: it has two dots together", bucket, ErrName)
	}
	if _, err := netip.ParseAddr(bucket); err == nil {
		return fmt.Errorf("bucket %q: %w: it is an IP address", bucket, ErrName)
	}
	return nil
}

// CheckKey reports with ErrName whether key can be the name of an object: 1 to [MaxKey] bytes of UTF-8 without NUL.
// Anything else is a legal key, "../x" and "//" too; a store that cannot hold such a key says so itself, also with
// ErrName.
func CheckKey(key string) error {
	switch {
	case key == "":
		return fmt.Errorf("object key: %w: it is empty", ErrName)
	case len(key) > MaxKey:
		return fmt.Errorf("object key %.80q...: %w: it has %d bytes, at most %d are allowed", key, ErrName, len(key), MaxKey)
	case !utf8.ValidString(key):
		return fmt.Errorf("object key %q: %w: it is not UTF-8", key, ErrName)
	case strings.ContainsRune(key, 0):
		return fmt.Errorf("object key %q: %w: it contains a NUL", key, ErrName)
	}
	return nil
}

func checkNames(bucket, key string) error {
	if err := CheckBucket(bucket); err != nil {
		return err
	}
	return CheckKey(key)
}
