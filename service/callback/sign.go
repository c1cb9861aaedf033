package callback

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

// Verify reports whether the sender of a notification knew key. timestamp and sign are the headers auth_timestamp and
// auth_sign, message is the member of that name in the body, as text. Hexadecimal digits of either case are taken.
//
// A notification that was overheard verifies again and again: receivers refuse timestamps that are too old, and drop an
// event_id that they have seen. An empty key verifies nothing.
func Verify(key, timestamp, sign, message string) bool {
	// Only digits: else the first characters of a message could be passed off as the end of a timestamp.
	if key == "" || timestamp == "" || strings.Trim(timestamp, "0123456789") != "" {
		return false
	}
	given, err := hex.DecodeString(sign)
	return err == nil && hmac.Equal(given, digest(key, timestamp, message))
}

func sign(key, timestamp, message string) string {
	return hex.EncodeToString(digest(key, timestamp, message))
}

func digest(key, timestamp, message string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = mac.Write([]byte("VOD_" + timestamp + "_" + message))
	return mac.Sum(nil)
}
