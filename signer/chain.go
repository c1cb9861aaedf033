package signer

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// ErrNoCredentials is returned when no source has credentials.
var ErrNoCredentials = errors.New("signer: no credentials: set VOD_ACCESS_KEY and VOD_SECRET_KEY, or VOD_AUTH_TOKEN, " +
	"or write ak and sk under [basic] in ~/.huaweicloud/credentials")

// Chain looks for credentials where people already have them. The first source that has any wins, with all of them: a
// key of one source is never joined with a secret of another, and half a pair is an error. Project, region and endpoint
// are taken from the first source that has them. The sources, in this order:
//
//  1. Explicit, such as the flags of a command
//  2. the section and the file that Profile and File name, if they do; that there are no credentials is an error then
//  3. VOD_ACCESS_KEY, VOD_SECRET_KEY, VOD_SECURITY_TOKEN, VOD_AUTH_TOKEN, VOD_PROJECT_ID, VOD_REGION, VOD_ENDPOINT
//  4. HUAWEICLOUD_SDK_AK, _SK, _SECURITY_TOKEN, _PROJECT_ID, as for the cloud's SDKs
//  5. HW_ACCESS_KEY, HW_SECRET_KEY, HW_SECURITY_TOKEN, HW_AUTH_TOKEN, HW_PROJECT_ID, HW_REGION_NAME, as for Terraform
//  6. the file ~/.huaweicloud/credentials, or HUAWEICLOUD_SDK_CREDENTIALS_FILE, section [basic], or that of VOD_PROFILE
type Chain struct {
	Explicit Login
	// Profile is a section of the credentials file, and File its path, as flags of a command give them. Empty ones are those
	// of the environment.
	Profile, File string
	// Environ returns an environment variable, or nothing; nil means os.Getenv.
	Environ func(name string) string
	// Open opens the credentials file; nil means os.Open.
	Open func(path string) (io.ReadCloser, error)
}

// source is a place where credentials may be, with the name of each in that place.
type source struct {
	login Login
	names sourceNames
}

type sourceNames struct {
	accessKey, secretKey, securityToken, token, projectID, region, endpoint string
}

var environments = []sourceNames{
	{
		accessKey: "VOD_ACCESS_KEY", secretKey: "VOD_SECRET_KEY", securityToken: "VOD_SECURITY_TOKEN",
		token: "VOD_AUTH_TOKEN", projectID: "VOD_PROJECT_ID", region: "VOD_REGION", endpoint: "VOD_ENDPOINT",
	},
	{
		accessKey: "HUAWEICLOUD_SDK_AK", secretKey: "HUAWEICLOUD_SDK_SK",
		securityToken: "HUAWEICLOUD_SDK_SECURITY_TOKEN", projectID: "HUAWEICLOUD_SDK_PROJECT_ID",
	},
	{
		accessKey: "HW_ACCESS_KEY", secretKey: "HW_SECRET_KEY", securityToken: "HW_SECURITY_TOKEN",
		token: "HW_AUTH_TOKEN", projectID: "HW_PROJECT_ID", region: "HW_REGION_NAME",
	},
}

var explicitNames = sourceNames{
	accessKey: "access key (given explicitly)", secretKey: "secret key (given explicitly)",
	securityToken: "security token (given explicitly)", token: "token (given explicitly)",
}

// Find returns the credentials, or an error that says which variable or line to set. With [ErrNoCredentials] it still
// returns the project, region and endpoint that it found.
func (c Chain) Find() (Login, error) {
	var found Login
	if err := found.take(source{c.Explicit, explicitNames}); err != nil {
		return Login{}, err
	}
	named := c.Profile != "" || c.File != ""
	if named {
		if err := c.takeProfile(&found); err != nil {
			return Login{}, err
		}
	}
	for _, names := range environments {
		if err := found.take(c.environment(names)); err != nil {
			return Login{}, err
		}
	}
	if !named && (found.Source == "" || found.ProjectID == "") {
		profile, err := c.profile()
		if err != nil {
			return Login{}, err
		}
		if err := found.take(profile); err != nil {
			return Login{}, err
		}
	}
	if found.Source == "" {
		return found, ErrNoCredentials
	}
	return found, nil
}

// takeProfile takes a section that was asked for: the credentials of another source would be those of somebody else.
func (c Chain) takeProfile(found *Login) error {
	profile, err := c.profile()
	if err == nil {
		err = found.take(profile)
	}
	if err == nil && found.Source == "" {
		err = fmt.Errorf("signer: %s has no ak and sk", cmp.Or(profile.login.Source, "the credentials file"))
	}
	return err
}

// take adds what the source has and l has not.
func (l *Login) take(s source) error {
	l.ProjectID = cmp.Or(l.ProjectID, s.login.ProjectID)
	l.Region = cmp.Or(l.Region, s.login.Region)
	l.Endpoint = cmp.Or(l.Endpoint, s.login.Endpoint)
	if l.Source != "" {
		return nil
	}
	source, err := s.credentials()
	if err != nil {
		return err
	}
	if source != "" {
		l.Credentials, l.Token, l.Source = s.login.Credentials, s.login.Token, source
	}
	return nil
}

// credentials names the credentials of the source, or returns nothing if it has none.
func (s source) credentials() (string, error) {
	var set, missing []string
	for _, part := range []struct{ name, value string }{
		{s.names.accessKey, s.login.AccessKey}, {s.names.secretKey, s.login.SecretKey},
	} {
		if part.value != "" {
			set = append(set, part.name)
		} else {
			missing = append(missing, part.name)
		}
	}
	if s.login.SecurityToken != "" {
		set = append(set, s.names.securityToken)
	}
	switch {
	case s.login.Token != "" && len(set) > 0:
		return "", fmt.Errorf("signer: both %s and %s are there: remove one", s.names.token, strings.Join(set, ", "))
	case s.login.Token != "":
		if err := StaticToken(s.login.Token).check(); err != nil {
			return "", fmt.Errorf("%s: %w", s.names.token, err)
		}
		return s.words(s.names.token), nil
	case len(set) == 0:
		return "", nil
	case len(missing) > 0:
		return "", fmt.Errorf("signer: %s is there without %s; a pair is never put together from two places",
			strings.Join(set, ", "), strings.Join(missing, ", "))
	}
	if err := s.login.check(); err != nil {
		return "", fmt.Errorf("signer: %s: %w", strings.Join(set, ", "), err)
	}
	return s.words(set...), nil
}

func (s source) words(names ...string) string {
	if s.login.Source != "" {
		return s.login.Source
	}
	return strings.Join(names, ", ")
}

func (c Chain) getenv(name string) string {
	if name == "" {
		return ""
	}
	getenv := os.Getenv
	if c.Environ != nil {
		getenv = c.Environ
	}
	return strings.TrimSpace(getenv(name))
}

func (c Chain) environment(n sourceNames) source {
	return source{names: n, login: Login{
		Credentials: Credentials{
			AccessKey: c.getenv(n.accessKey), SecretKey: c.getenv(n.secretKey), SecurityToken: c.getenv(n.securityToken),
		},
		Token:     c.getenv(n.token),
		ProjectID: c.getenv(n.projectID), Region: c.getenv(n.region), Endpoint: c.getenv(n.endpoint),
	}}
}
