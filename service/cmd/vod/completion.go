package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/service/config"
)

const (
	// completeWithin bounds what a person waits for after the tab key.
	completeWithin = 2 * time.Second
	// completions is how many assets are offered, the newest.
	completions = 20
)

// offer asks the service for what the tab key offers. Without one that responds it offers nothing.
func (s *session) offer(cmd *cobra.Command, ask func(context.Context, *client.Client) ([]string, error)) ([]string, cobra.ShellCompDirective) {
	c, err := s.client()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), completeWithin)
	defer cancel()
	values, err := ask(ctx, c)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return values, cobra.ShellCompDirectiveNoFileComp
}

// completeAssets offers the newest assets of the project, with their titles.
func (s *session) completeAssets(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	return s.offer(cmd, func(ctx context.Context, c *client.Client) (ids []string, err error) {
		infos, _, err := c.SearchPage(ctx, client.Search{}, 0)
		for _, info := range infos[:min(len(infos), completions)] {
			ids = append(ids, cobra.CompletionWithDesc(info.AssetID, printable(titleOf(info))))
		}
		return ids, err
	})
}

// categoryNames offers the categories of the project.
func (s *session) categoryNames(cmd *cobra.Command) ([]string, cobra.ShellCompDirective) {
	return s.offer(cmd, func(ctx context.Context, c *client.Client) ([]string, error) {
		trees, err := c.Categories(ctx)
		return categoryLines("", trees), err
	})
}

// completeCategory offers the categories of the project as the first argument.
func (s *session) completeCategory(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return s.categoryNames(cmd)
}

// configured offers names of the configuration of a service whose data directory is in the working directory. It asks no
// service: most of these names are in no list of the API.
func configured(names func(config.Config) []string) func(*cobra.Command) ([]string, cobra.ShellCompDirective) {
	return func(*cobra.Command) ([]string, cobra.ShellCompDirective) {
		settings, err := config.Load(serveFlags{dir: defaultDataDir}.configPath())
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return names(settings), cobra.ShellCompDirectiveNoFileComp
	}
}

// bucketNames are the buckets that a service may use.
func bucketNames(c config.Config) (names []string) {
	for _, project := range c.Projects {
		for _, bucket := range project.Buckets {
			names = append(names, bucket.Name)
		}
	}
	return names
}

// completeAddress offers buckets as the beginning of an address.
func completeAddress(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	addresses, directive := configured(func(c config.Config) []string {
		names := bucketNames(c)
		for i, name := range names {
			names[i] = addressScheme + name + "/"
		}
		return names
	})(cmd)
	return addresses, directive | cobra.ShellCompDirectiveNoSpace
}

// completeFields offers what the fields of a request can name, as far as the document has such fields.
func (s *session) completeFields(cmd *cobra.Command) {
	templateGroups := func(c config.Config) (names []string) {
		for _, group := range c.TemplateGroups {
			names = append(names, group.Name)
		}
		return names
	}
	workflows := func(c config.Config) (names []string) {
		for _, workflow := range c.Workflows {
			names = append(names, workflow.Name)
		}
		return names
	}
	for flag, offer := range map[string]func(*cobra.Command) ([]string, cobra.ShellCompDirective){
		"category-id": s.categoryNames, "bucket": configured(bucketNames), "output-bucket": configured(bucketNames),
		"template-group-name": configured(templateGroups), "workflow-name": configured(workflows),
	} {
		if _, taken := cmd.GetFlagCompletionFunc(flag); !taken && cmd.Flag(flag) != nil {
			s.completeFlag(cmd, flag, offer)
		}
	}
}

// completeFlag lets a shell complete the values of a flag by asking.
func (s *session) completeFlag(cmd *cobra.Command, flag string, offer func(*cobra.Command) ([]string, cobra.ShellCompDirective)) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		return offer(cmd)
	})
	if err != nil {
		panic(err) // a flag that this program does not have
	}
}
