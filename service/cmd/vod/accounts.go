package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/service/config"
)

// account is a project, an access key or a user of the service's configuration, as it is shown.
type account struct {
	ID          string   `json:"id,omitempty"`
	AccessKey   string   `json:"access_key,omitempty"`
	Name        string   `json:"name,omitempty"`
	Project     string   `json:"project,omitempty"`
	Buckets     []string `json:"buckets,omitempty"`
	Permissions []string `json:"permissions,omitempty"`
	// Secret is a secret key or password; it is shown when it is made, and never again.
	Secret string `json:"secret,omitempty"`
	// Text is the entry as YAML, where it must be added by hand.
	Text string `json:"text,omitempty"`
}

// key is what the account is removed by.
func (a account) key() string { return cmp.Or(a.ID, a.AccessKey, a.Name) }

// line has the fields that an account of its kind has.
func (a account) line() string {
	fields := []string{a.key()}
	if a.ID != "" {
		fields = append(fields, a.Name, strings.Join(a.Buckets, ","))
	} else {
		fields = append(fields, a.Project, strings.Join(a.Permissions, ","))
	}
	if a.Secret != "" {
		fields = append(fields, a.Secret)
	}
	for i, field := range fields {
		fields[i] = printable(field)
	}
	return strings.Join(fields, "\t")
}

// accounts are those of one kind, in the configuration of a service on this machine.
type accounts struct {
	*session
	files      serveFlags
	noun, key  string // such as user and NAME
	remove     func(path, key string) error
	of         func(config.Config) []account
	project    string // flags of add
	permission []string
	buckets    []string
	id         string
}

func newProjectCommand(s *session) *cobra.Command {
	a := &accounts{session: s, noun: "project", key: "ID", remove: func(path, key string) error { return config.Remove(path, config.Projects, key) }, of: projectsOf}
	add := &cobra.Command{
		Use:     "add NAME",
		Short:   "Add a project, and print its ID",
		Example: "  vod project add trailers --bucket trailers-in",
		Args:    exactly("a NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == "" {
				return usage(cmd, "a project needs a NAME")
			}
			p := config.NewProject(args[0], a.buckets...)
			p.ID = cmp.Or(a.id, p.ID)
			return a.add(func(path string) error { return config.Add(path, config.Projects, p) },
				account{ID: p.ID, Name: p.Name, Buckets: a.buckets})
		},
	}
	add.Flags().StringSliceVar(&a.buckets, "bucket", nil, "`NAME` of a bucket of the project, open to the service; may be repeated")
	add.Flags().StringVar(&a.id, "id", "", "`ID` of the project, such as that of one that was removed (default: made at random)")
	return a.command(add, `Adds, lists and removes projects: each has assets, categories and buckets of its own. One
line a project is printed: ID, name and buckets, separated by tabs. Give a new one an
access key by vod key add. The assets of a removed project stay, and nobody sees them
until a project with the same ID is added, by --id.`)
}

func newKeyCommand(s *session) *cobra.Command {
	a := &accounts{session: s, noun: "key", key: "ACCESS_KEY", remove: func(path, key string) error { return config.Remove(path, config.Credentials, key) }, of: keysOf}
	add := &cobra.Command{
		Use:     "add",
		Short:   "Add an access key, and print it with its secret",
		Example: "  vod key add --permission vod:asset:get --permission vod:asset:publishFromObs",
		Args:    exactly(),
	}
	a.ownedBy(add, func(_ []string, project string) (func(path string) error, account) {
		k := config.NewCredential(project, a.permission...)
		return func(path string) error { return config.Add(path, config.Credentials, k) },
			account{AccessKey: k.AccessKey, Secret: k.SecretKey.Reveal()}
	})
	return a.command(add, `Adds, lists and removes access keys, which programs sign their requests with. One line a
key is printed: access key, project and permissions, and for a new one the secret
key, separated by tabs. A secret key is never shown again.`)
}

func newUserCommand(s *session) *cobra.Command {
	a := &accounts{session: s, noun: "user", key: "NAME", remove: func(path, key string) error { return config.Remove(path, config.Users, key) }, of: usersOf}
	add := &cobra.Command{
		Use:     "add NAME",
		Short:   "Add a user, and print the password",
		Example: "  vod user add ada --permission vod:asset:get",
		Args:    exactly("a NAME"),
	}
	a.ownedBy(add, func(args []string, project string) (func(path string) error, account) {
		u := config.NewUser(args[0], project, a.permission...)
		return func(path string) error { return config.Add(path, config.Users, u) },
			account{Name: u.Name, Secret: u.Password.Reveal()}
	})
	return a.command(add, `Adds, lists and removes users, who sign in to the pages, and exchange their password for
a token. One line a user is printed: name, project and permissions, and for a new one
the password, separated by tabs. A password is never shown again; to change one,
remove the user and add it anew, which ends all sessions and tokens of the user.`)
}

