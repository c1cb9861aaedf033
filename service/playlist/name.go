package playlist

import (
	"strings"
	"unicode"
)

// checkName reports what keeps name from being a file in the directory of the playlist or below it. The rule is simple
// on purpose: what URLs, file systems and object stores read differently is refused, not decoded. That includes every %.
func checkName(name string) error {
	const below = "only plain names of files in the playlist's own directory or below it are allowed"
	switch {
	case len(name) > MaxName:
		return errorf(0, "the name %.40q... has %d bytes, at most %d are allowed", name, len(name), MaxName)
	case strings.Contains(name, ":"):
		return errorf(0, "%.80q is an address, or contains a colon; %s", name, below)
	case strings.Contains(name, `\`):
		return errorf(0, "%.80q contains a backslash; %s", name, below)
	case strings.Contains(name, "%"):
		return errorf(0, "%.80q contains a %%; names are taken as they stand, "+
			"so rename the file and write the name plainly", name)
	case strings.ContainsAny(name, "?#"):
		return errorf(0, "%.80q has a query or a fragment; %s", name, below)
	case strings.HasPrefix(name, " "):
		return errorf(0, "%.80q begins with a blank", name)
	}
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case part == "", part == "..":
			return errorf(0, "%.80q leads to another directory or host; %s", name, below)
		case strings.HasPrefix(part, "."):
			return errorf(0, "%.80q has a part that begins with a dot; %s", name, below)
		}
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return errorf(0, "%.80q contains the invisible character %U", name, r)
		}
	}
	return nil
}

// withoutDots leaves out the parts of a name that stand for the directory that they are in.
func withoutDots(name string) string {
	for strings.HasPrefix(name, "./") {
		name = name[len("./"):]
	}
	for strings.Contains(name, "/./") {
		name = strings.ReplaceAll(name, "/./", "/")
	}
	return name
}

func checkSegmentName(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	const extension = ".ts"
	base := name[strings.LastIndexByte(name, '/')+1:]
	if len(base) <= len(extension) || !strings.EqualFold(base[len(base)-len(extension):], extension) {
		return errorf(0, "%.80q does not end in %s; only MPEG-TS segments can be processed", name, extension)
	}
	return nil
}
