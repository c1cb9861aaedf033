package signer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

const (
	// renewBefore is how long before its end a token is replaced, so that none ends on its way.
	renewBefore = 5 * time.Minute
	// holdRefusal is how long a refused user is not tried again: IAM locks a user after a few wrong passwords.
	holdRefusal = time.Minute
	// askTimeout bounds one request for a token.
	askTimeout = 30 * time.Second
)

// IAMToken is a [TokenSource] that asks IAM for a token of a project, by POST /v3/auth/tokens with a password. It asks
// for the next token five minutes before the end of the one that it keeps, and for one at a time however many callers wait.
// It must not be copied or changed once it is in use. Printing and logging do not show the password.
type IAMToken struct {
	Endpoint string // of IAM, such as "https://iam.cn-north-4.myhuaweicloud.com"
	Domain   string // the account's name
	User     string // an IAM user's name
	Password string `json:"-"`
	// ProjectID, or ProjectName (for the cloud's own projects, the region's name), is the project of the token: one is
	// needed, and the ID takes precedence.
	ProjectID   string
	ProjectName string
	// Client sends the request, without following redirects; nil means http.DefaultClient.
	Client *http.Client `json:"-"`
	// Now is the clock that the token's end is held against; nil means time.Now.
	Now func() time.Time `json:"-"`

	mu      sync.Mutex
	current issued
	refusal error     // what IAM said about this user,
	until   time.Time // and how long that is taken for its response
	asking  *asking
}

// issued is a token of IAM.
type issued struct {
	value   string
	renew   time.Time // when to ask for the next one
	expires time.Time
}

// asking is a request to IAM that is under way. The token and the error are set before done is closed.
type asking struct {
	done  chan struct{}
	value string
	err   error
}

// Token returns the kept token until its end. Without one it waits for a new one for as long as ctx allows; in the last five
// minutes of one, the next one is fetched meanwhile. IAM's refusal is an *[IAMError].
func (t *IAMToken) Token(ctx context.Context, refused string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	t.mu.Lock()
	now, kept := t.now(), t.current.value
	usable := kept != "" && kept != refused && now.Before(t.current.expires)
	if usable && now.Before(t.current.renew) {
		defer t.mu.Unlock()
		return kept, nil
	}
	if t.refusal != nil && now.Before(t.until) {
		defer t.mu.Unlock()
		return t.fallback(refused, t.refusal)
	}
	a := t.asking
	if a == nil {
		a = &asking{done: make(chan struct{})}
		t.asking = a
		// Others may wait for this response when the caller that asked gives up.
		go t.ask(context.WithoutCancel(ctx), a)
	}
	t.mu.Unlock()
	if usable {
		return kept, nil
	}
	select {
	case <-a.done:
		if a.err == nil {
			return a.value, nil
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.fallback(refused, a.err)
	case <-ctx.Done():
		return "", fmt.Errorf("signer: waiting for a token of IAM: %w", ctx.Err())
	}
}

func (t *IAMToken) ask(ctx context.Context, a *asking) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	fresh, err := t.request(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asking = nil
	var refusal *IAMError
	if err == nil {
		t.current, t.refusal = fresh, nil
		a.value = fresh.value
	} else {
		if errors.As(err, &refusal) && refusal.final() {
			t.refusal, t.until = err, t.now().Add(holdRefusal)
		}
		a.err = err
	}
	close(a.done)
}

// fallback returns the kept token until its very end, for when there is no new one because of err.
func (t *IAMToken) fallback(refused string, err error) (string, error) {
	if t.current.value != "" && t.current.value != refused && t.now().Before(t.current.expires) {
		return t.current.value, nil
	}
	return "", err
}

func (t *IAMToken) now() time.Time {
	if t.Now != nil {
		return t.Now()
	}
	return time.Now()
}

// String shows who asks for what, without the password and the token.
func (t *IAMToken) String() string {
	return fmt.Sprintf("{Endpoint:%s Domain:%s User:%s Password:%s ProjectID:%s ProjectName:%s}",
		t.Endpoint, t.Domain, t.User, hide(t.Password), t.ProjectID, t.ProjectName)
}

// Format is String for every verb.
func (t *IAMToken) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// LogValue is String for log/slog.
func (t *IAMToken) LogValue() slog.Value { return slog.StringValue(t.String()) }
