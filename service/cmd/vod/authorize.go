package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
)

func newAuthorizeCommand(s *session) *cobra.Command {
	revoke := false
	cmd := &cobra.Command{
		Use:   "authorize BUCKET",
		Short: "Let VOD read and write a bucket, or stop that",
		Long: `Opens an OBS bucket to VOD, which must be done once before the first dump from it.
Doing it again changes nothing. With --revoke the bucket is closed again; assets
that are kept in it then no longer play.`,
		Args: exactly("one BUCKET"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if rest, ok := strings.CutPrefix(args[0], addressScheme); ok {
				bucket, _, _ := strings.Cut(rest, "/")
				return &failure{code: exitUsage, what: fmt.Sprintf("%q is an address, and vod authorize takes the name of a bucket", args[0]), next: "vod authorize " + shellWord(bucket)}
			}
			return s.authorize(cmd.Context(), args[0], !revoke)
		},
	}
	cmd.Flags().BoolVar(&revoke, "revoke", false, "close the bucket again")
	return cmd
}

func (s *session) authorize(ctx context.Context, bucket string, open bool) error {
	c, err := s.client()
	if err != nil {
		return err
	}
	ctx, cancel := s.limit(ctx)
	defer cancel()
	update := c.RevokeBucket
	if open {
		update = c.AuthorizeBucket
	}
	if err := update(ctx, bucket); err != nil {
		f := *explain(at("bucket "+bucket, err))
		if client.Code(err) == contract.CodeOBSPermission {
			f.next = "check the bucket's name; " + f.next
		}
		return &f
	}
	if open {
		s.note("VOD may read and write bucket %s", bucket)
	} else {
		s.note("VOD may no longer use bucket %s", bucket)
	}
	return nil
}
