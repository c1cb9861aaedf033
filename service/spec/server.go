package spec

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

func (c *comparison) servers() {
	c.serverLists(keyOf(c.new.root, "servers"), "servers", "", servers(c.old.root), servers(c.new.root))
}

// operationServers compares the servers of an operation where it or its path has some of its own.
func (c *comparison) operationServers(o, n call) {
	before, after := servers(o.operation, o.item), servers(n.operation, n.item)
	if before == nil && after == nil {
		return
	}
	at := firstNode(keyIn(nil, n.operation, "servers"), keyIn(nil, n.item, "servers"), keyOf(n.item, n.method))
	c.serverLists(at, n.name(), "servers ", firstNode(before, servers(c.old.root)), firstNode(after, servers(c.new.root)))
}

// serverLists compares two lists of servers. Clients use the first one unless told otherwise, so that others may come
// behind it.
func (c *comparison) serverLists(at *yaml.Node, subject, what string, before, after *yaml.Node) {
	forms := func(list *yaml.Node) []string {
		if list == nil {
			return []string{`{"url":"/"}`}
		}
		var all []string
		for _, server := range items(list) {
			all = append(all, canonical(server, unsaid))
		}
		return all
	}
	was, is := forms(before), forms(after)
	lost := slices.ContainsFunc(was, func(server string) bool { return !slices.Contains(is, server) })
	if lost || was[0] != is[0] {
		c.record(at, true, "servers", subject, "", what+"changed: "+difference(before, after))
		return
	}
	for i, server := range is {
		if !slices.Contains(was, server) {
			c.record(items(after)[i], false, "servers", subject, "", what+"added: "+shown(field(items(after)[i], "url")))
		}
	}
}

// servers returns the servers of the first object that has any.
func servers(objects ...*yaml.Node) *yaml.Node {
	for _, n := range objects {
		if list := field(n, "servers"); len(items(list)) > 0 {
			return list
		}
	}
	return nil
}
