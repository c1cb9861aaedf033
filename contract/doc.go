// Package contract is the strict side of the document: it decodes a dump request without mercy, validates it against
// every constraint and rule that can be checked offline, and explains the cloud's error codes.
//
// A client validates before it sends, a server before it accepts, and both say the same about a request, because the
// field checks are generated from openapi/vod-reproduction.yaml and the rules are tied to it by name.
package contract
