package objecttest

import "go.uber.org/goleak"

// GatewayLeaks are the goroutines that may outlive an embedded server: the clock of its HTTP library, which that
// starts once for a process, and the library's sweeper of idle workers, which notices only every 10 seconds that its
// server was stopped.
func GatewayLeaks() []goleak.Option {
	return []goleak.Option{
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	}
}
