package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/jobs"
	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/store"
)

// moveRequests is how many objects are asked for at a time.
const moveRequests = 16

// MoveDatabase copies everything from the SQLite file of a data directory into the new
// PostgreSQL database of settings, and returns the number of assets. The file stays as
// it is; it must not be in use (store.ErrInUse), and the database must never have been
// used (store.ErrNotEmpty). The media must be in the object store of settings already,
// since the ETags and times that it has there are those to know from then on.
func MoveDatabase(ctx context.Context, dir string, settings config.Config, log *slog.Logger) (assets int, err error) {
	path := dataFile(dir)
	if _, err := os.Stat(path); err != nil {
		err = fmt.Errorf("find the database of this data directory: %w", err)
		if errors.Is(err, fs.ErrNotExist) {
			return 0, &SettingError{err, "name the data directory of a service that ran without VOD_DATABASE by --data-dir"}
		}
		return 0, err
	}
	open := func(dsn string) (*store.Store, error) {
		return store.Open(ctx, store.Config{DSN: dsn, Queue: jobs.New(jobs.Config{Log: log}).Connect, Log: log})
	}
	from, err := open(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := open(settings.Database.Reveal())
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	objects, err := object.NewS3(object.Config{
		Endpoint: settings.Store.Endpoint, Region: settings.Region,
		AccessKey: settings.Store.AccessKey, SecretKey: settings.Store.SecretKey.Reveal(), PathStyle: settings.Store.PathStyle,
	})
	if err != nil {
		return 0, err
	}
	defer objects.CloseIdleConnections()
	if err := checkObjects(ctx, objects.Once(), settings.Store.Bucket); err != nil {
		return 0, &SettingError{fmt.Errorf("look into bucket %s: %w", settings.Store.Bucket, err), "check store.endpoint, its keys and store.bucket"}
	}
	versions, absent, err := versionsOf(ctx, objects, settings.Store.Bucket, from.Stored(ctx))
	if err != nil {
		return 0, err
	}
	if absent > 0 {
		log.WarnContext(ctx, "the S3 service lacks files outside of the service's own bucket, or has others in their place; they cannot be served",
			"files", absent, "next", "unless they were removed on purpose, copy them there, and move into a new database again")
	}
	if assets, err = to.Move(ctx, from, versions); errors.Is(err, store.ErrNotEmpty) {
		return 0, &SettingError{err, "name a new database, which no vod serve has been started with; dropdb and createdb empty this one"}
	}
	return assets, err
}

// versionsOf asks the object store for the present versions of files. One that is missing in the service's own bucket has
// not been copied; in any other its tenant may have removed it, and it is only counted.
func versionsOf(ctx context.Context, objects *object.S3, own string, files iter.Seq2[asset.File, error]) (
	versions map[store.Object]store.Version, absent int, err error,
) {
	versions = make(map[store.Object]store.Version)
	var lock sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(moveRequests)
	for f, err := range files {
		if err != nil {
			return nil, 0, errors.Join(err, group.Wait())
		}
		group.Go(func() error {
			info, err := objects.Stat(ctx, f.Bucket, f.Key)
			switch {
			case err == nil && info.Size == f.Size:
				lock.Lock()
				defer lock.Unlock()
				versions[store.Object{Bucket: f.Bucket, Key: f.Key}] = store.Version{ETag: info.ETag, ModTime: info.ModTime}
				return nil
			case f.Bucket == own && (err == nil || errors.Is(err, object.ErrNotFound)):
				return &SettingError{
					fmt.Errorf("%s is not in bucket %s of the S3 service as the database has it", f.Key, own),
					"copy the media into the S3 service under the same names of buckets and keys, then run the command again",
				}
			case err == nil || errors.Is(err, object.ErrNotFound) || errors.Is(err, object.ErrNoBucket):
				lock.Lock()
				defer lock.Unlock()
				absent++
				return nil
			}
			return fmt.Errorf("ask for the media: %w", err)
		})
		if ctx.Err() != nil {
			break
		}
	}
	err = group.Wait()
	return versions, absent, err
}
