package spec

import (
	"maps"
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// property is one property of an object schema.
type property struct {
	key, schema *yaml.Node
}

// scope is what a part of a schema may name: the properties of the objects around it.
type scope struct {
	properties map[string]property
	// condition reports that the part is one of a rule: it describes when, and not what.
	condition bool
	// of is the schema that the values of a condition belong to.
	of *yaml.Node
}

// properties returns the properties of an object schema, those of the schemas behind $ref and in allOf included.
func (d *Document) properties(n *yaml.Node) map[string]property {
	all := map[string]property{}
	d.addProperties(n, all, map[*yaml.Node]bool{})
	return all
}

func (d *Document) addProperties(n *yaml.Node, all map[string]property, seen map[*yaml.Node]bool) {
	n = d.resolve(n)
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	for key, schema := range entries(field(n, "properties")) {
		all[key.Value] = property{key, schema}
	}
	for _, part := range items(field(n, "allOf")) {
		if field(part, "x-rule") == nil {
			d.addProperties(part, all, seen)
		}
	}
}

var (
	types   = []string{"object", "array", "string", "integer", "number", "boolean"}
	typesOf = map[string][]string{
		"maxLength": {"string"}, "minLength": {"string"}, "pattern": {"string"},
		"maximum": {"integer", "number"}, "minimum": {"integer", "number"}, "exclusiveMaximum": {"integer", "number"},
		"exclusiveMinimum": {"integer", "number"}, "multipleOf": {"integer", "number"},
		"items": {"array"}, "maxItems": {"array"}, "minItems": {"array"}, "uniqueItems": {"array"},
		"properties": {"object"}, "required": {"object"}, "additionalProperties": {"object"}, "maxProperties": {"object"},
		"minProperties": {"object"}, "discriminator": {"object"},
	}
	formats = map[string]string{"int32": "integer", "int64": "integer", "float": "number", "double": "number", "byte": "string",
		"binary": "string", "date": "string", "date-time": "string", "password": "string", "email": "string", "uuid": "string",
		"uri": "string", "hostname": "string", "ipv4": "string", "ipv6": "string"}
)

// schema holds a schema against the grammar, and its keywords against each other.
func (l *linter) schema(n *yaml.Node, subject string, around scope) {
	if n.Kind != yaml.MappingNode {
		l.report(n, "type", subject, "must be a schema, not %s", described(n))
		return
	}
	if l.reference(n, "schema", subject) {
		return
	}
	if rule := text(field(n, "x-rule")); rule != "" {
		subject = strings.TrimSpace(subject + " rule " + rule)
	}
	if !around.condition { // the properties of a condition are those of the schemas around it
		around.properties = merged(around.properties, l.document.properties(n))
	}
	k := kinds["schema"]
	for key, value := range entries(n) {
		shape, known := k.fields[key.Value]
		switch {
		case strings.HasPrefix(key.Value, "x-"):
			l.extension(key, value, subject)
		case !known:
			l.report(key, "unknown-keyword", subject, "has an unknown keyword %s%s", quote(key.Value), didYouMean(key.Value, slices.Collect(maps.Keys(k.fields))))
		case shape == "schema" || shape == "boolean|schema" && value.Kind == yaml.MappingNode, shape == "[schema]", shape == "{schema}":
			l.subschemas(key.Value, value, n, subject, around)
		case shape == "boolean|schema":
			l.scalar(value, "boolean", subject+" "+key.Value)
		default:
			l.walk(value, shape, subject+" "+key.Value, nil)
		}
	}
	if !around.condition {
		l.typed(n, subject)
	}
	l.keywords(n, subject, around)
	l.limits(n, subject)
	l.required(n, subject, around)
	l.enumeration(n, subject, around)
	l.hints(n, subject)
	l.rule(n, subject, around)
	if !around.condition {
		l.value(n, field(n, "default"), "default", subject)
		l.value(n, field(n, "example"), "example", subject)
		l.direction(n, subject)
	}
}

func merged(a, b map[string]property) map[string]property {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]property{}
	}
	maps.Copy(all, b)
	return all
}

