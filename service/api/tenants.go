package api

import (
	"context"

	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/signer"
)

// caller is who sent a request, after authentication.
type caller struct {
	name        string
	project     string
	permissions []string
}

// may reports whether the caller has an IAM action such as vod:asset:publishFromObs.
func (c caller) may(action string) bool {
	return config.Permits(c.permissions, action)
}

// tenants knows the projects, keys and users of the configuration. It never changes.
type tenants struct {
	keys    map[string]config.Credential
	users   map[string]config.User
	buckets map[string]map[string]bool // project, then bucket
	names   map[string]string          // project name by ID
}

func newTenants(c config.Config) *tenants {
	t := &tenants{
		keys:    map[string]config.Credential{},
		users:   map[string]config.User{},
		buckets: map[string]map[string]bool{},
		names:   map[string]string{},
	}
	for _, p := range c.Projects {
		owned := map[string]bool{}
		for _, b := range p.Buckets {
			owned[b.Name] = true
		}
		t.buckets[p.ID], t.names[p.ID] = owned, p.Name
	}
	for _, k := range c.Credentials {
		t.keys[k.AccessKey] = k
	}
	for _, u := range c.Users {
		t.users[u.Name] = u
	}
	return t
}

// credentials returns the key pair behind an access key.
func (t *tenants) credentials(_ context.Context, accessKey string) (signer.Credentials, error) {
	k, ok := t.keys[accessKey]
	if !ok {
		return signer.Credentials{}, signer.ErrUnknownAccessKey
	}
	return signer.Credentials{
		AccessKey: k.AccessKey, SecretKey: k.SecretKey.Reveal(), SecurityToken: k.SecurityToken.Reveal(),
	}, nil
}

func (t *tenants) byKey(accessKey string) caller {
	k := t.keys[accessKey]
	return caller{name: accessKey, project: k.Project, permissions: k.Permissions}
}

// owns reports whether the bucket belongs to the project.
func (t *tenants) owns(project, bucket string) bool { return t.buckets[project][bucket] }
