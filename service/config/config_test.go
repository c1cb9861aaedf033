package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const valid = `
listen: 127.0.0.1:8470
region: cn-north-4
store: {listen: "127.0.0.1:0", bucket: vod-service, access_key: a, secret_key: b}
projects: [{id: p1, name: cn-north-4, buckets: [{name: media}]}]
credentials: [{access_key: ak, secret_key: canary, project: p1, permissions: ["*"]}]
users: [{name: u, domain: d, password: canary, project: p1, permissions: ["*"]}]
`

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, new, says string }{
		{"valid", "", "", ""},
		{"unknown member", "region:", "regoin: x\nregion:", "regoin"},
		{"no region", "region: cn-north-4", "region: ''", "region: is missing"},
		{"listen without a port", "127.0.0.1:8470", "127.0.0.1", "listen: "},
		{"store without an address", `listen: "127.0.0.1:0", `, "", "store: needs endpoint"},
		{"store without a key", "secret_key: b", "secret_key: ''", "store: needs access_key"},
		{"service bucket", "vod-service", "V", "store.bucket"},
		{"negative limit", "region:", "requests_per_minute: -1\nregion:", "must not be negative"},
		{"no project", "projects: [{id: p1, name: cn-north-4, buckets: [{name: media}]}]", "projects: []", "projects: needs at least one"},
		{"project that is a path", "id: p1", "id: ../p1", "projects[0].id"},
		{"bucket of the service", "name: media", "name: vod-service", "already belongs to the service"},
		{"bucket that is no name", "name: media", "name: a/b", "projects[0].buckets"},
		{"key of no project", "secret_key: canary, project: p1", "secret_key: canary, project: p2", "credentials[0].project"},
		{"user of no project", "password: canary, project: p1", "password: canary, project: p2", "users[0].project"},
		{"user without a password", "password: canary", "password: ''", "users[0]: needs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(valid, c.old, c.new, 1)
			_, err := parse(strings.NewReader(text))
			switch {
			case c.says == "" && err != nil:
				t.Error(err)
			case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
				t.Errorf("got %v, want an error that says %q", err, c.says)
			case err != nil && strings.Contains(err.Error(), "canary"):
				t.Errorf("the error holds a secret: %v", err)
			}
		})
	}
}

func TestSecretsAreHidden(t *testing.T) {
	t.Parallel()
	c, err := parse(strings.NewReader(valid))
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if shown := fmt.Sprintf(verb, c); strings.Contains(shown, "canary") {
			t.Errorf("%s shows a secret: %s", verb, shown)
		}
	}
}

func TestLoadOrCreate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	first, created, err := LoadOrCreate(dir)
	if err != nil || !created {
		t.Fatalf("the first start: created %v, %v", created, err)
	}
	second, created, err := LoadOrCreate(dir)
	if err != nil || created || second.Credentials[0].SecretKey != first.Credentials[0].SecretKey {
		t.Errorf("the second start: created %v, %v", created, err)
	}
	info, err := os.Stat(filepath.Join(dir, FileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v (%v), want 0600", info.Mode(), err)
	}
	third, _, err := LoadOrCreate(t.TempDir())
	if err != nil || third.Credentials[0].SecretKey == first.Credentials[0].SecretKey {
		t.Error("two directories share a key")
	}
}
