// Package moderation asks an endpoint of the operator's choice what it thinks of an asset: of its texts, and of frames of
// its picture.
//
// One review is one POST of a form, multipart/form-data. Its part "request" is JSON:
//
//	{"asset_id": "f488...", "template_id": "", "title": "Holidays", "description": "", "tags": [],
//	 "frames": [{"file": "0.jpg", "offset_ms": 0}, {"file": "1.jpg", "offset_ms": 12000}]}
//
// Each of its parts "frame" is the JPEG that frames names, in that order. Where a token is configured the request has the
// header "Authorization: Bearer TOKEN".
//
// The response, 200 and up to 4 MiB of JSON, judges the texts together and every frame in the order of the request:
//
//	{"text": {"suggestion": "pass"},
//	 "frames": [{"offset_ms": 0, "suggestion": "pass"},
//	            {"offset_ms": 12000, "suggestion": "block", "terrorism": [{"confidence": 0.9984, "label": "gun"}]}]}
//
// Suggestions are block, review (by a person) and pass. The overall verdict is computed here: one block blocks, else one
// review asks a person, else the asset passes. A response that leaves an item out, or says anything else, is an error and
// never a verdict. docs/moderation.md has the rest, for those who write such an endpoint.
package moderation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/service/endpoint"
)

// DefaultTimeout is the time that one review may take where the configuration has none.
const DefaultTimeout = 2 * time.Minute

const maxAnswer = 4 << 20 // bytes

// Client asks one endpoint. It is safe for concurrent use.
type Client struct {
	endpoint *endpoint.Endpoint
	token    string
}

// Error says why there is no verdict, and whether another try may help.
type Error = endpoint.Error

// New checks its arguments and sends nothing yet. The token is sent as "Authorization: Bearer ..."; empty means without.
func New(c endpoint.Config, token string) (*Client, error) {
	if strings.Trim(token, tokenCharacters) != "" {
		return nil, errors.New("moderation: the token must be letters, digits and -._~+/= only")
	}
	e, err := endpoint.New(c, DefaultTimeout)
	if err != nil {
		return nil, fmt.Errorf("moderation: %w", err)
	}
	return &Client{endpoint: e, token: token}, nil
}

// tokenCharacters are those of RFC 6750.
const tokenCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="

// String returns the endpoint's host only.
func (c *Client) String() string { return "moderation by " + c.endpoint.String() }

// GoString is String, for %#v.
func (c *Client) GoString() string { return c.String() }

// CloseIdleConnections closes the connections that are kept for later reviews. The Client stays usable.
func (c *Client) CloseIdleConnections() { c.endpoint.CloseIdleConnections() }

// Review asks once. The error holds an *Error, or wraps the cause of ctx's end when ctx ended first.
func (c *Client) Review(ctx context.Context, request Request) (Verdict, error) {
	body, contentType, err := request.encode()
	if err != nil {
		return Verdict{}, failure("the asset cannot be reviewed", err)
	}
	header := http.Header{"Content-Type": {contentType}, "Accept": {"application/json"}}
	if c.token != "" {
		header.Set("Authorization", "Bearer "+c.token)
	}
	text, err := c.endpoint.Post(ctx, header, body, maxAnswer)
	if err != nil {
		return Verdict{}, fmt.Errorf("moderation: %w", err)
	}
	verdict, err := decode(text, request.Frames)
	if err != nil {
		return Verdict{}, failure("the response cannot be used", err)
	}
	return verdict, nil
}

func failure(reason string, err error) error {
	return fmt.Errorf("moderation: %w", &Error{Reason: reason, Err: err})
}
