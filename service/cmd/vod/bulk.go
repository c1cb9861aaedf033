package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/service/bulk"
	"github.com/vod-reproduction/vod/signer"
)

// bulkDump is one "vod bulk" as its command line gave it.
type bulkDump struct {
	*session
	sources        bulkSources
	journal        string
	dryRun, list   bool
	wait           bool
	authorize      bool
	changed        bool
	retryFailed    bool
	retryAmbiguous bool
	rate           float64
	burst          int
	concurrency    int
	patience       time.Duration
}

func newBulkCommand(s *session) *cobra.Command {
	b := &bulkDump{session: s, sources: bulkSources{session: s}}
	cmd := &cobra.Command{
		Use:   "bulk SOURCE...",
		Short: "Dump many objects, each of them once, over any number of starts",
		Long: `Dumps the objects of a SOURCE, which is one of

  obs://BUCKET/PREFIX  the objects of a bucket whose keys start with PREFIX
  FILE.csv             a table; its header names fields of the request, such as
                       title, object or thumbnail.type, separated by commas,
                       semicolons or tabs; tables can be joined with their headers
  FILE, or -           one object per line: a request body of the API (JSON lines), or
                       an address, obs://BUCKET/KEY

vod help manifests says more of both, and how lists of other programs become one.

What a line or an object does not say comes from the flags, then from --defaults,
then from the name of the object. Texts given so may be templates, such as
--title '{{.Name}}' or --tags '{{replace "/" "," .Dir}}', with .Bucket, .Key, .Dir,
.Base, .Name, .Ext and the functions lower, upper and replace OLD NEW.

Everything is checked first; what breaks the contract is reported and left out.
The journal, a file, records what has become of every object: the same command
started again goes on where it stopped, and sends nothing twice. Without --journal it
lies beside the manifest, as FILE.bulk.db, or for a bucket in the working directory,
as BUCKET-PREFIX.bulk.db; every start says where. When a call was in flight at a
crash, or its response was lost, the object is ambiguous. Where the service supports
Idempotency-Key that is settled automatically. Otherwise the run looks for the asset
by title, time and source: one that is found is taken for the object's, and if none is
listed half an hour after the call, the object is sent. A service that does not report
sources (the cloud does not for copied media) leaves that to you: look, and then
--retry-ambiguous sends what is missing. A second line for the same object is
refused, unless it repeats the first word for word.

A bucket is listed at VOD_S3_ENDPOINT with VOD_S3_ACCESS_KEY and VOD_S3_SECRET_KEY;
without them in OBS of the region, with the access key of the calls, where the service
is the cloud's. In a bucket the extension tells the format, and objects without one of
the documented formats are left out. A playlist (m3u8, m3u) is read and dumped as HLS;
what it names, segments and playlists of variants, is part of it and never dumped
alone, also when the playlist is refused or left out by a filter. HLS stays where it
is, as the contract demands: its storage mode, output bucket and output path follow
from its key, whatever the flags say. Objects that are archived (COLD, GLACIER,
DEEP_ARCHIVE and the like) are named and left out until they are restored: in the
console of OBS, or with obsutil restore.

` + bulkEventText + `

The exit code is the worst that the journal holds: 7 ambiguous objects, 6 failed
assets, 1 failed calls, 3 refused objects. It is 8 when the sources name no object
and the journal has none, as after a mistyped prefix.`,
		Example: `  vod bulk obs://media/2026/ --dry-run
  vod bulk obs://media/ --include '*.mp4' --min-size 1MB --title '{{.Name}}' --wait
  vod bulk requests.jsonl --rate 600
  vod bulk report requests.jsonl.bulk.db --failed -o csv`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(cmd, "vod bulk takes at least one SOURCE")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, flag := range []struct {
				name  string
				value float64
			}{{"rate", b.rate}, {"concurrency", float64(b.concurrency)}, {"patience", float64(b.patience)}} {
				if !(flag.value > 0) { // nor NaN
					return usage(cmd, "--"+flag.name+" must be positive")
				}
			}
			if b.burst < 0 {
				return usage(cmd, "--burst must not be negative")
			}
			b.dryRun = b.dryRun || b.list
			if b.journal == "" {
				b.journal = defaultJournal(args)
			}
			if b.journal == "" && !b.dryRun {
				return usage(cmd, "standard input and several sources need --journal FILE")
			}
			return b.run(cmd, args)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&b.dryRun, "dry-run", false, "only check and count, taking the journal into account; a file needs no credentials")
	flags.BoolVar(&b.list, "list", false, "a dry run that lists every object with its title, or with why it is left out")
	flags.StringVar(&b.journal, "journal", "", "`FILE` that records the run (default: SOURCE.bulk.db)")
	flags.BoolVarP(&b.wait, "wait", "w", false, "follow the assets until they are ready or have failed")
	flags.BoolVar(&b.authorize, "authorize-bucket", false, "first let VOD use the buckets of source and results, as vod authorize does")
	flags.BoolVar(&b.changed, "changed", false, "dump objects again that have changed since they were dumped")
	flags.BoolVar(&b.retryFailed, "retry-failed", false, "send again what has failed")
	flags.BoolVar(&b.retryAmbiguous, "retry-ambiguous", false, "send again what may have been accepted; it can be billed twice")
	flags.Float64Var(&b.rate, "rate", bulk.DefaultRate, "send at most `CALLS` per minute")
	flags.IntVar(&b.burst, "burst", 0, "send at most `CALLS` at once after a pause (default: a second's worth)")
	flags.IntVar(&b.concurrency, "concurrency", 8, "keep at most `CALLS` in flight")
	flags.DurationVar(&b.patience, "patience", 5*time.Minute, "stop when the service accepts no request for this `TIME`")
	b.sources.register(cmd)
	cmd.AddCommand(newBulkReportCommand(s))
	return cmd
}

