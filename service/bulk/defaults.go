package bulk

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/template"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// Defaults are the fields that an object or a line of a manifest does not have itself. A field that a line has as empty
// text is there: it is kept, or refused where the contract wants more.
type Defaults struct {
	// ShortenTitles cuts titles that are made from keys to the length that the contract allows, instead of having the
	// object refused.
	ShortenTitles bool

	request   *gen.DumpRequest
	templates map[string]*template.Template // by the path of the field
	// videoType and title guess from a key; they are asked last.
	videoType func(key string) gen.VideoType
	title     func(key string) string
}

// names is what a template sees of an object. Of trips/day 1/beach.mp4 in bucket media, Dir is trips/day 1, Base is
// beach.mp4, Name is beach and Ext is mp4.
type names struct{ Bucket, Key, Dir, Base, Name, Ext string }

func namesOf(address gen.FileAddr) names {
	n := names{Bucket: address.Bucket, Key: address.Object, Base: address.Object}
	if i := strings.LastIndexByte(n.Key, '/'); i >= 0 {
		n.Dir, n.Base = n.Key[:i], n.Key[i+1:]
	}
	n.Name = n.Base
	if i := strings.LastIndexByte(n.Base, '.'); i > 0 {
		n.Name, n.Ext = n.Base[:i], n.Base[i+1:]
	}
	return n
}

var functions = template.FuncMap{
	"lower": strings.ToLower, "upper": strings.ToUpper,
	"replace": func(old, with, text string) string { return strings.ReplaceAll(text, old, with) },
}

// NewDefaults takes a request whose text fields may be templates of package text/template, with the names .Bucket,
// .Key, .Dir, .Base, .Name and .Ext and the functions lower, upper and replace OLD NEW. videoType and title guess from
// an object's key what neither the object nor request has; videoType returns "" where it cannot.
func NewDefaults(request *gen.DumpRequest, videoType func(string) gen.VideoType, title func(string) string) (*Defaults, error) {
	d := &Defaults{request: request, templates: map[string]*template.Template{}, videoType: videoType, title: title}
	for name, text := range texts(request) {
		if !strings.Contains(*text, "{{") {
			continue
		}
		t, err := template.New(name).Funcs(functions).Parse(*text)
		if err == nil {
			err = t.Execute(new(strings.Builder), namesOf(gen.FileAddr{Bucket: "bucket", Object: "dir/name.ext"}))
		}
		if err != nil {
			return nil, templateFault(name, err)
		}
		d.templates[name] = t
	}
	return d, nil
}

// templateFault says what is wrong with the template of a field, and what a template may use.
func templateFault(field string, err error) error {
	reason := err.Error()
	reason = reason[strings.LastIndex(reason, ": ")+len(": "):] // without the places in the program
	if unknown, ok := strings.CutPrefix(reason, "can't evaluate field "); ok {
		unknown, _, _ = strings.Cut(unknown, " ")
		reason = "there is no field ." + unknown
	}
	return fmt.Errorf("the template of %s: %s; a template can use .Bucket, .Key, .Dir, .Base, .Name, .Ext, and lower, upper, replace OLD NEW",
		field, reason)
}

// texts returns the text fields of a request that defaults can make from an object's name, as far as they are given. An
// optional field can be given as empty text; a title cannot (see EmptyFields).
func texts(r *gen.DumpRequest) map[string]*string {
	all := map[string]*string{
		"description": r.Description, "tags": r.Tags, "template_group_name": r.TemplateGroupName,
		"workflow_name": r.WorkflowName, "output_bucket": r.OutputBucket, "output_path": r.OutputPath,
	}
	if r.Title != "" {
		all["title"] = &r.Title
	}
	for name, text := range all {
		if text == nil {
			delete(all, name)
		}
	}
	return all
}

// fill completes a request in place. Shared fields of the defaults are not written to afterwards.
func (d *Defaults) fill(r *gen.DumpRequest) error {
	given := *r
	merge(reflect.ValueOf(r).Elem(), reflect.ValueOf(d.request).Elem())
	if err := d.execute(r, &given); err != nil {
		return err
	}
	if r.VideoType == "" {
		r.VideoType = d.videoType(r.Input.Object)
	}
	if r.Title == "" && r.Input.Object != "" {
		r.Title = d.shortened(d.title(r.Input.Object))
	}
	r.VideoType = contract.Canonical(r.VideoType)
	if r.VideoType == gen.VideoTypeHLS {
		inPlace(r, &given)
	}
	return nil
}

