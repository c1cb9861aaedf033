package contracttest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// Cases returns the corpus in the order of the names, with bodies that refer to these names. Every refused body breaks
// exactly one rule.
func Cases(names Names) []Case {
	for _, name := range []*string{&names.Playlist, &names.TemplateGroup, &names.PlainTemplateGroup, &names.Workflow} {
		if *name == "" {
			*name = "none/such"
		}
	}
	c := &corpus{names: names}
	c.request()
	c.input()
	c.thumbnail()
	c.review()
	c.storage()
	c.transcoding()
	c.plain()
	c.types()
	c.fields()
	c.text()
	c.numbers()
	c.server()
	slices.SortFunc(c.cases, func(a, b Case) int { return strings.Compare(a.Name, b.Name) })
	return c.cases
}

// corpus gathers cases. Accept and add give the new case, so that a need can be added; the pointer holds until the next
// one.
type corpus struct {
	names Names
	cases []Case
}

type object = map[string]any

// edit changes the request that all cases start from.
type edit func(request object)

// set assigns a value to the field at a path such as "input.bucket"; the objects above it exist.
func set(path string, value any) edit {
	return func(request object) {
		parent, name := descend(request, path)
		parent[name] = value
	}
}

// drop leaves the field at path out.
func drop(path string) edit {
	return func(request object) {
		parent, name := descend(request, path)
		delete(parent, name)
	}
}

func descend(request object, path string) (parent object, name string) {
	steps := strings.Split(path, ".")
	for _, step := range steps[:len(steps)-1] {
		request = request[step].(object)
	}
	return request, steps[len(steps)-1]
}

// number is a JSON number in the spelling given.
type number = json.Number

func (c *corpus) accept(name string, edits ...edit) *Case {
	return c.add(Case{Name: name, Body: c.body(edits...)})
}

func (c *corpus) acceptText(name string, body []byte) {
	c.add(Case{Name: name, Body: body})
}

func (c *corpus) reject(name, field, rule string, edits ...edit) {
	c.rejectText(name, field, rule, c.body(edits...))
}

func (c *corpus) rejectText(name, field, rule string, body []byte) {
	c.add(Case{Name: name, Body: body, Field: field, Rule: rule, Code: contract.CodeIllegalParameter})
}

func (c *corpus) add(added Case) *Case {
	c.cases = append(c.cases, added)
	return &c.cases[len(c.cases)-1]
}

// imagine marks the cases from an index on as naming what hardly any server has.
func (c *corpus) imagine(from int) {
	for i := range c.cases[from:] {
		c.cases[from+i].Needs = Imaginary
	}
}

// body is the smallest valid request, changed by edits.
func (c *corpus) body(edits ...edit) []byte {
	request := object{
		"video_type": "MP4",
		"title":      "A film",
		"input":      object{"bucket": c.names.Bucket, "location": c.names.Region, "object": c.names.Object},
	}
	for _, change := range edits {
		change(request)
	}
	body, err := json.Marshal(request)
	if err != nil {
		panic(fmt.Errorf("contracttest: the corpus has a value that is not JSON: %w", err))
	}
	return body
}

// splice is a request in which text stands where the value of field would, whether it is JSON or not.
func (c *corpus) splice(field, text string, edits ...edit) []byte {
	const mark, encoded = "\x00", `"\u0000"` // no name is that
	body := string(c.body(append(edits, set(field, mark))...))
	return []byte(strings.Replace(body, encoded, text, 1))
}

// property is what the document says of the field at a path.
func property(path string) gen.Property {
	found, ok := contract.Field(path)
	if !ok {
		panic("contracttest: the document has no " + path)
	}
	return found
}

// lengths are the edges of a text's length: in letters of one byte and of four.
func (c *corpus) lengths(field string, edits ...edit) {
	limit := int(property(field).MaxLength)
	for _, letter := range []struct{ text, size string }{{"x", "1-byte"}, {"🎬", "4-byte"}} {
		c.accept(fmt.Sprintf("%s/most %s characters", field, letter.size),
			append(edits, set(field, strings.Repeat(letter.text, limit)))...)
		c.reject(fmt.Sprintf("%s/too many %s characters", field, letter.size), field, "maxLength",
			append(edits, set(field, strings.Repeat(letter.text, limit+1)))...)
	}
}

// between are the edges of a whole number's range.
func (c *corpus) between(field string, edits ...edit) {
	low, high := property(field).Minimum, property(field).Maximum
	c.accept(field+"/least", append(edits, set(field, low))...)
	c.accept(field+"/most", append(edits, set(field, high))...)
	if low != minInt32 && low != minInt64 { // else one less or more does not fit the type: numbers has that
		c.reject(field+"/too little", field, "minimum", append(edits, set(field, low-1))...)
	}
	if high != maxInt32 && high != maxInt64 {
		c.reject(field+"/too much", field, "maximum", append(edits, set(field, high+1))...)
	}
}

// oneOf are the values of an enumeration and its neighbors.
func (c *corpus) oneOf(field string, edits ...edit) {
	values, kind := property(field).Enum, property(field).Type
	value := func(text string) any {
		if kind == "integer" {
			return number(text)
		}
		return text
	}
	for i, text := range values {
		name := field + "/" + text
		if i == 0 {
			name = field + "/first value"
		}
		c.accept(name, append(edits, set(field, value(text)))...)
	}
	if kind == "string" {
		c.reject(field+"/longer than a value", field, "enum", append(edits, set(field, values[0]+"-x"))...)
		return
	}
	var numbers []int64
	for _, text := range values {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			panic(fmt.Errorf("contracttest: %s: %w", field, err))
		}
		numbers = append(numbers, n)
	}
	c.reject(field+"/below all values", field, "enum", append(edits, set(field, slices.Min(numbers)-1))...)
	c.reject(field+"/above all values", field, "enum", append(edits, set(field, slices.Max(numbers)+1))...)
}

const (
	minInt32 = -1 << 31
	maxInt32 = 1<<31 - 1
	minInt64 = -1 << 63
	maxInt64 = 1<<63 - 1
)
