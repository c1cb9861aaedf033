package oracle

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// Transport is a http.RoundTripper that holds every exchange against the documents. A request that breaks them is not
// sent, and a response that breaks them is not returned: both are errors. It is safe for concurrent use.
type Transport struct {
	base   http.RoundTripper
	router legacy.Routers
}

// NewTransport puts a Transport before base. Make it the base of a signing transport, so that what is judged is what
// goes over the wire.
func NewTransport(base http.RoundTripper, docs ...*openapi3.T) (*Transport, error) {
	router, err := Router(docs...)
	if err != nil {
		return nil, err
	}
	return &Transport{base, router}, nil
}

// RoundTrip judges the request, sends it, and judges the response.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	_, route, params, err := t.router.FindRoute(r)
	if err != nil {
		return nil, fmt.Errorf("oracle: %s %s: %w", r.Method, r.URL.Path, err)
	}
	// The judge replaces the body that it has read, and a RoundTripper must not change its request.
	judged := r.Clone(r.Context())
	input := &openapi3filter.RequestValidationInput{Request: judged, PathParams: params, Route: route, Options: Options()}
	if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
		return nil, fmt.Errorf("oracle: the request of %s breaks the document: %w", route.Operation.OperationID, err)
	}
	response, err := t.base.RoundTrip(judged)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	validation := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: response.StatusCode, Header: response.Header, Options: Options(),
	}
	if err := openapi3filter.ValidateResponse(r.Context(), validation.SetBodyBytes(body)); err != nil {
		return nil, fmt.Errorf("oracle: the response %d to %s breaks the document: %w", response.StatusCode, route.Operation.OperationID, err)
	}
	return response, nil
}
