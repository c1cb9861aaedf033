package spec

import "go.yaml.in/yaml/v3"

// directions are the schemas of bodies by who sends them, all schemas inside them included. The values report whether a
// schema decides itself which fields there may be; a part of one that does only adds to it.
type directions struct{ request, response map[*yaml.Node]bool }

func (d *Document) directions() directions {
	found := directions{map[*yaml.Node]bool{}, map[*yaml.Node]bool{}}
	enter := func(body *yaml.Node, schemas map[*yaml.Node]bool) {
		for _, media := range entries(field(d.resolve(body), "content")) {
			d.enter(field(media, "schema"), true, schemas)
		}
	}
	d.operations(func(_ string, _ *yaml.Node, _ string, operation *yaml.Node) {
		enter(field(operation, "requestBody"), found.request)
		for _, response := range entries(field(operation, "responses")) {
			enter(response, found.response)
		}
	})
	return found
}

// enter notes a schema and all inside it.
func (d *Document) enter(n *yaml.Node, decides bool, found map[*yaml.Node]bool) {
	n = d.resolve(n)
	if before, seen := found[n]; n == nil || seen && (before || !decides) {
		return
	}
	found[n] = decides
	for _, schema := range entries(field(n, "properties")) {
		d.enter(schema, true, found)
	}
	closed := !decides || isFalse(field(n, "additionalProperties"))
	for _, keyword := range []string{"allOf", "oneOf", "anyOf"} {
		for _, part := range items(field(n, keyword)) {
			d.enter(part, !closed, found)
		}
	}
	for _, keyword := range []string{"items", "additionalProperties"} {
		d.enter(field(n, keyword), true, found)
	}
}

// direction holds a schema against the bodies that it is part of: a request refuses unknown fields, so that slips are
// found, and a response may grow.
func (l *linter) direction(n *yaml.Node, subject string) {
	decides, request := l.directions.request[n]
	_, response := l.directions.response[n]
	closed := isFalse(field(n, "additionalProperties"))
	switch {
	case field(n, "properties") == nil:
	case request && decides && !closed:
		l.report(n, "request-open", subject, "is part of a request and must refuse unknown fields: additionalProperties: false")
	case response && !request && closed:
		l.report(keyOf(n, "additionalProperties"), "response-closed", subject, "is part of a response, to which no field could be added with additionalProperties: false")
	}
	switch {
	case isTrue(field(n, "readOnly")) && request && !response:
		l.report(keyOf(n, "readOnly"), "contradiction", subject, "is readOnly, and only requests have it")
	case isTrue(field(n, "writeOnly")) && response && !request:
		l.report(keyOf(n, "writeOnly"), "contradiction", subject, "is writeOnly, and only responses have it")
	}
}
