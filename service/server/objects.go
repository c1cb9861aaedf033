package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"

	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/object/embedded"
)

// copyThreshold is the largest object, in bytes, whose copy begins anew after a kill; a larger one is copied in parts.
const copyThreshold = 1 << 30

func (s *Server) openObjects(ctx context.Context, c Config) (err error) {
	settings := c.Service.Store
	endpoint, threshold := settings.Endpoint, int64(copyThreshold)
	if endpoint == "" {
		s.embedded, err = embedded.Start(ctx, embedded.Config{
			Dir: storeDir(c.Dir), Listen: settings.Listen,
			AccessKey: settings.AccessKey, SecretKey: settings.SecretKey.Reveal(), Region: c.Service.Region, Known: s.known,
		})
		if err != nil {
			return fmt.Errorf("start the embedded store: %w", err)
		}
		endpoint, threshold = s.embedded.Endpoint(), object.MaxSingle // it copies again what it has in parts
	}
	s.objects, err = object.NewS3(object.Config{
		Endpoint: endpoint, Region: c.Service.Region,
		AccessKey: settings.AccessKey, SecretKey: settings.SecretKey.Reveal(), PathStyle: settings.PathStyle,
		CopyThreshold: threshold,
	})
	return err
}

// storeDir is where the embedded store of a data directory is.
func storeDir(dir string) string { return filepath.Join(dir, "store") }

// checkFormerStore refuses an external store while the embedded one has the service's media: that is refused as changed
// where it was only copied, and missing where it was not.
func (c Config) checkFormerStore() error {
	endpoint := c.Service.Store.Endpoint
	if endpoint == "" || c.Service.Database != "" { // vod move-database has seen to it
		return nil
	}
	found := false
	_ = filepath.WalkDir(filepath.Join(storeDir(c.Dir), "objects", c.Service.Store.Bucket, "assets"), func(_ string, d fs.DirEntry, err error) error {
		if found = err == nil && !d.IsDir(); found {
			return fs.SkipAll
		}
		return nil // nothing there is nothing to move
	})
	if !found {
		return nil
	}
	return &SettingError{
		fmt.Errorf("the service has media in its embedded store, %s, and store.endpoint names another one, %s", storeDir(c.Dir), endpoint),
		fmt.Sprintf("copy the folders of %[1]s/objects there as buckets, run vod move-store, and put %[1]s away; or remove store.endpoint", storeDir(c.Dir)),
	}
}

// known iterates over what the database knows of the object store.
func (s *Server) known(ctx context.Context) iter.Seq2[object.Info, error] {
	return func(yield func(object.Info, error) bool) {
		for f, err := range s.assets.Stored(ctx) {
			info := object.Info{Bucket: f.Bucket, Key: f.Key, Size: f.Size, ETag: f.ETag, ModTime: f.ModTime, ContentType: f.ContentType}
			if !yield(info, err) {
				return
			}
		}
	}
}

// checkedKey is looked for to find out whether the object store works; nothing has this key.
const checkedKey = "assets/.check"

// checkObjects returns an error when the object store does not know a bucket, or cannot say so.
func checkObjects(ctx context.Context, objects *object.S3, bucket string) error {
	if _, err := objects.Stat(ctx, bucket, checkedKey); err != nil && !errors.Is(err, object.ErrNotFound) {
		return err
	}
	return nil
}

// pingObjects is checkObjects that tries again, and returns the error of the first try: that of the last may only say that there
// was no more time.
func pingObjects(ctx context.Context, objects *object.S3, bucket string) error {
	first := checkObjects(ctx, objects.Once(), bucket)
	if first == nil || checkObjects(ctx, objects, bucket) == nil {
		return nil
	}
	return first
}

// reportStore says in the log when an external store does not work. The service goes on without it: work waits, and
// requests that need it are refused as temporary.
func (s *Server) reportStore(ctx context.Context, c Config) {
	settings := c.Service.Store
	if err := checkObjects(ctx, s.objects.Once(), settings.Bucket); err != nil && ctx.Err() == nil {
		c.Log.Warn("the object store does not work; assets wait until it does",
			"endpoint", settings.Endpoint, "bucket", settings.Bucket, "error", err,
			"next", "check store.endpoint and its keys; vod doctor says more")
	}
}

// prepare creates the buckets where the store is ours, and authorizes those that the configuration says are. Those that
// the former one, if any, authorized are left as they are: their projects may have revoked that since.
func (s *Server) prepare(ctx context.Context, former *live, c config.Config) error {
	if s.embedded != nil {
		buckets := []string{c.Store.Bucket}
		for _, p := range c.Projects {
			for _, b := range p.Buckets {
				buckets = append(buckets, b.Name)
			}
		}
		for _, bucket := range buckets {
			if err := s.objects.CreateBucket(ctx, bucket); err != nil {
				return err
			}
		}
	}
	for _, p := range c.Projects {
		for _, b := range p.Buckets {
			if !b.Authorized || former != nil && former.authorizes(p.ID, b.Name) {
				continue
			}
			if err := s.assets.AuthorizeBucket(ctx, p.ID, b.Name); err != nil {
				return err
			}
		}
	}
	return nil
}
