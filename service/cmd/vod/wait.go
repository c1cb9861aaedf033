package main

import (
	"context"
	"errors"
	"strings"

	"github.com/vod-reproduction/vod/client"
)

// await follows a new asset to its end.
func (s *session) await(ctx context.Context, c *client.Client, id string, published bool) error {
	s.note("waiting for asset %s", id)
	var options []client.WaitOption
	if published {
		options = append(options, client.UntilPublished())
	}
	info, err := c.Wait(ctx, id, options...)
	if err != nil {
		return at("asset "+id, stopped(ctx, []string{id}, err))
	}
	s.note("asset %s is %s", id, info.Status)
	if s.options.json() {
		return s.printJSON(info)
	}
	return nil
}

// stopped is the failure of following assets that go on by themselves. When it was the caller who stopped, it says how
// to follow them further.
func stopped(ctx context.Context, ids []string, err error) error {
	var job *client.JobError
	if ctx.Err() == nil || errors.As(err, &job) {
		return err
	}
	f := *explain(ctx.Err())
	f.next = "vod status " + strings.Join(ids, " ") + " --watch"
	return &f
}
