package playlist

import "strings"

// attributes reads the list of a tag, such as BANDWIDTH=1280000,CODECS="mp4a.40.2". Quotes are taken off. Whatever is
// not written as RFC 8216, section 4.2, has it is refused, because lenient readers disagree about such lists.
func attributes(list string) (map[string]string, error) {
	found := make(map[string]string)
	for {
		name, rest, ok := strings.Cut(list, "=")
		if !ok || name == "" || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			return nil, errorf(0, "%.80q is no attribute; expected are NAME=value, separated by commas without blanks", list)
		}
		if _, twice := found[name]; twice {
			return nil, errorf(0, "the attribute %s is given twice", name)
		}
		value, rest, err := attributeValue(name, rest)
		if err != nil {
			return nil, err
		}
		found[name] = value
		if rest == "" {
			return found, nil
		}
		if list, ok = strings.CutPrefix(rest, ","); !ok {
			return nil, errorf(0, "there must be a comma behind the attribute %s", name)
		}
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
	value, rest = text[:end], text[end:]
	if value == "" || strings.ContainsAny(value, `" `) {
		return "", "", errorf(0, "the attribute %s has no valid value", name)
	}
	return value, rest, nil
}
