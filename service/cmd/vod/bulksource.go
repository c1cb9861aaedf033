package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/bulk"
	"github.com/vod-reproduction/vod/signer"
)

// bulkSources is what the command line says about the objects of a run.
type bulkSources struct {
	*session
	edits            edits
	file             string
	include, exclude []string
	minSize, maxSize byteSize
	newer, older     timeFlag
	types            []string
	csv              bool
	ignoreColumns    bool
	encoding         encodingFlag
	shortenTitles    bool

	defaults *gen.DumpRequest
}

func (b *bulkSources) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&b.csv, "csv", false, "the files are tables, whatever they are called")
	flags.BoolVar(&b.ignoreColumns, "ignore-columns", false, "leave out columns of a table that are no fields of a request")
	flags.Var(&b.encoding, "encoding", "the files are text in this encoding, such as gb18030 or utf-16le (default: UTF-8)")
	flags.StringVar(&b.file, "defaults", "", "take what is not given from a request body in `FILE`")
	flags.StringArrayVar(&b.include, "include", nil, "only keys that match `GLOB`: * and ? stop at a slash, ** does not; without a slash it is for the last part of the key (repeatable)")
	flags.StringArrayVar(&b.exclude, "exclude", nil, "no keys that match `GLOB` (repeatable)")
	flags.Var(&b.minSize, "min-size", "only objects of at least `SIZE`, such as 10MB")
	flags.Var(&b.maxSize, "max-size", "only objects of at most `SIZE`")
	flags.Var(&b.newer, "newer", "only objects that were written since `TIME`: 2026-01-31 (UTC), RFC 3339, or an age such as 36h")
	flags.Var(&b.older, "older", "only objects that were written before `TIME`")
	flags.BoolVar(&b.shortenTitles, "shorten-titles", false, "cut titles that are made from keys to 128 characters, instead of refusing their objects")
	flags.StringSliceVar(&b.types, "type", nil, "only objects of these `TYPES`, such as MP4,HLS")
	b.edits.register(cmd)
	b.completeFields(cmd)
}

// open makes the source that the arguments name.
func (b *bulkSources) open(cmd *cobra.Command, login signer.Login, args []string) (bulk.Source, error) {
	if err := b.checkFilters(cmd, args); err != nil {
		return nil, err
	}
	defaults, err := b.makeDefaults(cmd, login)
	if err != nil {
		return nil, err
	}
	var sources bulk.Sources
	for _, arg := range args {
		source, err := b.one(cmd, login, defaults, arg)
		if err != nil {
			return nil, err
		}
		sources = append(sources, &namedSource{Source: source, session: b.session, name: arg, several: len(args) > 1})
	}
	return sources, nil
}

// namedSource names its source, as it was given, when it is empty or cannot be read.
type namedSource struct {
	bulk.Source
	*session
	name    string
	several bool // there are others, which may have objects
}

func (s *namedSource) Entries(ctx context.Context) iter.Seq2[bulk.Entry, error] {
	return func(yield func(bulk.Entry, error) bool) {
		empty := true
		for entry, err := range s.Source.Entries(ctx) {
			if _, isBucket := s.Source.(*bulk.Bucket); isBucket && err != nil && ctx.Err() == nil {
				err = s.storeFailure("list", s.name, err)
			}
			empty = false
			if !yield(entry, err) || err != nil {
				return
			}
		}
		if empty && s.several {
			s.note("no object in %s", fileName(s.name))
		}
	}
}

func (b *bulkSources) one(cmd *cobra.Command, login signer.Login, defaults *bulk.Defaults, arg string) (bulk.Source, error) {
	switch {
	case strings.HasPrefix(arg, addressScheme):
		return b.bucket(cmd, login, defaults, arg)
	case arg == standardInput:
		if b.inTaken {
			return nil, usage(cmd, "only one of the files can be standard input")
		}
		b.inTaken = true
		return b.manifest(bulk.Manifest{Reader: b.in, CSV: b.csv, Defaults: defaults}), nil
	}
	switch info, err := os.Stat(arg); {
	case err != nil:
		return nil, unreadable(arg, err)
	case info.IsDir():
		return nil, &failure{
			code: exitUsage, what: fmt.Sprintf("%q is a folder of this machine, and bulk reads buckets and manifests", arg),
			next: uploadOf(arg) + ", then vod bulk " + shellWord(addressScheme+"BUCKET/"+filepath.Base(absolute(arg))+"/"),
		}
	case !info.Mode().IsRegular(): // it is read more than once, which a pipe cannot be
		return nil, usage(cmd, fmt.Sprintf("%q is not a regular file; give - to read standard input", arg))
	}
	return b.manifest(bulk.Manifest{Path: arg, CSV: b.csv || strings.EqualFold(filepath.Ext(arg), ".csv"), Defaults: defaults}), nil
}

func (b *bulkSources) manifest(m bulk.Manifest) *bulk.Manifest {
	m.IgnoreColumns, m.Encoding = b.ignoreColumns, b.encoding.Encoding
	m.Notice = func(text string) { b.note("%s", text) }
	return &m
}

