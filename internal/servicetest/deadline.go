package servicetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

// patience is far more than any test takes on a machine with a load of 20; only a hang meets it.
const patience = 15 * time.Minute

// contexts are those of the running tests, by their testing.TB.
var contexts sync.Map

// Context returns the test's context with a deadline of its own, which is the same at every call. It is how a hang ends
// the test that hangs, while the tests after it still run; a package's total time bounds nothing.
func Context(t testing.TB) context.Context {
	return within(t, patience)
}

// Extend is called at the start of a test that does something many times: it gives each of them the time that other
// tests have for all they do.
func Extend(t testing.TB, times int) {
	t.Helper()
	if _, ok := contexts.Load(t); ok {
		t.Fatal("servicetest.Extend is called after Context, which other functions of this package call too")
	}
	within(t, time.Duration(times)*patience)
}

func within(t testing.TB, limit time.Duration) context.Context {
	if ctx, ok := contexts.Load(t); ok {
		return ctx.(context.Context)
	}
	cause := fmt.Errorf("%s did not end within %v", t.Name(), limit)
	ctx, cancel := context.WithTimeoutCause(t.Context(), limit, cause)
	stored, loaded := contexts.LoadOrStore(t, ctx)
	if loaded {
		cancel()
		return stored.(context.Context)
	}
	t.Cleanup(func() {
		contexts.Delete(t)
		cancel()
	})
	return ctx
}
