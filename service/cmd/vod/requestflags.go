package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/gen"
)

// edit changes one field of a request.
type edit func(*gen.DumpRequest)

// field is a flag that sets one field of the request, which stays as it was when the flag is not specified, so that
// 0 and "" can be told from nothing.
type field struct {
	flag, value, usage string
	parse              func(text string) (edit, error)
}

// fields has a flag for every field of the request, in the order of the vendor's API reference.
var fields = []field{
	{"video-type", "TYPE", "file format, such as MP4 or HLS (default: from the object's extension)",
		plain(func(r *gen.DumpRequest, v string) { r.VideoType = gen.VideoType(strings.ToUpper(v)) })},
	{"title", "TEXT", "title of the asset (default: the object's name without its extension)",
		plain(func(r *gen.DumpRequest, v string) { r.Title = v })},
	{"description", "TEXT", "description of the asset",
		optional(text, func(r *gen.DumpRequest) **string { return &r.Description })},
	{"category-id", "ID", "category of the asset; -1 is Other",
		optional(number, func(r *gen.DumpRequest) **int32 { return &r.CategoryID })},
	{"tags", "TAG,...", "tags of the asset, at most 16",
		optional(text, func(r *gen.DumpRequest) **string { return &r.Tags })},
	{"auto-publish", switchValue, "publish the asset when it is ready (the service's default)",
		optional(onOff, func(r *gen.DumpRequest) **gen.AutoPublish { return &r.AutoPublish })},
	{"no-auto-publish", switchValue, "leave the asset unpublished",
		optional(offOn, func(r *gen.DumpRequest) **gen.AutoPublish { return &r.AutoPublish })},
	{"template-group-name", "NAME", "template group that transcodes the video",
		optional(text, func(r *gen.DumpRequest) **string { return &r.TemplateGroupName })},
	{"auto-encrypt", switchValue, "encrypt the HLS output",
		optional(onOff, func(r *gen.DumpRequest) **gen.AutoEncrypt { return &r.AutoEncrypt })},
	{"auto-preheat", switchValue, "load the published files into the CDN",
		optional(onOff, func(r *gen.DumpRequest) **gen.AutoPreheat { return &r.AutoPreheat })},

	{"thumbnail-type", "MODE", "take snapshots, which are billed: time, dots or quantity",
		plain(func(r *gen.DumpRequest, v string) { thumbnail(r).Type = gen.ThumbnailType(v) })},
	{"thumbnail-quantity", "N", "number of snapshots over the full duration (mode quantity)",
		optional(number, func(r *gen.DumpRequest) **int32 { return &thumbnail(r).Quantity })},
	{"thumbnail-quantity-time", "SECONDS", "seconds between them (mode quantity)",
		optional(number, func(r *gen.DumpRequest) **int32 { return &thumbnail(r).QuantityTime })},
	{"thumbnail-time", "SECONDS", "seconds between snapshots (mode time)",
		optional(number, func(r *gen.DumpRequest) **int32 { return &thumbnail(r).Time })},
	{"thumbnail-dots", "SECONDS,...", "timestamps of the snapshots (mode dots)", dots},
	{"thumbnail-cover-position", "N", "which snapshot is the cover, counted from 1",
		optional(number, func(r *gen.DumpRequest) **int32 { return &thumbnail(r).CoverPosition })},
	{"thumbnail-format", "N", "image format; 1 is JPG",
		optional(number, func(r *gen.DumpRequest) **gen.ThumbnailFormat { return &thumbnail(r).Format })},
	{"thumbnail-aspect-ratio", "N", "0 keeps the video's shape, 1 is 16:9",
		optional(number, func(r *gen.DumpRequest) **gen.AspectRatio { return &thumbnail(r).AspectRatio })},
	{"thumbnail-max-length", "PIXELS", "longest side of the snapshots",
		optional(number, func(r *gen.DumpRequest) **int32 { return &thumbnail(r).MaxLength })},

	{"review-template-id", "ID", "review template (AP-Singapore only, as all of review)",
		optional(text, func(r *gen.DumpRequest) **string { return &review(r).TemplateID })},
	{"review-interval", "SECONDS", "seconds between reviewed frames",
		optional(number, func(r *gen.DumpRequest) **int32 { return &review(r).Interval })},
	{"review-politics", "SCORE", "confidence from which political content counts",
		optional(number, func(r *gen.DumpRequest) **int32 { return &review(r).Politics })},
	{"review-terrorism", "SCORE", "confidence from which terrorist content counts",
		optional(number, func(r *gen.DumpRequest) **int32 { return &review(r).Terrorism })},
	{"review-porn", "SCORE", "confidence from which pornographic content counts",
		optional(number, func(r *gen.DumpRequest) **int32 { return &review(r).Porn })},

	{"workflow-name", "NAME", "workflow that processes the video; a template group takes precedence",
		optional(text, func(r *gen.DumpRequest) **string { return &r.WorkflowName })},
	{"bucket", "NAME", "bucket of the object, instead of an address",
		plain(func(r *gen.DumpRequest, v string) { r.Input.Bucket = v })},
	{"object", "KEY", "key of the object, instead of an address",
		plain(func(r *gen.DumpRequest, v string) { r.Input.Object = v })},
	{"location", "REGION", "region of the bucket (default: --region)",
		plain(func(r *gen.DumpRequest, v string) { r.Input.Location = v })},
	{"storage-mode", "N", "0 copies the media into VOD's bucket, 1 keeps it in yours",
		optional(number, func(r *gen.DumpRequest) **gen.StorageMode { return &r.StorageMode })},
	{"output-bucket", "NAME", "your bucket for the results (storage mode 1)",
		optional(text, func(r *gen.DumpRequest) **string { return &r.OutputBucket })},
	{"output-path", "DIRECTORY", "directory for the results in that bucket (storage mode 1)",
		optional(text, func(r *gen.DumpRequest) **string { return &r.OutputPath })},
}