// run plans, and then sends and follows.
func (b *bulkDump) run(cmd *cobra.Command, args []string) error {
	login, err := b.login()
	if err != nil {
		return err
	}
	source, err := b.sources.open(cmd, login, args)
	if err != nil {
		return err
	}
	ctx, cancel := b.limit(cmd.Context())
	defer cancel()
	if b.dryRun {
		return b.plan(ctx, login, source, args)
	}
	caller, err := b.connectWith(login, client.RetryPolicy{MaxAttempts: 1})
	if err != nil {
		return err
	}
	journal, err := b.open(ctx, caller.String(), args)
	if err != nil {
		return err
	}
	b.note("the journal is %s", absolute(b.journal))
	err = b.work(ctx, journal, login, caller, source, args)
	if closed := journal.Close(); err == nil && closed != nil {
		return fmt.Errorf("close the journal: %w", closed)
	}
	return err
}

// authorizeBuckets opens the buckets that the plan names. These calls may be repeated, those of the run may not.
func (b *bulkDump) authorizeBuckets(ctx context.Context, login signer.Login, journal *bulk.Journal) error {
	c, err := b.connect(login)
	if err != nil {
		return err
	}
	buckets, err := journal.Buckets(ctx)
	if err != nil {
		return bulkFailure(err, b.journal)
	}
	for _, bucket := range buckets {
		if err := c.AuthorizeBucket(ctx, bucket); err != nil {
			return at("bucket "+bucket, err)
		}
		b.note("VOD may read and write bucket %s", bucket)
	}
	return nil
}

// open opens the journal and makes sure that it is the one of this service and these sources.
func (b *bulkDump) open(ctx context.Context, service string, args []string) (*bulk.Journal, error) {
	if dir := filepath.Dir(b.journal); !isFolder(dir) {
		return nil, &failure{code: exitUsage, what: "there is no folder " + dir, where: "--journal " + b.journal, next: "make the folder, or choose another --journal"}
	}
	if isFolder(b.journal) {
		return nil, &failure{code: exitUsage, what: b.journal + " is a folder, and the journal is a file", where: "--journal " + b.journal, next: "name a file: --journal FILE"}
	}
	journal, err := bulk.Open(ctx, b.journal, bulk.Tie{Name: "service", Value: service}, bulk.Tie{Name: "source", Value: sourceNames(args)})
	if err != nil {
		return nil, bulkFailure(err, b.journal)
	}
	return journal, nil
}

// work sends and follows what the journal holds.
func (b *bulkDump) work(
	ctx context.Context, journal *bulk.Journal, login signer.Login, caller *client.Client, source bulk.Source, args []string,
) error {
	p, err := b.prepare(ctx, journal, source)
	if err != nil {
		return b.unplanned(ctx, journal, err)
	}
	if b.authorize {
		if err := b.authorizeBuckets(ctx, login, journal); err != nil {
			return err
		}
	}
	if p.empty {
		if err := b.conclude(ctx, journal, nil); err != nil {
			return err
		}
		if err := discard(journal); err != nil {
			return err
		}
		return noObjects(args)
	}
	config := bulk.Config{
		Service: caller, Rate: b.rate, Burst: b.burst, Concurrency: b.concurrency, Patience: b.patience,
		RetryAmbiguous: b.retryAmbiguous, Observe: p.observe,
	}
	stop := p.start(ctx)
	err = bulk.Run(ctx, journal, config)
	if err == nil && b.wait {
		err = bulk.Follow(ctx, journal, config)
	}
	stop()
	if err == nil {
		err = p.fault
	}
	return b.conclude(ctx, journal, err)
}

