package strictjson_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/vod-reproduction/vod/internal/seed"
	"github.com/vod-reproduction/vod/internal/strictjson"
)

// point is what the tests read: {"x": 32 bits, "y": 64 bits, "name": text, "more": [point]}.
type point struct {
	X    int32   `json:"x"`
	Y    int64   `json:"y"`
	Name string  `json:"name"`
	More []point `json:"more"`
}

func read(r *strictjson.Reader, p *point) {
	if !r.Object() {
		return
	}
	mark := r.Mark()
	seen := map[string]bool{}
	for {
		name, ok := r.Name()
		if !ok {
			break
		}
		switch n := string(name); {
		case seen[n]:
			r.Duplicate()
		case n == "x":
			strictjson.Int(r, &p.X)
		case n == "y":
			strictjson.Int(r, &p.Y)
		case n == "name":
			strictjson.String(r, &p.Name)
		case n == "more":
			if r.Array() {
				at := r.Mark()
				for i := 0; r.Index(i); i++ {
					var child point
					read(r, &child)
					p.More = append(p.More, child)
					r.Back(at)
				}
			}
		default:
			r.Unknown()
		}
		seen[string(name)] = true
		r.Back(mark)
	}
	if !seen["x"] {
		r.Missing("x")
	}
}

func parse(r *strictjson.Reader, text string) (p point, faults []string, complete bool) {
	r.Reset([]byte(text))
	read(r, &p)
	all, complete := r.Finish()
	for _, f := range all {
		faults = append(faults, f.Field+" "+f.Rule)
	}
	return p, faults, complete
}

// TestReader uses one Reader for all texts, so that what one leaves behind would show in the next.
func TestReader(t *testing.T) {
	t.Parallel()
	r := new(strictjson.Reader)
	tests := []struct {
		text     string
		want     string // the point as %v
		faults   []string
		complete bool
	}{
		{`{"x":1,"y":-2,"name":"n"}`, "{1 -2 n []}", nil, true},
		{` {"x" : 1 } ` + "\n", "{1 0  []}", nil, true},
		{`{"x":1,"more":[{"x":2,"more":[]},{"x":3}]}`, "{1 0  [{2 0  []} {3 0  []}]}", nil, true},
		{`{"\u0078":-0,"name":"\u4e00\ud83c\udfac"}`, "{0 0 一🎬 []}", nil, true},
		{`{"x":2147483647,"y":9223372036854775807}`, "{2147483647 9223372036854775807  []}", nil, true},
		{`{"x":2147483648,"y":9223372036854775808}`, "{0 0  []}", []string{"x format", "y format"}, true},
		{`{"x":-2147483649}`, "{0 0  []}", []string{"x format"}, true},
		{`{"x":1.0,"y":1e0,"name":null}`, "{0 0  []}", []string{"x type", "y type", "name type"}, true},
		{`{"x":"1","name":1,"more":{}}`, "{0 0  []}", []string{"x type", "name type", "more type"}, true},
		{`{}`, "{0 0  []}", []string{"x required"}, true},
		{`{"more":[{},5,{"x":"a"}],"x":1}`, "{1 0  [{0 0  []} {0 0  []} {0 0  []}]}",
			[]string{"more[0].x required", "more[1] type", "more[2].x type"}, true},
		{`{"x":1,"X":2,"":3,"z":{"x":[]}}`, "{1 0  []}", []string{"X additionalProperties", " additionalProperties", "z additionalProperties"}, true},
		{`{"x":1,"x":2,"\u0078":3}`, "{1 0  []}", []string{"x json", "x json"}, true},
		{`{"x":1}{}`, "{1 0  []}", []string{" json"}, true},
		{`{"x":1} x`, "{1 0  []}", []string{" json"}, true},
		{`{"x":1,`, "{1 0  []}", []string{" json"}, false},
		{`{"more":[{"x":1},{"x":`, "{0 0  [{1 0  []} {0 0  []}]}", []string{"more[1].x json"}, false},
		{`{"name":"` + "\xff" + `"}`, "{0 0  []}", []string{"name encoding"}, false},
		{`{"` + "\xff" + `":1}`, "{0 0  []}", []string{" encoding"}, false},
		{`{"name":"\ud800"}`, "{0 0  []}", []string{"name json"}, false},
		{`{"z":[1,}`, "{0 0  []}", []string{"z json"}, false},
		{``, "{0 0  []}", []string{" json"}, false},
		{`null`, "{0 0  []}", []string{" type"}, false},
		{`[]x`, "{0 0  []}", []string{" type"}, false},
		{strings.Repeat("[", 20_000), "{0 0  []}", []string{" json"}, false},
	}
	for _, test := range tests {
		got, faults, complete := parse(r, test.text)
		if fmt.Sprint(got) != test.want || !slices.Equal(faults, test.faults) || complete != test.complete {
			t.Errorf("%.80q: %v %q complete %v\n\twant %v %q complete %v", test.text, got, faults, complete, test.want, test.faults, test.complete)
		}
	}
}

