package main

import (
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/service/config"
)

func newConfigCommand(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check the configuration of the service",
		Args:  noCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newConfigCheckCommand(s))
	return cmd
}

func newConfigCheckCommand(s *session) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Check a configuration file before the service is started with it",
		Long: `Checks a configuration file, or the vod.yaml of a data directory, as vod serve does
when it starts. Every fault is named with its line and what is allowed instead.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage(cmd, "vod config check takes one FILE")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				f.config = args[0]
			}
			if _, err := config.Load(f.configPath()); err != nil {
				if f.config == "" && errors.Is(err, fs.ErrNotExist) {
					return noConfiguration(f)
				}
				return configFailure(err)
			}
			if config.Exposed(f.configPath()) {
				s.note("%s holds secrets, and every user of this machine may read it: chmod 600 %s", f.configPath(), shellWord(f.configPath()))
			}
			s.note("%s is right", f.configPath())
			return nil
		},
	}
	cmd.Flags().StringVar(&f.dir, "data-dir", defaultDataDir, "data directory of the service")
	return cmd
}

// configFailure lists what is wrong with a configuration.
func configFailure(err error) error {
	var (
		wrong *config.Error
		path  *fs.PathError
	)
	switch {
	case errors.As(err, &wrong):
		return &failure{
			code:    exitOther,
			what:    "the configuration has " + count(len(wrong.Faults), "fault"),
			details: wrong.Lines(),
			where:   firstOf(wrong.Path, "VOD_DATABASE"),
			next:    "correct the lines named above; vod config check checks them, and docs/configuration.md explains every field",
			cause:   err,
		}
	case errors.As(err, &path):
		return unreadable(path.Path, err)
	}
	return err
}
