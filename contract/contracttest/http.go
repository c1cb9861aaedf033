package contracttest

import (
	"context"
	"net/http"

	"github.com/vod-reproduction/vod/contract"
)

// httpProbes has what is wrong with a request before its body is looked at: path, method, type, size and credentials.
func (target Target) httpProbes() []probe {
	body := (&corpus{names: target.Names}).body()
	lost := []int{http.StatusNotFound}
	method := []int{http.StatusNotFound, http.StatusMethodNotAllowed}
	kind := []int{http.StatusBadRequest, http.StatusForbidden, http.StatusUnsupportedMediaType}
	foreign := []int{http.StatusForbidden, http.StatusNotFound, http.StatusUnauthorized}
	malformed := []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound}

	type test struct {
		name    string
		request request
		status  []int
	}
	var all []probe
	as := func(client *http.Client, tests ...test) {
		for _, test := range tests {
			all = append(all, probe{name: "http/" + test.name, run: func(ctx context.Context) error {
				response, err := target.send(ctx, client, test.request)
				if err != nil {
					return err
				}
				return response.refuses(test.status, "", "")
			}})
		}
	}
	as(target.Client,
		test{"unknown path", request{path: "/v1.0/" + target.ProjectID + "/asset/reproductions", body: body}, lost},
		test{"slash behind the path", request{path: target.path() + "/", body: body}, lost},
		test{"another version", request{path: "/v9/" + target.ProjectID + "/asset/reproduction", body: body}, lost},
		test{"GET", request{method: http.MethodGet}, method},
		test{"PUT", request{method: http.MethodPut, body: body}, method},
		test{"PATCH", request{method: http.MethodPatch, body: body}, method},
		test{"DELETE", request{method: http.MethodDelete}, method},
		test{"no content type", request{contentType: none, body: body}, kind},
		test{"text", request{contentType: "text/plain", body: body}, kind},
		test{"form", request{contentType: "application/x-www-form-urlencoded", body: body}, kind},
		test{"content type that only begins like JSON", request{contentType: "application/json2", body: body}, kind},
		test{"another project", request{path: "/v1.0/" + strange() + "/asset/reproduction", body: body}, foreign},
		test{"project with a space", request{path: "/v1.0/a%20b/asset/reproduction", body: body}, malformed},
		test{"project that climbs", request{path: "/v1.0/%2e%2e/asset/reproduction", body: body}, malformed},
		test{"too large", request{body: target.oversize()}, []int{http.StatusRequestEntityTooLarge}},
	)
	for name, contentType := range map[string]string{
		"JSON with a charset": "application/json; charset=utf-8", "JSON in upper case": "Application/JSON",
	} {
		all = append(all, probe{name: "http/" + name, run: func(ctx context.Context) error {
			response, err := target.send(ctx, target.Client, request{contentType: contentType, body: body})
			if err != nil {
				return err
			}
			_, err = response.accepts()
			return err
		}})
	}
	if target.Stranger == nil {
		return all
	}
	forged := http.Header{
		"X-Sdk-Date":    {"20060102T150405Z"},
		"Authorization": {"SDK-HMAC-SHA256 Access=NOBODY, SignedHeaders=x-sdk-date, Signature=00"},
	}
	unknown := []int{http.StatusUnauthorized}
	as(target.Stranger,
		test{"no credentials", request{body: body}, unknown},
		test{"no credentials and a bad body", request{body: []byte("{")}, unknown},
		test{"wrong token", request{header: http.Header{"X-Auth-Token": {"nonsense"}}, body: body}, unknown},
		test{"wrong signature", request{header: forged, body: body}, unknown},
		test{"another scheme", request{header: http.Header{"Authorization": {"Basic bm9ib2R5Og=="}}, body: body}, unknown},
	)
	return all
}

// path is where dumps go.
func (target Target) path() string { return "/v1.0/" + target.ProjectID + "/asset/reproduction" }

// contractBroken are the codes by which a server says that a request breaks the contract.
var contractBroken = []contract.Code{contract.CodeIllegalParameter, contract.CodeIllegalParameters}
