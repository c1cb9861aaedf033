package bulk

import (
	"path"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// keysOf returns the keys that a name in a playlist can stand for. Players read it as a URL, whose path may begin with the
// bucket; those who wrote it may have meant it as it stands.
func keysOf(list, name string) []string {
	var keys []string
	add := func(name string) {
		if host, ok := strings.CutPrefix(name, "//"); ok {
			name = "https://" + host
		}
		if _, rest, ok := strings.Cut(name, "://"); ok {
			_, name, _ = strings.Cut(rest, "/")
			name = "/" + name
		}
		if root, ok := strings.CutPrefix(name, "/"); ok {
			_, behind, _ := strings.Cut(root, "/")
			keys = append(keys, root, behind)
			return
		}
		dir := list[:strings.LastIndexByte(list, '/')+1]
		keys = append(keys, dir+name)
		if strings.HasPrefix(name, ".") || strings.Contains(name, "/.") {
			keys = append(keys, path.Join(dir, name))
		}
	}
	add(name)
	plain, _, _ := strings.Cut(name, "#")
	plain, _, _ = strings.Cut(plain, "?")
	unescaped := unescape(plain)
	// Objects that were uploaded from a Mac can be named in the other form of Unicode than their playlist has.
	for _, variant := range []string{plain, unescaped, strings.ReplaceAll(unescaped, `\`, "/"), norm.NFC.String(unescaped), norm.NFD.String(unescaped)} {
		if variant != name {
			add(variant)
		}
	}
	return keys
}

// unescape decodes what is encoded in a name, and leaves every other % as it stands, as players do.
func unescape(name string) string {
	before, after, found := strings.Cut(name, "%")
	var b strings.Builder
	for b.WriteString(before); found; b.WriteString(before) {
		if len(after) >= 2 {
			if c, err := strconv.ParseUint(after[:2], 16, 8); err == nil {
				b.WriteByte(byte(c))
				before, after, found = strings.Cut(after[2:], "%")
				continue
			}
		}
		b.WriteByte('%')
		before, after, found = strings.Cut(after, "%")
	}
	return b.String()
}
