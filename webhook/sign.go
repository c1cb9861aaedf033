package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// The headers of a notification.
const (
	HeaderTimestamp = "auth_timestamp"
	HeaderSign      = "auth_sign"
)

// Verify reports whether the sender of a notification knew key. timestamp and sign are the headers [HeaderTimestamp] and
// [HeaderSign]; message is the field of that name in the body, decoded from the outer JSON. Hexadecimal digits may be of
// either case. Verify takes the same time whatever the first difference, and never accepts an empty key.
//
// It does not judge the timestamp's age: a notification that somebody recorded verifies for ever. Receivers reject
// timestamps that are too old, and drop an event ID that they have seen.
func Verify(key, timestamp, sign, message string) bool {
	// Only digits: else the first characters of a message could be passed off as the end of a timestamp.
	if key == "" || timestamp == "" || strings.Trim(timestamp, "0123456789") != "" {
		return false
	}
	given, err := hex.DecodeString(sign)
	return err == nil && hmac.Equal(given, digest(key, timestamp, message))
}

// Sign returns the value of [HeaderSign] for a notification that is sent at timestamp, in decimal digits.
func Sign(key, timestamp, message string) string {
	return hex.EncodeToString(digest(key, timestamp, message))
}

func digest(key, timestamp, message string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = mac.Write([]byte("VOD_" + timestamp + "_" + message))
	return mac.Sum(nil)
}
