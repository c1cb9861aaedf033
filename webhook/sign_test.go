package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/webhook"
)

// TestVerify holds a signature that openssl made:
//
//	printf 'VOD_1768550400000_{"a":1}' | openssl dgst -sha256 -hmac secret
func TestVerify(t *testing.T) {
	t.Parallel()
	const (
		key, timestamp, message = "secret", "1768550400000", `{"a":1}`
		sign                    = "d10db486fea5a74e79ff66be05a535e37f54865c9f119d93d6067402ef93d16d"
	)
	for name, c := range map[string]struct {
		key, timestamp, sign, message string
		want                          bool
	}{
		"right":             {key, timestamp, sign, message, true},
		"capitals":          {key, timestamp, strings.ToUpper(sign), message, true},
		"other key":         {"Secret", timestamp, sign, message, false},
		"other time":        {key, "1768550400001", sign, message, false},
		"other message":     {key, timestamp, sign, `{"a":2}`, false},
		"shorter":           {key, timestamp, sign[:62], message, false},
		"longer":            {key, timestamp, sign + "00", message, false},
		"no sign":           {key, timestamp, "", message, false},
		"no hexadecimals":   {key, timestamp, strings.Repeat("z", 64), message, false},
		"no time":           {key, "", sign, message, false},
		"no key, forged":    {"", "1", forge("", "VOD_1_x"), "x", false},
		"no number, forged": {key, "1_{", forge(key, "VOD_1_{_x"), "x", false},
		"sign, forged":      {key, "-1", forge(key, "VOD_-1_x"), "x", false},
	} {
		if got := webhook.Verify(c.key, c.timestamp, c.sign, c.message); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func forge(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// FuzzVerify takes the one signature only, wherever the bytes come from.
func FuzzVerify(f *testing.F) {
	f.Add("k", "1", forge("k", "VOD_1_x"), "x")
	f.Add("k", "1_", "", "x")
	f.Fuzz(func(t *testing.T, key, timestamp, sign, message string) {
		number := timestamp != "" && strings.Trim(timestamp, "0123456789") == ""
		right := forge(key, "VOD_"+timestamp+"_"+message)
		if got := webhook.Verify(key, timestamp, right, message); got != (number && key != "") {
			t.Errorf("right signature: %t", got)
		}
		if !strings.EqualFold(sign, right) && webhook.Verify(key, timestamp, sign, message) {
			t.Errorf("%q is taken for %q", sign, right)
		}
	})
}