// switchValue marks a flag that can stand without a value.
const switchValue = ""

// edits collects what the flags of one command line change, in the order given.
type edits []edit

// register adds the flags of all fields to cmd.
func (e *edits) register(cmd *cobra.Command) {
	for i := range fields {
		f := &fields[i]
		flag := cmd.Flags().VarPF(&fieldFlag{field: f, edits: e}, f.flag, "", f.usage)
		if f.value == switchValue {
			flag.NoOptDefVal = "true"
		}
	}
}

// apply makes the changes to r.
func (e edits) apply(r *gen.DumpRequest) {
	for _, change := range e {
		change(r)
	}
}

// fieldFlag is the pflag.Value of a field.
type fieldFlag struct {
	field *field
	edits *edits
	given string
}

func (f *fieldFlag) String() string { return f.given }

func (f *fieldFlag) Type() string {
	if f.field.value == switchValue {
		return "bool" // pflag then shows no value in the help
	}
	return f.field.value
}

func (f *fieldFlag) Set(text string) error {
	change, err := f.field.parse(text)
	if err != nil {
		return err
	}
	f.given = text
	*f.edits = append(*f.edits, change)
	return nil
}

// plain sets a mandatory field, which cannot be absent.
func plain(set func(*gen.DumpRequest, string)) func(string) (edit, error) {
	return func(v string) (edit, error) {
		return func(r *gen.DumpRequest) { set(r, v) }, nil
	}
}

// optional sets the field that at points to.
func optional[T any](parse func(string) (T, error), at func(*gen.DumpRequest) **T) func(string) (edit, error) {
	return func(text string) (edit, error) {
		v, err := parse(text)
		if err != nil {
			return nil, err
		}
		return func(r *gen.DumpRequest) { *at(r) = &v }, nil
	}
}

func text(v string) (string, error) { return v, nil }

func number[T ~int32](v string) (T, error) {
	n, err := strconv.ParseInt(v, 10, 32)
	if errors.Is(err, strconv.ErrRange) {
		return 0, errors.New("must fit in 32 bits")
	}
	if err != nil {
		return 0, errors.New("must be a whole number")
	}
	return T(n), nil
}

func onOff[T ~int32](v string) (T, error) {
	on, err := strconv.ParseBool(v)
	if err != nil {
		return 0, errors.New("must be true or false, 1 or 0")
	}
	if on {
		return 1, nil
	}
	return 0, nil
}

func offOn[T ~int32](v string) (T, error) {
	on, err := onOff[T](v)
	return 1 - on, err
}

func dots(v string) (edit, error) {
	var timestamps []int32
	for _, part := range strings.Split(v, ",") {
		n, err := number[int32](strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("%q %w", part, err)
		}
		timestamps = append(timestamps, n)
	}
	return func(r *gen.DumpRequest) { thumbnail(r).Dots = timestamps }, nil
}

func thumbnail(r *gen.DumpRequest) *gen.Thumbnail {
	if r.Thumbnail == nil {
		r.Thumbnail = new(gen.Thumbnail)
	}
	return r.Thumbnail
}

func review(r *gen.DumpRequest) *gen.Review {
	if r.Review == nil {
		r.Review = new(gen.Review)
	}
	return r.Review
}
