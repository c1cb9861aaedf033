package api

import (
	"errors"
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

// read decodes and checks the body of a related operation.
func read[P contract.Checker](r *http.Request, decode func([]byte) (P, contract.Violations)) (body P, err error) {
	if err := wantJSON(r); err != nil {
		return body, err
	}
	body, violations := decode(bodyOf(r))
	if len(violations) == 0 {
		violations = contract.Check(body)
	}
	if len(violations) > 0 {
		return body, illegal(violations)
	}
	return body, nil
}

// badParameter refuses what the generated wrapper could not read from path, query or headers.
func (s *Server) badParameter(w http.ResponseWriter, r *http.Request, err error) {
	field := "query"
	var format *companions.InvalidParamFormatError
	var required *companions.RequiredParamError
	var many *companions.TooManyValuesForParamError
	switch {
	case errors.As(err, &format):
		field = format.ParamName
	case errors.As(err, &required):
		field = required.ParamName
	case errors.As(err, &many):
		field = many.ParamName
	}
	s.fail(w, r, illegal(contract.Violations{{Field: field, Rule: "type", Message: "cannot be read; see the document"}}))
}
