package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync/atomic"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/signer"
)

// session is one run of the program: its three streams and the options that every command has.
type session struct {
	in       io.Reader
	inTaken  bool // standard input is read already
	out, err io.Writer
	results  *results // what out is; nil in a test
	// log takes the error that ends the command, where the messages are a log of JSON; nil elsewhere.
	log     *slog.Logger
	options options
	// caller is who calls, service what is called, and storage the URL of the object storage, once they are known; errors
	// name them.
	caller  signer.Login
	service string
	storage string
	pages   *pageFinder // nil before a client is made
	// table reports whether a person reads the results, so that they may be laid out in columns.
	table bool
	// live reports whether results go to a terminal whose last lines can be drawn anew.
	live bool
	// liveMessages is live for the messages.
	liveMessages bool
	// asks reports whether there is a person to be asked.
	asks bool
	// color reports whether the messages may have it.
	color bool
}

func newSession(in io.Reader, out, err *os.File) *session {
	able := os.Getenv("TERM") != "dumb"
	written := &results{Writer: out}
	return &session{
		in: in, out: written, err: err, results: written,
		table: isTerminal(out),
		live:  isTerminal(out) && able, liveMessages: isTerminal(err) && able,
		asks:  isTerminal(os.Stdin) && isTerminal(err),
		color: isTerminal(err) && os.Getenv("NO_COLOR") == "" && able,
	}
}

func isTerminal(f *os.File) bool {
	return isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd())
}

// results is standard output. It remembers that it could not be written: what prints help does not say so.
type results struct {
	io.Writer
	failed atomic.Pointer[error] // the first
}

func (r *results) Write(text []byte) (int, error) {
	n, err := r.Writer.Write(text)
	if err != nil {
		r.failed.CompareAndSwap(nil, &err)
	}
	return n, err
}

// check returns the error of the first result that could not be written.
func (r *results) check() error {
	if failed := r.failed.Load(); failed != nil {
		return fmt.Errorf("writing the result: %w", *failed)
	}
	return nil
}

// print writes one line of results to standard output. A reader that went away, such as head, is an error.
func (s *session) print(line string) error {
	if _, err := fmt.Fprintln(s.out, line); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

// printJSON writes one line of JSON to standard output.
func (s *session) printJSON(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return s.print(string(line))
}

// note says something to a person on standard error, unless they asked for quiet.
func (s *session) note(format string, values ...any) {
	if !s.options.quiet {
		s.say("vod: ", fmt.Sprintf(format, values...))
	}
}

// say writes one line to standard error. The text may come from anywhere, the label is ours.
func (s *session) say(label, text string) {
	// There is nobody left to tell when standard error cannot be written.
	_, _ = fmt.Fprintln(s.err, label+printable(text))
}

// settle makes the options ready once the command line is read.
func (s *session) settle(cmd *cobra.Command) error {
	if err := s.options.check(cmd); err != nil {
		return usage(cmd, err.Error())
	}
	for _, pair := range contradictions {
		if changed(cmd, pair[0]) && changed(cmd, pair[1]) {
			return usage(cmd, fmt.Sprintf("--%s and --%s contradict each other; give one of them", pair[0], pair[1]))
		}
	}
	if s.options.noColor {
		s.color = false
	}
	return nil
}

// contradictions are pairs of flags of which a command line can have one.
var contradictions = [][2]string{
	{"auto-publish", "no-auto-publish"},
	{"secret-key-file", "token-file"},
	{"access-key", "token-file"},
	{"dry-run", "wait"},
}

func changed(cmd *cobra.Command, flag string) bool {
	f := cmd.Flags().Lookup(flag)
	return f != nil && f.Changed
}

// limit bounds the time of a command by --timeout.
func (s *session) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.options.timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, s.options.timeout)
}

// red marks the word that a person's eye should find first.
func (s *session) red(word string) string {
	if !s.color {
		return word
	}
	return "\x1b[31m" + word + "\x1b[0m"
}

// login finds out who calls, and where: the flags, then the environment, then the credentials file. That there are no
// credentials is not an error yet: Source is empty then.
func (s *session) login() (signer.Login, error) {
	secretKey, err := s.readSecret(s.options.secretKeyFile)
	if err != nil {
		return signer.Login{}, err
	}
	token, err := s.readSecret(s.options.tokenFile)
	if err != nil {
		return signer.Login{}, err
	}
	source := "--access-key and --secret-key-file"
	if token != "" {
		source = "--token-file"
	}
	chain := signer.Chain{
		Explicit: signer.Login{
			Source:      source,
			Credentials: signer.Credentials{AccessKey: s.options.accessKey, SecretKey: secretKey},
			Token:       token,
			ProjectID:   s.options.projectID,
			Region:      s.options.region,
			Endpoint:    s.options.endpoint,
		},
		Profile: s.options.profile,
		File:    s.options.credentialsFile,
	}
	login, err := chain.Find()
	if err != nil && !errors.Is(err, signer.ErrNoCredentials) {
		return signer.Login{}, credentialsFailure(err)
	}
	s.caller = login
	return login, nil
}

