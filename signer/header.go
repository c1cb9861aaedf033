package signer

import (
	"fmt"
	"net/http"
	"strings"
)

// HeaderDate has the time of the signature, in UTC and written as DateLayout.
const (
	HeaderDate = "X-Sdk-Date"
	DateLayout = "20060102T150405Z"
)

// Further headers of the scheme, as net/http writes them.
const (
	headerAuthorization = "Authorization"
	headerPayload       = "X-Sdk-Content-Sha256"
	headerSecurityToken = "X-Security-Token" //nolint:gosec // the name of a header
	headerAuthToken     = "X-Auth-Token"     //nolint:gosec // the name of a header
)

// header is what Sign has to know of a header's name.
type header struct {
	given  string // as the request has it
	name   string // in lower case
	signed bool   // Sign takes it from the request
}

// headerOf returns what there is to know of a name. It keeps the result: the requests of a client all have the same few.
func (c *canonicalizer) headerOf(name string) (header, error) {
	for i := range c.headers { // faster than a map for a few names
		if c.headers[i].given == name {
			return c.headers[i], nil
		}
	}
	if !token(name) {
		return header{}, fmt.Errorf("header name %.64q is not valid in HTTP", name)
	}
	canonical := http.CanonicalHeaderKey(name)
	if name != canonical && owned(canonical) {
		return header{}, fmt.Errorf("header %q must be spelled %s, or it would be sent twice", name, canonical)
	}
	name = strings.Clone(name) // it may be part of a request
	h := header{given: name, name: strings.ToLower(name), signed: !unsigned[canonical] && !strings.HasPrefix(canonical, "X-Forwarded-")}
	c.headers = keep(c.headers, h, maxNames)
	return h, nil
}

// unsigned are the headers that Sign itself sets or replaces, and those that may change between here and the server.
var unsigned = map[string]bool{
	headerAuthorization: true, HeaderDate: true, headerSecurityToken: true, headerAuthToken: true, "Host": true,
	"Accept-Encoding": true, "Connection": true, "Content-Length": true, "Expect": true, "Forwarded": true,
	"Keep-Alive": true, "Proxy-Authenticate": true, "Proxy-Authorization": true, "Proxy-Connection": true, "Te": true,
	"Trailer": true, "Transfer-Encoding": true, "Upgrade": true, "User-Agent": true, "Via": true,
}

// owned reports whether Sign reads or sets the header by its canonical name.
func owned(name string) bool {
	switch name {
	case headerAuthorization, HeaderDate, headerPayload, headerSecurityToken:
		return true
	}
	return false
}
