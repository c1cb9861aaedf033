// Package callback tells a tenant's endpoint what became of an asset, in the way the cloud notifies over HTTP.
//
// A notification is a POST of {"message": "..."}, where message is JSON once more, as text:
//
//	{"event_type": "createComplete", "event_id": "...", "create_info": {"asset_id": "...", "status": "SUCCEED", ...}}
//
// The part behind event_id is named transcode_info, thumbnail_info and review_info for the other types. event_id is an
// addition to what the cloud sends: it stays the same when a notification is sent again, so that a receiver can drop
// what it has seen. Receivers answer with any status 2xx.
//
// The header auth_timestamp holds the time of sending and auth_sign the HMAC-SHA256 of "VOD_{timestamp}_{message}" under
// the key that both sides know, where message is the text above without the escapes of the outer JSON. Receivers check
// it with [Verify]; the package's example is a whole receiver. An nginx in front of one drops both headers unless it is
// told underscores_in_headers on.
//
// The cloud's text leaves two questions open. How auth_sign is written: its Java sample prints lower-case hexadecimal
// digits, so that is sent. In which unit auth_timestamp counts: milliseconds are sent, as Java programs have them; the
// signature holds for either.
package callback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/vod-reproduction/vod/service/endpoint"
)

// DefaultTimeout is the time that one try may take where the configuration has none.
const DefaultTimeout = 10 * time.Second

// Sender sends notifications to one receiver. It is safe for concurrent use.
type Sender struct {
	endpoint *endpoint.Endpoint
	key      string
}

// Error says why a notification was not delivered, and whether another try may help.
type Error = endpoint.Error

// New checks its arguments and sends nothing yet. The key signs the notifications and must not be empty.
func New(c endpoint.Config, key string) (*Sender, error) {
	if key == "" {
		return nil, errors.New("callback: the key is missing")
	}
	e, err := endpoint.New(c, DefaultTimeout)
	if err != nil {
		return nil, fmt.Errorf("callback: %w", err)
	}
	return &Sender{endpoint: e, key: key}, nil
}

// String tells the receiver's host only.
func (s *Sender) String() string { return "notifications to " + s.endpoint.String() }

// GoString is String, for %#v.
func (s *Sender) GoString() string { return s.String() }

// CloseIdleConnections closes the connections that are kept for later notifications. The Sender stays usable.
func (s *Sender) CloseIdleConnections() { s.endpoint.CloseIdleConnections() }

// Send tries once to deliver event. The error holds an *Error, or wraps the cause of ctx's end when ctx ended first. The
// receiver may have taken the event in spite of a temporary error.
func (s *Sender) Send(ctx context.Context, event Event) error {
	message, err := event.message()
	if err != nil {
		return fmt.Errorf("callback: %w", &Error{Reason: "the event cannot be sent", Err: err})
	}
	body, err := json.Marshal(struct {
		Message string `json:"message"`
	}{message})
	if err != nil {
		return fmt.Errorf("callback: %w", &Error{Reason: "the event cannot be written", Err: err})
	}
	timestamp := strconv.FormatInt(s.endpoint.Now().UnixMilli(), 10)
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	header.Set(HeaderTimestamp, timestamp)
	header.Set(HeaderSign, sign(s.key, timestamp, message))
	if _, err := s.endpoint.Post(ctx, header, body, 0); err != nil {
		return fmt.Errorf("callback: %w", err)
	}
	return nil
}
