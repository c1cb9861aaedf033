package signer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	maxIAMResponse = 1 << 20
	maxToken       = 64 << 10
	maxIAMText     = 512
)

// IAMError is a response of IAM that is not a token. IAM has its own form of error, unlike that of the other services.
type IAMError struct {
	Status  int    // of HTTP
	Title   string // such as "Unauthorized"; empty if the response was not IAM's
	Message string // such as "The username or password is wrong."
}

// Error says what IAM said, and what to look at.
func (e *IAMError) Error() string {
	text := fmt.Sprintf("signer: IAM gave no token: HTTP %d", e.Status)
	for _, s := range []string{e.Title, e.Message} {
		if s != "" {
			text += ": " + s
		}
	}
	if e.final() {
		text += " (check user, domain, password and project; a HUAWEI ID cannot get a token, an IAM user can)"
	}
	return text
}

// final reports whether the same question will get the same response.
func (e *IAMError) final() bool {
	switch e.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return true
	}
	return false
}

// Bodies of POST /v3/auth/tokens.
type (
	named struct {
		ID   string `json:"id,omitempty"`
		Name string `json:"name,omitempty"`
	}
	passwordUser struct {
		Name     string `json:"name"`
		Password string `json:"password"` //nolint:gosec // it is what IAM asks for
		Domain   named  `json:"domain"`
	}
	tokenQuestion struct {
		Auth struct {
			Identity struct {
				Methods  []string `json:"methods"`
				Password struct {
					User passwordUser `json:"user"`
				} `json:"password"`
			} `json:"identity"`
			Scope struct {
				Project named `json:"project"`
			} `json:"scope"`
		} `json:"auth"`
	}
	tokenResponse struct {
		Token struct {
			ExpiresAt time.Time `json:"expires_at"`
		} `json:"token"`
		Error struct {
			Message string `json:"message"`
			Title   string `json:"title"`
		} `json:"error"`
	}
)

// request asks IAM once.
func (t *IAMToken) request(ctx context.Context) (issued, error) {
	body, err := t.requestBody()
	if err != nil {
		return issued{}, err
	}
	url := strings.TrimSuffix(t.Endpoint, "/") + "/v3/auth/tokens?nocatalog=true"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return issued{}, fmt.Errorf("signer: ask IAM for a token: %w", err)
	}
	req.Header.Set("Content-Type", "application/json;charset=utf8")
	resp, err := t.client().Do(req)
	if err != nil {
		return issued{}, fmt.Errorf("signer: ask IAM for a token: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	return t.parse(resp)
}

func (t *IAMToken) requestBody() ([]byte, error) {
	for _, need := range []struct{ name, value string }{
		{"Endpoint", t.Endpoint}, {"Domain", t.Domain}, {"User", t.User}, {"Password", t.Password},
		{"ProjectID or ProjectName", t.ProjectID + t.ProjectName},
	} {
		if need.value == "" {
			return nil, fmt.Errorf("signer: a token of IAM needs %s", need.name)
		}
	}
	var q tokenQuestion
	q.Auth.Identity.Methods = []string{"password"}
	q.Auth.Identity.Password.User = passwordUser{t.User, t.Password, named{Name: t.Domain}}
	q.Auth.Scope.Project = named{ID: t.ProjectID}
	if t.ProjectID == "" {
		q.Auth.Scope.Project = named{Name: t.ProjectName}
	}
	body, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("signer: ask IAM for a token: %w", err)
	}
	return body, nil
}

// client never follows a redirect, which would take the password somewhere else.
func (t *IAMToken) client() *http.Client {
	client := http.Client{}
	if t.Client != nil {
		client = *t.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

func (t *IAMToken) parse(resp *http.Response) (issued, error) {
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxIAMResponse+1))
	if err != nil {
		return issued{}, fmt.Errorf("signer: read IAM's response (HTTP %d): %w", resp.StatusCode, err)
	}
	var a tokenResponse
	parsed := json.Unmarshal(data, &a)
	if resp.StatusCode != http.StatusCreated {
		return issued{}, &IAMError{resp.StatusCode, t.clean(a.Error.Title), t.clean(a.Error.Message)}
	}
	if len(data) > maxIAMResponse {
		return issued{}, fmt.Errorf("signer: IAM's response is longer than %d bytes", maxIAMResponse)
	}
	value := resp.Header.Get("X-Subject-Token")
	now, expires := t.now(), a.Token.ExpiresAt
	switch {
	case value == "" || len(value) > maxToken || !visible(value):
		return issued{}, errors.New("signer: IAM's response has no usable X-Subject-Token")
	case parsed != nil || expires.IsZero():
		return issued{}, errors.New("signer: IAM's response has no usable token.expires_at")
	case !expires.After(now):
		return issued{}, fmt.Errorf("signer: IAM's token ended at %s, but it is %s here: set the clock",
			expires.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	// A token that lives shorter than the margin is used for half its life.
	margin := min(renewBefore, expires.Sub(now)/2)
	return issued{value: value, renew: expires.Add(-margin), expires: expires}, nil
}

// clean makes a text of the server fit for a line of a person's terminal, even if the server repeats the question.
func (t *IAMToken) clean(s string) string {
	s = strings.ReplaceAll(s, t.Password, "***")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > maxIAMText {
		s = strings.ToValidUTF8(s[:maxIAMText], "") + "..."
	}
	return strings.TrimSpace(s)
}
