package signer

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	maxProfile     = 1 << 20
	defaultSection = "basic"
)

// profile reads the credentials file. That it does not exist is an error only if somebody named it.
func (c Chain) profile() (source, error) {
	path, named := cmp.Or(c.File, c.getenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE")), true
	if path == "" {
		home := cmp.Or(c.getenv("HOME"), c.getenv("USERPROFILE"))
		if home == "" {
			return source{}, nil
		}
		path, named = filepath.Join(home, ".huaweicloud", "credentials"), false
	}
	section := cmp.Or(c.Profile, c.getenv("VOD_PROFILE"), defaultSection)
	text, err := c.readFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named && section == defaultSection && c.Profile == "":
		return source{}, nil
	case err != nil:
		return source{}, fmt.Errorf("signer: read the credentials: %w", err)
	}
	values, err := parseProfile(text, section)
	if err != nil {
		return source{}, fmt.Errorf("signer: %s: %w", path, err)
	}
	switch {
	case values != nil, section == defaultSection:
	case c.Profile == "":
		return source{}, fmt.Errorf("signer: %s has no section [%s], which VOD_PROFILE names", path, section)
	default:
		return source{}, fmt.Errorf("signer: %s has no section [%s]", path, section)
	}
	where := func(key string) string { return fmt.Sprintf("%s in %s [%s]", key, path, section) }
	return source{
		names: sourceNames{accessKey: where("ak"), secretKey: where("sk"), securityToken: where("security_token")},
		login: Login{
			Credentials: Credentials{
				AccessKey: values["ak"], SecretKey: values["sk"], SecurityToken: values["security_token"],
			},
			ProjectID: values["project_id"],
			Source:    fmt.Sprintf("%s [%s]", path, section),
		},
	}, nil
}

func (c Chain) readFile(path string) (string, error) {
	open := c.Open
	if open == nil {
		open = func(path string) (io.ReadCloser, error) { return os.Open(path) }
	}
	file, err := open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxProfile+1))
	if err != nil {
		return "", err
	}
	if len(data) > maxProfile {
		return "", fmt.Errorf("%s is longer than %d bytes", path, maxProfile)
	}
	return string(data), nil
}

// parseProfile returns the keys of one section of an INI file, or nil if there is no such section. Errors name the line
// and never repeat it: it may hold a secret.
func parseProfile(text, section string) (map[string]string, error) {
	var values map[string]string
	inside, number := false, 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if line[0] == '[' {
			name, ok := strings.CutSuffix(line[1:], "]")
			if !ok {
				return nil, fmt.Errorf("line %d: a section must look like [%s]", number, defaultSection)
			}
			inside = strings.TrimSpace(name) == section
			if inside && values == nil {
				values = map[string]string{}
			}
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("line %d: it must look like name = value", number)
		}
		if !inside {
			continue
		}
		key = strings.TrimSpace(key)
		if _, twice := values[key]; twice {
			return nil, fmt.Errorf("line %d: a key is specified more than once in [%s]", number, section)
		}
		values[key] = unquote(strings.TrimSpace(value))
	}
	return values, nil
}

// unquote takes away one pair of quotes, as the cloud's SDKs do.
func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}
