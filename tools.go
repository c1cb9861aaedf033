// Package vod is the root of the kit for Huawei Cloud VOD's call "dump media files from OBS". It holds no code of its
// own: start at packages client, signer and contract, at the generated types in gen, or at the command in
// service/cmd/vod.
//
// Everything in gen follows from the documents in openapi; "go generate" writes it anew. The generators are pinned by the
// tool directives of tools/go.mod, a module of its own, so that programs importing this one inherit neither the
// generators nor their dependencies.
package vod

//go:generate go -C tools run ./overlaygen -document ../openapi/vod-reproduction.yaml -names ../gen/names.yaml -o ../gen/overlay.gen.yaml
//go:generate go -C tools run ./overlaygen -document ../openapi/vod-companions.yaml -names ../gen/companions/names.yaml -o ../gen/companions/overlay.gen.yaml
//go:generate go -C tools tool oapi-codegen -config ../gen/oapi-codegen.yaml ../openapi/vod-reproduction.yaml
//go:generate go -C tools tool oapi-codegen -config ../gen/companions/oapi-codegen.yaml ../openapi/vod-companions.yaml
//go:generate go -C tools run ./checkgen -spec ../openapi/vod-reproduction.yaml -package gen -structs ../gen/reproduction.gen.go -checks ../gen/checks.gen.go -properties ../gen/properties.gen.go -strict ../gen/strict/strict.gen.go -types github.com/vod-reproduction/vod/gen
//go:generate go -C tools run ./checkgen -spec ../openapi/vod-companions.yaml -package companions -structs ../gen/companions/companions.gen.go -checks ../gen/companions/checks.gen.go -properties ../gen/companions/properties.gen.go -strict ../gen/companions/strict/strict.gen.go -types github.com/vod-reproduction/vod/gen/companions
