package signer

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// maxAccessKey is far above the 20 characters of the cloud's access keys.
const maxAccessKey = 128

// Credentials are a key pair. A pair issued for a limited time has a security token as well, and is refused by the
// cloud without it. Printing, logging and encoding a value shows the access key alone.
type Credentials struct {
	AccessKey     string // public name of the pair: at most 128 visible ASCII characters, without a comma
	SecretKey     string `json:"-"`
	SecurityToken string `json:"-"` // empty for a permanent pair
}

// check returns what makes the pair unusable, without repeating it: values that end up in the wrong variable are secrets.
func (c Credentials) check() error {
	switch {
	case c.AccessKey == "" && c.SecretKey == "":
		return errors.New("there is neither an access key nor a secret key")
	case c.AccessKey == "":
		return errors.New("there is a secret key without an access key")
	case c.SecretKey == "":
		return errors.New("there is an access key without a secret key")
	case !validAccessKey(c.AccessKey):
		return fmt.Errorf("the access key is not 1 to %d visible ASCII characters without a comma", maxAccessKey)
	case !visible(c.SecurityToken):
		return errors.New("the security token has spaces or characters that no header can carry")
	}
	return nil
}

// String shows the access key and what else there is, never its value.
func (c Credentials) String() string {
	return fmt.Sprintf("{AccessKey:%s SecretKey:%s SecurityToken:%s}", c.AccessKey, hide(c.SecretKey), hide(c.SecurityToken))
}

// Format is String for every verb, so that no verb prints the fields.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is String for log/slog.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

func validAccessKey(s string) bool {
	if s == "" || len(s) > maxAccessKey || !visible(s) {
		return false
	}
	for i := range len(s) {
		if s[i] == ',' {
			return false
		}
	}
	return true
}

// hide keeps the one thing about a secret that helps: whether there is one.
func hide(secret string) string {
	if secret == "" {
		return "none"
	}
	return "hidden"
}
