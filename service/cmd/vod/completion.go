package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/client"
)

const (
	// completeWithin bounds what a person waits for after the tab key.
	completeWithin = 2 * time.Second
	// completions is how many assets are offered, the newest.
	completions = 20
)

// completeAssets offers the newest assets of the project, with their titles. Without a service that responds it offers
// nothing.
func (s *session) completeAssets(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	c, err := s.client()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), completeWithin)
	defer cancel()
	infos, _, err := c.SearchPage(ctx, client.Search{}, 0)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var ids []string
	for _, info := range infos[:min(len(infos), completions)] {
		ids = append(ids, cobra.CompletionWithDesc(info.AssetID, printable(titleOf(info))))
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
