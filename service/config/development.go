package config

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/newfile"
)

// FileName is the configuration's name in a data directory.
const FileName = "vod.yaml"

// Create writes c as the configuration of a data directory, readable by its owner only. A file that is there already is
// left alone, which is an fs.ErrExist.
func Create(dir string, c Config) error {
	text, err := Marshal(c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create the data directory: %w", err)
	}
	if err := newfile.Create(filepath.Join(dir, FileName), append([]byte(developmentHeader), text...)); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	return nil
}

const developmentHeader = `# Development default, made at the first start; edit it and restart. It holds secrets: keep it to yourself.
`

// Development returns what a data directory begins with: one tenant with one open bucket, on loopback only, and keys
// that are made at random.
func Development() Config {
	project := NewProject("cn-north-4", "media")
	return Config{
		Listen: "127.0.0.1:8470",
		Region: "cn-north-4",
		Store: Store{
			Listen:    "127.0.0.1:8471",
			Bucket:    "vod-service",
			AccessKey: "S3" + random(9),
			SecretKey: Secret(random(20)),
			PathStyle: true,
		},
		TemplateGroups: []TemplateGroup{
			{Name: "hd", Format: asset.FormatHLS, SegmentSeconds: defaultSegment, Remux: true, Renditions: []Rendition{
				{Name: "720p", Height: 720, VideoKbps: 2000, AudioKbps: 128}, {Name: "360p", Height: 360, VideoKbps: 600, AudioKbps: 96},
			}},
			{Name: "sd-mp4", Format: asset.FormatMP4, Remux: true, Renditions: []Rendition{{Name: "480p", Height: 480, VideoKbps: 1000, AudioKbps: 128}}},
		},
		Workflows:   []Workflow{{Name: "full", TemplateGroup: "hd", Thumbnail: &Thumbnail{Type: "quantity", Quantity: 5}}},
		Projects:    []Project{project},
		Credentials: []Credential{NewCredential(project.ID, "*")},
		Users:       []User{NewUser("developer", project.ID, "*")},
	}
}

// NewProject returns a project with an ID made at random, whose buckets are open to the service.
func NewProject(name string, buckets ...string) Project {
	p := Project{ID: random(16), Name: name}
	for _, bucket := range buckets {
		p.Buckets = append(p.Buckets, Bucket{Name: bucket, Authorized: true})
	}
	return p
}

// NewCredential returns an access key of a project, made at random.
func NewCredential(project string, permissions ...string) Credential {
	return Credential{AccessKey: "VOD" + random(9), SecretKey: Secret(random(20)), Project: project, Permissions: permissions}
}

// NewUser returns a user of a project with a password made at random.
func NewUser(name, project string, permissions ...string) User {
	return User{Name: name, Domain: "local", Password: Secret(random(8)), Project: project, Permissions: permissions}
}

func random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return hex.EncodeToString(b)
}
