package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/time/rate"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/signer"
)

// authenticate identifies the caller on the raw bytes before anything else looks at the request.
func (s *Server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var release func()
		who, body, err := s.identify(r, func() (body []byte, err error) {
			body, release, err = s.limits.bodies.read(w, r, s.peers.of(r))
			return body, err
		})
		if release != nil {
			defer release()
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if limit := s.throttle[who.project]; limit != nil {
			if wait := delay(limit.ReserveN(s.now(), 1), s.now()); wait > 0 {
				retryAfter(w, wait)
				s.fail(w, r, refuse(contract.CodeThrottled, "policy user over ratelimit,limit:%d,time:1 minute",
					s.service.RequestsPerMinute))
				return
			}
		}
		// Parameters that cannot be read would be dropped, and a filter that is dropped shows too much.
		query, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			s.badParameter(w, r, err)
			return
		}
		if field, ok := textual(query); !ok {
			s.fail(w, r, illegal(contract.Violations{{Field: field, Rule: "type", Message: "must be UTF-8 text without U+0000"}}))
			return
		}
		ctx := context.WithValue(r.Context(), callerKey, who)
		ctx = context.WithValue(ctx, bodyKey, body)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// textual reports whether all parameters are text that a database can look for, or else names one that is not.
func textual(query url.Values) (field string, ok bool) {
	for name, values := range query {
		for _, v := range values {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return name, false
			}
		}
	}
	return "", true
}

// delay returns how long the caller has to wait; a request that has to wait does not use up its turn.
func delay(r *rate.Reservation, now time.Time) time.Duration {
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// identify returns who the caller is, by the one credential that the request carries, and the body, which is read only
// when nothing else of the credential is wrong: strangers are to take no memory.
func (s *Server) identify(r *http.Request, read func() ([]byte, error)) (_ caller, body []byte, err error) {
	signatures, tokens := r.Header.Values("Authorization"), r.Header.Values("X-Auth-Token")
	if len(tokens) > 0 { // proxies and HTTP libraries leave credentials of other schemes there
		signatures = slices.DeleteFunc(slices.Clone(signatures), func(v string) bool { return !strings.HasPrefix(v, signer.Algorithm+" ") })
	}
	switch {
	case len(signatures) > 0 && len(tokens) > 0:
		return caller{}, nil, refuse(contract.CodeNotAuthenticated, "send either X-Auth-Token or Authorization, not both")
	case len(tokens) > 1:
		return caller{}, nil, refuse(contract.CodeNotAuthenticated, "X-Auth-Token is specified more than once")
	case len(tokens) == 1:
		who, ok := s.tokens.find(tokens[0])
		if !ok {
			return caller{}, nil, refuse(contract.CodeNotAuthenticated, "decrypt token fail")
		}
		body, err = read()
		return who, body, err
	case len(signatures) == 0:
		return caller{}, nil, refuse(contract.CodeNotAuthenticated, "x-auth-token not found; sign the request or send a token")
	}
	if err := s.verifier.Check(r); err != nil {
		return caller{}, nil, unverified(err)
	}
	if body, err = read(); err != nil {
		return caller{}, nil, err
	}
	identity, err := s.verifier.Verify(r, body)
	if err != nil {
		return caller{}, nil, unverified(err)
	}
	if len(r.Header.Values(headerKey)) > 0 && !identity.Covers(headerKey) {
		return caller{}, nil, refuse(contract.CodeNotAuthenticated, "%s is not among SignedHeaders: sign it, or leave it out", headerKey)
	}
	return s.tenants.byKey(identity.AccessKey), body, nil
}

// unverified puts an error of the verifier into the contract's words.
func unverified(err error) error {
	if refused, ok := errors.AsType[*signer.VerifyError](err); ok {
		return refuse(contract.CodeNotAuthenticated, "%s", refused.Message)
	}
	return fmt.Errorf("verify: %w", err)
}

// authorize holds the authenticated caller against the project in the path and the permission of the operation.
func (s *Server) authorize(r *http.Request, projectID, action string) error {
	who, _ := r.Context().Value(callerKey).(caller)
	if who.project != projectID {
		return refuse(contract.CodeWrongProject, "the credentials do not belong to the project in the path")
	}
	if !who.may(action) {
		return refuse(contract.CodeNoPermission, "%s needs %s", who.name, action)
	}
	return nil
}

// bodyOf returns the raw body that authenticate read.
func bodyOf(r *http.Request) []byte {
	body, _ := r.Context().Value(bodyKey).([]byte)
	return body
}
