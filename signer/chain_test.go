package signer

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// chain sees only the given variables, and the files whose path is a key of files.
func chain(env, files map[string]string) Chain {
	return Chain{
		Environ: func(name string) string { return env[name] },
		Open: func(path string) (io.ReadCloser, error) {
			text, ok := files[filepath.ToSlash(path)]
			if !ok {
				return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
			}
			return io.NopCloser(strings.NewReader(text)), nil
		},
	}
}

const file = "/home/me/.huaweicloud/credentials"

func TestChain(t *testing.T) {
	t.Parallel()
	all := map[string]string{
		"VOD_ACCESS_KEY": "vodAK", "VOD_SECRET_KEY": "vodSK", "VOD_SECURITY_TOKEN": "vodST",
		"HUAWEICLOUD_SDK_AK": "sdkAK", "HUAWEICLOUD_SDK_SK": "sdkSK", "HUAWEICLOUD_SDK_PROJECT_ID": "sdkProject",
		"HW_ACCESS_KEY": "hwAK", "HW_SECRET_KEY": "hwSK", "HW_PROJECT_ID": "hwProject", "HW_REGION_NAME": "cn-north-4",
		"HOME": "/home/me",
	}
	files := map[string]string{
		file:      "\ufeff# mine\r\n[basic]\r\nak = fileAK\r\nsk='file SK'\r\nproject_id=\"fileProject\"\r\n\r\n[second]\nak=secondAK\nsk=secondSK\nsecurity_token=secondST\n",
		"/other":  "[global]\nak=x\n; nothing else\n",
		"/broken": "[basic]\nak=CANARY\nCANARY\n",
	}
	without := func(prefixes ...string) map[string]string {
		rest := map[string]string{}
		for name, value := range all {
			rest[name] = value
			for _, prefix := range prefixes {
				if strings.HasPrefix(name, prefix) {
					delete(rest, name)
				}
			}
		}
		return rest
	}
	with := func(env map[string]string, pairs ...string) map[string]string {
		for i := 0; i < len(pairs); i += 2 {
			env[pairs[i]] = pairs[i+1]
		}
		return env
	}
	pair := func(ak, sk, st string) Credentials { return Credentials{ak, sk, st} }
	tests := []struct {
		name     string
		explicit Login
		env      map[string]string
		want     Login
	}{
		{
			"explicit", Login{Credentials: pair("myAK", "mySK", ""), Region: "r", Source: "flags"}, all,
			Login{pair("myAK", "mySK", ""), "", "sdkProject", "r", "", "flags"},
		},
		{
			"explicit token", Login{Token: "t", ProjectID: "p"}, without("HW_"),
			Login{Credentials{}, "t", "p", "", "", "token (given explicitly)"},
		},
		{
			"VOD", Login{}, with(without(), "VOD_ENDPOINT", "http://127.0.0.1:1 \n"),
			Login{pair("vodAK", "vodSK", "vodST"), "", "sdkProject", "cn-north-4", "http://127.0.0.1:1", "VOD_ACCESS_KEY, VOD_SECRET_KEY, VOD_SECURITY_TOKEN"},
		},
		{
			"VOD token", Login{}, with(without("VOD_"), "VOD_AUTH_TOKEN", "t", "VOD_REGION", "r", "VOD_PROJECT_ID", "p"),
			Login{Credentials{}, "t", "p", "r", "", "VOD_AUTH_TOKEN"},
		},
		{"SDK", Login{}, without("VOD_"), Login{pair("sdkAK", "sdkSK", ""), "", "sdkProject", "cn-north-4", "", "HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK"}},
		{"Terraform", Login{}, without("VOD_", "HUAWEI"), Login{pair("hwAK", "hwSK", ""), "", "hwProject", "cn-north-4", "", "HW_ACCESS_KEY, HW_SECRET_KEY"}},
		{"Terraform token", Login{}, with(without("VOD_", "HUAWEI", "HW_A", "HW_S"), "HW_AUTH_TOKEN", "t"), Login{Credentials{}, "t", "hwProject", "cn-north-4", "", "HW_AUTH_TOKEN"}},
		{"file", Login{}, without("VOD_", "HUAWEI", "HW_"), Login{pair("fileAK", "file SK", ""), "", "fileProject", "", "", file + " [basic]"}},
		{
			"other section", Login{}, with(without("VOD_", "HUAWEI", "HW_"), "VOD_PROFILE", "second"),
			Login{pair("secondAK", "secondSK", "secondST"), "", "", "", "", file + " [second]"},
		},
		{"project of the file", Login{}, without("HUAWEI", "HW_"), Login{pair("vodAK", "vodSK", "vodST"), "", "fileProject", "", "", "VOD_ACCESS_KEY, VOD_SECRET_KEY, VOD_SECURITY_TOKEN"}},
		{"an unread broken file", Login{}, with(without(), "HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/broken"), Login{pair("vodAK", "vodSK", "vodST"), "", "sdkProject", "cn-north-4", "", "VOD_ACCESS_KEY, VOD_SECRET_KEY, VOD_SECURITY_TOKEN"}},
	}
	for _, test := range tests {
		c := chain(test.env, files)
		c.Explicit = test.explicit
		got, err := c.Find()
		got.Source = filepath.ToSlash(got.Source)
		if err != nil || got != test.want {
			t.Errorf("%s: %s, %v\nwant %s", test.name, got, err, test.want)
		}
	}

	refusals := []struct {
		name     string
		explicit Login
		env      map[string]string
		want     []string
	}{
		{"explicit half", Login{Credentials: pair("CANARY", "", "")}, all, []string{"access key (given explicitly)", "without secret key"}},
		{"half of VOD", Login{}, with(without("VOD_S"), "x", ""), []string{"VOD_ACCESS_KEY is there without VOD_SECRET_KEY"}},
		{"other half of the SDK", Login{}, without("VOD_", "HUAWEICLOUD_SDK_AK"), []string{"HUAWEICLOUD_SDK_SK is there without HUAWEICLOUD_SDK_AK"}},
		{"only a security token", Login{}, with(map[string]string{}, "HW_SECURITY_TOKEN", "CANARY"), []string{"HW_SECURITY_TOKEN is there without HW_ACCESS_KEY, HW_SECRET_KEY"}},
		{"token and pair", Login{}, with(without(), "VOD_AUTH_TOKEN", "CANARY"), []string{"both VOD_AUTH_TOKEN and VOD_ACCESS_KEY"}},
		{"token with a space", Login{}, map[string]string{"VOD_AUTH_TOKEN": "CANARY CANARY"}, []string{"VOD_AUTH_TOKEN", "no header can carry"}},
		{"access key with a space", Login{}, map[string]string{"VOD_ACCESS_KEY": "CANARY X", "VOD_SECRET_KEY": "CANARY"}, []string{"VOD_ACCESS_KEY", "visible"}},
		{"broken file", Login{}, map[string]string{"HUAWEICLOUD_SDK_CREDENTIALS_FILE": "/broken"}, []string{"/broken: line 3"}},
		{"named file missing", Login{}, map[string]string{"HUAWEICLOUD_SDK_CREDENTIALS_FILE": "/missing"}, []string{"/missing"}},
		{"named section missing", Login{}, map[string]string{"HOME": "/home/me", "VOD_PROFILE": "third"}, []string{"[third]", "VOD_PROFILE"}},
	}
	for _, test := range refusals {
		c := chain(test.env, files)
		c.Explicit = test.explicit
		_, err := c.Find()
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "CANARY") {
				t.Errorf("%s: error %v, want %q", test.name, err, want)
			}
		}
	}

	for name, env := range map[string]map[string]string{
		"no home": {"VOD_REGION": "r"}, "no file": {"VOD_REGION": "r", "HOME": "/nowhere"},
		"no section": {"VOD_REGION": "r", "HUAWEICLOUD_SDK_CREDENTIALS_FILE": "/other"},
	} {
		if got, err := chain(env, files).Find(); !errors.Is(err, ErrNoCredentials) || got.Region != "r" {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

// A section that was asked for comes before the environment, and never gives way to the keys of somebody else.
func TestChainNamedProfile(t *testing.T) {
	t.Parallel()
	env := map[string]string{"VOD_ACCESS_KEY": "envAK", "VOD_SECRET_KEY": "envSK", "VOD_PROJECT_ID": "envProject", "HOME": "/home/me"}
	files := map[string]string{
		file:     "[basic]\nak=fileAK\nsk=fileSK\n[second]\nak=secondAK\nsk=secondSK\nproject_id=second\n[third]\nproject_id=third\n",
		"/other": "[basic]\nak=otherAK\nsk=otherSK\n",
	}
	for _, test := range []struct {
		name, profile, file  string
		explicit             Login
		key, project, failed string
	}{
		{"none", "", "", Login{}, "envAK", "envProject", ""},
		{"section", "second", "", Login{}, "secondAK", "second", ""},
		{"file", "", "/other", Login{}, "otherAK", "envProject", ""},
		{"keys of their own beside it", "second", "", Login{Credentials: Credentials{"myAK", "mySK", ""}}, "myAK", "second", ""},
		{"project alone", "third", "", Login{Token: "t"}, "", "third", ""},
		{"no such section", "nosuch", "", Login{}, "", "", "/home/me/.huaweicloud/credentials has no section [nosuch]"},
		{"no such file", "", "/nosuch", Login{}, "", "", "open /nosuch"},
		{"no keys", "third", "", Login{}, "", "", "/home/me/.huaweicloud/credentials [third] has no ak and sk"},
	} {
		c := chain(env, files)
		c.Explicit, c.Profile, c.File = test.explicit, test.profile, test.file
		login, err := c.Find()
		if test.failed != "" {
			if err == nil || !strings.Contains(filepath.ToSlash(err.Error()), test.failed) {
				t.Errorf("%s: %v, %v", test.name, login, err)
			}
			continue
		}
		if err != nil || login.AccessKey != test.key || login.ProjectID != test.project {
			t.Errorf("%s: key %q, project %q, %v", test.name, login.AccessKey, login.ProjectID, err)
		}
	}
}

func TestParseProfile(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[basic":               "line 1",
		"ak=outside\nCANARY":   "line 2",
		"[basic]\nak=a\nak=b":  "line 3",
		"\n\n[basic]\n=\n = x": "line 5",
	} {
		if _, err := parseProfile(text, "basic"); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	values, err := parseProfile("[ basic ]\nak = a=b#c\n[x]\nak=2\n[basic]\nsk=\"\"\n", "basic")
	if err != nil || len(values) != 2 || values["ak"] != "a=b#c" || values["sk"] != "" {
		t.Errorf("%q, %v", values, err)
	}
	huge := chain(map[string]string{"HUAWEICLOUD_SDK_CREDENTIALS_FILE": "/huge"}, map[string]string{"/huge": strings.Repeat("#\n", 1<<20)})
	if _, err := huge.Find(); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("a huge file: %v", err)
	}
}
