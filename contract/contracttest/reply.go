package contracttest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// request is what a probe sends: a dump as JSON where nothing else is said.
type request struct {
	method, path, contentType string
	header                    http.Header
	body                      []byte
}

// none as a content type leaves the header out.
const none = "-"

// reply is a response that was read.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// maxResponse bounds what is read of a response.
const maxResponse = 1 << 20

func (target Target) send(ctx context.Context, client *http.Client, r request) (reply, error) {
	if r.method == "" {
		r.method = http.MethodPost
	}
	if r.path == "" {
		r.path = target.path()
	}
	sent, err := http.NewRequestWithContext(ctx, r.method, strings.TrimSuffix(target.Endpoint, "/")+r.path, bytes.NewReader(r.body))
	if err != nil {
		return reply{}, err
	}
	for name, values := range r.header {
		sent.Header[name] = values
	}
	switch r.contentType {
	case "":
		sent.Header.Set("Content-Type", "application/json")
	case none:
	default:
		sent.Header.Set("Content-Type", r.contentType)
	}
	if client == nil {
		client = http.DefaultClient
	}
	direct := *client
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := direct.Do(sent)
	if err != nil {
		return reply{}, fmt.Errorf("no response: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxResponse+1))
	if err != nil {
		return reply{}, fmt.Errorf("response %d breaks off after %d bytes: %w", response.StatusCode, len(body), err)
	}
	if len(body) > maxResponse {
		return reply{}, fmt.Errorf("response %d is larger than %d bytes", response.StatusCode, maxResponse)
	}
	return reply{response.StatusCode, response.Header, body}, nil
}

// String shows a response in a failed test.
func (a reply) String() string {
	return fmt.Sprintf("%d %s %.300q", a.status, a.header.Get("Content-Type"), a.body)
}

// accepts returns the asset_id of a 200.
func (a reply) accepts() (id string, err error) {
	if a.status != http.StatusOK {
		return "", fmt.Errorf("got %v, want 200 with an asset_id", a)
	}
	var accepted gen.DumpResponse
	if err := a.decode(&accepted); err != nil {
		return "", err
	}
	if accepted.AssetID == "" {
		return "", fmt.Errorf("got %v, without an asset_id", a)
	}
	return accepted.AssetID, nil
}

// refuses checks a refusal: one of the statuses, a JSON body with error_code and error_msg, the code where one is
// given, and the field's name in the message where one is given.
func (a reply) refuses(statuses []int, code contract.Code, field string) error {
	if !slices.Contains(statuses, a.status) {
		return fmt.Errorf("got %v, want status %v", a, statuses)
	}
	refusal, err := a.refusal()
	switch {
	case err != nil:
		return err
	case code != "" && refusal.ErrorCode != string(code):
		return fmt.Errorf("got %v, want error_code %s", a, code)
	case !strings.Contains(refusal.ErrorMsg, field):
		return fmt.Errorf("got %v, want an error_msg that names %s", a, field)
	}
	return nil
}

// refusesForItself checks that a refusal does not say that the request breaks the contract.
func (a reply) refusesForItself() error {
	refusal, err := a.refusal()
	switch {
	case err != nil:
		return err
	case a.status < 400 || a.status > 499 || slices.Contains(contractBroken, contract.Code(refusal.ErrorCode)):
		return fmt.Errorf("got %v, but the request keeps the contract", a)
	}
	return nil
}

func (a reply) refusal() (gen.Error, error) {
	var refusal gen.Error
	if err := a.decode(&refusal); err != nil {
		return refusal, err
	}
	if refusal.ErrorCode == "" || refusal.ErrorMsg == "" {
		return refusal, fmt.Errorf("got %v, without error_code or error_msg", a)
	}
	return refusal, nil
}

func (a reply) decode(v any) error {
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return fmt.Errorf("got %v, want application/json", a)
	}
	if err := json.Unmarshal(a.body, v); err != nil {
		return fmt.Errorf("got %v: %w", a, err)
	}
	return nil
}

var errSameAsset = errors.New("two requests got the same asset")

// once notes that a case got an asset, and refuses one that another case has.
func once(accepted map[string]string, id, name string) error {
	if other, again := accepted[id]; again {
		return fmt.Errorf("%w: %s, the first was %s", errSameAsset, id, other)
	}
	accepted[id] = name
	return nil
}
