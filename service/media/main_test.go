package media_test

import (
	"errors"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// found are the tools by their limits: to try them takes as long as to probe a film.
var found sync.Map

// find returns the tools in the strongest sandbox of this host.
func find(t testing.TB, l media.Limits) *media.Tools {
	t.Helper()
	servicetest.NeedFFmpeg(t)
	if tools, ok := found.Load(l); ok {
		return tools.(*media.Tools)
	}
	tools, err := media.Find(t.Context(), media.Config{Limits: l})
	if err != nil {
		t.Fatal(err)
	}
	found.Store(l, tools)
	return tools
}

// refused checks that the media, not the host, is said to be at fault.
func refused(t testing.TB, err error, kinds ...media.Kind) {
	t.Helper()
	refusal, ok := errors.AsType[*media.Refusal](err)
	if !ok {
		t.Errorf("not refused: %v", err)
		return
	}
	for _, kind := range kinds {
		if refusal.Kind == kind {
			return
		}
	}
	t.Errorf("refused as %q, not as one of %q: %v", refusal.Kind, kinds, err)
}
