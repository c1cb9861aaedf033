package ui

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/api"
	"github.com/vod-reproduction/vod/service/asset"
)

// dumpField is one property of a request as the form has it.
type dumpField struct {
	gen.Property
	// Path is that of the property in a request, as the contract's messages have it.
	Path    string
	Label   string
	Choices []choice
	// suggestions returns values that are known to be right.
	suggestions func(c api.Choices) []string
}

// choice is one value of a property; "" leaves the property out.
type choice struct{ Value, Words string }

// dumpGroup is a part of the form. Only the first is open from the start.
type dumpGroup struct {
	Legend string
	Fields []dumpField
}

// dumpLayout is the order of the form. What the contract has beside it comes last.
var dumpLayout = []struct {
	legend string
	paths  []string
}{
	{"What to dump", []string{"input.bucket", "input.object", "input.location", "title", "video_type"}},
	{"Description", []string{"description", "category_id", "tags"}},
	{"Processing", []string{"template_group_name", "workflow_name", "auto_encrypt", "auto_publish", "auto_preheat"}},
	{"Snapshots", []string{
		"thumbnail.type", "thumbnail.time", "thumbnail.quantity", "thumbnail.quantity_time", "thumbnail.dots", "thumbnail.cover_position",
		"thumbnail.aspect_ratio", "thumbnail.max_length",
	}},
	{"Storage", []string{"storage_mode", "output_bucket", "output_path"}},
	{"Review", []string{"review.template_id"}},
}

// valueWords are what values of enumerations mean, where they do not say it themselves.
var valueWords = map[string]map[string]string{
	"auto_publish":           {"0": "No", "1": "Yes"},
	"auto_encrypt":           {"0": "No", "1": "Yes"},
	"auto_preheat":           {"0": "No", "1": "Yes"},
	"storage_mode":           {"0": "Copied into the service's bucket", "1": "Kept in your bucket"},
	"thumbnail.type":         {"": "No snapshots", "time": "At intervals", "dots": "At given times", "quantity": "A number of them"},
	"thumbnail.aspect_ratio": {"0": "As the video", "1": "16:9"},
	"video_type":             {"": "By the object's extension"},
}

// fieldHints say what a field is for where the document speaks to programmers.
var fieldHints = map[string]string{
	"input.object":             "Name of the file in the bucket, with its folders: upper and lower case matter.",
	"title":                    "What the asset is called.",
	"video_type":               "Format of the file. Choose one where the name has no extension, or a wrong one.",
	"description":              "Free text.",
	"category_id":              "What the asset is filed under.",
	"tags":                     "Words to find the asset by, separated by commas.",
	"template_group_name":      "Which renditions are made. It takes precedence over a workflow.",
	"workflow_name":            "A prepared list of what is done with the file.",
	"auto_encrypt":             "Whether the renditions are encrypted. They have to be HLS.",
	"auto_publish":             "Whether the asset can be played as soon as it is ready.",
	"auto_preheat":             "Whether the published files are loaded into the caches of the CDN.",
	"thumbnail.type":           "Which pictures are taken of the video. The cloud bills each of them.",
	"thumbnail.time":           "For snapshots at intervals: seconds between two of them.",
	"thumbnail.quantity":       "For a number of snapshots: how many, spread over the full length.",
	"thumbnail.quantity_time":  "For a number of snapshots: seconds between two of them, instead of the full length.",
	"thumbnail.dots":           "For snapshots at given times: seconds from the start, separated by commas.",
	"thumbnail.cover_position": "Which snapshot becomes the cover, counted from 1.",
	"thumbnail.aspect_ratio":   "Shape of the pictures.",
	"storage_mode":             "Where the media is stored.",
	"output_bucket":            "For media that is kept in your bucket: the bucket for the results.",
	"output_path":              "For media that is kept in your bucket: the folder for the results.",
	"review.template_id":       "Rules by which title, texts and pictures are reviewed.",
}

// dumpGroups is the form: every property of the contract that the service acts on.
var dumpGroups = layOut(contract.Fields())

func layOut(fields iter.Seq2[string, gen.Property]) (groups []dumpGroup) {
	left := map[string]dumpField{}
	var order []string
	for path, p := range fields {
		if p.Type != "object" && p.Ignored == "" {
			left[path] = newDumpField(path, p)
			order = append(order, path)
		}
	}
	for _, part := range dumpLayout {
		group := dumpGroup{Legend: part.legend}
		for _, path := range part.paths {
			if f, ok := left[path]; ok {
				group.Fields = append(group.Fields, f)
				delete(left, path)
			}
		}
		groups = append(groups, group)
	}
	more := dumpGroup{Legend: "More"}
	for _, path := range order {
		if f, ok := left[path]; ok {
			more.Fields = append(more.Fields, f)
		}
	}
	if len(more.Fields) > 0 {
		groups = append(groups, more)
	}
	return groups
}