func (b *bulkSources) bucket(cmd *cobra.Command, login signer.Login, defaults *bulk.Defaults, arg string) (bulk.Source, error) {
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(arg, addressScheme), "/")
	if bucket == "" {
		return nil, &failure{code: exitUsage, what: fmt.Sprintf("%q names no bucket", arg), next: "write obs://BUCKET/PREFIX"}
	}
	filter, err := b.filter()
	if err != nil {
		return nil, usage(cmd, err.Error())
	}
	store, err := b.store(login)
	if err != nil {
		return nil, err
	}
	return &bulk.Bucket{
		Store: store, Bucket: bucket, Prefix: prefix, Location: firstOf(b.defaults.Input.Location, login.Region),
		Filter: filter, Defaults: defaults,
	}, nil
}

// makeDefaults joins the flags and the file.
func (b *bulkSources) makeDefaults(cmd *cobra.Command, login signer.Login) (*bulk.Defaults, error) {
	b.defaults = new(gen.DumpRequest)
	if b.file != "" {
		body, err := b.readBody(b.file)
		if err != nil {
			return nil, err
		}
		request, found := contract.Decode(body)
		if violations := append(bulk.EmptyFields(request, found), unreadableFields(found)...); len(violations) > 0 {
			return nil, b.refusal(violations, "correct "+fileName(b.file))
		}
		b.defaults = request
	}
	b.edits.apply(b.defaults)
	if b.defaults.Input.Location == "" {
		b.defaults.Input.Location = login.Region
	}
	defaults, err := bulk.NewDefaults(b.defaults, guessVideoType, guessTitle)
	if err != nil {
		return nil, usage(cmd, err.Error())
	}
	defaults.ShortenTitles = b.shortenTitles
	return defaults, nil
}

// checkFilters refuses filters that would choose nothing: all of a manifest is dumped.
func (*bulkSources) checkFilters(cmd *cobra.Command, args []string) error {
	if slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, addressScheme) }) {
		return nil
	}
	for _, flag := range []string{"include", "exclude", "min-size", "max-size", "newer", "older", "type"} {
		if changed(cmd, flag) {
			return &failure{
				code: exitUsage, what: "--" + flag + " chooses among the objects of a bucket, and the sources are manifests, of which every line is dumped",
				next: "leave out the lines that are not to be dumped, and --" + flag + "; or name a bucket, obs://BUCKET/PREFIX",
			}
		}
	}
	return nil
}

func (b *bulkSources) filter() (bulk.Filter, error) {
	f := bulk.Filter{MinSize: int64(b.minSize), MaxSize: int64(b.maxSize), Since: b.newer.Time, Before: b.older.Time}
	for _, list := range []struct {
		globs []string
		into  *[]*regexp.Regexp
	}{{b.include, &f.Include}, {b.exclude, &f.Exclude}} {
		for _, glob := range list.globs {
			pattern, err := bulk.CompileGlob(glob)
			if err != nil {
				return f, err
			}
			*list.into = append(*list.into, pattern)
		}
	}
	for _, name := range b.types {
		format := contract.Canonical(gen.VideoType(strings.ToUpper(strings.TrimSpace(name))))
		if !format.Valid() {
			return f, fmt.Errorf("--type: %q is none of the documented formats: %s", name, strings.Join(videoTypes(), ", "))
		}
		f.Types = append(f.Types, format)
	}
	return f, nil
}

// videoTypes are the documented formats.
func videoTypes() []string {
	p, _ := contract.Field("video_type")
	return p.Enum
}

// options names all that decides about the items besides the sources themselves. An age counts as it was given.
func (b *bulkSources) options() string {
	all := []any{b.defaults, b.include, b.exclude, b.minSize, b.maxSize, b.newer.given, b.older.given, b.types, b.csv}
	// Only where they are given: journals of earlier versions have no such elements.
	if b.shortenTitles {
		all = append(all, "shorten-titles")
	}
	if b.ignoreColumns {
		all = append(all, "ignore-columns")
	}
	if b.encoding.given != "" {
		all = append(all, "encoding", b.encoding.given)
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic(err) // these types can always be written
	}
	return string(text)
}

// sourceNames names the sources wherever the command is started.
func sourceNames(args []string) string {
	names := make([]string, len(args))
	for i, arg := range args {
		names[i] = arg
		if arg != standardInput && !strings.HasPrefix(arg, addressScheme) {
			names[i] = absolute(arg)
		}
	}
	return strings.Join(names, " ")
}

// absolute names a file wherever the command is started.
func absolute(name string) string {
	if path, err := filepath.Abs(name); err == nil {
		return path
	}
	return name
}

var unfitForFile = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// defaultJournal lies beside a manifest, or in the working directory for a bucket.
func defaultJournal(args []string) string {
	const ending = ".bulk.db"
	switch name, isBucket := strings.CutPrefix(args[0], addressScheme); {
	case len(args) > 1, args[0] == standardInput:
		return ""
	case isBucket:
		return strings.Trim(unfitForFile.ReplaceAllString(name, "-"), "-") + ending
	}
	return args[0] + ending
}
