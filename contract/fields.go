package contract

import (
	"iter"

	"github.com/vod-reproduction/vod/gen"
)

// Fields returns an iterator over every property that a dump request can hold, by its path as [Violation] writes it, such as
// "thumbnail.time", in the order of the document. An object comes before its own properties; those of objects in an array
// are left out.
func Fields() iter.Seq2[string, gen.Property] {
	return func(yield func(string, gen.Property) bool) { below("DumpRequest", "", 0, yield) }
}

// Field returns the property at a path that [Fields] has, and whether there is one.
func Field(path string) (gen.Property, bool) {
	for at, p := range Fields() {
		if at == path {
			return p, true
		}
	}
	return gen.Property{}, false
}

// deepest bounds the iteration where a schema holds itself.
const deepest = 8

func below(schema, at string, depth int, yield func(string, gen.Property) bool) bool {
	for _, p := range gen.Properties {
		if p.Schema != schema {
			continue
		}
		if !yield(at+p.Name, p) {
			return false
		}
		if p.Type == "object" && depth < deepest && !below(p.Object, at+p.Name+".", depth+1, yield) {
			return false
		}
	}
	return true
}
