package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/signer"
)

// dump is one "vod dump" with the flags of its command line.
type dump struct {
	*session
	edits          edits
	file           string
	idempotencyKey string
	authorize      bool
	wait           bool
	dryRun         bool
}

func newDumpCommand(s *session) *cobra.Command {
	d := &dump{session: s}
	cmd := &cobra.Command{
		Use:   "dump [obs://BUCKET/KEY]",
		Short: "Dump one media file from an OBS bucket into VOD",
		Long: `Sends one dump request and prints the ID of the new asset. The request comes from
the flags, from a file with a request body, or from both: flags take precedence
over the file. It is checked against the whole contract first, and nothing is sent when it
does not hold.

The call is not idempotent: sent twice it makes two assets, and both are billed.
Where the service supports it, --idempotency-key makes repeating safe. Exit code 7
means that no response came, and that the asset may exist.`,
		Example: `  vod dump obs://media/holiday.mp4 --wait
  vod dump obs://media/talk.mov --title "The talk" --tags conference,2026
  vod dump --file request.json --no-auto-publish
  vod dump obs://media/show/index.m3u8 --storage-mode 1 \
      --output-bucket media --output-path show`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				f := &failure{code: exitUsage, what: fmt.Sprintf("one call dumps one object, not %d", len(args))}
				f.next = "for several, write their addresses into a file, one per line, and give it to vod bulk FILE"
				if !strings.HasPrefix(args[0], addressScheme) && isBucketPath.MatchString(args[0]) && !isFile(args[0]) {
					f.next = "an address is one word: vod dump " + shellWord(addressScheme+args[0]+"/"+args[1])
				} else if !strings.HasPrefix(args[1], addressScheme) && !isFile(args[1]) {
					f.next = fmt.Sprintf("%q stands alone: quote a value that has spaces, such as --title 'My film'", args[1])
				}
				return f
			}
			if len(args) == 0 && !changed(cmd, "object") && d.file == "" {
				return &failure{
					code:    exitUsage,
					what:    "vod dump needs an object: an address, --bucket with --object, or --file",
					details: []string{"usage: " + cmd.UseLine(), "example: vod dump obs://media/holiday.mp4 --wait"},
					next:    "vod dump --help",
				}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				if err := d.address(cmd, args[0]); err != nil {
					return err
				}
			}
			return d.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&d.file, "file", "f", "", "read the request body from `FILE`, or - for standard input")
	flags.BoolVar(&d.dryRun, "dry-run", false, "check and print the request instead of sending it; needs no credentials")
	flags.BoolVarP(&d.wait, "wait", "w", false, "wait until the asset is ready or has failed")
	flags.BoolVar(&d.authorize, "authorize-bucket", false, "first let VOD read the bucket, as vod authorize does")
	flags.StringVar(&d.idempotencyKey, "idempotency-key", "", "`KEY` that names this dump, so that it can be repeated safely")
	d.edits.register(cmd)
	d.completeFields(cmd)
	cmd.ValidArgsFunction = completeAddress
	return cmd
}

// address takes the friendly form of --bucket and --object.
func (d *dump) address(cmd *cobra.Command, address string) error {
	for _, name := range []string{"bucket", "object"} {
		if cmd.Flags().Changed(name) {
			return usage(cmd, fmt.Sprintf("give either an address or --%s, not both", name))
		}
	}
	bucket, key, err := parseAddress(address)
	if err != nil {
		return err
	}
	d.edits = append(d.edits, func(r *gen.DumpRequest) { r.Input.Bucket, r.Input.Object = bucket, key })
	return nil
}

