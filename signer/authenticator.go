package signer

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Authenticator puts credentials on requests. [*Signer], [StaticToken] and [*IAMToken] are Authenticators; one whose key
// stays in a KMS or an HSM is a type of the caller's own. Methods are called from several goroutines at once.
type Authenticator interface {
	// Authenticate adds credentials to req, in place of any that it has. The request is the Authenticator's to change,
	// except for its URL and method; a body that it reads must be put back. now is the sender's clock. The request is
	// sent right afterwards, or not at all after an error.
	Authenticate(req *http.Request, now time.Time) error
}

// Renewer is an Authenticator that can replace credentials which a server has refused with status 401.
type Renewer interface {
	Authenticator
	// Renew replaces the credentials that Authenticate put on req and that were refused, and reports whether there are
	// others: if not, req is not sent again. The body can be read, and must be put back, as for Authenticate.
	Renew(req *http.Request, now time.Time) (bool, error)
}

// Authenticate signs req as [Signer.Sign] does. It reads the body, which may have up to MaxSignedBody bytes, and replaces
// it by one that can be read again.
func (s *Signer) Authenticate(req *http.Request, now time.Time) error {
	body, err := readBody(req)
	if err != nil {
		return err
	}
	setBody(req, body)
	return s.only(req, body, now)
}

// only makes a signature the only credentials of req.
func (s *Signer) only(req *http.Request, body []byte, now time.Time) error {
	if len(body) > MaxSignedBody {
		return errBodyTooLarge
	}
	delete(req.Header, headerAuthToken)
	return s.Sign(req, body, now)
}

// TokenAuth is the Renewer for a TokenSource: it sends the source's tokens as X-Auth-Token.
type TokenAuth struct{ Source TokenSource }

// Authenticate puts a token on req; the body is not read.
func (a TokenAuth) Authenticate(req *http.Request, _ time.Time) error {
	if a.Source == nil {
		return errors.New("signer: a TokenAuth needs a Source")
	}
	token, err := a.Source.Token(req.Context(), "")
	if err != nil {
		return err
	}
	bear(req, token)
	return nil
}

// Renew asks the source for another token than the one on req.
func (a TokenAuth) Renew(req *http.Request, _ time.Time) (bool, error) {
	refused := req.Header.Get(headerAuthToken)
	if refused == "" {
		return false, errors.New("signer: the request has no token to renew")
	}
	token, err := a.Source.Token(req.Context(), refused)
	if err != nil {
		return false, err
	}
	bear(req, token)
	return token != refused, nil
}

// bear makes a token the only credentials of req.
func bear(req *http.Request, token string) {
	delete(req.Header, headerAuthorization)
	req.Header.Set(headerAuthToken, token)
}

// Authenticate puts the token on req.
func (t StaticToken) Authenticate(req *http.Request, now time.Time) error {
	return TokenAuth{t}.Authenticate(req, now)
}

// Authenticate puts the kept token on req, or a new one; see [IAMToken.Token].
func (t *IAMToken) Authenticate(req *http.Request, now time.Time) error {
	return TokenAuth{t}.Authenticate(req, now)
}

// Renew asks IAM for another token than the one on req.
func (t *IAMToken) Renew(req *http.Request, now time.Time) (bool, error) {
	return TokenAuth{t}.Renew(req, now)
}

// Editor returns a request editor for a generated client, such as oapi-codegen's RequestEditorFn: it authenticates each
// request when it is about to be sent. It has to be the last of the editors, since a signature covers the headers that the
// others set. A client that follows redirects, or whose credentials may be refused for a new token, needs a [Transport].
func Editor(auth Authenticator) func(ctx context.Context, req *http.Request) error {
	return func(_ context.Context, req *http.Request) error { return auth.Authenticate(req, time.Now()) }
}
