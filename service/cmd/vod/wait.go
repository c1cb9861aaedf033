package main

import (
	"context"
	"errors"

	"github.com/vod-reproduction/vod/client"
)

// await follows a new asset to its end. However it ends, the asset goes on, and the failure says how to follow it.
func (s *session) await(ctx context.Context, c *client.Client, id string, published bool) error {
	s.note("waiting for asset %s", id)
	var options []client.WaitOption
	if published {
		options = append(options, client.UntilPublished())
	}
	info, err := c.Wait(ctx, id, options...)
	var job *client.JobError
	switch {
	case errors.As(err, &job):
		return at("asset "+id, err)
	case err != nil:
		f := *explain(err)
		f.next = "vod status " + id + " --watch"
		return &f
	}
	s.note("asset %s is %s", id, info.Status)
	if s.options.json() {
		return s.printJSON(info)
	}
	return nil
}
