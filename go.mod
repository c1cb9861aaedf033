module github.com/vod-reproduction/vod

go 1.26.0

require (
	github.com/go-json-experiment/json v1.27.2
	github.com/oapi-codegen/runtime v1.8.0
)

require (
	github.com/apapsch/go-jsonmerge/v2 v2.0.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
)
