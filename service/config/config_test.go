package config

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
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

func TestDatabase(t *testing.T) {
	t.Parallel()
	valid := Development()
	shared := valid
	shared.Store.Endpoint = "https://s3.example.com"
	for name, c := range map[string]struct {
		config Config
		url    string
		want   string
	}{
		"shared":           {shared, "postgres://vod:CANARY@db/vod", ""},
		"not a URL":        {shared, "vod.db CANARY", "database: must be postgres://"},
		"store of its own": {valid, "postgres://vod:CANARY@db/vod", "store.endpoint: is missing"},
	} {
		got, err := c.config.WithDatabase(c.url)
		if c.want == "" && (err != nil || got.Database.Reveal() != c.url) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: the error shows the password: %v", name, err)
		}
	}
	elsewhere, faster := shared, shared
	elsewhere.Listen, elsewhere.Workers = "0.0.0.0:1", 9
	faster.RequestsPerMinute = 7
	if shared.Digest() != elsewhere.Digest() || shared.Digest() == faster.Digest() {
		t.Error("the digest stands for something else than what processes share")
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, new, says string }{
		{"valid", "", "", ""},
		{"unknown member", "region:", "regoin: x\nregion:", "regoin"},
		{"empty", valid, "# nothing\n", "is empty"},
		{"second document", "users:", "---\nusers:", "second document"},
		{"public URL", "region:", "public_url: https://vod.example.com/api\nregion:", ""},
		{"public URL of a script", "region:", "public_url: javascript:alert(1)\nregion:", "public_url: want"},
		{"public URL with a slash at the end", "region:", "public_url: https://vod.example.com/\nregion:", "public_url: want"},
		{"public URL with a password", "region:", "public_url: https://a:canary@vod.example.com\nregion:", "public_url: want"},
		{"no region", "region: cn-north-4", "region: ''", "region: is missing"},
		{"no name of a region", "region: cn-north-4", "region: CN North", "region: \"CN North\""},
		{"region of another cloud", "region: cn-north-4", "region: RegionOne", ""},
		{"listen on a port that does not exist", "127.0.0.1:8470", "127.0.0.1:99999", "listen: "},
		{"listen on a port by its name", "127.0.0.1:8470", "127.0.0.1:http", ""},
		{"store on the port of the API", `"127.0.0.1:0"`, `"127.0.0.1:8470"`, "store.listen: 127.0.0.1:8470 is the address of listen"},
		{"API and store on any ports", "127.0.0.1:8470", "127.0.0.1:0", ""},
		{"store without a scheme", `listen: "127.0.0.1:0"`, `endpoint: s3.example.com`, "store.endpoint: want"},
		{"store with a path", `listen: "127.0.0.1:0"`, `endpoint: https://s3.example.com/media`, "store.endpoint: want"},
		{"store elsewhere", `listen: "127.0.0.1:0"`, `endpoint: https://s3.example.com/`, ""},
		{"key that no header can carry", "access_key: ak", `access_key: "a,k"`, "credentials[0]: no request can be signed"},
		{"listen without a port", "127.0.0.1:8470", "127.0.0.1", "listen: "},
		{"certificate without key", "listen: 127", "tls: {certificate: /cert.pem}\nlisten: 127", "tls.key: "},
		{"relative certificate", "listen: 127", "tls: {certificate: cert.pem, key: /key.pem}\nlisten: 127", "tls.certificate: "},
		{"store without an address", `listen: "127.0.0.1:0", `, "", "store: needs endpoint"},
		{"store without a key", "secret_key: b", "secret_key: ''", "store: needs access_key"},
		{"service bucket", "vod-service", "V", "store.bucket"},
		{"negative limit", "region:", "requests_per_minute: -1\nregion:", "must not be negative"},
		{"no project", "projects: [{id: p1, name: cn-north-4, buckets: [{name: media}]}]", "projects: []", "projects: needs at least one"},
		{"project that is a path", "id: p1", "id: ../p1", "projects[0].id"},
		{"retention that is no age", "id: p1", "id: p1, retention_days: -1", "projects[0].retention_days"},
		{"bucket of the service", "name: media", "name: vod-service", "already belongs to the service"},
		{"bucket that is no name", "name: media", "name: a/b", "projects[0].buckets"},
		{"bucket with two dots", "name: media", "name: a..b", "projects[0].buckets[0].name"},
		{"bucket that is an address", "vod-service", "192.168.0.1", "store.bucket"},
		{"key of no project", "secret_key: canary, project: p1", "secret_key: canary, project: p2", "credentials[0].project"},
		{"user of no project", "password: canary, project: p1", "password: canary, project: p2", "users[0].project"},
		{"secret that is a list", "secret_key: canary", "secret_key: [canary]", "must be plain text"},
		{"user without a password", "password: canary", "password: ''", "users[0]: needs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			expectParse(t, strings.Replace(valid, c.old, c.new, 1), c.says)
		})
	}
}

// expectParse reads a configuration, which must hold when says is empty, and else give an error that says so.
func expectParse(t *testing.T, text, says string) {
	t.Helper()
	_, faults := parse([]byte(text))
	var err error
	if len(faults) > 0 {
		err = &Error{Path: "vod.yaml", Faults: faults}
	}
	switch {
	case says == "" && err != nil:
		t.Error(err)
	case says != "" && (err == nil || !strings.Contains(err.Error(), says)):
		t.Errorf("got %v, want an error that says %q", err, says)
	case err != nil && strings.Contains(err.Error(), "canary"):
		t.Errorf("the error holds a secret: %v", err)
	}
}

func TestSecretsAreHidden(t *testing.T) {
	t.Parallel()
	c, faults := parse([]byte(valid))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown := fmt.Sprintf(verb, c)
		if strings.Contains(shown, "canary") || strings.Contains(shown, hex.EncodeToString([]byte("canary"))) {
			t.Errorf("%s shows a secret: %s", verb, shown)
		}
	}
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("test", "config", c, "password", c.Users[0].Password)
	}
	if strings.Contains(log.String(), "canary") {
		t.Errorf("the log shows a secret: %s", log.String())
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	made := Development()
	if err := Create(dir, made); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(filepath.Join(dir, FileName))
	if err != nil || !reflect.DeepEqual(loaded, made) { // else the first reload names fields that nobody changed
		t.Errorf("loaded %+v, %v, want what was written", loaded, err)
	}
	info, err := os.Stat(filepath.Join(dir, FileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v (%v), want 0600", info.Mode(), err)
	}
	if Development().Credentials[0].SecretKey == made.Credentials[0].SecretKey {
		t.Error("two directories share a key")
	}
}

// Of several processes on one new directory one makes the file, and no other overwrites it.
func TestCreateAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := make(chan Secret)
	const processes = 8
	for range processes {
		go func() {
			c := Development()
			switch err := Create(dir, c); {
			case errors.Is(err, fs.ErrExist):
				made <- ""
			case err != nil:
				t.Error(err)
				made <- ""
			default:
				made <- c.Store.SecretKey
			}
		}()
	}
	var keys []Secret
	for range processes {
		if key := <-made; key != "" {
			keys = append(keys, key)
		}
	}
	c, err := Load(filepath.Join(dir, FileName))
	if err != nil || len(keys) != 1 || keys[0] != c.Store.SecretKey {
		t.Errorf("%d processes made the file, %v, want one, and its key", len(keys), err)
	}
}

func TestLoadRefusesAHugeFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), FileName)
	if err := os.WriteFile(path, []byte(valid+strings.Repeat("#\n", maxFile)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("got %v", err)
	}
}
