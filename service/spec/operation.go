package spec

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	methods      = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}
	pathVariable = regexp.MustCompile(`\{([^{}]*)\}`)
	statusCode   = regexp.MustCompile(`^([1-5][0-9][0-9]|[1-5]XX|default)$`)
	mediaType    = regexp.MustCompile(`^[a-z0-9!#$&^_.+*-]+/[a-z0-9!#$&^_.+*-]+(;.*)?$`)
	identifier   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
)

// operations calls visit for every operation of the document.
func (d *Document) operations(visit func(path string, item *yaml.Node, method string, operation *yaml.Node)) {
	for path, item := range entries(field(d.root, "paths")) {
		for method, operation := range entries(item) {
			if slices.Contains(methods, method.Value) {
				visit(path.Value, item, method.Value, operation)
			}
		}
	}
}

// paths holds each path against its parameters, and against the other paths.
func (l *linter) paths() {
	all := field(l.document.root, "paths")
	if all != nil && len(all.Content) == 0 {
		l.report(all, "missing-keyword", "paths", "has no path")
	}
	shapes := map[string]string{}
	for path, item := range entries(all) {
		if strings.HasPrefix(path.Value, "x-") {
			continue
		}
		if !strings.HasPrefix(path.Value, "/") {
			l.report(path, "path", path.Value, "must begin with a slash")
		}
		if len(path.Value) > 1 && strings.HasSuffix(path.Value, "/") || strings.ContainsAny(path.Value, "?# ") || strings.Contains(path.Value, "//") {
			l.report(path, "path", path.Value, "must have no query, fragment, space, empty segment or slash at its end")
		}
		shape := pathVariable.ReplaceAllString(path.Value, "{}")
		if other, ok := shapes[shape]; ok && other != path.Value {
			l.report(path, "path", path.Value, "is the same path as %s", other)
		}
		shapes[shape] = path.Value
		if strings.ContainsAny(pathVariable.ReplaceAllString(path.Value, ""), "{}") {
			l.report(path, "path", path.Value, "has braces that do not match")
		}
		none := true
		for key, operation := range entries(item) {
			if slices.Contains(methods, key.Value) {
				none = false
				l.pathParameters(path, item, operation)
			}
		}
		if none && item.Kind == yaml.MappingNode {
			l.report(path, "path", path.Value, "has no operation")
		}
	}
}

// link finds one that leads to no operation.
func (l *linter) link(n *yaml.Node, subject string) {
	id := field(n, "operationId")
	if id == nil {
		return
	}
	var ids []string
	l.document.operations(func(_ string, _ *yaml.Node, _ string, operation *yaml.Node) {
		ids = append(ids, text(field(operation, "operationId")))
	})
	if !slices.Contains(ids, id.Value) {
		l.report(id, "reference", subject, "leads to the operation %s, which does not exist%s", shown(id), didYouMean(id.Value, ids))
	}
}

// pathParameters holds the variables of a path against the parameters of one operation.
func (l *linter) pathParameters(path, item, operation *yaml.Node) {
	declared := map[string]*yaml.Node{}
	for _, list := range []*yaml.Node{field(item, "parameters"), field(operation, "parameters")} {
		here := map[string]bool{}
		for _, parameter := range items(list) {
			target := l.document.resolve(parameter)
			if target == nil {
				continue
			}
			id := parameterID(target)
			if here[id] {
				l.report(parameter, "duplicate-parameter", text(field(target, "name")), "is declared twice for %s", path.Value)
			}
			here[id] = true
			if text(field(target, "in")) == "path" {
				declared[text(field(target, "name"))] = parameter
			}
		}
	}
	var variables []string
	for _, found := range pathVariable.FindAllStringSubmatch(path.Value, -1) {
		if slices.Contains(variables, found[1]) {
			l.report(path, "path", path.Value, "has the variable {%s} twice", found[1])
		}
		variables = append(variables, found[1])
	}
	for _, variable := range variables {
		if declared[variable] == nil {
			l.report(path, "path-parameter", path.Value, "has the variable {%s}, which no path parameter declares%s", variable, didYouMean(variable, keysOf(declared)))
		}
	}
	for name, parameter := range declared {
		if !slices.Contains(variables, name) {
			l.report(parameter, "path-parameter", name, "is a path parameter, and %s has no {%s}%s", path.Value, name, didYouMean(name, variables))
		}
	}
}