func TestReaderBoundsFaults(t *testing.T) {
	t.Parallel()
	r := new(strictjson.Reader)
	r.Reset([]byte(`{"x":1` + strings.Repeat(`,"`+strings.Repeat("é", 500)+`":1`, 5000) + `}`))
	var p point
	read(r, &p)
	faults, _ := r.Finish()
	if len(faults) != 100 {
		t.Errorf("%d faults", len(faults))
	}
	for _, f := range faults {
		if len(f.Field) > 140 || !strings.HasSuffix(f.Field, "é…") {
			t.Fatalf("field %q", f.Field)
		}
	}
}

// TestReaderPrintsNames has names that would move a terminal's cursor or hide text.
func TestReaderPrintsNames(t *testing.T) {
	t.Parallel()
	r := new(strictjson.Reader)
	for name, want := range map[string]string{
		`\u001b[2J`: `"\x1b[2J"`, `a\nb`: `"a\nb"`, `\u202ea`: `"\u202ea"`, `caf\u00e9 1`: "café 1",
	} {
		r.Reset([]byte(`{"` + name + `":1,"x":1}`))
		read(r, new(point))
		faults, _ := r.Finish()
		if len(faults) != 1 || faults[0].Field != want {
			t.Errorf("%s: %+v, want field %s", name, faults, want)
		}
	}
}

func TestBool(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`true`: "true []", `false`: "false []", `null`: "false [type]", `"true"`: "false [type]", `1`: "false [type]", `tru`: "false [json]",
		``: "false [json]",
	} {
		r := new(strictjson.Reader)
		r.Reset([]byte(`{"on":` + text + `}`))
		on := false
		if r.Object() {
			r.Name()
			strictjson.Bool(r, &on)
			r.Back(0)
			r.Name()
		}
		faults, _ := r.Finish()
		rules := []string{}
		for _, f := range faults {
			rules = append(rules, f.Rule)
		}
		if got := fmt.Sprint(on, rules); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// TestReaderBoundsDepth has a document whose schema holds itself, as read allows.
func TestReaderBoundsDepth(t *testing.T) {
	t.Parallel()
	nested := func(depth int) string {
		return `{"x":1` + strings.Repeat(`,"more":[{"x":1`, depth) + strings.Repeat(`}]`, depth) + `}`
	}
	if _, faults, complete := parse(new(strictjson.Reader), nested(31)); faults != nil || !complete {
		t.Errorf("31 levels of objects and arrays: %q, complete %v", faults, complete)
	}
	_, faults, complete := parse(new(strictjson.Reader), nested(4000))
	if len(faults) != 1 || !strings.HasSuffix(faults[0], " json") || !complete {
		t.Errorf("4000 levels: %q, complete %v", faults, complete)
	}
}

// TestReaderEndsWithoutProgress has decoders that leave a value unread, as no generated one should.
func TestReaderEndsWithoutProgress(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]func(*strictjson.Reader){
		`{"a":1,"b":2}`: func(r *strictjson.Reader) {
			for r.Object(); ; {
				if _, ok := r.Name(); !ok {
					return
				}
			}
		},
		`{"a":[[1],[2]]}`: func(r *strictjson.Reader) {
			r.Object()
			r.Name()
			r.Array()
			for i := 0; r.Index(i); i++ {
				r.Back(0)
			}
		},
	} {
		r := new(strictjson.Reader)
		r.Reset([]byte(name))
		read(r)
		if faults, complete := r.Finish(); len(faults) != 1 || complete {
			t.Errorf("%s: %+v, complete %v", name, faults, complete)
		}
	}
}