// ownedBy has add make an entry for a project, with the flags of what belongs to one. The new entry is written, and shown
// with the project and the permissions that it has.
func (a *accounts) ownedBy(add *cobra.Command, entry func(args []string, project string) (write func(path string) error, shown account)) {
	add.RunE = func(cmd *cobra.Command, args []string) error {
		project, err := a.chosen(cmd)
		if err != nil {
			return err
		}
		write, shown := entry(args, project)
		shown.Project, shown.Permissions = project, a.permission
		return a.add(write, shown)
	}
	add.Flags().StringVar(&a.project, "project", "", "`ID` or name of the project; needed where there are several")
	add.Flags().StringSliceVar(&a.permission, "permission", []string{"*"}, "what it may do, an IAM `ACTION` such as vod:asset:get; may be repeated; * is everything")
	a.completeFlag(add, "project", configured(func(c config.Config) (ids []string) {
		for _, p := range c.Projects {
			ids = append(ids, p.ID)
		}
		return ids
	}))
	a.completeFlag(add, "permission", func(*cobra.Command) ([]string, cobra.ShellCompDirective) {
		return config.Permissions(), cobra.ShellCompDirectiveNoFileComp
	})
}

// command returns the command of these accounts.
func (a *accounts) command(add *cobra.Command, long string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   a.noun,
		Short: "Add, list and remove " + a.noun + "s of a service on this machine",
		Long: long + `

The change is made in vod.yaml, where every other line stays. A running service takes it
at SIGHUP (systemctl reload vod).`,
		Args: noCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&a.files.dir, "data-dir", defaultDataDir, "data directory of the service")
	cmd.PersistentFlags().StringVar(&a.files.config, "config", "", "configuration file (default: vod.yaml in the data directory)")
	list := &cobra.Command{
		Use:   "list",
		Short: "List the " + a.noun + "s",
		Args:  exactly(),
		RunE: func(*cobra.Command, []string) error {
			settings, err := a.load()
			if err != nil {
				return err
			}
			for _, one := range a.of(settings) {
				if err := a.show(one); err != nil {
					return err
				}
			}
			return nil
		},
	}
	remove := &cobra.Command{
		Use:   "remove " + a.key,
		Short: "Remove a " + a.noun,
		Args:  exactly("a " + a.key),
		ValidArgsFunction: func(*cobra.Command, []string, string) (keys []string, _ cobra.ShellCompDirective) {
			settings, err := a.load()
			if err == nil {
				for _, one := range a.of(settings) {
					keys = append(keys, one.key())
				}
			}
			return keys, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			err := a.change(func(path string) error { return a.remove(path, args[0]) })
			if errors.Is(err, config.ErrNoEntry) {
				return &failure{
					code: exitOther, what: fmt.Sprintf("there is no %s %q", a.noun, args[0]), where: a.files.configPath(),
					next: a.line("list") + " shows the " + a.noun + "s",
				}
			}
			return err
		},
	}
	cmd.AddCommand(add, list, remove)
	return cmd
}

func (a *accounts) load() (config.Config, error) {
	settings, err := existingSettings(a.files)
	if errors.Is(err, fs.ErrPermission) {
		path := a.files.configPath()
		err = &failure{code: exitOther, what: "cannot read " + path + ": permission denied", cause: err, next: "run it as the user that owns " + shellWord(path)}
	}
	return settings, err
}

func (a *accounts) show(one account) error {
	if a.options.json() {
		return a.printJSON(one)
	}
	if one.Text != "" {
		return a.print(strings.TrimSuffix(one.Text, "\n"))
	}
	return a.print(one.line())
}

// line is the command line of another command on the same files.
func (a *accounts) line(command string) string {
	line := "vod " + a.noun + " " + command
	if a.files.dir != defaultDataDir {
		line += " --data-dir " + shellWord(a.files.dir)
	}
	if a.files.config != "" {
		line += " --config " + shellWord(a.files.config)
	}
	return line
}

