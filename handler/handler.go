// Package handler serves the dump call for a program of yours: it takes a request as far as the contract alone decides,
// and hands what is valid to a function. Whatever is wrong before that (path, method, content type, size, headers,
// project ID, body) is refused as JSON in the form of the contract.
package handler

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// Dump is a request that keeps the contract.
type Dump struct {
	ProjectID string
	// IdempotencyKey is the header of that name, empty when the request had none.
	IdempotencyKey string
	Request        *gen.DumpRequest
	// Body is the request as it was sent.
	Body []byte
}

// Accepted is the response to a Dump.
type Accepted struct {
	// DumpResponse is what the client gets. Its AssetID has at least one character: without one the client gets a 500.
	gen.DumpResponse
	// Replayed reports that the asset belongs to an earlier request with the same Idempotency-Key.
	Replayed bool
}

// Refusal is an error that reaches the client as the contract says. Any other error is a 500 that says nothing more.
type Refusal struct {
	// Code is contract.CodeInternal when it is empty.
	Code contract.Code
	// Status is the HTTP status; 0 for the one that belongs to Code.
	Status int
	// RetryAfter asks the client to wait before its next try, in whole seconds; 0 asks for nothing.
	RetryAfter time.Duration
	// Detail follows the message of Code, such as "input.location must be cn-north-4"; it may be empty.
	Detail string
}

// Error returns code and detail.
func (r *Refusal) Error() string { return strings.TrimSpace(string(r.Code) + " " + r.Detail) }

// Config says what surrounds the call. The zero value lets everybody in.
type Config struct {
	// Authenticate decides whether the request may act for the project, before its body is decoded. It returns a *Refusal
	// such as contract.CodeNotAuthenticated.
	Authenticate func(r *http.Request, projectID string, body []byte) error
	// MaxBody is the largest body in bytes; contract.MaxBodyBytes when 0.
	MaxBody int64
	// Idempotent announces to clients that one Idempotency-Key creates one asset, which the function must then keep.
	Idempotent bool
	// Next serves all other paths, such as a mux or router of yours. Without it they are refused with 404. It stands behind
	// this handler because routers redirect, or refuse in plain text, what the contract refuses as JSON.
	Next http.Handler
}

const (
	prefix = "/v1.0/"
	suffix = "/asset/reproduction"
)

// New returns a handler that calls accept for every valid dump. It is safe for concurrent use if accept and config are.
func New(accept func(ctx context.Context, dump Dump) (Accepted, error), config Config) http.Handler {
	if config.MaxBody == 0 {
		config.MaxBody = contract.MaxBodyBytes
	}
	return &handler{accept, config}
}

type handler struct {
	accept func(ctx context.Context, dump Dump) (Accepted, error)
	config Config
}

