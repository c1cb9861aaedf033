package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/server"
)

// stopWithin bounds a graceful stop.
const stopWithin = 30 * time.Second

type serveFlags struct {
	dir, config, listen, ready string
	role, node                 string
}

func newServeCommand(s *session) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the service on this machine",
		Long: `serve runs the service: the dump call and its companions, the job queue, the object
store and the status page, in one process with one data directory.

The first start writes a development configuration, vod.yaml, into the data
directory and prints how to reach the service. Only one process may use a data
directory. SIGINT and SIGTERM stop it without losing work.

Where one machine is not enough, several processes share a PostgreSQL database and an
S3 service: set database and store.endpoint in the configuration, or VOD_DATABASE, and
give every process the same vod.key, as a file or in VOD_KEY.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), s.err, f) },
	}
	cmd.Flags().StringVar(&f.dir, "data-dir", "vod-data", "where the database and the media are kept")
	cmd.Flags().StringVar(&f.config, "config", "", "configuration file (default: vod.yaml in the data directory)")
	cmd.Flags().StringVar(&f.listen, "listen", "", "address of the API instead of the configuration's, host:port")
	cmd.Flags().StringVar(&f.role, "role", string(server.RoleAll), "what this process does: all, api or worker; several need a shared database")
	cmd.Flags().StringVar(&f.node, "node", "", "name of this process among those on one database (default: made of the host's name)")
	cmd.Flags().StringVar(&f.ready, "ready-file", "", "write shell variables for clients to this file once requests are served")
	return cmd
}

func serve(ctx context.Context, out io.Writer, f serveFlags) (err error) {
	// The embedded store changes the working directory of the process.
	for _, path := range []*string{&f.dir, &f.config, &f.ready} {
		if *path != "" {
			if *path, err = filepath.Abs(*path); err != nil {
				return fmt.Errorf("find the working directory: %w", err)
			}
		}
	}
	settings, created, err := loadSettings(f)
	if err != nil {
		return err
	}
	if f.listen != "" {
		settings.Listen = f.listen
	}
	role := server.Role(f.role)
	if !role.Valid() {
		return &failure{code: exitUsage, what: fmt.Sprintf("--role %q is not all, api or worker", f.role)}
	}
	log := slog.New(slog.NewTextHandler(out, nil))
	n, err := server.Start(ctx, server.Config{
		Dir: f.dir, Service: settings, Role: role, Node: f.node, Key: config.Secret(os.Getenv("VOD_KEY")), Log: log,
		// A killed process left its ready file behind; nobody may take that for ours.
		Owned: func() error { return removeReady(f.ready) },
	})
	if err != nil {
		return err
	}
	defer func() {
		log.Info("stopping")
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		if stopped := n.Stop(stop); err == nil && stopped != nil {
			err = fmt.Errorf("stop: %w", stopped)
		}
	}()
	variables := clientVariables(settings, n)
	if f.ready != "" {
		if err := writeReady(f.ready, variables); err != nil {
			return err
		}
		defer func() { _ = removeReady(f.ready) }()
	} else if created {
		_, _ = fmt.Fprintf(out, "\nA development configuration was made: %s\nPoint clients at it with:\n\n%s\n",
			filepath.Join(f.dir, config.FileName), variables)
	}
	log.Info("ready", "api", n.URL(), "page", n.URL()+"/ui/", "store", n.StoreEndpoint(), "region", settings.Region)
	select {
	case <-ctx.Done():
		return nil
	case err := <-n.Failed():
		return err
	}
}

func loadSettings(f serveFlags) (settings config.Config, created bool, err error) {
	if f.config != "" {
		settings, err = config.Load(f.config)
	} else {
		settings, created, err = config.LoadOrCreate(f.dir)
	}
	if url := os.Getenv("VOD_DATABASE"); url != "" && err == nil {
		settings, err = settings.WithDatabase(url)
	}
	return settings, created, err
}

// clientVariables are shell lines that point vod, the S3 tools and a browser at the service, as its first key and user.
func clientVariables(c config.Config, n *server.Server) string {
	var b strings.Builder
	set := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "export %s=%s\n", name, shellQuote(value))
		}
	}
	set("VOD_ENDPOINT", n.URL())
	set("VOD_REGION", c.Region)
	if len(c.Credentials) > 0 {
		k := c.Credentials[0]
		set("VOD_PROJECT_ID", k.Project)
		set("VOD_ACCESS_KEY", k.AccessKey)
		set("VOD_SECRET_KEY", k.SecretKey.Reveal())
		set("VOD_SECURITY_TOKEN", k.SecurityToken.Reveal())
	}
	if n.StoreEndpoint() != "" {
		set("VOD_S3_ENDPOINT", n.StoreEndpoint())
		set("VOD_S3_ACCESS_KEY", c.Store.AccessKey)
		set("VOD_S3_SECRET_KEY", c.Store.SecretKey.Reveal())
	}
	if len(c.Users) > 0 {
		set("VOD_UI_USER", c.Users[0].Name)
		set("VOD_UI_PASSWORD", c.Users[0].Password.Reveal())
	}
	return b.String()
}

// shellQuote makes value one word of a POSIX shell, whatever stands in it.
func shellQuote(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

// writeReady makes the ready file in one step, readable by its owner only: who waits for it finds all of it, and it
// holds secrets.
func writeReady(path, variables string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write the ready file: %w", err)
		}
	}()
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // for its owner only
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }() // finds nothing after the rename
	if _, err := temp.WriteString(variables); err != nil {
		return errors.Join(err, temp.Close())
	}
	if err := temp.Close(); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// removeReady removes the file of a service that does not respond requests. What is no regular file, such as a device,
// is not ours.
func removeReady(path string) error {
	if path == "" {
		return nil
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("remove the former ready file: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("the ready file %s is there and is no regular file: choose another path", path)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove the former ready file: %w", err)
	}
	return nil
}
