module github.com/vod-reproduction/vod/contract_test

go 1.26.0

replace (
	github.com/vod-reproduction/vod => ../
	github.com/vod-reproduction/vod/tools => ../tools
)

require (
	github.com/getkin/kin-openapi v0.152.0
	github.com/vod-reproduction/vod v0.0.0
	github.com/vod-reproduction/vod/tools v0.0.0
	go.yaml.in/yaml/v3 v3.0.5
	pgregory.net/rapid v1.3.0
)

require (
	github.com/apapsch/go-jsonmerge/v2 v2.0.0 // indirect
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/go-openapi/jsonpointer v1.0.2 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/kr/pretty v0.3.1 // indirect
	github.com/oapi-codegen/runtime v1.8.0 // indirect
	github.com/oasdiff/yaml v0.1.1 // indirect
	github.com/oasdiff/yaml3 v0.0.14 // indirect
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // indirect
	golang.org/x/text v0.43.0 // indirect
)
