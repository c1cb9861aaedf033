package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"

	"github.com/vod-reproduction/vod/service/config"
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

// SignedIn returns the project of the user who signed in to the status page with HTTP Basic authentication.
func (s *Server) SignedIn(r *http.Request) (project string, ok bool) {
	who, ok := s.basic(r)
	return who.project, ok && who.may(actionShow)
}

func (s *Server) basic(r *http.Request) (caller, bool) {
	name, password, ok := r.BasicAuth()
	if !ok {
		return caller{}, false
	}
	who, _, ok := s.signIn(r, name, password, nil)
	return who, ok
}