func keysOf(m map[string]*yaml.Node) []string {
	var all []string
	for key := range m {
		all = append(all, key)
	}
	return all
}

func (l *linter) operation(n *yaml.Node, subject string) {
	if id := field(n, "operationId"); text(id) != "" {
		if first := l.operationIDs[id.Value]; first != nil {
			l.report(id, "duplicate-operation-id", id.Value, "is the operationId of two operations; the first is on line %d", first.Line)
		}
		l.operationIDs[id.Value] = id
		if !identifier.MatchString(id.Value) {
			l.report(id, "operation-id", id.Value, "must be letters, digits and underscores: generators make a function's name of it")
		}
	}
	for i, tag := range items(field(n, "tags")) {
		l.usedTags[text(tag)] = true
		if slices.Contains(texts(field(n, "tags"))[:i], text(tag)) {
			l.report(tag, "duplicate-tag", subject, "has the tag %s twice", quote(text(tag)))
		}
		if !l.tags[text(tag)] {
			var declared []string
			for name := range l.tags {
				declared = append(declared, name)
			}
			l.report(tag, "undeclared-tag", subject, "has the tag %s, which the document does not declare%s", quote(text(tag)), didYouMean(text(tag), declared))
		}
	}
	responses := field(n, "responses")
	success := false
	for code, response := range entries(responses) {
		if strings.HasPrefix(code.Value, "x-") {
			continue
		}
		success = success || code.Value == "default" || strings.HasPrefix(code.Value, "2") || strings.HasPrefix(code.Value, "3")
		if !statusCode.MatchString(code.Value) {
			l.report(code, "status-code", subject, "has a response %s; must be a status code, such as '200', 4XX, or default", quote(code.Value))
		}
		if code.Value == "204" && field(l.document.resolve(response), "content") != nil {
			l.report(code, "status-code", subject, "has a body in its response 204, which has none")
		}
	}
	if responses != nil && !success {
		l.report(keyOf(n, "responses"), "status-code", subject, "has no response for success")
	}
	if security := field(n, "security"); security != nil {
		l.security(security, subject)
	} else if field(l.document.root, "security") == nil {
		l.report(n, "missing-keyword", subject, "has no security, and the document neither: say who may call it, or security: [] for everybody")
	}
	l.mediaTypes(field(l.document.resolve(field(n, "requestBody")), "content"), subject+" request")
	for _, response := range entries(responses) {
		l.mediaTypes(field(response, "content"), subject)
	}
}

func (l *linter) mediaTypes(content *yaml.Node, subject string) {
	if content != nil && len(content.Content) == 0 {
		l.report(content, "media-type", subject, "has an empty content")
	}
	for name := range entries(content) {
		if !mediaType.MatchString(name.Value) {
			l.report(name, "media-type", subject, "has a body of %s; must be a media type such as application/json%s", quote(name.Value),
				didYouMean(name.Value, []string{"application/json"}))
		} else if near := nearest(name.Value, []string{"application/json"}); near != "" && distance(name.Value, near) <= 3 {
			l.report(name, "media-type", subject, "has a body of %s; did you mean %s?", quote(name.Value), near)
		}
	}
}

// security holds requirements against the schemes that the document declares.
func (l *linter) security(requirements *yaml.Node, subject string) {
	schemes := field(field(l.document.root, "components"), "securitySchemes")
	for _, requirement := range items(requirements) {
		for name, scopes := range entries(requirement) {
			scheme := l.document.resolve(field(schemes, name.Value))
			switch kind := text(field(scheme, "type")); {
			case scheme == nil:
				l.report(name, "security", subject, "requires %s, which is no security scheme%s", name.Value, didYouMean(name.Value, keys(schemes)))
			case kind != "oauth2" && kind != "openIdConnect" && len(scopes.Content) > 0:
				l.report(scopes, "security", subject, "requires scopes of %s; a scheme of type %s has none", name.Value, kind)
			}
		}
	}
}

