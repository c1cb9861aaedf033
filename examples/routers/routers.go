// Package routers mounts the dump call in the routers of other projects, beside routes of their own. It is an example, and a
// module of its own so that nobody inherits the routers.
//
// Mounted at "/v1.0/*" the call is one route among others, and the router refuses the paths that it does not have. In front
// of the router (handler.Config.Next) the call also refuses what routers redirect or refuse in plain text.
package routers

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v4"
)

// mount is the pattern of the paths that begin as those of the dump call do; chi and echo read it alike.
const mount = "/v1.0/*"

// Chi returns a chi router with the dump call mounted in it. dumps is what handler.New returned.
func Chi(dumps http.Handler) http.Handler {
	router := chi.NewRouter()
	router.Get("/health", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	router.Handle(mount, dumps)
	return router
}

// Echo returns an echo server with the dump call mounted in it. dumps is what handler.New returned.
func Echo(dumps http.Handler) http.Handler {
	server := echo.New()
	server.GET("/health", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	server.Any(mount, echo.WrapHandler(dumps))
	return server
}