// run sends the request, or shows it.
func (d *dump) run(ctx context.Context) error {
	login, err := d.login()
	if err != nil {
		return err
	}
	request, err := d.request(login)
	if err != nil {
		return err
	}
	// Bucket and service lie in one region, so that one of the two is enough.
	login.Region = cmp.Or(login.Region, request.Input.Location)
	if d.dryRun {
		return d.show(login, request)
	}
	c, err := d.connect(login)
	if err != nil {
		return err
	}
	ctx, cancel := d.limit(ctx)
	defer cancel()
	id, err := d.send(ctx, c, request)
	if err != nil {
		address := addressScheme + request.Input.Bucket + "/" + request.Input.Object
		return withCommandFor(request.Input.Bucket, address, at(address+" in "+request.Input.Location, err))
	}
	if err := d.printID(id); err != nil {
		return at("asset "+id, err) // it exists, and may be billed: nobody may have to look for it
	}
	if !d.wait {
		return nil
	}
	return d.await(ctx, c, id, request.GetAutoPublish() == gen.AutoPublishOn)
}

func (d *dump) send(ctx context.Context, c *client.Client, request *gen.DumpRequest) (id string, err error) {
	if d.authorize {
		if err := c.AuthorizeBucket(ctx, request.Input.Bucket); err != nil {
			return "", err
		}
		d.note("VOD may read and write bucket %s", request.Input.Bucket)
	}
	var options []client.DumpOption
	if d.idempotencyKey != "" {
		options = append(options, client.WithIdempotencyKey(d.idempotencyKey))
	}
	return c.Dump(ctx, request, options...)
}

// withCommandFor completes the refusal of a bucket or an object by the command that makes it usable.
func withCommandFor(bucket, address string, err error) error {
	var f *failure
	if !errors.As(err, &f) {
		return err
	}
	switch client.Code(f.cause) {
	case contract.CodeIllegalParameter:
		if strings.Contains(f.what, "{Idempotency-Key}") {
			f.next = "give another --idempotency-key, or the request that was sent under this one"
		}
	case contract.CodeBucketForbidden:
		f.next = "check the bucket's name; if it is right, open it to VOD: vod authorize " + bucket
	case contract.CodeNoSuchObject:
		f.next += "; vod upload FILE " + shellWord(address) + " puts a file there"
	}
	return err
}

func (d *dump) printID(id string) error {
	if !d.options.json() {
		return d.print(id)
	}
	return d.printJSON(gen.DumpResponse{AssetID: id})
}

// request puts the request together: the file, the flags over it, and what follows from the object's key and the region.
// What it returns keeps the contract.
func (d *dump) request(login signer.Login) (*gen.DumpRequest, error) {
	request := new(gen.DumpRequest)
	if d.file != "" {
		body, err := d.readBody(d.file)
		if err != nil {
			return nil, err
		}
		decoded, violations := contract.Decode(body)
		if violations = unreadableFields(violations); len(violations) > 0 {
			return nil, d.refusal(violations, "correct "+fileName(d.file)+"; vod validate lists all that is wrong with it")
		}
		request = decoded
	}
	d.edits.apply(request)
	d.complete(request, login.Region)
	violations := contract.Validate(request)
	if len(violations) == 1 && request.Input.Location == "" && !d.dryRun {
		return nil, unconfigured(login, true)
	}
	for i := range violations {
		v := &violations[i]
		switch {
		case v.Rule != "required":
		case v.Field == "video_type" && request.Input.Object != "":
			v.Message = fmt.Sprintf("no known format belongs to the name %q; if it is media, give its format by --video-type, such as MP4", baseName(request.Input.Object))
		case v.Field == "input.location":
			v.Message = "no region is configured; give --region or VOD_REGION, such as cn-north-4"
		}
	}
	if len(violations) > 0 {
		next := d.correction(violations)
		if len(violations) == 1 && violations[0].Field == "video_type" && request.VideoType == "" && d.file == "" {
			next = fmt.Sprintf("vod dump %s --video-type MP4, or what its format is", shellWord(addressScheme+request.Input.Bucket+"/"+request.Input.Object))
		}
		return nil, d.refusal(violations, next)
	}
	return request, nil
}

