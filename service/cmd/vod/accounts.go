package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/sqlite"
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
	list       config.List
	of         func(config.Config) []account
	project    string // flags of add
	permission []string
	buckets    []string
}

func newProjectCommand(s *session) *cobra.Command {
	a := &accounts{session: s, noun: "project", key: "ID", list: config.Projects, of: projectsOf}
	add := &cobra.Command{
		Use:     "add NAME",
		Short:   "Add a project, and print its ID",
		Example: "  vod project add trailers --bucket trailers-in",
		Args:    exactly("a NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			p := config.NewProject(args[0], a.buckets...)
			return a.add(p, account{ID: p.ID, Name: p.Name, Buckets: a.buckets})
		},
	}
	add.Flags().StringSliceVar(&a.buckets, "bucket", nil, "`NAME` of a bucket of the project, open to the service; may be repeated")
	return a.command(add, `Adds, lists and removes projects: each has assets, categories and buckets of its own. One
line a project is printed: ID, name and buckets, separated by tabs. Give a new one an
access key by vod key add. The assets of a removed project stay, and nobody sees them
until the project is there again.`)
}

func newKeyCommand(s *session) *cobra.Command {
	a := &accounts{session: s, noun: "key", key: "ACCESS_KEY", list: config.Credentials, of: keysOf}
	add := &cobra.Command{
		Use:     "add",
		Short:   "Add an access key, and print it with its secret",
		Example: "  vod key add --permission vod:asset:get --permission vod:asset:publishFromObs",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			project, err := a.chosen(cmd)
			if err != nil {
				return err
			}
			k := config.NewCredential(project, a.permission...)
			return a.add(k, account{AccessKey: k.AccessKey, Project: project, Permissions: a.permission, Secret: k.SecretKey.Reveal()})
		},
	}
	a.ownedBy(add)
	return a.command(add, `Adds, lists and removes access keys, which programs sign their requests with. One line a
key is printed: access key, project and permissions, and for a new one the secret
key, separated by tabs. A secret key is never shown again.`)
}

func newUserCommand(s *session) *cobra.Command {
	a := &accounts{session: s, noun: "user", key: "NAME", list: config.Users, of: usersOf}
	add := &cobra.Command{
		Use:     "add NAME",
		Short:   "Add a user, and print the password",
		Example: "  vod user add ada --permission vod:asset:get",
		Args:    exactly("a NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			project, err := a.chosen(cmd)
			if err != nil {
				return err
			}
			u := config.NewUser(args[0], project, a.permission...)
			return a.add(u, account{Name: u.Name, Project: project, Permissions: a.permission, Secret: u.Password.Reveal()})
		},
	}
	a.ownedBy(add)
	return a.command(add, `Adds, lists and removes users, who sign in to the pages, and exchange their password for
a token. One line a user is printed: name, project and permissions, and for a new one
the password, separated by tabs. A password is never shown again; to change one,
remove the user and add it anew, which ends all sessions and tokens of the user.`)
}

// ownedBy gives add the flags of what belongs to a project.
func (a *accounts) ownedBy(add *cobra.Command) {
	add.Flags().StringVar(&a.project, "project", "", "`ID` or name of the project; needed where there are several")
	add.Flags().StringSliceVar(&a.permission, "permission", []string{"*"}, "what it may do, an IAM `ACTION` such as vod:asset:get; may be repeated; * is everything")
	a.completeFlag(add, "project", configured(func(c config.Config) (ids []string) {
		for _, p := range c.Projects {
			ids = append(ids, p.ID)
		}
		return ids
	}))
}

// command returns the command of these accounts.
func (a *accounts) command(add *cobra.Command, long string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   a.noun,
		Short: "Add, list and remove " + a.noun + "s of a service on this machine",
		Long: long + `

The change is made in vod.yaml, where all else stays. A running service takes it at
SIGHUP (systemctl reload vod).`,
		Args: exactly(),
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
			err := a.change(func(path string) error { return config.Remove(path, a.list, args[0]) })
			if errors.Is(err, config.ErrNoEntry) {
				return &failure{
					code: exitOther, what: fmt.Sprintf("there is no %s %q", a.noun, args[0]), where: a.files.configPath(),
					next: "vod " + a.noun + " list shows the " + a.noun + "s",
				}
			}
			return err
		},
	}
	cmd.AddCommand(add, list, remove)
	return cmd
}

func (a *accounts) load() (config.Config, error) { return existingSettings(a.files) }

func (a *accounts) show(one account) error {
	if a.options.json() {
		return a.printJSON(one)
	}
	return a.print(one.line())
}

// add writes an entry, and then shows it.
func (a *accounts) add(entry any, shown account) error {
	if err := a.change(func(path string) error { return config.Add(path, a.list, entry) }); err != nil {
		return err
	}
	return a.show(shown)
}

// change has the configuration changed by this process alone.
func (a *accounts) change(change func(path string) error) error {
	if _, err := a.load(); err != nil {
		return err
	}
	path := a.files.configPath()
	lock, err := sqlite.Lock(path + ".lock")
	if errors.Is(err, sqlite.ErrInUse) {
		return &failure{code: exitTemporary, what: "another command is changing the configuration", where: path, next: "repeat the command"}
	}
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	if err := change(path); err != nil {
		var wrong *config.Error
		if errors.As(err, &wrong) {
			return &failure{
				code: exitOther, what: "the configuration would be wrong; nothing was changed", details: wrong.Lines(), where: path,
				next: "give another value, or change first what is named above",
			}
		}
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
	var ids []string
	for _, p := range settings.Projects {
		if a.project == p.ID || a.project == p.Name || a.project == "" && len(settings.Projects) == 1 {
			return p.ID, nil
		}
		ids = append(ids, p.ID)
	}
	if a.project == "" {
		return "", usage(cmd, "there are several projects: give one by --project: "+strings.Join(ids, ", "))
	}
	return "", usage(cmd, fmt.Sprintf("there is no project %q; there are %s", a.project, strings.Join(ids, ", ")))
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
