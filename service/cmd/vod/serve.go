package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/server"
	"github.com/vod-reproduction/vod/service/sqlite"
	"github.com/vod-reproduction/vod/service/store"
)

// stopWithin bounds a graceful stop.
const stopWithin = 30 * time.Second

type serveFlags struct {
	dir, config, ready  string
	listen, storeListen string
	role, node          string
	logLevel, logFormat string
}

func newServeCommand(s *session) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the service on this machine",
		Long: `serve runs the service: the dump call and the operations around it, the job queue, the
object store and the status page, in one process with one data directory.

The first start writes a development configuration, vod.yaml, into the data
directory, with the addresses of --listen and --store-listen. vod env prints what
clients need, at any time. Only one process may use a data
directory. SIGINT and SIGTERM stop it without losing work; SIGHUP has it read projects,
keys, users, templates and the certificate again.

Where one machine is not enough, several processes share a PostgreSQL database and an
S3 service: set database and store.endpoint in the configuration, or VOD_DATABASE, and
give every process the same vod.key, as a file or in VOD_KEY.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.logFormat == outputJSON {
				s.logJSON()
			}
			return serve(cmd.Context(), s.err, f)
		},
	}
	cmd.Flags().StringVar(&f.dir, "data-dir", defaultDataDir, "where the database and the media are kept")
	cmd.Flags().StringVar(&f.config, "config", "", "configuration file (default: vod.yaml in the data directory)")
	cmd.Flags().StringVar(&f.listen, "listen", "", "address of the API instead of the configuration's, host:port")
	cmd.Flags().StringVar(&f.storeListen, "store-listen", "", "address of the embedded store instead of the configuration's, host:port")
	cmd.Flags().StringVar(&f.role, "role", string(server.RoleAll), "what this process does: all, api or worker; several need a shared database")
	cmd.Flags().StringVar(&f.node, "node", "", "name of this process among those on one database (default: made of the host's name)")
	cmd.Flags().StringVar(&f.logLevel, "log-level", "info", "lowest `LEVEL` to log: debug, info, warn or error")
	cmd.Flags().StringVar(&f.logFormat, "log-format", outputText, "`FORMAT` of the log: text or json")
	completeWith(cmd, "log-level", []string{"debug", "info", "warn", "error"})
	completeWith(cmd, "log-format", []string{outputText, outputJSON})
	cmd.Flags().StringVar(&f.ready, "ready-file", "", "write shell variables for clients to this file once requests are served")
	return cmd
}

func serve(ctx context.Context, out io.Writer, f serveFlags) (err error) {
	if f.dir == "" {
		return &failure{code: exitUsage, what: "--data-dir must not be empty", next: "name a directory, such as --data-dir " + defaultDataDir}
	}
	// The embedded store changes the working directory of the process.
	for _, path := range []*string{&f.dir, &f.config, &f.ready} {
		if *path != "" {
			if *path, err = filepath.Abs(*path); err != nil {
				return fmt.Errorf("find the working directory: %w", err)
			}
		}
	}
	settings, fresh, err := loadSettings(f)
	if err != nil {
		return configFailure(err)
	}
	role := server.Role(f.role)
	if !role.Valid() {
		return &failure{code: exitUsage, what: fmt.Sprintf("--role %q is not all, api or worker", f.role), next: "vod serve --help"}
	}
	log, err := f.logger(out)
	if err != nil {
		return err
	}
	for _, path := range []string{f.configPath(), filepath.Join(f.dir, server.KeyFile)} {
		if config.Exposed(path) {
			log.Warn("a file of secrets can be read by every user of this machine; restrict it with chmod 600", "file", path)
		}
	}
	// Before the start: one that comes meanwhile must not end the process. Under nohup it is ignored, and stays so.
	hangup := make(chan os.Signal, 1)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(hangup, syscall.SIGHUP)
		defer signal.Stop(hangup)
	}
	n, err := server.Start(ctx, server.Config{
		Dir: f.dir, Service: settings, Role: role, Node: f.node, Key: config.Secret(os.Getenv("VOD_KEY")), Log: log,
		// A killed process left its ready file behind; nobody may take that for ours.
		Unused: func() error { return removeReady(f.ready) },
		Owned: func() error {
			if !fresh {
				return nil
			}
			if err := config.Create(f.dir, settings); err != nil {
				return fmt.Errorf("set up the data directory: %w", err)
			}
			return nil
		},
	})
	if err != nil {
		return startFailure(f.dir, err)
	}
	defer func() {
		log.Info("stopping")
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		if stopped := n.Stop(stop); err == nil && stopped != nil {
			err = fmt.Errorf("stop: %w", stopped)
		}
	}()
	if f.ready != "" {
		if err := writeReady(f.ready, clientVariables(settings, n.URL(), n.StoreEndpoint())); err != nil {
			return &failure{
				code: exitOther, what: err.Error(), cause: err,
				next: "name a file by --ready-file in a directory that exists and that this user can write",
			}
		}
		defer func() { _ = removeReady(f.ready) }()
	} else if role != server.RoleWorker && f.logFormat == outputText {
		known, _ := environmentOf(f) // none for a port that is another one at every start
		_, _ = io.WriteString(out, firstSteps(f, settings, fresh, known, n.URL(), n.StoreEndpoint()))
	}
	log.Info("ready", "api", n.URL(), "page", n.URL()+"/ui/", "store", n.StoreEndpoint(), "region", settings.Region)
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-n.Failed():
			return err
		case <-hangup:
			reload(ctx, n, f, log)
		}
	}
}

// reload has the service take its changed configuration, or says why it does not.
func reload(ctx context.Context, n *server.Server, f serveFlags, log *slog.Logger) {
	settings, fresh, err := loadSettings(f)
	if fresh {
		err = fmt.Errorf("%s is gone", f.configPath())
	}
	var restart []string
	if err == nil {
		restart, err = n.Reload(ctx, settings)
	}
	if err != nil {
		log.Error("the configuration was rejected; the previous one stays in effect", "error", err)
		return
	}
	if len(restart) > 0 {
		log.Warn("changes that take effect at the next start", "fields", restart)
	}
	log.Info("configuration reloaded")
}

// logger returns the log that the flags ask for.
func (f serveFlags) logger(out io.Writer) (*slog.Logger, error) {
	var options slog.HandlerOptions
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.logLevel)); err != nil {
		return nil, &failure{code: exitUsage, what: fmt.Sprintf("--log-level %q is not debug, info, warn or error", f.logLevel), next: "vod serve --help"}
	}
	options.Level = level
	switch f.logFormat {
	case outputText:
		return slog.New(slog.NewTextHandler(out, &options)), nil
	case outputJSON:
		return slog.New(slog.NewJSONHandler(out, &options)), nil
	}
	return nil, &failure{code: exitUsage, what: fmt.Sprintf("--log-format %q is not text or json", f.logFormat), next: "vod serve --help"}
}

// loadSettings reads the configuration, with the addresses of the flags. Without one, it returns that of a new data
// directory, and fresh: it is written when the service has its addresses and the directory.
func loadSettings(f serveFlags) (settings config.Config, fresh bool, err error) {
	settings, err = config.Load(f.configPath())
	if f.config == "" && errors.Is(err, fs.ErrNotExist) {
		settings, fresh, err = config.Development(), true, nil
	}
	if err != nil {
		return settings, false, err
	}
	settings.Listen = cmp.Or(f.listen, settings.Listen)
	settings.Store.Listen = cmp.Or(f.storeListen, settings.Store.Listen)
	if url := os.Getenv("VOD_DATABASE"); url != "" {
		settings, err = settings.WithDatabase(url)
	}
	return settings, fresh, err
}

// configPath is where the configuration is.
func (f serveFlags) configPath() string {
	return cmp.Or(f.config, filepath.Join(f.dir, config.FileName))
}

// startFailure says what to do when the service cannot start.
func startFailure(dir string, err error) error {
	if errors.Is(err, store.ErrInUse) {
		return &failure{
			code: exitOther, what: err.Error(), cause: err,
			next: "stop the other vod serve, or choose another directory by --data-dir",
		}
	}
	if sqlite.Full(err) || errors.Is(err, syscall.ENOSPC) {
		return &failure{
			code: exitOther, what: err.Error(), cause: err, where: dir,
			next: "free disk space, or choose another directory by --data-dir",
		}
	}
	if errors.Is(err, syscall.EROFS) {
		return &failure{
			code: exitOther, what: err.Error(), cause: err, where: dir,
			next: "mount the file system for writing, or choose another directory by --data-dir",
		}
	}
	var path *fs.PathError
	if errors.As(err, &path) && !errors.Is(err, fs.ErrNotExist) && (path.Path == dir || strings.HasPrefix(path.Path, dir+string(filepath.Separator))) {
		return &failure{
			code: exitOther, what: err.Error(), cause: err,
			next: "let this user read and write the directory, or choose another one by --data-dir",
		}
	}
	var database *store.ConnectError
	if errors.As(err, &database) && database.Refused() {
		return &failure{
			code: exitOther, what: err.Error(), cause: err,
			next: "start the database, or correct the URL in VOD_DATABASE or in database of the configuration",
		}
	}
	var setting *server.SettingError
	if errors.As(err, &setting) {
		return &failure{code: exitOther, what: err.Error(), next: setting.Advice, cause: err}
	}
	var busy *server.AddressError
	if !errors.As(err, &busy) {
		return err
	}
	flag := "--listen"
	if busy.Setting == "store.listen" {
		flag = "--store-listen"
	}
	f := &failure{code: exitOther, what: busy.Error(), cause: err}
	f.next = "give an address of this machine with a free port, such as " + flag + " 127.0.0.1:8480"
	if errors.Is(err, syscall.EADDRINUSE) {
		f.next = "stop the program that uses it, perhaps another vod serve; or choose a free port, such as " + flag + " 127.0.0.1:8480"
	}
	return f
}

// firstSteps is what to try with a service that has just started. known is what vod env prints.
func firstSteps(f serveFlags, settings config.Config, fresh bool, known, api, store string) string {
	env := "vod env --data-dir " + shellWord(f.dir)
	if f.config != "" {
		env += " --config " + shellWord(f.config)
	}
	bucket := "BUCKET"
	if p := settings.Projects[0]; len(p.Buckets) > 0 {
		bucket = p.Buckets[0].Name
	}
	var b strings.Builder
	if fresh {
		fmt.Fprintf(&b, "\nA development configuration was made: %s\n", f.configPath())
	}
	fmt.Fprintf(&b, "\nTry it from another terminal:\n\n")
	lines := []string{fmt.Sprintf(`eval "$(%s)"`, env)}
	for _, address := range []struct{ flag, variable, url string }{
		{f.listen, "VOD_ENDPOINT", api}, {f.storeListen, "VOD_S3_ENDPOINT", store},
	} {
		if line := exportLine(address.variable, address.url); address.flag != "" && !strings.Contains(known, line) {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	for _, line := range append(lines,
		"vod upload FILE obs://"+bucket+"/holiday.mp4",
		"vod dump obs://"+bucket+"/holiday.mp4 --wait",
		"vod list",
	) {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	b.WriteString("\n")
	return b.String()
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

// removeReady removes the file of a service that does not respond to requests. What is no regular file, such as a device,
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
