package signer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// TokenSource returns tokens for X-Auth-Token. It is safe for concurrent use.
type TokenSource interface {
	// Token returns a token that is expected to be valid. Refused is a token that a server has just rejected with 401,
	// or empty; the result differs from it, unless the source has no other one.
	Token(ctx context.Context, refused string) (string, error)
}

// StaticToken is a token that somebody else obtained. It cannot be renewed. Printing and logging do not show it.
type StaticToken string

// Token returns the token, or an error if it is empty or could not stand in a header.
func (t StaticToken) Token(context.Context, string) (string, error) {
	return string(t), t.check()
}

func (t StaticToken) check() error {
	if t == "" || !visible(string(t)) {
		return errors.New("signer: the token is empty, or has characters that no header can carry")
	}
	return nil
}

// String reports whether there is a token.
func (t StaticToken) String() string { return "{Token:" + hide(string(t)) + "}" }

// Format is String for every verb.
func (t StaticToken) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// LogValue is String for log/slog.
func (t StaticToken) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText is String for encoders.
func (t StaticToken) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