func newDumpField(path string, p gen.Property) dumpField {
	f := dumpField{Property: p, Path: path, Label: strings.ToUpper(p.Name[:1]) + strings.ReplaceAll(p.Name[1:], "_", " ")}
	if path == "input.location" {
		f.Label = "Region"
	}
	f.Description = cmp.Or(fieldHints[path], f.Description)
	words := func(value string) string { return cmp.Or(valueWords[path][value], value) }
	if len(p.Enum) > 0 {
		f.Choices = []choice{{"", words("")}}
		if p.Default != "" {
			f.Choices[0].Words = words(p.Default)
		}
		for _, value := range p.Enum {
			if value != p.Default {
				f.Choices = append(f.Choices, choice{value, words(value)})
			}
		}
	}
	switch path {
	case "input.bucket", "output_bucket":
		f.suggestions = func(c api.Choices) []string { return c.Buckets }
	case "input.location":
		f.suggestions = func(c api.Choices) []string { return []string{c.Region} }
	case "template_group_name":
		f.suggestions = func(c api.Choices) []string { return c.TemplateGroups }
	case "workflow_name":
		f.suggestions = func(c api.Choices) []string { return c.Workflows }
	}
	return f
}

// Long reports whether the property is a text of several lines.
func (f dumpField) Long() bool { return f.Path == "description" }

// Must reports whether the form takes no request without the property: video_type follows from the object, and objects
// below the request are left out as a whole.
func (f dumpField) Must() bool {
	return f.Required && (f.Path == "title" || strings.HasPrefix(f.Path, "input."))
}

// Bounds says what the contract limits the property to; "" when it does not.
func (f dumpField) Bounds() string {
	switch {
	case f.Type == "integer" && len(f.Enum) == 0 && f.Maximum < math.MaxInt32:
		return fmt.Sprintf("%d to %d.", f.Minimum, f.Maximum)
	case f.MaxLength > 0:
		return fmt.Sprintf("At most %d characters.", f.MaxLength)
	}
	return ""
}

// requestOf makes the body of a request of what a form holds. What is no value
// of its property's type goes in as text, for the contract to name it.
func requestOf(values url.Values) ([]byte, error) {
	request := map[string]any{}
	for _, group := range dumpGroups {
		for _, f := range group.Fields {
			text := values.Get(f.Path)
			if f.Path == "video_type" && text == "" {
				text = asset.VideoTypeOf(values.Get("input.object"))
			}
			// The directory of media that is kept has to be said, even when it is the root.
			if text == "" && (f.Path != "output_path" || values.Get("storage_mode") != "1") {
				continue
			}
			object, property, nested := strings.Cut(f.Path, ".")
			if !nested {
				request[f.Path] = f.value(text)
				continue
			}
			if request[object] == nil {
				request[object] = map[string]any{}
			}
			request[object].(map[string]any)[property] = f.value(text)
		}
	}
	return json.Marshal(request)
}

func (f dumpField) value(text string) any {
	number := func(text string) any {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		return text
	}
	switch f.Type {
	case "integer":
		return number(text)
	case "boolean":
		if yes, err := strconv.ParseBool(text); err == nil {
			return yes
		}
	case "array":
		list := []any{}
		for each := range strings.SplitSeq(text, ",") {
			list = append(list, number(strings.TrimSpace(each)))
		}
		return list
	}
	return text
}

// valuesOf is the inverse of requestOf, for the request of an asset.
func valuesOf(request []byte) url.Values {
	values := url.Values{}
	var fields map[string]any
	if json.Unmarshal(request, &fields) != nil {
		return values
	}
	var collect func(prefix string, fields map[string]any)
	collect = func(prefix string, fields map[string]any) {
		for name, value := range fields {
			switch value := value.(type) {
			case map[string]any:
				collect(prefix+name+".", value)
			case []any:
				parts := make([]string, len(value))
				for i, part := range value {
					parts[i] = plain(part)
				}
				values.Set(prefix+name, strings.Join(parts, ", "))
			default:
				values.Set(prefix+name, plain(value))
			}
		}
	}
	collect("", fields)
	return values
}

// plain writes a value of JSON as a person would.
func plain(value any) string {
	if n, ok := value.(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// faultsOf sorts the faults of a request: those of a field of the form, by its
// name, and the others.
func faultsOf(violations contract.Violations) (byField map[string]string, others []string) {
	byField = map[string]string{}
	names := map[string]bool{}
	for _, group := range dumpGroups {
		for _, f := range group.Fields {
			names[f.Path] = true
		}
	}
	for _, v := range violations {
		name, _, _ := strings.Cut(v.Field, "[")
		for alias, object := range map[string]string{"review": "review.template_id", "thumbnail": "thumbnail.type", "input": "input.object"} {
			if name == alias {
				name = object
			}
		}
		switch {
		case !names[name]:
			others = append(others, strings.TrimPrefix(v.Field+": "+v.Message, ": "))
		case byField[name] == "":
			byField[name] = v.Message
		}
	}
	return byField, others
}

// filled reports whether a group has anything in it that a visitor should see at once.
func (g dumpGroup) filled(values url.Values, faults map[string]string) bool {
	return slices.ContainsFunc(g.Fields, func(f dumpField) bool { return values.Get(f.Path) != "" || faults[f.Path] != "" })
}
