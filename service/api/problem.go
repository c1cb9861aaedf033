package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// problem is a response that refuses a request. Its message goes over the wire, so nothing internal may stand in it.
type problem struct {
	status  int
	code    contract.Code
	message string
	cause   error // for the log alone
	// violations are the faults of the request's fields that the message names; for the pages.
	violations contract.Violations
}

func (p *problem) Error() string { return string(p.code) + ": " + p.message }

// refuse returns the problem for a code of the catalog. The detail, where there is one, follows the code's own text.
func refuse(code contract.Code, detail string, args ...any) *problem {
	known, _ := contract.Lookup(code)
	p := &problem{status: known.Status, code: code, message: known.Message}
	if detail != "" {
		p.message = strings.TrimSuffix(p.message, ".") + ": " + fmt.Sprintf(detail, args...)
	}
	return p
}

// withStatus responds with another status than the catalog's.
func (p *problem) withStatus(status int) *problem {
	p.status = status
	return p
}

// at names the field of the request that is at fault.
func (p *problem) at(field string) *problem {
	known, _ := contract.Lookup(p.code)
	p.violations = contract.Violations{{Field: field, Rule: string(p.code), Message: known.Message}}
	return p
}

// because notes for the log what lies behind the problem.
func (p *problem) because(err error) *problem {
	p.cause = err
	return p
}

// maxNamed bounds the violations that one response spells out.
const maxNamed = 10

// illegal names every field at fault in the cloud's manner.
func illegal(violations contract.Violations) *problem {
	var b strings.Builder
	for i, v := range violations {
		if i == maxNamed {
			fmt.Fprintf(&b, " and %d more", len(violations)-i)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		field := v.Field
		if field == "" {
			field = "body"
		}
		fmt.Fprintf(&b, "illegal field: {%s}: %s (%s)", field, v.Message, v.Rule)
	}
	known, _ := contract.Lookup(contract.CodeIllegalParameter)
	return &problem{status: known.Status, code: known.Code, message: strings.TrimSuffix(known.Message, ".") + ", " + b.String(), violations: violations}
}

// respond writes v as the response body. It is no HTML, so that URLs stand in it as they are.
func respond(w http.ResponseWriter, status int, v any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		// Only our own response types come here; one that cannot be written is a fault of the program.
		panic(fmt.Errorf("api: marshal %T: %w", v, err))
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(bytes.TrimSuffix(body.Bytes(), []byte("\n")))
}

// fail responds with the problem behind err. Anything that is not a problem is logged and leaves as an internal error.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var p *problem
	var tooLarge *http.MaxBytesError
	id := requestID(r.Context())
	switch {
	case errors.As(err, &p):
		if p.cause != nil {
			s.log.WarnContext(r.Context(), "request refused", "request_id", id, "error", p.cause)
		}
	case errors.As(err, &tooLarge):
		p = refuse(contract.CodeRequestTooLarge, "a body may have %d bytes", tooLarge.Limit)
	case r.Context().Err() != nil:
		p = refuse(contract.CodeUnavailable, "") // nobody is waiting any more
	default:
		s.log.ErrorContext(r.Context(), "request failed", "request_id", id, "error", err)
		p = refuse(contract.CodeInternal, "")
	}
	if p.status == http.StatusServiceUnavailable || p.status == http.StatusTooManyRequests {
		if w.Header().Get("Retry-After") == "" {
			w.Header().Set("Retry-After", "1")
		}
	}
	if a := responseOf(w); a != nil {
		a.code = p.code
	}
	respond(w, p.status, gen.Error{ErrorCode: string(p.code), ErrorMsg: p.message, RequestID: &id})
}
