package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// authRequest is the part of IAM's password request that is looked at.
type authRequest struct {
	Auth struct {
		Identity struct {
			Methods  []string `json:"methods"`
			Password struct {
				User struct {
					Name     string `json:"name"`
					Password string `json:"password"`
					Domain   struct {
						Name string `json:"name"`
					} `json:"domain"`
				} `json:"user"`
			} `json:"password"`
		} `json:"identity"`
		Scope struct {
			Project struct {
				ID   string `json:"id"`
				Name string `json:"name"`
			} `json:"project"`
		} `json:"scope"`
	} `json:"auth"`
}

type authResponse struct {
	Token authToken `json:"token"`
}

type authToken struct {
	Methods   []string `json:"methods"`
	IssuedAt  string   `json:"issued_at"`
	ExpiresAt string   `json:"expires_at"`
	Project   authName `json:"project"`
	User      authName `json:"user"`
}

type authName struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
}

// iamTime has IAM's six digits.
const iamTime = "2006-01-02T15:04:05.000000Z"

// maxSignIn bounds the body of a request for a token, in bytes: it is read before anyone knows whose it is.
const maxSignIn = 16 << 10

// issueToken is IAM's POST /v3/auth/tokens for the users of the configuration: password method, project scope.
func (s *Server) issueToken(w http.ResponseWriter, r *http.Request) {
	var request authRequest
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSignIn))
	if err == nil {
		err = json.Unmarshal(body, &request)
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		iamFault(w, http.StatusRequestEntityTooLarge, "The request body is too large.")
		return
	case err != nil:
		iamFault(w, http.StatusBadRequest, "The request body is invalid")
		return
	}
	asked := request.Auth.Identity.Password.User
	who, wait, ok := s.signIn(r, asked.Name, asked.Password, &asked.Domain.Name)
	if wait > 0 {
		retryAfter(w, wait)
		iamFault(w, http.StatusTooManyRequests, tooManyTries)
		return
	}
	if !ok {
		iamFault(w, http.StatusUnauthorized, "The username or password is wrong.")
		return
	}
	name, scope := s.tenants.names[who.project], request.Auth.Scope.Project
	if scope.ID != who.project && (scope.ID != "" || scope.Name != name) {
		iamFault(w, http.StatusForbidden, "The user has no access to the project of the scope.")
		return
	}
	value, expires := s.tokens.issue(who.name)
	w.Header().Set("X-Subject-Token", value)
	respond(w, http.StatusCreated, authResponse{authToken{
		Methods:   []string{"password"},
		IssuedAt:  s.now().UTC().Format(iamTime),
		ExpiresAt: expires.UTC().Format(iamTime),
		Project:   authName{ID: who.project, Name: name},
		User:      authName{Name: who.name},
	}})
}

// projectList is the response of IAM's GET /v3/projects.
type projectList struct {
	Projects []projectEntry `json:"projects"`
}

type projectEntry struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Enabled bool   `json:"enabled"`
}

// listProjects is IAM's GET /v3/projects: the project of the caller, unless another name is asked for. The official SDKs
// find the ID of their project so, by the name of the region.
func (s *Server) listProjects(w http.ResponseWriter, r *http.Request) {
	who, _ := r.Context().Value(callerKey).(caller)
	list := projectList{Projects: []projectEntry{}}
	name, query := s.tenants.names[who.project], r.URL.Query()
	if !query.Has("name") || query.Get("name") == name {
		list.Projects = append(list.Projects, projectEntry{ID: who.project, Name: name, Enabled: true})
	}
	respond(w, http.StatusOK, list)
}

// iamFault responds in IAM's own error shape, which is not VOD's.
func iamFault(w http.ResponseWriter, status int, message string) {
	type fault struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Title   string `json:"title"`
	}
	respond(w, status, map[string]fault{"error": {status, message, http.StatusText(status)}})
}
