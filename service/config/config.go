// Package config reads the one file that sets up the service: where it listens, which region it plays, its store, the
// projects, keys and users that may call it, and what requests name: templates, workflows and reviewers.
package config

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/yamlline"
	"github.com/vod-reproduction/vod/signer"
)

// Config is the whole file. Unknown fields are refused when it is read.
type Config struct {
	// Listen is the address of the API, host:port.
	Listen string `yaml:"listen"`
	// PublicURL is how clients reach the API, without a slash at the end; http:// and Listen when empty.
	PublicURL string `yaml:"public_url,omitempty"`
	// TLS has the API speak HTTPS, where no proxy in front of it does.
	TLS TLS `yaml:"tls,omitempty"`
	// Region is the only input.location that the service takes.
	Region string `yaml:"region"`
	// MetricsListen is the address of /metrics for Prometheus, host:port, apart from the API's; empty is none.
	MetricsListen string `yaml:"metrics_listen,omitempty"`
	// Proxies are the addresses, or networks such as 10.0.0.0/8, of reverse proxies in front of the API. What they say in
	// X-Forwarded-For is who is meant wherever clients are told apart by address.
	Proxies []string `yaml:"proxies,omitempty"`
	// RequestsPerMinute bounds the calls of one project; 0 is no limit. The cloud allows 1500.
	RequestsPerMinute int `yaml:"requests_per_minute,omitempty"`
	// Workers is how many assets are worked on at the same time; 0 is the default, 4.
	Workers int `yaml:"workers,omitempty"`
	// MaxWaitHours is how long after it was accepted an asset may wait for what is outside of it and does not work;
	// 0 is the default, 24.
	MaxWaitHours int `yaml:"max_wait_hours,omitempty"`
	// Database is the postgres:// URL of a database that several processes share; empty is a file in the data directory.
	Database Secret `yaml:"database,omitempty"`
	// Store is where the media lies.
	Store Store `yaml:"store"`
	// Media sets up the work on media.
	Media Media `yaml:"media,omitempty"`
	// TemplateGroups are what requests may name as template_group_name.
	TemplateGroups []TemplateGroup `yaml:"template_groups,omitempty"`
	// Workflows are what requests may name as workflow_name.
	Workflows []Workflow `yaml:"workflows,omitempty"`
	// Edges are the base URLs of the caches that auto_preheat fills, such as a CDN's; at most 10. They may keep a file for
	// an hour after its asset was unpublished.
	Edges []string `yaml:"edges,omitempty"`
	// Review is who judges assets where requests ask for it; only the region ap-southeast-3 has it.
	Review Review `yaml:"review,omitempty"`
	// Projects are the tenants.
	Projects []Project `yaml:"projects"`
	// Credentials are the access keys that may call.
	Credentials []Credential `yaml:"credentials,omitempty"`
	// Users may exchange a password for a token at POST /v3/auth/tokens.
	Users []User `yaml:"users,omitempty"`
}

// Store is the S3 service that holds both the tenants' buckets and the service's own.
type Store struct {
	// Endpoint of an S3-compatible service; empty means the embedded one.
	Endpoint string `yaml:"endpoint,omitempty"`
	// Listen is the address of the embedded store.
	Listen string `yaml:"listen,omitempty"`
	// Bucket belongs to the service and takes the copies.
	Bucket string `yaml:"bucket"`
	// AccessKey and SecretKey open the store for the service and, embedded, for everyone who fills buckets.
	AccessKey string `yaml:"access_key"`
	SecretKey Secret `yaml:"secret_key"`
	// PathStyle puts the bucket into the path instead of the host name. OBS refuses it; local stores need it.
	PathStyle bool `yaml:"path_style,omitempty"`
}

// Project is one tenant.
type Project struct {
	ID string `yaml:"id"`
	// Name is what a request for a token may give instead of the ID; the cloud calls its own projects after the region.
	Name string `yaml:"name"`
	// Buckets are the tenant's own. Only these can be dumped from or written to.
	Buckets []Bucket `yaml:"buckets,omitempty"`
	// Callback receives the events of assets; nil is nobody.
	Callback *Callback `yaml:"callback,omitempty"`
	// RetentionDays is after how many days an asset is deleted, counted from when it was accepted; 0 is never.
	RetentionDays int `yaml:"retention_days,omitempty"`
}

// maxRetention is a hundred years, in days.
const maxRetention = 36500

