package pipeline

import (
	"fmt"
	"path"
	"strings"

	"github.com/vod-reproduction/vod/service/asset"
)

// maxName bounds the part of a key that comes from the source's name, in bytes.
const maxName = 100

// keyOf is where an attempt of an asset puts its copy in the service's bucket.
// No two attempts share a key, so a late one cannot spoil the result of another.
func keyOf(a asset.Asset, attempt int64) string {
	t, _ := asset.FindMediaType(a.VideoType) // an attempt of another type ends before it copies
	return fmt.Sprintf("assets/%s/%d/%s.%s", a.ID, attempt, safeName(a.Source.Key), t.Extension)
}

// safeName makes a file name out of the last part of a key, without its
// extension: letters and digits of ASCII, dots, dashes and underscores, not
// beginning with a dot or a dash, never empty.
func safeName(key string) string {
	name := path.Base(key)
	name = strings.TrimSuffix(name, path.Ext(name))
	name = strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-', c == '_':
			return c
		}
		return '_'
	}, name)
	name = strings.TrimLeft(name[:min(len(name), maxName)], ".-")
	if name == "" {
		return "media"
	}
	return name
}

// contentTypeOf returns how files of a type that is known to the program are served.
func contentTypeOf(videoType string) string {
	t, _ := asset.FindMediaType(videoType)
	return t.ContentType
}