// ServeHTTP serves the dump call, and passes every other path on.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, prefix)
	projectID, ok2 := strings.CutSuffix(rest, suffix)
	if !ok || !ok2 || strings.Contains(projectID, "/") {
		if h.config.Next != nil {
			h.config.Next.ServeHTTP(w, r)
			return
		}
		Refuse(w, &Refusal{Code: contract.CodeNoSuchAPI})
		return
	}
	if h.config.Idempotent {
		w.Header().Set(contract.HeaderIdempotency, contract.IdempotencySupported)
	}
	switch r.Method {
	case http.MethodPost:
	case http.MethodOptions:
		w.Header().Set("Allow", "OPTIONS, POST")
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		w.Header().Set("Allow", "OPTIONS, POST")
		Refuse(w, &Refusal{Code: contract.CodeWrongMethod, Status: http.StatusMethodNotAllowed, Detail: "this path takes POST"})
		return
	}
	accepted, err := h.serve(w, r, projectID)
	if err == nil && accepted.AssetID == "" {
		err = errors.New("the function accepted a dump without an asset ID")
	}
	if err != nil {
		Refuse(w, err)
		return
	}
	if accepted.Replayed {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	respond(w, http.StatusOK, accepted.DumpResponse)
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request, projectID string) (Accepted, error) {
	if !validProject(projectID) {
		return Accepted{}, illegal(contract.Violations{{Field: "project_id", Rule: "pattern", Message: "must be 1 to 64 letters, digits, hyphens and underscores"}})
	}
	body, err := readBody(http.MaxBytesReader(w, r.Body, h.config.MaxBody), r.ContentLength)
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return Accepted{}, &Refusal{Code: contract.CodeRequestTooLarge}
		}
		return Accepted{}, &Refusal{Code: contract.CodeIllegalParameter, Detail: "the body was not sent completely"}
	}
	if h.config.Authenticate != nil {
		if err := h.config.Authenticate(r, projectID, body); err != nil {
			return Accepted{}, err
		}
	}
	if !isJSON(r.Header.Get("Content-Type")) {
		return Accepted{}, &Refusal{Code: contract.CodeContentType, Status: http.StatusUnsupportedMediaType}
	}
	dump := Dump{ProjectID: projectID, Body: body}
	request, violations := contract.Parse(body)
	if keys := r.Header.Values("Idempotency-Key"); len(keys) > 0 {
		key := strings.Join(keys, ", ") // has a space, which the contract refuses
		dump.IdempotencyKey = key
		violations = slices.Concat(contract.Check(&gen.PublishAssetFromObsParams{IdempotencyKey: &key}), violations)
	}
	if len(violations) > 0 {
		return Accepted{}, illegal(violations)
	}
	dump.Request = request
	return h.accept(r.Context(), dump)
}

// readBody reads body to its end. announced, the Content-Length, is only a hint: middleware that decompresses leaves it wrong.
func readBody(body io.Reader, announced int64) ([]byte, error) {
	const usual = 4 << 10 // at most this much is allocated on the client's word
	if announced < 0 || announced > usual {
		return io.ReadAll(body)
	}
	read := make([]byte, 0, announced+1)
	for len(read) < cap(read) {
		n, err := body.Read(read[len(read):cap(read)])
		read = read[:len(read)+n]
		if err == io.EOF {
			return read, nil
		}
		if err != nil {
			return nil, err
		}
	}
	rest, err := io.ReadAll(body)
	return append(read, rest...), err
}

const mediaType = "application/json"

func isJSON(contentType string) bool {
	if contentType == mediaType { // as nearly all clients write it
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == mediaType
}

func validProject(id string) bool {
	return id != "" && len(id) <= 64 && !strings.ContainsFunc(id, func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_'
	})
}

func illegal(violations contract.Violations) *Refusal {
	return &Refusal{Code: contract.CodeIllegalParameter, Detail: "illegal field: {" + violations[0].Field + "}: " + violations.Error()}
}

// Refuse writes an error as the contract has it: a *Refusal with its code, anything else as 500 without its text.
func Refuse(w http.ResponseWriter, err error) {
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal == nil {
		refusal = &Refusal{}
	}
	code := cmp.Or(refusal.Code, contract.CodeInternal)
	problem, _ := contract.Lookup(code)
	status, message := refusal.Status, problem.Message
	if status == 0 {
		status = problem.Status
	}
	if status == 0 {
		status = http.StatusForbidden // as the cloud refuses with codes that the catalog does not have
	}
	if refusal.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(refusal.RetryAfter.Seconds()))))
	}
	if refusal.Detail != "" {
		message = strings.TrimPrefix(strings.TrimSuffix(message, ".")+", "+refusal.Detail, ", ")
	}
	if message == "" {
		message = http.StatusText(status)
	}
	respond(w, status, gen.Error{ErrorCode: string(code), ErrorMsg: message})
}

// Headers of every response, which nobody changes.
var (
	jsonContent = []string{mediaType}
	noSniffing  = []string{"nosniff"}
)

func respond(w http.ResponseWriter, status int, v any) {
	header := w.Header()
	header["Content-Type"], header["X-Content-Type-Options"] = jsonContent, noSniffing
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that is gone needs no response
}
