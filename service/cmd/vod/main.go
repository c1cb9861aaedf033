// Command vod dumps media files from OBS buckets into VOD and shows what became of them, checks requests offline, signs
// calls, and runs the service. "vod help" lists what it can do.
//
// Standard output carries results only and is made for machines; everything said to people goes to standard error.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vod-reproduction/vod/service/bulk"
)

func main() {
	os.Exit(run())
}

func run() int {
	signaled, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	// After the first signal the next one ends the process at once, and does so before the first takes effect.
	context.AfterFunc(signaled, func() {
		stop()
		cancel(context.Cause(signaled))
	})

	s := newSession(bulk.NewStoppable(ctx, os.Stdin), os.Stdout, os.Stderr)
	err := newRootCommand(s).ExecuteContext(ctx)
	if err == nil {
		err = s.results.check()
	}
	s.takeFormats(os.Args[1:])
	return s.report(err)
}

// helpWidth is how many columns the help of flags takes at most.
const helpWidth = 100

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
		SilenceErrors:     true,
		SilenceUsage:      true,
		Args:              noCommand,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return s.settle(cmd) },
	}
	root.Version = readBuild().String() // makes the flag --version
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(flagFailure)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", fmt.Sprintf(".FlagUsagesWrapped %d", helpWidth)))
	s.options.register(root)

	root.AddCommand(
		newDumpCommand(s),
		newBulkCommand(s),
		newValidateCommand(s),
		newUploadCommand(s),
		newListCommand(s),
		newStatusCommand(s),
		newPublishCommand(s),
		newUnpublishCommand(s),
		newDeleteCommand(s),
		newCategoriesCommand(s),
		newAuthorizeCommand(s),
		newSignCommand(s),
		newSpecCommand(s),
		newServeCommand(s),
		newMoveDatabaseCommand(s),
		newMoveStoreCommand(s),
		newEnvCommand(s),
		newConfigCommand(s),
		newProjectCommand(s),
		newKeyCommand(s),
		newUserCommand(s),
		newManCommand(s),
		newDoctorCommand(s),
		newVersionCommand(s),
		newEnvironmentTopic(),
		newExitCodesTopic(),
		newManifestsTopic(),
	)
	root.SetHelpCommand(newHelpCommand())
	root.InitDefaultCompletionCmd("completion")
	completion, _, err := root.Find([]string{"completion"})
	if err != nil {
		panic(err) // it was made above
	}
	completion.Args, completion.RunE = noCommand, root.RunE
	return root
}

// noCommand are the arguments of a command that only has others below it.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return unknownCommand(cmd, args[0])
}

func unknownCommand(root *cobra.Command, name string) error {
	what := fmt.Sprintf("there is no command %q", name)
	if root.HasParent() {
		what = fmt.Sprintf("there is no command %q of %s", name, root.CommandPath())
	}
	root.SuggestionsMinimumDistance = 2
	if near := root.SuggestionsFor(name); len(near) > 0 {
		what += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return usage(root, what)
}

// newHelpCommand replaces cobra's own, which succeeds for an unknown topic.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND | TOPIC]",
		Short: "Explain a command or a topic",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			if about, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
				for _, c := range about.Commands() {
					if c.IsAvailableCommand() || c.IsAdditionalHelpTopicCommand() {
						names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
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

// exactly requires as many arguments as there are names, which the error lists.
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

// options are the flags that every command has.
type options struct {
	endpoint        string
	region          string
	projectID       string
	accessKey       string
	secretKeyFile   string
	tokenFile       string
	profile         string
	credentialsFile string
	timeout         time.Duration
	output          string
	quiet           bool
	noColor         bool
}

const (
	outputText   = "text"
	outputJSON   = "json"
	outputCSV    = "csv"
	outputGitHub = "github"
)

// annotationFormat names the format that a command can write beside text and JSON.
const annotationFormat = "format"

func (o *options) register(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.SortFlags = false
	flags.StringVar(&o.endpoint, "endpoint", "", "base `URL` of the service (default: that of the region)")
	flags.StringVar(&o.region, "region", "", "`NAME` of the region of service and buckets, such as cn-north-4")
	flags.StringVar(&o.projectID, "project-id", "", "`ID` of the project that owns the assets")
	flags.StringVar(&o.accessKey, "access-key", "", "`ID` of the access key; its secret comes from --secret-key-file")
	flags.StringVar(&o.secretKeyFile, "secret-key-file", "", "read the secret key from `FILE`, or - for standard input")
	flags.StringVar(&o.tokenFile, "token-file", "", "read an IAM token from `FILE`, or - for standard input")
	flags.StringVar(&o.profile, "profile", "", "`SECTION` of the credentials file (default: basic)")
	flags.StringVar(&o.credentialsFile, "credentials-file", "", "credentials `FILE` (default: ~/.huaweicloud/credentials)")
	flags.DurationVar(&o.timeout, "timeout", 0, "longest `TIME` that the command may take, such as 90s (default: no limit)")
	flags.StringVarP(&o.output, "output", "o", outputText, "`FORMAT`: text, or json for the responses of the API")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "say nothing but errors")
	flags.BoolVar(&o.noColor, "no-color", false, "no color in messages")
	completeWith(root, "output", []string{outputText, outputJSON})
}

// takeFormats finds --output and --log-format among args that were not parsed to their end, for the error that follows.
func (s *session) takeFormats(args []string) {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.Usage = func() {}
	output := flags.StringP("output", "o", outputText, "")
	logFormat := flags.String("log-format", outputText, "")
	flags.BoolP("quiet", "q", false, "")
	if flags.Parse(args) != nil {
		return
	}
	if s.options.output == outputText && *output == outputJSON {
		s.options.output = outputJSON
	}
	if *logFormat == outputJSON {
		s.logJSON()
	}
}

// check refuses values that the command cannot use.
func (o *options) check(cmd *cobra.Command) error {
	formats := []string{outputText, outputJSON}
	if more, ok := cmd.Annotations[annotationFormat]; ok {
		formats = append(formats, more)
	}
	if !slices.Contains(formats, o.output) {
		last := len(formats) - 1
		return fmt.Errorf("--output is %s or %s, not %q", strings.Join(formats[:last], ", "), formats[last], o.output)
	}
	if o.timeout < 0 {
		return errors.New("--timeout must not be negative")
	}
	return nil
}

func (o *options) json() bool { return o.output == outputJSON }

func newVersionCommand(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of this program",
		Args:  exactly(),
		RunE: func(*cobra.Command, []string) error {
			b := readBuild()
			if !s.options.json() {
				return s.print(b.String())
			}
			return s.printJSON(b)
		},
	}
}

// build is what this program was made from.
type build struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (b build) String() string { return fmt.Sprintf("vod %s (%s, %s)", b.Version, b.Go, b.Platform) }

// version is set by the linker where the build knows it better than the Go toolchain does.
var version string

func readBuild() build {
	b := build{Version: cmp.Or(version, "unknown"), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok && version == "" && info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	return b
}