// Bucket is a bucket of a tenant.
type Bucket struct {
	Name string `yaml:"name"`
	// Authorized opens the bucket for VOD at every start, and at a reload that adds it, as the authority call would.
	Authorized bool `yaml:"authorized,omitempty"`
}

// Credential is one access key.
type Credential struct {
	AccessKey string `yaml:"access_key"`
	SecretKey Secret `yaml:"secret_key"`
	// SecurityToken makes the key a temporary one, which must be sent along.
	SecurityToken Secret `yaml:"security_token,omitempty"`
	Project       string `yaml:"project"`
	// Permissions are IAM actions such as vod:asset:publishFromObs; "*" is all of them.
	Permissions []string `yaml:"permissions"`
}

func (k Credential) pair() signer.Credentials {
	return signer.Credentials{AccessKey: k.AccessKey, SecretKey: k.SecretKey.Reveal(), SecurityToken: k.SecurityToken.Reveal()}
}

// User is one IAM user.
type User struct {
	Name        string   `yaml:"name"`
	Domain      string   `yaml:"domain"`
	Password    Secret   `yaml:"password"`
	Project     string   `yaml:"project"`
	Permissions []string `yaml:"permissions"`
}

const maxFile = 1 << 20

// Load reads and checks the file. What is wrong with its text is an [*Error].
func Load(path string) (Config, error) {
	text, err := read(path)
	if err != nil {
		return Config{}, err
	}
	c, faults := parse(text)
	if len(faults) > 0 {
		if _, err := os.Stat(path + newSuffix); err == nil && len(text) == 0 {
			faults = []Fault{{Text: "file is empty: a change was interrupted; the complete text is in " + path + newSuffix + ", copy it here"}}
		}
		return Config{}, &Error{Path: path, Faults: faults}
	}
	return c, nil
}

func read(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // the operator's own file
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("configuration %s: is larger than %d bytes", path, maxFile)
	}
	return text, nil
}

// Exposed reports whether every user of this machine may read a file of secrets, by its own mode.
func Exposed(path string) bool {
	info, err := os.Stat(path)
	return err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o004 != 0
}

// parse reads and checks the text of a file.
func parse(text []byte) (c Config, faults []Fault) {
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return c, []Fault{{Text: "file is empty; delete it to generate a default"}}
	case err != nil:
		faults := decoderFaults(err)
		for i := range faults {
			faults[i].Line = yamlline.Broken(text)
		}
		return c, faults
	}
	if next := new(yaml.Node); !errors.Is(decoder.Decode(next), io.EOF) {
		return c, []Fault{{Line: next.Line, Text: "has a second document, behind a line ---; keep one"}}
	}
	root := document.Content[0]
	seen := inspection{seen: map[seenNode]bool{}}
	if seen.inspect(root, reflect.TypeFor[Config](), ""); len(seen.faults) > 0 {
		return c, seen.faults
	}
	decoder = yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&c); err != nil {
		return c, decoderFaults(err)
	}
	for _, text := range c.check() {
		faults = append(faults, Fault{Line: lineOf(root, text), Text: text})
	}
	return c, faults
}

var (
	projectID  = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	regionName = regexp.MustCompile(`^[0-9A-Za-z]([0-9A-Za-z.-]{0,61}[0-9A-Za-z])?$`)
)

// bucketNames says what object.CheckBucket allows.
const bucketNames = "3 to 63 lowercase letters, digits, dots and dashes, with a letter or digit at both ends, " +
	"no two dots together, and no IP address"

// check returns what is wrong, each as the path of a field, a colon, and what is wrong with it.
func (c *Config) check() (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	c.checkAddresses(fault)
	switch {
	case c.Region == "":
		fault("region: is missing; cn-north-4 for instance")
	case !regionName.MatchString(c.Region):
		fault("region: %q is not the name of a region; letters, digits, dots and dashes, such as cn-north-4", c.Region)
	}
	for _, n := range []struct {
		field string
		value int
		zero  string
	}{
		{"requests_per_minute", c.RequestsPerMinute, "no limit"}, {"workers", c.Workers, "the default, 4"},
		{"max_wait_hours", c.MaxWaitHours, "the default, 24"},
	} {
		if n.value < 0 {
			fault("%s: must not be negative; 0 is %s", n.field, n.zero)
		}
	}
	c.TLS.check(fault)
	c.checkDatabase(fault)
	if c.Store.Endpoint == "" && c.Store.Listen == "" {
		fault("store: needs endpoint, or listen for the embedded store")
	}
	if object.CheckBucket(c.Store.Bucket) != nil {
		fault("store.bucket: %q is not a bucket name; %s", c.Store.Bucket, bucketNames)
	}
	if c.Store.AccessKey == "" || c.Store.SecretKey == "" {
		fault("store: needs access_key and secret_key")
	}
	c.checkProcessing(fault)
	c.checkAccounts(fault)
	return faults
}