// correction is the next step after violations: the file that has the fields, and the flags that set them.
func (d *dump) correction(violations contract.Violations) string {
	var flags []string
	for _, v := range violations {
		name, _, _ := strings.Cut(v.Field, "[")
		flag := "--" + flagOf(name)
		if slices.ContainsFunc(fields, func(f field) bool { return f.path == name }) && !slices.Contains(flags, flag) {
			flags = append(flags, flag)
		}
	}
	if len(flags) == 0 {
		return "correct the fields named above"
	}
	if d.file != "" {
		return "correct " + fileName(d.file) + ", or set the fields by " + strings.Join(flags, ", ")
	}
	return "correct " + strings.Join(flags, ", ") + "; vod dump --help explains the flags"
}

// unreadableFields leaves out the fields that a file may lack because flags can set them.
func unreadableFields(violations contract.Violations) contract.Violations {
	var unreadable contract.Violations
	for _, v := range violations {
		if v.Rule != "required" || v.Field == "" {
			unreadable = append(unreadable, v)
		}
	}
	return unreadable
}

// complete fills in the mandatory fields that were not specified, and says so.
func (d *dump) complete(request *gen.DumpRequest, region string) {
	key := request.Input.Object
	if request.VideoType == "" && key != "" {
		if request.VideoType = guessVideoType(key); request.VideoType != "" {
			d.note("video type %s, from the extension of %s", request.VideoType, baseName(key))
		}
	}
	if request.Title == "" && key != "" {
		request.Title = guessTitle(key)
		d.note("title %q, from the name of the object", request.Title)
	}
	if request.Input.Location == "" {
		request.Input.Location = region
	}
	request.VideoType = contract.Canonical(request.VideoType)
}

// show prints the request that would be sent.
func (d *dump) show(login signer.Login, request *gen.DumpRequest) error {
	service := serviceOf(login)
	service.ProjectID = cmp.Or(service.ProjectID, "PROJECT_ID")
	service.Auth = signer.StaticToken("none") // nothing is sent, but a client has credentials
	c, err := newClient(service)
	if err != nil {
		return err
	}
	d.say("", "POST "+c.String()+"/asset/reproduction")
	if d.idempotencyKey != "" {
		d.say("", "Idempotency-Key: "+d.idempotencyKey)
	}
	return d.printJSON(request)
}

// guessVideoType returns the format that the extension of an object's key stands for, or "".
func guessVideoType(key string) gen.VideoType { return gen.VideoType(asset.VideoTypeOf(key)) }

// guessTitle names an asset after its object: the last part of the key, without the extension.
func guessTitle(key string) string {
	base := baseName(key)
	if title := strings.TrimSuffix(base, path.Ext(base)); title != "" {
		return title
	}
	return base
}

// await follows a new asset to its end.
func (s *session) await(ctx context.Context, c *client.Client, id string, published bool) error {
	s.note("waiting for asset %s", id)
	var options []client.WaitOption
	if published {
		options = append(options, client.UntilPublished())
	}
	steps := s.newMessageBoard()
	if steps != nil {
		options = append(options, client.Observe(func(info companions.AssetInfo) {
			steps.draw(steps.rates.bars([]companions.AssetInfo{info}, time.Now()))
		}))
	}
	info, err := c.Wait(ctx, id, options...)
	steps.clear()
	if page := s.pages.last(); page != "" {
		s.note("asset %s has a page: %s", id, page)
	}
	if err != nil {
		return at("asset "+id, stopped(ctx, []string{id}, err))
	}
	s.note("asset %s is %s", id, info.Status)
	if s.options.json() {
		return s.printJSON(info)
	}
	return nil
}

// stopped is the failure of following assets that go on by themselves. When it was the caller who stopped, it says how
// to follow them further.
func stopped(ctx context.Context, ids []string, err error) error {
	var job *client.JobError
	if ctx.Err() == nil || errors.As(err, &job) {
		return err
	}
	f := *explain(ctx.Err())
	f.next = "vod status " + strings.Join(ids, " ") + " --watch"
	return &f
}