// regionalEndpoint is what the cloud's SDKs are told to use for VOD in one region, or nothing.
func regionalEndpoint(region string) string {
	if region == "" {
		return ""
	}
	name := "HUAWEICLOUD_SDK_REGION_VOD_" + strings.ToUpper(strings.ReplaceAll(region, "-", "_"))
	// The SDKs take a list there and start with its first.
	endpoint, _, _ := strings.Cut(os.Getenv(name), ",")
	return strings.TrimSpace(endpoint)
}

func credentialsFailure(err error) error {
	return &failure{
		code:  exitCredentials,
		what:  strings.ReplaceAll(err.Error(), "signer: ", ""),
		next:  "vod help environment",
		cause: err,
	}
}

// client makes the client of the service and project that flags, environment and file name.
func (s *session) client() (*client.Client, error) {
	login, err := s.login()
	if err != nil {
		return nil, err
	}
	return s.connect(login)
}

// connect makes the client of the service and project that login names.
func (s *session) connect(login signer.Login) (*client.Client, error) {
	return s.connectWith(login, client.RetryPolicy{})
}

// connectWith is connect for a caller who decides himself when to repeat a call.
func (s *session) connectWith(login signer.Login, retry client.RetryPolicy) (*client.Client, error) {
	config := serviceOf(login)
	config.Retry = retry
	if err := unconfigured(login, config.Endpoint == "" && config.Region == ""); err != nil {
		return nil, err
	}
	var err error
	if config.Auth, err = login.Authenticator(); err != nil {
		return nil, credentialsFailure(err)
	}
	s.pages = &pageFinder{Transport: client.NewTransport()}
	config.Transport = s.pages
	c, err := newClient(config)
	if err == nil {
		s.service = "service at " + strings.TrimSuffix(c.String(), "/v1.0/"+config.ProjectID)
	}
	return c, err
}

// pageFinder notes the link from an asset to its page for people, which the response about a single one may have.
type pageFinder struct {
	*http.Transport
	found atomic.Pointer[string]
}

// last returns the address that was found last, or "".
func (p *pageFinder) last() string {
	if p == nil {
		return ""
	}
	return valueOf(p.found.Load())
}

func (p *pageFinder) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := p.Transport.RoundTrip(r)
	if err == nil {
		link, isPage := strings.CutSuffix(response.Header.Get("Link"), `>; rel="alternate"; type="text/html"`)
		if address, ok := strings.CutPrefix(link, "<http"); ok && isPage {
			address = "http" + address
			p.found.Store(&address)
		}
	}
	return response, err
}

// unconfigured returns the failure of a call for which settings are missing, with all of them; nil when there are none.
func unconfigured(login signer.Login, noRegion bool) error {
	var missing, details []string
	lacks := func(name, how string) {
		missing, details = append(missing, name), append(details, name+": "+how)
	}
	if noRegion {
		lacks("region", "--region or VOD_REGION, such as cn-north-4")
	}
	if login.Source == "" {
		lacks("credentials", "VOD_ACCESS_KEY and VOD_SECRET_KEY, or VOD_AUTH_TOKEN, or ak and sk under [basic] in ~/.huaweicloud/credentials")
	}
	if login.ProjectID == "" {
		lacks("project", "--project-id or VOD_PROJECT_ID; the console shows it under My Credentials")
	}
	if len(missing) == 0 {
		return nil
	}
	return &failure{
		code:    exitCredentials,
		what:    "not configured: no " + strings.Join(missing, ", no ") + "; nothing was sent",
		details: details,
		next:    `set the above, see vod help environment; for a service on this machine: vod serve, then eval "$(vod env)"`,
	}
}

// serviceOf is the service and the project that login names, without credentials.
func serviceOf(login signer.Login) client.Config {
	return client.Config{
		Endpoint:  cmp.Or(login.Endpoint, regionalEndpoint(login.Region)),
		Region:    login.Region,
		ProjectID: login.ProjectID,
	}
}

// newClient says what is wrong with an endpoint, region or project that cannot be one.
func newClient(config client.Config) (*client.Client, error) {
	c, err := client.New(config)
	if err != nil {
		return nil, &failure{
			code:  exitUsage,
			what:  strings.TrimPrefix(err.Error(), "client: "),
			next:  "check --endpoint, --region and --project-id, or their variables: vod help environment",
			cause: err,
		}
	}
	return c, nil
}
