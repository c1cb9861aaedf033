package ui

import (
	"errors"
	"net/http"
)

// fault is an error that a visitor is told about.
type fault struct {
	Status int
	Title  string
	Advice string
}

func (f *fault) Error() string { return f.Title }

var (
	errSignIn = &fault{http.StatusUnauthorized, "Sign in to see your assets",
		"Reload the page and give the credentials of a project that this service knows."}
	// errNotFound says the same for what is missing and for what is another project's.
	errNotFound = &fault{http.StatusNotFound, "There is nothing here",
		"The address may be mistyped, or the asset may belong to another project. The list shows all assets of yours."}
	errMethod = &fault{http.StatusMethodNotAllowed, "These pages can only be read",
		"Use the API to change an asset."}
	errInternal = &fault{http.StatusInternalServerError, "The page could not be made",
		"The service's log says why. Try again in a moment."}
)

// illegal tells which part of the address is at fault.
func illegal(advice string) error {
	return &fault{http.StatusBadRequest, "The address is not right", advice}
}

// fail answers with the error as a page. What is not a fault goes to the log,
// unless the visitor left and nobody is waiting.
func (u *ui) fail(w http.ResponseWriter, r *http.Request, err error) {
	var f *fault
	if !errors.As(err, &f) {
		if r.Context().Err() == nil {
			u.Log.ErrorContext(r.Context(), "status page failed", "path", r.URL.Path, "error", err)
		}
		f = errInternal
	}
	u.render(w, r, f.Status, errorTemplate, view{Title: f.Title, Body: f})
}
