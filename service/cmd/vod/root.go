package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// newRootCommand builds the whole command tree around s.
func newRootCommand(s *session) *cobra.Command {
	root := &cobra.Command{
		Use:   "vod",
		Short: "Dump media files from OBS buckets into VOD",
		Long: `vod dumps media files that already lie in an OBS bucket into VOD, one signed call
a file, and follows the assets until they are published.

  vod dump obs://media/holiday.mp4 --wait     dump one file and wait for the asset
  vod dump obs://media/holiday.mp4 --dry-run  see the request; needs no credentials
  vod validate request.json                   check a request offline`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return unknownCommand(cmd, args[0])
		},
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return s.settle(cmd) },
	}
	root.SuggestionsMinimumDistance = 2
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(cmd, err.Error()) })
	s.options.register(root)

	root.AddCommand(
		newDumpCommand(s),
		newBulkCommand(s),
		newValidateCommand(s),
		newStatusCommand(s),
		newAuthorizeCommand(s),
		newSignCommand(s),
		newServeCommand(s),
		newVersionCommand(s),
		newEnvironmentTopic(),
		newExitCodesTopic(),
	)
	root.SetHelpCommand(newHelpCommand())
	return root
}

func unknownCommand(root *cobra.Command, name string) error {
	what := fmt.Sprintf("there is no command %q", name)
	if near := root.SuggestionsFor(name); len(near) > 0 {
		what += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return usage(root, what)
}

// newHelpCommand replaces cobra's own, which answers an unknown topic with success.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND | TOPIC]",
		Short: "Explain a command or a topic",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(cmd.Root(), strings.Join(args, " "))
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// exactly asks for n arguments, told as names in the error.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		takes := strings.Join(names, " and ")
		if len(names) == 0 {
			takes = "no arguments"
		}
		return usage(cmd, cmd.CommandPath()+" takes "+takes)
	}
}

// completeWith lets a shell complete the values of a flag.
func completeWith(cmd *cobra.Command, flag string, values []string) {
	complete := cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // a flag that this program does not have
	}
}
