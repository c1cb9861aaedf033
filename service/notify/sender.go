package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/vod-reproduction/vod/service/endpoint"
	"github.com/vod-reproduction/vod/webhook"
)

// sendTimeout bounds one attempt.
const sendTimeout = 10 * time.Second

// sender sends notifications to one receiver. It is safe for concurrent use.
type sender struct {
	endpoint *endpoint.Endpoint
	key      string
}

// newSender checks its arguments and sends nothing yet. The key signs the notifications and must not be empty.
func newSender(c endpoint.Config, key string) (*sender, error) {
	if key == "" {
		return nil, errors.New("webhook: the key is missing")
	}
	e, err := endpoint.New(c, sendTimeout)
	if err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	return &sender{endpoint: e, key: key}, nil
}

// String returns the receiver's host only.
func (s *sender) String() string { return "notifications to " + s.endpoint.String() }

// GoString is String, for %#v.
func (s *sender) GoString() string { return s.String() }

// CloseIdleConnections closes the connections that are kept for later notifications. The sender stays usable.
func (s *sender) CloseIdleConnections() { s.endpoint.CloseIdleConnections() }

// Send tries once to deliver event. The error wraps an *endpoint.Error, or wraps the cause of ctx's end when ctx ended first. The
// receiver may have taken the event in spite of a temporary error.
func (s *sender) Send(ctx context.Context, event webhook.Event) error {
	message, err := event.Message()
	if err != nil {
		return fmt.Errorf("webhook: %w", &endpoint.Error{Reason: "the event cannot be sent", Err: err})
	}
	body, err := json.Marshal(struct {
		Message string `json:"message"`
	}{message})
	if err != nil {
		return fmt.Errorf("webhook: %w", &endpoint.Error{Reason: "the event cannot be written", Err: err})
	}
	timestamp := strconv.FormatInt(s.endpoint.Now().UnixMilli(), 10)
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	header.Set(webhook.HeaderTimestamp, timestamp)
	header.Set(webhook.HeaderSign, webhook.Sign(s.key, timestamp, message))
	if _, err := s.endpoint.Post(ctx, header, body, 0); err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	return nil
}