func (l *linter) securityScheme(n *yaml.Node, subject string) {
	needs := map[string][]string{"apiKey": {"name", "in"}, "http": {"scheme"}, "oauth2": {"flows"}, "openIdConnect": {"openIdConnectUrl"}}
	kind := field(n, "type")
	required, known := needs[text(kind)]
	if kind != nil && !known {
		l.report(kind, "security", subject, "has the type %s; must be apiKey, http, oauth2 or openIdConnect%s", quote(text(kind)),
			didYouMean(text(kind), []string{"apiKey", "http", "oauth2", "openIdConnect"}))
	}
	for _, name := range required {
		if field(n, name) == nil {
			l.report(n, "missing-keyword", subject, "has no %s, which type %s needs", name, text(kind))
		}
	}
	if in := field(n, "in"); in != nil && text(kind) == "apiKey" {
		l.oneOf(in, subject+".in", "header", "query", "cookie")
	}
}

func (l *linter) oneOf(n *yaml.Node, subject string, allowed ...string) {
	if n.Kind != yaml.ScalarNode || slices.Contains(allowed, n.Value) {
		return
	}
	l.report(n, "enum", subject, "is %s; must be one of %s%s", shown(n), strings.Join(allowed, ", "), didYouMean(n.Value, allowed))
}

func (l *linter) parameter(n *yaml.Node, name, subject string) {
	if (field(n, "schema") == nil) == (field(n, "content") == nil) {
		l.report(n, "parameter", subject, "needs either schema or content")
	}
	if in := field(n, "in"); name == "parameter" && in != nil {
		l.oneOf(in, subject+".in", "path", "query", "header", "cookie")
		required := field(n, "required")
		if in.Value == "path" && !isTrue(required) {
			l.report(n, "path-parameter", subject, "is a path parameter and must have required: true")
		}
		if in.Value == "header" && slices.Contains([]string{"accept", "content-type", "authorization"}, strings.ToLower(text(field(n, "name")))) {
			l.report(field(n, "name"), "parameter", subject, "is ignored: OpenAPI takes Accept, Content-Type and Authorization from content and security")
		}
	}
	if style := field(n, "style"); style != nil {
		place := text(field(n, "in"))
		if name == "header" {
			place = "header"
		}
		if allowed := styles[place]; allowed != nil {
			l.oneOf(style, subject+".style", allowed...)
		}
		kind := text(field(l.document.resolve(field(n, "schema")), "type"))
		if of := typeOfStyle[style.Value]; of != "" && kind != "" && kind != of {
			l.report(style, "misplaced-keyword", subject, "has the style %s, which is one for type %s and not %s", style.Value, of, kind)
		}
	}
	if isTrue(field(n, "required")) {
		l.neverUsed(field(n, "schema"), subject)
	}
	l.examples(n, subject)
}

// styles are the ways to write a parameter, by its place.
var styles = map[string][]string{
	"path": {"simple", "label", "matrix"}, "query": {"form", "spaceDelimited", "pipeDelimited", "deepObject"},
	"header": {"simple"}, "cookie": {"form"},
}

// typeOfStyle has the styles that write one type only.
var typeOfStyle = map[string]string{"spaceDelimited": "array", "pipeDelimited": "array", "deepObject": "object"}

// examples holds the examples of a parameter, header or media type against its schema.
func (l *linter) examples(n *yaml.Node, subject string) {
	schema := field(n, "schema")
	if field(n, "example") != nil && field(n, "examples") != nil {
		l.report(keyOf(n, "examples"), "example", subject, "has both example and examples")
	}
	l.value(schema, field(n, "example"), "example", subject)
	for name, example := range entries(field(n, "examples")) {
		l.value(schema, field(l.document.resolve(example), "value"), "example", subject+" example "+name.Value)
	}
}

// server holds the variables of a server's URL against the declared ones.
func (l *linter) server(n *yaml.Node, subject string) {
	declared := field(n, "variables")
	var used []string
	for _, found := range pathVariable.FindAllStringSubmatch(text(field(n, "url")), -1) {
		used = append(used, found[1])
		if field(declared, found[1]) == nil {
			l.report(field(n, "url"), "server", subject, "has a URL with {%s}, which variables do not declare%s", found[1], didYouMean(found[1], keys(declared)))
		}
	}
	for name, variable := range entries(declared) {
		if !slices.Contains(used, name.Value) {
			l.report(name, "server", subject, "declares the variable %s, which its URL does not have%s", name.Value, didYouMean(name.Value, used))
		}
		if enum := field(variable, "enum"); enum != nil && !slices.Contains(texts(enum), text(field(variable, "default"))) {
			l.report(variable, "default", subject+" "+name.Value, "has a default that is not in its enum")
		}
	}
}
