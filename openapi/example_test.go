package openapi_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/vod-reproduction/vod/openapi"
)

// A server publishes the document that it was built with.
func Example() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /openapi.yaml", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(openapi.Reproduction))
	})

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/openapi.yaml", nil))
	fmt.Println(w.Code, w.Header().Get("Content-Type"), bytes.Contains(w.Body.Bytes(), []byte("\nopenapi: 3.0.3\n")))
	// Output: 200 application/yaml true
}
