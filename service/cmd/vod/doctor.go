package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/server"
)

func newDoctorCommand(s *session) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look for what keeps the service on this machine from working",
		Long: `Looks at what vod serve needs: its configuration and the permissions of its files, data
directory, database, object store, clock, ports, and ffmpeg with its sandbox. Each line
says how it is and, where something is wrong, what to do. Nothing is changed; the
service may run meanwhile.`,
		Example: "  vod doctor --data-dir /var/lib/vod",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, fresh, err := loadSettings(f)
			switch {
			case fresh:
				return noConfiguration(f)
			case err != nil:
				return configFailure(err)
			}
			dir, err := filepath.Abs(f.dir)
			if err != nil {
				return fmt.Errorf("find the working directory: %w", err)
			}
			findings := append([]server.Finding{permissions(f)}, server.Examine(cmd.Context(), server.Config{Dir: dir, Service: settings})...)
			wrong := 0
			for _, x := range findings {
				state := "ok"
				if x.Advice != "" {
					state = "WRONG"
					wrong++
				}
				if err := s.print(fmt.Sprintf("%-5s  %s: %s", state, x.Subject, printable(x.Detail))); err != nil {
					return err
				}
				if x.Advice != "" {
					if err := s.print("       next: " + x.Advice); err != nil {
						return err
					}
				}
			}
			if wrong > 0 {
				return &failure{code: exitOther, what: count(wrong, "problem") + " found", next: "do what the lines above say"}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&f.dir, "data-dir", defaultDataDir, "data directory of the service")
	cmd.Flags().StringVar(&f.config, "config", "", "configuration file (default: vod.yaml in the data directory)")
	return cmd
}

// permissions looks at the files that hold secrets.
func permissions(f serveFlags) server.Finding {
	found := server.Finding{Subject: "configuration", Detail: f.configPath() + " is right"}
	for _, path := range []string{f.configPath(), filepath.Join(f.dir, server.KeyFile)} {
		if config.Exposed(path) {
			found.Detail, found.Advice = path+" holds secrets and can be read by every user of this machine", "chmod 600 "+path
		}
	}
	return found
}
