package playlist

import "strings"

// blanks are what lenient writers put around the parts of a tag.
const blanks = " \t"

// spaces are blanks too, as editors for Chinese text write them. Players skip them around names and values; in names of files
// they belong to the name.
const spaces = blanks + "\u00a0\u3000"

// attributes reads the list of a tag, such as BANDWIDTH=1280000,CODECS="mp4a.40.2". Quotes are taken off. Blanks around
// names and values and commas with nothing between them are taken, as players take them; whatever they disagree about is
// refused.
func attributes(list string) (map[string]string, error) {
	found := make(map[string]string)
	for {
		if list = strings.TrimLeft(list, spaces+","); list == "" {
			return found, nil
		}
		name, rest, ok := strings.Cut(list, "=")
		name = strings.Trim(name, spaces)
		if !ok || name == "" || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			return nil, errorf(0, "%.80q is no attribute; expected are NAME=value, separated by commas", list)
		}
		value, rest, err := attributeValue(name, strings.TrimLeft(rest, spaces))
		if err != nil {
			return nil, err
		}
		if before, twice := found[name]; twice && !alike(before, value) {
			return nil, errorf(0, "the attribute %s is specified more than once, with different values", name)
		}
		found[name] = value
		rest = strings.TrimLeft(rest, spaces)
		if rest != "" && rest[0] != ',' {
			return nil, errorf(0, "there must be a comma after the attribute %s", name)
		}
		list = rest
	}
}

// attributeValue takes the value of an attribute from the beginning of text.
func attributeValue(name, text string) (value, rest string, err error) {
	if quoted, ok := strings.CutPrefix(text, `"`); ok {
		if value, rest, ok = strings.Cut(quoted, `"`); !ok {
			return "", "", errorf(0, "the quotes of the attribute %s are not closed", name)
		}
		return value, rest, nil
	}
	end := strings.IndexByte(text, ',')
	if end < 0 {
		end = len(text)
	}
	value, rest = strings.TrimRight(text[:end], spaces), text[end:]
	if value == "" || strings.Contains(value, `"`) {
		return "", "", errorf(0, "the attribute %s has no valid value", name)
	}
	return value, rest, nil
}