// subschemas goes into the schemas of one keyword.
func (l *linter) subschemas(keyword string, value, n *yaml.Node, subject string, around scope) {
	isRule := field(n, "x-rule") != nil
	switch keyword {
	case "properties":
		if value.Kind != yaml.MappingNode {
			l.report(value, "type", subject, "must have an object as properties, not %s", described(value))
			return
		}
		for key, schema := range entries(value) {
			below := scope{condition: around.condition}
			if real, ok := around.properties[key.Value]; around.condition && ok {
				below.of, below.properties = real.schema, l.document.properties(real.schema)
			}
			l.schema(schema, subject+"."+key.Value, below)
			if around.condition {
				continue
			}
			if l.description(schema) == "" {
				l.report(key, "missing-keyword", subject+"."+key.Value, "has no description")
			}
			if !propertyName.MatchString(key.Value) {
				l.report(key, "property-name", subject+"."+key.Value, "has a name with characters that look alike or that generators drop; use ASCII letters, digits and . _ - $ @")
			}
			if slices.Contains(texts(field(n, "required")), key.Value) {
				l.neverUsed(schema, subject+"."+key.Value)
			}
		}
	case "items":
		l.schema(value, subject+"[]", scope{condition: around.condition})
	case "additionalProperties":
		l.schema(value, subject+".*", scope{})
	case "not":
		l.schema(value, subject, scope{around.properties, true, around.of})
	default: // allOf, anyOf, oneOf
		if value.Kind != yaml.SequenceNode || len(value.Content) == 0 {
			l.report(value, "type", subject, "must have a list of at least one schema as %s", keyword)
			return
		}
		listed := false
		for _, part := range value.Content {
			if rule := field(part, "x-rule"); rule != nil && listed {
				l.report(rule, "rule", joined(subject, "rule "+rule.Value), "comes after the properties; validators that stop at the first error would not reach it")
			}
			listed = listed || field(part, "properties") != nil && field(part, "x-rule") == nil
			l.schema(part, subject, scope{around.properties, around.condition || isRule || field(part, "x-rule") != nil, around.of})
		}
	}
}

var propertyName = regexp.MustCompile(`^[A-Za-z0-9._$@-]+$`)

// neverUsed finds the default of a value that must be given. One behind a $ref may be of use where else the schema is.
func (l *linter) neverUsed(schema *yaml.Node, subject string) {
	if field(schema, "default") != nil {
		l.report(keyOf(schema, "default"), "default", subject, "is mandatory and has a default, which is never used")
	}
}

// description returns what says what a property is: its own, or that of the schema behind it.
func (l *linter) description(n *yaml.Node) string {
	n = l.document.resolve(n)
	return text(field(n, "description"))
}

// typed asks for a type, where no other keyword stands for one.
func (l *linter) typed(n *yaml.Node, subject string) {
	if kind := field(n, "type"); kind != nil {
		if kind.Kind == yaml.ScalarNode {
			l.oneOf(kind, subject+" type", types...)
		}
		return
	}
	for _, other := range []string{"allOf", "anyOf", "oneOf", "not"} {
		if field(n, other) != nil {
			return
		}
	}
	l.report(n, "missing-keyword", subject, "has no type")
}

