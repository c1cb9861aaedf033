package signer

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
)

// Login is what a program needs to talk to the cloud as somebody. Printing and logging do not show the secrets.
type Login struct {
	Credentials        // a key pair, or nothing if there is a Token
	Token       string `json:"-"` // of IAM, or empty if there is a key pair
	ProjectID   string
	Region      string
	Endpoint    string // of VOD; empty means that of the region
	Source      string // where the key pair or the token was found, in words
}

// Authenticator returns what authenticates requests as this login: a Signer, or the token if there is one. The error
// says what is wrong with the key pair.
func (l Login) Authenticator() (Authenticator, error) {
	if l.Token != "" {
		return StaticToken(l.Token), nil
	}
	s, err := New(l.Credentials)
	if err != nil {
		return nil, err // and not a nil *Signer
	}
	return s, nil
}

// Transport returns a transport that authenticates requests as this login. Base may be nil; see [Transport].
func (l Login) Transport(base http.RoundTripper) (*Transport, error) {
	auth, err := l.Authenticator()
	if err != nil {
		return nil, err
	}
	return &Transport{Base: base, Auth: auth}, nil
}

// String shows everything but the secrets.
func (l Login) String() string {
	return fmt.Sprintf("{Credentials:%s Token:%s ProjectID:%s Region:%s Endpoint:%s Source:%s}",
		l.Credentials, hide(l.Token), l.ProjectID, l.Region, l.Endpoint, l.Source)
}

// Format is String for every verb.
func (l Login) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, l.String()) }

// LogValue is String for log/slog.
func (l Login) LogValue() slog.Value { return slog.StringValue(l.String()) }
