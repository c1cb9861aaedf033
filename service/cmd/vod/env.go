package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/service/config"
)

// defaultDataDir is where vod serve keeps its data unless it is told otherwise.
const defaultDataDir = "vod-data"

func newEnvCommand(s *session) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print the variables that point clients at a service on this machine",
		Long: `Prints shell lines that set what vod, the S3 tools and a browser need for the service
of a data directory, as its first access key and user. The service need not run.
The lines hold secrets.`,
		Example: `  eval "$(vod env)"
  vod env --data-dir /srv/vod > vod.sh`,
		Args: exactly(),
		RunE: func(*cobra.Command, []string) error {
			variables, err := environmentOf(f)
			if err != nil {
				return err
			}
			return s.print(strings.TrimSuffix(variables, "\n"))
		},
	}
	cmd.Flags().StringVar(&f.dir, "data-dir", defaultDataDir, "data directory of the service")
	cmd.Flags().StringVar(&f.config, "config", "", "configuration file (default: vod.yaml in the data directory)")
	return cmd
}

// environmentOf reads the variables of a service from its configuration.
func environmentOf(f serveFlags) (string, error) {
	settings, err := existingSettings(f)
	if err != nil {
		return "", err
	}
	api, err := reachable("listen", settings.Scheme(), settings.Listen)
	if settings.PublicURL != "" {
		api, err = settings.PublicURL, nil
	}
	if err != nil {
		return "", err
	}
	store := settings.Store.Endpoint
	if store == "" {
		if store, err = reachable("store.listen", "http://", settings.Store.Listen); err != nil {
			return "", err
		}
	}
	return clientVariables(settings, api, store), nil
}

// existingSettings reads the configuration of a service on this machine.
func existingSettings(f serveFlags) (config.Config, error) {
	settings, err := config.Load(f.configPath())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return settings, noConfiguration(f)
	case err != nil:
		return settings, configFailure(err)
	}
	return settings, nil
}

// noConfiguration is the failure of a command that needs the data directory of a service.
func noConfiguration(f serveFlags) error {
	return &failure{
		code: exitOther, what: "there is no configuration in " + filepath.Dir(f.configPath()),
		next: "name the data directory of the service by --data-dir; the first vod serve makes it",
	}
}

// reachable is the URL of what listens on address.
func reachable(setting, scheme, address string) (string, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil || port == "0" {
		return "", &failure{
			code: exitOther, what: fmt.Sprintf("%s is %q: the port is another one at every start", setting, address),
			next: "set a port in the configuration, or have vod serve write the variables by --ready-file",
		}
	}
	return scheme + address, nil
}

// clientVariables are shell lines that point vod, the S3 tools and a browser at the service, as its first key and user.
func clientVariables(c config.Config, api, store string) string {
	var b strings.Builder
	set := func(name, value string) {
		if value != "" {
			b.WriteString(exportLine(name, value))
		}
	}
	set("VOD_ENDPOINT", api)
	set("VOD_REGION", c.Region)
	if len(c.Credentials) > 0 {
		k := c.Credentials[0]
		set("VOD_PROJECT_ID", k.Project)
		set("VOD_ACCESS_KEY", k.AccessKey)
		set("VOD_SECRET_KEY", k.SecretKey.Reveal())
		set("VOD_SECURITY_TOKEN", k.SecurityToken.Reveal())
	}
	set("VOD_S3_ENDPOINT", store)
	set("VOD_S3_ACCESS_KEY", c.Store.AccessKey)
	set("VOD_S3_SECRET_KEY", c.Store.SecretKey.Reveal())
	if c.Store.Endpoint != "" && c.Store.PathStyle { // implied for the address of the embedded store
		set("VOD_S3_PATH_STYLE", "true")
	}
	if len(c.Users) > 0 {
		set("VOD_UI_USER", c.Users[0].Name)
		set("VOD_UI_PASSWORD", c.Users[0].Password.Reveal())
	}
	return b.String()
}

// exportLine sets a variable for clients in a POSIX shell.
func exportLine(name, value string) string { return "export " + name + "=" + shellQuote(value) + "\n" }

// shellQuote makes value one word of a POSIX shell, whatever stands in it.
func shellQuote(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

// shellWord is shellQuote that leaves plain words as they are.
func shellWord(value string) string {
	if value != "" && strings.Trim(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._:,-") == "" {
		return value
	}
	return shellQuote(value)
}