// execute makes the texts that are templates, unless the entry has them itself.
func (d *Defaults) execute(r, given *gen.DumpRequest) error {
	if len(d.templates) == 0 {
		return nil
	}
	n, before := namesOf(r.Input), texts(given)
	for name, t := range d.templates {
		if _, ok := before[name]; ok {
			continue
		}
		var b strings.Builder
		if err := t.Execute(&b, n); err != nil {
			return fmt.Errorf("the template of %s: %w", name, err)
		}
		text := b.String()
		if name == "title" {
			text = d.shortened(text)
		}
		set(r, name, text)
	}
	return nil
}

// maxTitle is the longest title, in characters.
var maxTitle = func() int {
	title, _ := contract.Field("title")
	return int(title.MaxLength)
}()

// shortened returns a title as it is sent.
func (d *Defaults) shortened(title string) string {
	if characters := []rune(title); d.ShortenTitles && len(characters) > maxTitle {
		return strings.TrimSpace(string(characters[:maxTitle]))
	}
	return title
}

// inPlace lets an HLS stream stay where it is, which is all that the contract allows. Only an entry's own fields count
// more: the defaults are for the other objects of the run.
func inPlace(r, given *gen.DumpRequest) {
	mode, dir := gen.StorageModeTenant, namesOf(r.Input).Dir
	r.StorageMode = cmp.Or(given.StorageMode, &mode)
	r.OutputBucket = cmp.Or(given.OutputBucket, &r.Input.Bucket)
	r.OutputPath = cmp.Or(given.OutputPath, &dir)
}

func set(r *gen.DumpRequest, name, text string) {
	switch name {
	case "title":
		r.Title = text
	case "description":
		r.Description = &text
	case "tags":
		r.Tags = &text
	case "template_group_name":
		r.TemplateGroupName = &text
	case "workflow_name":
		r.WorkflowName = &text
	case "output_bucket":
		r.OutputBucket = &text
	case "output_path":
		r.OutputPath = &text
	}
}

// merge sets the fields of into that are not set to those of from. Fields of a field count one by one only for the
// address, which is part of every request.
func merge(into, from reflect.Value) {
	for i := range into.NumField() {
		switch a := into.Field(i); {
		case a.Kind() == reflect.Struct:
			merge(a, from.Field(i))
		case a.IsZero():
			a.Set(from.Field(i))
		}
	}
}

// EmptyFields returns a violation for each mandatory field that a body holds as empty text. Decode does not report
// them, only those that the body lacks (found); only the latter may be filled in.
func EmptyFields(request *gen.DumpRequest, found contract.Violations) contract.Violations {
	in := &request.Input
	if request.VideoType != "" && request.Title != "" && in.Bucket != "" && in.Location != "" && in.Object != "" {
		return nil
	}
	if slices.ContainsFunc(found, unread) {
		return nil
	}
	var empty contract.Violations
	for _, v := range contract.Validate(request) {
		reported := func(f contract.Violation) bool { return f.Field == v.Field || strings.HasPrefix(v.Field, f.Field+".") }
		if mandatory[v.Field] && v.Rule == "required" && !slices.ContainsFunc(found, reported) {
			empty = append(empty, v)
		}
	}
	return empty
}

var mandatory = map[string]bool{"video_type": true, "title": true, "input.bucket": true, "input.location": true, "input.object": true}

// unread reports a violation behind which the rest of the body was not read.
func unread(v contract.Violation) bool { return v.Rule == "json" || v.Field == "" }

// complete reads the body of a line and fills in what it lacks.
func (d *Defaults) complete(body []byte) (*gen.DumpRequest, contract.Violations) {
	request, found := contract.Decode(body)
	violations := EmptyFields(request, found)
	for _, v := range found {
		if v.Rule != "required" || v.Field == "" {
			violations = append(violations, v)
		}
	}
	if slices.ContainsFunc(violations, unread) {
		return request, violations
	}
	decoded := violations
	for _, v := range d.judge(request) {
		if !slices.ContainsFunc(decoded, func(u contract.Violation) bool { return u.Field == v.Field }) {
			violations = append(violations, v)
		}
	}
	return request, violations
}

// judge fills in a request and holds it against the contract.
func (d *Defaults) judge(request *gen.DumpRequest) contract.Violations {
	if err := d.fill(request); err != nil {
		return contract.Violations{{Rule: "template", Message: err.Error()}}
	}
	violations := contract.Validate(request)
	for i, v := range violations {
		if v.Field == "video_type" && v.Rule == "required" && request.Input.Object != "" {
			violations[i].Message = "no known format belongs to the extension of the object; give it, such as MP4"
		}
	}
	return violations
}