// agrees compares the walk with jsontext and encoding/json's successor: both take the same texts, and read the same from them.
func agrees(t *testing.T, text string) {
	t.Helper()
	r := new(strictjson.Reader)
	r.Reset([]byte(text))
	var got point
	read(r, &got)
	faults, complete := r.Finish()
	if !complete && len(faults) == 0 {
		t.Fatalf("%q: not complete, and no reason given", text)
	}
	value := jsontext.Value(text)
	if value.Kind() != '{' {
		return // a walk ends at another kind, whatever it holds
	}
	wrong := slices.ContainsFunc(faults, func(f strictjson.Fault) bool {
		return f.Rule == "encoding" || f.Rule == "json" && !strings.Contains(f.Message, "more than once") && !strings.Contains(f.Message, "nests deeper")
	})
	if valid := value.IsValid(jsontext.AllowDuplicateNames(true)); valid == wrong || valid != complete && !strings.Contains(fmt.Sprint(faults), "nothing after") {
		t.Fatalf("%q: jsontext says valid %v; we found %+v, complete %v", text, valid, faults, complete)
	}
	if len(faults) > 0 {
		return
	}
	var want point
	if err := json.Unmarshal([]byte(text), &want); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%q: got %+v, want %+v, %v", text, got, want, err)
	}
}

// TestReaderAgrees spoils documents a little.
func TestReaderAgrees(t *testing.T) {
	t.Parallel()
	documents := []string{
		`{"x":1,"y":-20,"name":"n\u00e9\n","more":[{"x":0,"name":"é"},{"x":3,"more":[]}]}`,
		` { "x" : 12 , "z" : [ 1.5e+3 , true , {"a":null} ] , "name" : "🎬" } `,
	}
	pieces := []string{`{`, `}`, `[`, `]`, `,`, `:`, `"`, `\`, `\u00`, `\ud83c`, `\udfac`, ` `, "\t", "\n", "\r", "\x00", "\x0b", "\x1f", "\x7f", "\xff", "\xe4\xb8", "é", "🎬",
		`0`, `1`, `9`, `-`, `+`, `.`, `e`, `E`, `true`, `false`, `null`, `"x"`, `"y":`, `"name":"n"`, `"more":[]`, `{"x":1}`}
	random := seed.Random(t, 0)
	pick := func(of []string) string { return of[random.IntN(len(of))] }
	for range 50_000 {
		text := pick(documents)
		for range random.IntN(4) {
			at := random.IntN(len(text) + 1)
			end := min(len(text), at+random.IntN(4))
			added := ""
			for range random.IntN(3) {
				added += pick(pieces)
			}
			text = text[:at] + added + text[end:]
		}
		agrees(t, text)
	}
}

// FuzzReader holds that no text makes the walk panic, go on for ever, or take what jsontext does not.
func FuzzReader(f *testing.F) {
	for _, text := range []string{`{"x":1}`, `{"more":[{"x":1},{}],"x":1.0}`, `{"x":1,"x":"\ud800"}`, `[`, `{"\u0078":1}{`, `{"x":1,"z":[{"a":1e-5}]}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { agrees(t, text) })
}