// add has an entry written, and then shows it.
func (a *accounts) add(write func(path string) error, shown account) error {
	err := a.change(write)
	var byHand *config.ByHandError
	if errors.As(err, &byHand) {
		return errors.Join(err, a.show(account{Text: byHand.Text}))
	}
	if err != nil {
		return err
	}
	if err := a.show(shown); err != nil {
		return &failure{
			code: exitOther, what: fmt.Sprintf("the %s %s was added, but could not be shown: %v", a.noun, shown.key(), err), cause: err,
			where: a.files.configPath(), next: "remove it and add it again: " + a.line("remove "+shellWord(shown.key())),
		}
	}
	return nil
}

// change has the configuration changed, and explains why it is not.
func (a *accounts) change(change func(path string) error) error {
	path := a.files.configPath()
	if _, err := a.load(); err != nil {
		return err
	}
	err := change(path)
	var (
		wrong  *config.Error
		byHand *config.ByHandError
	)
	switch {
	case errors.Is(err, config.ErrLocked):
		return &failure{code: exitTemporary, what: "another command is changing the configuration", where: path, next: "repeat the command"}
	case errors.Is(err, config.ErrTaken):
		return &failure{
			code: exitUsage, what: fmt.Sprintf("there is a %s of this name already; nothing was changed", a.noun), where: path,
			next: "choose another name; " + a.line("list") + " shows those that are taken",
		}
	case errors.As(err, &byHand):
		f := &failure{
			code: exitOther, what: byHand.Reason + "; nothing was changed", cause: err,
			where: fmt.Sprintf("%s:%d", byHand.Path, byHand.Line), next: "edit it by hand: remove the entry",
		}
		if byHand.Text != "" {
			f.next = "edit it by hand: add the entry that standard output has"
		}
		return f
	case errors.As(err, &wrong):
		return &failure{
			code: exitOther, what: "the configuration would be wrong; nothing was changed", details: wrong.Lines(), where: path,
			next: "give another value, or change first what is named above",
		}
	case errors.Is(err, fs.ErrPermission):
		return &failure{code: exitOther, what: err.Error(), cause: err, where: path, next: "run it as the user that owns " + shellWord(filepath.Dir(path))}
	case errors.Is(err, syscall.EROFS):
		return &failure{code: exitOther, what: err.Error(), cause: err, where: path, next: "mount the file system for writing, and repeat the command"}
	case errors.Is(err, syscall.ENOSPC):
		return &failure{code: exitOther, what: err.Error(), cause: err, where: path, next: "free disk space, and repeat the command"}
	case err != nil:
		return err
	}
	a.note("%s is changed; a running service takes it at SIGHUP: systemctl reload vod", path)
	return nil
}

// chosen returns the project of --project, or the only one.
func (a *accounts) chosen(cmd *cobra.Command) (string, error) {
	settings, err := a.load()
	if err != nil {
		return "", err
	}
	var ids, named []string
	for _, p := range settings.Projects {
		if a.project == p.ID {
			return p.ID, nil
		}
		ids = append(ids, p.ID)
		if a.project == p.Name {
			named = append(named, p.ID)
		}
	}
	switch {
	case a.project == "" && len(ids) == 1:
		return ids[0], nil
	case a.project == "":
		return "", usage(cmd, "there are several projects: give one by --project: "+strings.Join(ids, ", "))
	case len(named) == 0:
		return "", usage(cmd, fmt.Sprintf("there is no project %q; there are %s", a.project, strings.Join(ids, ", ")))
	case len(named) > 1:
		return "", usage(cmd, fmt.Sprintf("several projects are named %q: give the ID of one: %s", a.project, strings.Join(named, ", ")))
	}
	return named[0], nil
}

func projectsOf(c config.Config) (list []account) {
	for _, p := range c.Projects {
		one := account{ID: p.ID, Name: p.Name}
		for _, b := range p.Buckets {
			one.Buckets = append(one.Buckets, b.Name)
		}
		list = append(list, one)
	}
	return list
}

func keysOf(c config.Config) (list []account) {
	for _, k := range c.Credentials {
		list = append(list, account{AccessKey: k.AccessKey, Project: k.Project, Permissions: k.Permissions})
	}
	return list
}

func usersOf(c config.Config) (list []account) {
	for _, u := range c.Users {
		list = append(list, account{Name: u.Name, Project: u.Project, Permissions: u.Permissions})
	}
	return list
}
