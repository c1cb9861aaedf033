// Package openapi embeds the contract documents, so that programs can serve, lint or validate against exactly the
// version they were built with. It uses the standard library only.
package openapi

import _ "embed"

// Reproduction is vod-reproduction.yaml, OpenAPI 3.0.3: the call that dumps media from OBS. Treat it as read-only.
//
//go:embed vod-reproduction.yaml
var Reproduction []byte

// Companions is vod-companions.yaml, OpenAPI 3.0.3: the sibling calls around the dump, such as the asset queries.
// Treat it as read-only.
//
//go:embed vod-companions.yaml
var Companions []byte
