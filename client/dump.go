package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

const (
	opDump    = "dump"
	mediaType = "application/json"
)

// assetIDPattern is wider than the 32 hexadecimal digits that the cloud assigns, and narrower than anything that could
// harm a log, a file name or the next call.
var assetIDPattern = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// Headers of every dump, which nobody changes. A response of a few bytes is smaller as it is than compressed.
var (
	jsonContent  = []string{mediaType}
	uncompressed = []string{"identity"}
)

// DumpOption changes one dump.
type DumpOption func(*dumpOptions)

type dumpOptions struct {
	key      string
	params   *gen.PublishAssetFromObsParams // the other ones; nil for none
	response *gen.DumpResponse
}

// WithIdempotencyKey sends the dump under the caller's own key, 1 to 255 visible ASCII characters, unique per asset that
// is wanted. A server that honors keys returns the same asset for the same key, also to another process and after a
// restart; the cloud ignores it. Without this option every dump has a random key.
func WithIdempotencyKey(key string) DumpOption {
	return func(o *dumpOptions) { o.key = key }
}

// WithParams sends the header parameters of the document that params has. An IdempotencyKey among them is that of
// [WithIdempotencyKey]; without one the dump keeps the key that it has.
func WithParams(params gen.PublishAssetFromObsParams) DumpOption {
	return func(o *dumpOptions) {
		if params.IdempotencyKey != nil {
			o.key = *params.IdempotencyKey
		}
		o.params = &params
	}
}

// WithResponse stores the complete response in response, for what it holds beside the ID. It is left alone when Dump returns
// an error.
func WithResponse(response *gen.DumpResponse) DumpOption {
	return func(o *dumpOptions) { o.response = response }
}

// Dump has the service take one object of a bucket and returns the ID of the new asset. The work itself goes on after
// that: see Wait.
//
// The request is checked against the contract first; one that breaks it is not sent (ValidationError). An error other
// than AmbiguousError means that no asset was created by this call. The request is not changed.
func (c *Client) Dump(ctx context.Context, request *gen.DumpRequest, options ...DumpOption) (assetID string, err error) {
	d := c.newDump(options)
	violations := contract.Validate(request)
	if len(options) > 0 {
		violations = append(violations, contract.Check(d.allParams())...)
	}
	if len(violations) > 0 {
		return "", &ValidationError{Op: opDump, Violations: violations}
	}
	if canonical := contract.Canonical(request.VideoType); canonical != request.VideoType {
		changed := *request
		changed.VideoType = canonical
		request = &changed
	}
	if d.body, err = json.Marshal(request); err != nil {
		return "", &TransportError{Op: opDump, Sent: SentNo, Err: err}
	}
	return d.send(ctx)
}

// DumpBody is Dump for a request that is JSON already and that the caller has checked, with [contract.Decode] for instance:
// it is sent as it is, and nothing but the options is checked first. The caller does not change body any more.
func (c *Client) DumpBody(ctx context.Context, body []byte, options ...DumpOption) (assetID string, err error) {
	d := c.newDump(options)
	if violations := contract.Check(d.allParams()); len(violations) > 0 {
		return "", &ValidationError{Op: opDump, Violations: violations}
	}
	d.body = body
	return d.send(ctx)
}

// dump is one dump, however often it has to be sent.
type dump struct {
	dumpOptions
	client  *Client
	body    []byte
	assetID string
}

func (c *Client) newDump(options []DumpOption) *dump {
	d := &dump{client: c, dumpOptions: dumpOptions{key: newKey()}}
	for _, option := range options {
		option(&d.dumpOptions)
	}
	return d
}

func (d *dump) send(ctx context.Context) (assetID string, err error) {
	err = d.client.do(ctx, call{op: opDump, key: d.key, body: d.body, request: d.request, accept: d.accept})
	return d.assetID, err
}

// allParams returns the header parameters, the key among them.
func (d *dump) allParams() *gen.PublishAssetFromObsParams {
	var all gen.PublishAssetFromObsParams
	if d.params != nil {
		all = *d.params
	}
	all.IdempotencyKey = &d.key
	return &all
}

// request builds the request for one attempt. With no parameter but the key it does what the generated function does, which
// takes the URL apart and puts it together for every request: that costs more than signing it.
func (d *dump) request() (*http.Request, error) {
	c := d.client
	if d.params != nil {
		return gen.NewPublishAssetFromObsRequestWithBody(c.base, c.projectID, d.allParams(), mediaType, bytes.NewReader(d.body))
	}
	own := &struct { // a transport may change the URL, and read the body for longer than a call lasts
		request http.Request
		url     url.URL
		key     [1]string
		body    bytes.Reader
	}{url: *c.dumpURL, key: [1]string{d.key}}
	own.body.Reset(d.body)
	own.request = http.Request{
		Method: http.MethodPost, URL: &own.url, Host: own.url.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": jsonContent, "Accept-Encoding": uncompressed, headerKey: own.key[:]},
		ContentLength: int64(len(d.body)), Body: io.NopCloser(&own.body), GetBody: d.reread,
	}
	return &own.request, nil
}

func (d *dump) reread() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(d.body)), nil }

// accept takes the asset's ID, and the rest of the response for whom it was asked.
func (d *dump) accept(a *response) error {
	id, err := a.field("asset_id")
	if err != nil {
		return err
	}
	if !assetIDPattern.MatchString(id) {
		return errors.New("its asset_id does not look like an ID")
	}
	if d.response != nil {
		var response gen.DumpResponse
		if err := a.into(&response); err != nil {
			return err
		}
		*d.response = response
	}
	d.assetID = id
	return nil
}

// newKey makes a key that nobody else has: 130 random bits.
func newKey() string { return rand.Text() }

// HonorsKeys reports whether the server creates one asset for each Idempotency-Key, so that a dump whose outcome is
// unknown may be sent again under its key. It asks the server unless an earlier response said so; no response counts as
// no.
func (c *Client) HonorsKeys(ctx context.Context) bool {
	if c.keysHonored.Load() {
		return true
	}
	// Any response will do, even a refusal; try looks at its headers.
	_ = c.do(ctx, call{
		op: "ask for Idempotency-Key",
		request: func() (*http.Request, error) {
			request, err := gen.NewPublishAssetFromObsRequestWithBody(c.base, c.projectID, nil, mediaType, http.NoBody)
			if err != nil {
				return nil, err
			}
			request.Method = http.MethodOptions
			request.Header.Del("Content-Type")
			return request, nil
		},
		accept: func(*response) error { return nil },
	})
	return c.keysHonored.Load()
}
