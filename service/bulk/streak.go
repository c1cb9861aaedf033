package bulk

import (
	"slices"
	"strings"
	"sync"

	"github.com/vod-reproduction/vod/contract"
)

// streak counts equal outcomes in a row.
type streak struct {
	mu    sync.Mutex
	cause string
	n     int
	all   int    // outcomes, in a row or not
	stops string // the code of the cause, where it stops a run
	last  error
}

// broken ends the row.
func (s *streak) broken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cause, s.stops, s.n = "", "", 0
	s.all++
}

// verdict is the error of a run that was too short for fatalAfter, but met nothing else than one fatal cause.
func (s *streak) verdict() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n == 0 || s.n != s.all || s.stops == "" {
		return nil
	}
	return &FatalError{Code: s.stops, Err: s.last}
}

// dooms reports whether every call would meet this code, which is not that of a temporary fault: also where no service was
// reached, or what responded is none.
func dooms(code string) bool {
	known, _ := contract.Lookup(contract.Code(code)) // knows the spellings
	return slices.Contains(fatal, contract.Code(code)) || slices.Contains(fatal, known.Code) ||
		code == CodeNotSent || strings.HasPrefix(code, httpCode)
}

// goesOn counts one more outcome and returns the error that stops the run, if it does.
func (s *streak) goesOn(item Item, err error, open bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	code, message := causeOf(err)
	cause, stops := code, ""
	switch {
	case open:
		cause = "no response"
	case dooms(code):
		stops = code
	case settingAtFault(code, message):
		cause, stops = code+settingsOf(item.Request()), code
	}
	if cause != s.cause {
		s.cause, s.stops, s.n = cause, stops, 0
	}
	s.n++
	s.all++
	s.last = err
	switch {
	case open && s.n >= lostAfter:
		return &TooManyUnknownError{Err: err}
	case stops != "" && s.n >= fatalAfter:
		return &FatalError{Code: stops, Err: err}
	}
	return nil
}