// checkAccounts checks the projects, and the keys and users that belong to them.
func (c *Config) checkAccounts(fault func(string, ...any)) {
	projects := c.checkProjects(fault)
	keys := map[string]bool{}
	for i, k := range c.Credentials {
		if k.AccessKey == "" || k.SecretKey == "" {
			fault("credentials[%d]: needs access_key and secret_key", i)
		} else if _, err := signer.New(k.pair()); err != nil {
			fault("credentials[%d]: no request can be signed with it: %s", i, strings.TrimPrefix(err.Error(), "signer: "))
		}
		if keys[k.AccessKey] {
			fault("credentials[%d]: access_key is specified more than once", i)
		}
		keys[k.AccessKey] = true
		if !projects[k.Project] {
			fault("credentials[%d].project: %q is not the id of one of projects", i, k.Project)
		}
		checkPermissions(k.Permissions, fmt.Sprintf("credentials[%d]", i), fault)
	}
	users := map[string]bool{}
	for i, u := range c.Users {
		if users[u.Name] {
			fault("users[%d]: name is specified more than once", i)
		}
		users[u.Name] = true
		if u.Name == "" || u.Password == "" {
			fault("users[%d]: needs name and password", i)
		}
		if !projects[u.Project] {
			fault("users[%d].project: %q is not the id of one of projects", i, u.Project)
		}
		checkPermissions(u.Permissions, fmt.Sprintf("users[%d]", i), fault)
	}
}

func (c *Config) checkProjects(fault func(string, ...any)) map[string]bool {
	ids, owner := map[string]bool{}, map[string]string{c.Store.Bucket: "the service"}
	if len(c.Projects) == 0 {
		fault("projects: needs at least one")
	}
	for i, p := range c.Projects {
		if !projectID.MatchString(p.ID) || ids[p.ID] {
			fault("projects[%d].id: %q is specified more than once, or is not 1 to 64 letters, digits, - and _", i, p.ID)
		}
		ids[p.ID] = true
		if p.Callback != nil {
			p.Callback.check(fmt.Sprintf("projects[%d].callback", i), fault)
		}
		if p.RetentionDays < 0 || p.RetentionDays > maxRetention {
			fault("projects[%d].retention_days: %d is not between 0, which is for ever, and %d", i, p.RetentionDays, maxRetention)
		}
		for j, b := range p.Buckets {
			if object.CheckBucket(b.Name) != nil {
				fault("projects[%d].buckets[%d].name: %q is not a bucket name; %s", i, j, b.Name, bucketNames)
			}
			if o, taken := owner[b.Name]; taken {
				fault("projects[%d].buckets[%d].name: %q already belongs to %s", i, j, b.Name, o)
			}
			owner[b.Name] = "project " + p.ID
		}
	}
	return ids
}

// WithDatabase returns c with the URL of a database that several processes share, checked.
func (c Config) WithDatabase(url string) (Config, error) {
	c.Database = Secret(url)
	var faults []Fault
	c.checkDatabase(func(format string, args ...any) { faults = append(faults, Fault{Text: fmt.Sprintf(format, args...)}) })
	if len(faults) > 0 {
		return c, &Error{Faults: faults}
	}
	return c, nil
}

func (c *Config) checkDatabase(fault func(string, ...any)) {
	url := c.Database.Reveal()
	if url == "" {
		return
	}
	if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
		fault("database: must be postgres://USER:PASSWORD@HOST:PORT/NAME; leave it out for a file in the data directory")
	}
	if c.Store.Endpoint == "" {
		fault("store.endpoint: is missing; processes that share a database share an S3 service too")
	}
}

// Digest stands for everything that processes on one database must agree on.
func (c Config) Digest() string {
	c.Listen, c.MetricsListen, c.TLS, c.Workers, c.Media, c.Database = "", "", TLS{}, 0, Media{}, ""
	text, err := Marshal(c)
	if err != nil {
		return "unknown: " + err.Error() // a struct that was read from YAML
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Marshal writes c as a file, secrets included.
func Marshal(c Config) ([]byte, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(c); err != nil {
		return nil, fmt.Errorf("write the configuration: %w", err)
	}
	return out.Bytes(), encoder.Close()
}
