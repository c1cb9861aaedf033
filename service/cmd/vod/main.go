// Command vod dumps media files from OBS buckets into VOD and shows what became of them, checks requests offline, signs
// calls, and runs the service. "vod help" lists what it can do.
//
// Standard output carries results only and is made for machines; everything said to people goes to standard error.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(run())
}

func run() int {
	signaled, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	// After the first signal the next one ends the process at once, and does so before anybody is told of the first.
	context.AfterFunc(signaled, func() {
		stop()
		cancel(context.Cause(signaled))
	})

	s := newSession(os.Stdin, os.Stdout, os.Stderr)
	err := newRootCommand(s).ExecuteContext(ctx)
	return s.report(err)
}
