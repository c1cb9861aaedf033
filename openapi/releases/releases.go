// Package releases embeds the contract documents as each release published them, so that a document can be compared with
// what clients have. It uses the standard library only.
//
// A release adds NAME-VERSION.yaml, a copy of the document with that info.version, and never changes an earlier one.
package releases

import (
	"embed"
	"slices"
	"strconv"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Names returns the documents that have releases: "companions" and "reproduction".
func Names() []string {
	var names []string
	for name := range all() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Versions returns the released versions of a document, such as "1.0.0", the newest last. A document without releases
// has none.
func Versions(name string) []string {
	versions := all()[name]
	slices.SortFunc(versions, func(a, b string) int { return slices.Compare(numbers(a), numbers(b)) })
	return versions
}

// Document returns the released document as it was published, and whether there is such a release.
func Document(name, version string) ([]byte, bool) {
	if !slices.Contains(Versions(name), version) {
		return nil, false
	}
	content, err := files.ReadFile(name + "-" + version + ".yaml")
	return content, err == nil
}

func all() map[string][]string {
	versions := map[string][]string{}
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the root of an embedded file system can be read
	}
	for _, entry := range entries {
		name, version, ok := strings.Cut(strings.TrimSuffix(entry.Name(), ".yaml"), "-")
		if ok {
			versions[name] = append(versions[name], version)
		}
	}
	return versions
}

func numbers(version string) []int {
	var all []int
	for part := range strings.SplitSeq(version, ".") {
		n, _ := strconv.Atoi(part)
		all = append(all, n)
	}
	return all
}
