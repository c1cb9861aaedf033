package callback

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxText       = 4 << 10 // bytes read of an answer's body
	maxRetryAfter = 24 * time.Hour
)

// Error says why a notification was not delivered.
type Error struct {
	// Status is the receiver's answer, 0 when there was none.
	Status int
	// Temporary errors may go away. The others will not before somebody changes the receiver or the configuration.
	Temporary bool
	// RetryAfter is the pause that the receiver asked for, up to 24 hours; 0 when it did not.
	RetryAfter time.Duration
	// Reason is in plain words and shows no secret.
	Reason string
	// Err is the cause; may be nil.
	Err error
}

// Error tells the reason and the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return "callback: " + e.Reason
	}
	return "callback: " + e.Reason + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// judge is nil for an answer that takes the notification.
func judge(answer *http.Response, text []byte, now time.Time) error {
	status := answer.StatusCode
	fault := &Error{Status: status, Reason: fmt.Sprintf("the receiver answered %d", status)}
	switch {
	case status >= 200 && status < 300:
		return nil
	case status >= 300 && status < 400:
		fault.Reason += ", a redirect, which is not followed; set the URL to its target"
		return fault
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests, status >= 500:
		fault.Temporary = true
		fault.RetryAfter = retryAfter(answer.Header.Get("Retry-After"), now)
	}
	if said := strings.TrimSpace(string(text)); said != "" {
		fault.Reason += fmt.Sprintf(" and said %.200q", said)
	}
	return fault
}

// retryAfter reads the header's two forms, seconds and a date.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return 0
}
