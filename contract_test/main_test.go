// Package contract_test holds the documents, what is generated from them, and the real service against each other. The
// tests of the documents alone are in documents.
package contract_test

import (
	"os"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/openapi"
	"github.com/vod-reproduction/vod/tools/oracle"
)

// reproduction is the page's document, for tests that do not change it.
var reproduction = sync.OnceValue(func() *openapi3.T { return must(oracle.Load(openapi.Reproduction)) })

// must is for what cannot be tested without.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestMain(m *testing.M) { os.Exit(servicetest.Main(m)) }