// keywords finds those that have no effect on the type beside them, or on that of the value that a condition tests.
func (l *linter) keywords(n *yaml.Node, subject string, around scope) {
	kind := text(field(n, "type"))
	if kind == "" && around.of != nil {
		kind = text(l.document.surface([]*yaml.Node{around.of}).keywords["type"])
	}
	for key := range entries(n) {
		if allowed := typesOf[key.Value]; kind != "" && allowed != nil && slices.Contains(types, kind) && !slices.Contains(allowed, kind) {
			l.report(key, "misplaced-keyword", subject, "has %s, which does nothing for type %s", key.Value, kind)
		}
	}
	if kind == "array" && field(n, "items") == nil && !around.condition {
		l.report(n, "missing-keyword", subject, "is an array without items")
	}
	if format := field(n, "format"); format != nil {
		of, known := formats[text(format)]
		switch {
		case !known:
			l.report(format, "format", subject, "has the unknown format %s%s", shown(format), didYouMean(text(format), slices.Collect(maps.Keys(formats))))
		case kind != "" && kind != of:
			l.report(format, "format", subject, "has the format %s, which is one of type %s and not %s", format.Value, of, kind)
		}
	}
	if isTrue(field(n, "readOnly")) && isTrue(field(n, "writeOnly")) {
		l.report(keyOf(n, "writeOnly"), "contradiction", subject, "is both readOnly and writeOnly")
	}
	if pattern := field(n, "pattern"); pattern != nil {
		if _, err := regexp.Compile(text(pattern)); err != nil {
			l.report(pattern, "pattern", subject, "has a pattern that is no regular expression of RE2: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		} else if !anchored(text(pattern)) {
			l.report(pattern, "pattern", subject, "has a pattern that matches a part of the value; begin it with ^ and end it with $, around a group where it has alternatives; write .* where anything may stand, as in ^https?://.*$")
		}
		if field(n, "x-pattern-message") == nil && field(n, "type") != nil {
			l.report(keyOf(n, "pattern"), "missing-keyword", subject, "has a pattern and no x-pattern-message to say it to a person")
		}
	} else if field(n, "x-pattern-message") != nil {
		l.report(keyOf(n, "x-pattern-message"), "misplaced-keyword", subject, "has x-pattern-message and no pattern")
	}
	if discriminator := field(field(n, "discriminator"), "propertyName"); discriminator != nil && field(n, "properties") != nil {
		if _, ok := l.document.properties(n)[text(discriminator)]; !ok {
			l.report(discriminator, "required", subject, "has the discriminator %s, which is not a property", shown(discriminator))
		}
	}
	schemas := field(field(l.document.root, "components"), "schemas")
	for value, to := range entries(field(field(n, "discriminator"), "mapping")) {
		if name := strings.TrimPrefix(to.Value, componentsPrefix+"schemas/"); field(schemas, name) == nil {
			l.report(to, "reference", subject, "maps %s to the schema %s, which does not exist%s", shown(value), name, didYouMean(name, keys(schemas)))
		}
	}
}

// anchored reports whether a pattern describes the value from its beginning to its end.
func anchored(pattern string) bool {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	return err == nil && bounded(parsed, syntax.OpBeginText) && bounded(parsed, syntax.OpEndText)
}

// bounded reports whether every match of an expression begins, or ends, with an anchor.
func bounded(re *syntax.Regexp, anchor syntax.Op) bool {
	switch re.Op {
	case anchor:
		return true
	case syntax.OpCapture, syntax.OpPlus:
		return bounded(re.Sub[0], anchor)
	case syntax.OpConcat:
		if anchor == syntax.OpBeginText {
			return bounded(re.Sub[0], anchor)
		}
		return bounded(re.Sub[len(re.Sub)-1], anchor)
	case syntax.OpAlternate:
		return !slices.ContainsFunc(re.Sub, func(alternative *syntax.Regexp) bool { return !bounded(alternative, anchor) })
	}
	return false
}

// limits holds lower bounds against upper ones, and both against the type.
func (l *linter) limits(n *yaml.Node, subject string) {
	for _, pair := range [][2]string{{"minLength", "maxLength"}, {"minItems", "maxItems"}, {"minProperties", "maxProperties"}, {"minimum", "maximum"}} {
		low, hasLow := number(field(n, pair[0]))
		high, hasHigh := number(field(n, pair[1]))
		exclusive := pair[0] == "minimum" && (isTrue(field(n, "exclusiveMinimum")) || isTrue(field(n, "exclusiveMaximum")))
		if hasLow && hasHigh && (low > high || low == high && exclusive) {
			l.report(keyOf(n, pair[0]), "contradiction", subject, "has %s %s and %s %s, which no value keeps", pair[0], shown(field(n, pair[0])), pair[1], shown(field(n, pair[1])))
		}
	}
	for _, pair := range [][2]string{{"exclusiveMinimum", "minimum"}, {"exclusiveMaximum", "maximum"}} {
		if field(n, pair[0]) != nil && field(n, pair[1]) == nil {
			l.report(keyOf(n, pair[0]), "contradiction", subject, "has %s and no %s that it could exclude", pair[0], pair[1])
		}
	}
	if multiple, ok := number(field(n, "multipleOf")); ok && multiple <= 0 {
		l.report(keyOf(n, "multipleOf"), "contradiction", subject, "has multipleOf %s, which must be positive", shown(field(n, "multipleOf")))
	}
	ranges := map[string]float64{"int32": math.MaxInt32, "int64": math.MaxInt64}
	for _, name := range []string{"minimum", "maximum"} {
		value, ok := number(field(n, name))
		if !ok || text(field(n, "type")) != "integer" {
			continue
		}
		if value != math.Trunc(value) {
			l.report(keyOf(n, name), "contradiction", subject, "is an integer with %s %s, a fraction", name, shown(field(n, name)))
		}
		if limit := ranges[text(field(n, "format"))]; limit > 0 && (value > limit || value < -limit-1) {
			l.report(keyOf(n, name), "contradiction", subject, "has %s %s, which format %s cannot hold", name, shown(field(n, name)), text(field(n, "format")))
		}
	}
}

// required holds the names of mandatory properties against the properties that there are.
func (l *linter) required(n *yaml.Node, subject string, around scope) {
	seen := map[string]bool{}
	for _, name := range items(field(n, "required")) {
		if seen[name.Value] {
			l.report(name, "duplicate-required", subject, "requires %s twice", name.Value)
		}
		seen[name.Value] = true
		l.known(name, subject, "requires", around)
	}
	if around.condition {
		for key := range entries(field(n, "properties")) {
			if around.of != nil || len(around.properties) > 0 {
				l.known(key, subject, "looks at", around)
			}
		}
		return
	}
	if list := field(n, "required"); list != nil && list.Kind == yaml.SequenceNode && len(list.Content) == 0 {
		l.report(list, "empty", subject, "has an empty required")
	}
}

func (l *linter) known(name *yaml.Node, subject, verb string, around scope) {
	if _, ok := around.properties[name.Value]; ok {
		return
	}
	l.report(name, "required", subject, "%s %s, which is no property%s", verb, name.Value, didYouMean(name.Value, slices.Collect(maps.Keys(around.properties))))
}

// enumeration finds values that are given twice or that their own schema refuses.
func (l *linter) enumeration(n *yaml.Node, subject string, around scope) {
	enum := field(n, "enum")
	if enum == nil || enum.Kind != yaml.SequenceNode {
		return
	}
	if len(enum.Content) == 0 {
		l.report(enum, "empty", subject, "has an empty enum, which no value keeps")
	}
	first := map[string]bool{}
	folded := map[string]string{}
	for _, value := range enum.Content {
		if other, ok := folded[strings.ToLower(value.Value)]; ok && other != value.Value && field(n, "x-enum-varnames") == nil && !around.condition {
			l.report(value, "duplicate-enum", subject, "has the values %s and %s in its enum, which differ in case only; give them names of their own in x-enum-varnames", other, value.Value)
		}
		folded[strings.ToLower(value.Value)] = value.Value
		if value.Tag == "!!str" && (value.Value != strings.TrimSpace(value.Value) || strings.ContainsFunc(value.Value, func(r rune) bool { return !unicode.IsPrint(r) })) {
			l.report(value, "enum", subject, "has %s in its enum, with a space at an end or a character that nobody sees", strconv.QuoteToASCII(value.Value))
		}
		id := canonical(value, nothing)
		if first[id] {
			l.report(value, "duplicate-enum", subject, "has the value %s twice in its enum", shown(value))
		}
		first[id] = true
		schema := n
		if around.condition {
			schema = around.of
		}
		if schema == nil {
			continue
		}
		for _, p := range l.document.check(schema, value) {
			if around.condition {
				l.report(value, "enum", subject, "tests for %s, which never occurs: it %s", shown(value), p.message)
			} else if p.keyword != "enum" {
				l.report(value, "enum", subject, "has %s in its enum, which %s", shown(value), p.message)
			}
		}
	}
}
