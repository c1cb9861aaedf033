package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"time"

	"github.com/vod-reproduction/vod/service/config"
)

const (
	// SessionCookie is the name of the cookie that holds the session of a visitor.
	SessionCookie = "vod_session"
	// sessionLifetime is a working day: a visitor signs in once in it.
	sessionLifetime = 12 * time.Hour
	// sessionOwner is what sessions are sealed for, so that none is taken for a token, nor a token for one.
	sessionOwner = "session"
)

// login returns the user behind a name and password. An unknown name costs the same time as a wrong password.
func (t *tenants) login(name, password string) (caller, bool) {
	user, ok := t.users[name]
	given, want := sha256.Sum256([]byte(password)), sha256.Sum256([]byte(user.Password.Reveal()))
	same := subtle.ConstantTimeCompare(given[:], want[:]) == 1
	return callerOf(user), ok && same
}

func callerOf(user config.User) caller {
	return caller{name: user.Name, project: user.Project, permissions: user.Permissions}
}

// SignIn returns the session of a user of the configuration, as it stands in SessionCookie, and when it ends. Every process
// with the same key takes it. The session is "" for a wrong name or password, for a user who may not see assets, and while
// the next try has to wait.
func (s *Server) SignIn(r *http.Request, name, password string) (session string, expires time.Time, wait time.Duration) {
	who, wait, ok := s.signIn(r, name, password, nil)
	if !ok || !who.may(config.ActionShow) {
		return "", time.Time{}, wait
	}
	session, expires = s.sessions.issue(name)
	return session, expires, 0
}

// Visitor returns who sent a request for a page, by the session in its SessionCookie or else by HTTP Basic authentication.
// ok is false for nobody, for a session that ended, and for a user who may not see assets.
func (s *Server) Visitor(r *http.Request) (_ Visitor, ok bool) {
	for _, cookie := range r.CookiesNamed(SessionCookie) {
		if who, ok := s.sessions.find(cookie.Value); ok && who.may(config.ActionShow) {
			return visitorOf(who), true
		}
	}
	name, password, ok := r.BasicAuth()
	if !ok {
		return Visitor{}, false
	}
	who, _, ok := s.signIn(r, name, password, nil)
	if !ok || !who.may(config.ActionShow) {
		return Visitor{}, false
	}
	return visitorOf(who), true
}
