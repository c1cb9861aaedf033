// Package contract_test proves the contract: the documents, what is generated from them, and the real service, each
// against the others.
package contract_test

import (
	"os"
	"testing"

	"github.com/vod-reproduction/vod/internal/vodtest"
)

func TestMain(m *testing.M) { os.Exit(vodtest.Main(m)) }