// unplanned is the failure of a start that could not plan. Where that is not for a lack of time, nothing of the sources is to
// be sent.
func (b *bulkDump) unplanned(ctx context.Context, journal *bulk.Journal, err error) error {
	if !journal.Fresh() || ctx.Err() != nil {
		return bulkFailure(err, b.journal)
	}
	return bulkFailure(errors.Join(err, discard(journal)), "")
}

// discard removes a journal that this start has made.
func discard(journal *bulk.Journal) error {
	if !journal.Fresh() {
		return nil
	}
	if err := journal.Discard(); err != nil {
		return fmt.Errorf("remove the journal: %w", err)
	}
	return nil
}

// prepare plans and takes stock.
func (b *bulkDump) prepare(ctx context.Context, journal *bulk.Journal, source bulk.Source) (*progress, error) {
	reading := b.newMessageBoard()
	plan, err := journal.Plan(ctx, source, bulk.PlanOptions{
		Options: b.sources.options(), Changed: b.changed, Progress: reading.drawRead,
	})
	reading.clear()
	if err != nil {
		return nil, err
	}
	if b.retryFailed {
		if err := journal.RetryFailed(ctx); err != nil {
			return nil, err
		}
	}
	counts, err := journal.Counts(ctx)
	if err != nil {
		return nil, err
	}
	p := b.newProgress(counts)
	p.empty = emptyPlan(plan, counts)
	return p, b.tellPlan(plan, counts)
}

// bulkFailure explains why a run stopped. What has been recorded stays, so the next step is mostly the same command.
func bulkFailure(err error, journal string) error {
	var (
		form        *bulk.FormError
		bound       *bulk.BoundError
		fatal       *bulk.FatalError
		unknown     *bulk.TooManyUnknownError
		unavailable *bulk.UnavailableError
		unrecorded  *bulk.UnrecordedError
	)
	f := *explain(err)
	if journal != "" {
		f.where = cmp.Or(f.where, "journal "+journal)
	}
	switch {
	case errors.As(err, &form):
		f.code, f.next = exitRefused, form.Next
	case errors.Is(err, bulk.ErrEncoding):
		f.code = exitRefused
		f.next = "save the file as UTF-8, or name its encoding: --encoding gb18030 for what programs on Windows wrote in China (Excel among " +
			"them), big5 in Taiwan, shift_jis in Japan, windows-1252 in Western Europe, utf-16le for Unicode text"
	case errors.Is(err, bulk.ErrNotJournal):
		f.next = "choose another --journal"
	case errors.Is(err, bulk.ErrInUse):
		f.code, f.what, f.next = exitOther, bulk.ErrInUse.Error(), "wait until it has ended; vod bulk report shows how far it is"
	case errors.As(err, &bound):
		f.code, f.next = exitUsage, "choose another --journal, or go on with the old "+bound.Name
	case errors.As(err, &fatal):
		f.what = "stopped, because every call would end alike: " + explain(fatal.Err).what
		f.next = joinSteps(f.next, "then start the same command again")
	case errors.As(err, &unavailable):
		f.what = err.Error()
		f.next = joinSteps(f.next, "then start the same command again")
	case errors.As(err, &unknown):
		f.code, f.what = exitUnknown, err.Error()
		f.next = "find out what became of these calls before going on: vod bulk report " + journal + " --ambiguous"
	case errors.As(err, &unrecorded):
		f.code, f.what = exitUnknown, err.Error()
		f.next = "keep the asset IDs above; " + makeRoom + "; it treats these objects as ambiguous"
	case bulk.Unwritable(err):
		f.next = makeRoom
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		f.next = "start the same command again; it goes on where it stopped"
	}
	return &f
}

// makeRoom is the next step where a journal could not be written.
const makeRoom = "free disk space for the journal, or make it writable; then start the same command again"

func joinSteps(first, second string) string {
	if first == "" {
		return second
	}
	return first + "; " + second
}
