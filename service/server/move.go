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

// Move is a database or its media that goes elsewhere. Its service must not run (store.ErrInUse).
type Move struct {
	// Dir is the data directory, and Service the configuration of the service as it is from then on.
	Dir     string
	Service config.Config
	// Asked is called with the number of files that the object store was asked for so far, once for each; nil is not called.
	Asked func(files int)
	// Log takes what operators want to know.
	Log *slog.Logger
}

// Database copies everything from the SQLite file of the data directory into the PostgreSQL database of the configuration, and
// returns the number of assets. The file stays as it is, and the database must never have been used (store.ErrNotEmpty).
// The media must be in the object store of the configuration already, since the ETags and times that it has there are those
// to know from then on.
func (m Move) Database(ctx context.Context) (assets int, err error) {
	from, err := m.openFile(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := m.open(ctx, m.Service.Database.Reveal())
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	versions, err := m.versions(ctx, from, "move into a new database again")
	if err != nil {
		return 0, err
	}
	if assets, err = to.Move(ctx, from, versions); errors.Is(err, store.ErrNotEmpty) {
		return 0, &SettingError{err, "name a new database, which no vod serve has been started with; dropdb and createdb empty this one"}
	}
	return assets, err
}

// Store has the database know the ETags and times of its media in the object store of the configuration, where the media must
// be already. It returns the number of files.
func (m Move) Store(ctx context.Context) (files int, err error) {
	var database *store.Store
	if url := m.Service.Database.Reveal(); url != "" {
		database, err = m.open(ctx, url)
	} else {
		database, err = m.openFile(ctx)
	}
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	versions, err := m.versions(ctx, database, "run the command again")
	if err != nil {
		return 0, err
	}
	return database.TakeVersions(ctx, versions)
}

func (m Move) open(ctx context.Context, dsn string) (*store.Store, error) {
	return store.Open(ctx, store.Config{DSN: dsn, Queue: jobs.New(jobs.Config{Log: m.Log}).Connect, Log: m.Log})
}

// openFile opens the database of the data directory, which must be there.
func (m Move) openFile(ctx context.Context) (*store.Store, error) {
	path := dataFile(m.Dir)
	if _, err := os.Stat(path); err != nil {
		err = fmt.Errorf("find the database of this data directory: %w", err)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &SettingError{err, "name the data directory of a service that ran without VOD_DATABASE by --data-dir"}
		}
		return nil, err
	}
	return m.open(ctx, path)
}

// versions asks the object store of the configuration for the versions of all files of a database. again is what to do once
// files that it lacks are there.
func (m Move) versions(ctx context.Context, database *store.Store, again string) (map[store.Object]store.Version, error) {
	settings := m.Service.Store
	objects, err := object.NewS3(object.Config{
		Endpoint: settings.Endpoint, Region: m.Service.Region,
		AccessKey: settings.AccessKey, SecretKey: settings.SecretKey.Reveal(), PathStyle: settings.PathStyle,
	})
	if err != nil {
		return nil, err
	}
	defer objects.CloseIdleConnections()
	if err := checkObjects(ctx, objects.Once(), settings.Bucket); err != nil {
		return nil, &SettingError{fmt.Errorf("look into bucket %s: %w", settings.Bucket, err), "check store.endpoint, its keys and store.bucket"}
	}
	versions, absent, err := versionsOf(ctx, objects, settings.Bucket, database.Stored(ctx), m.Asked)
	if err != nil {
		return nil, err
	}
	if absent > 0 {
		m.Log.WarnContext(ctx, "the S3 service lacks files outside of the service's own bucket, or has others in their place; they cannot be served",
			"files", absent, "next", "unless they were removed on purpose, copy them there, and "+again)
	}
	return versions, nil
}

// versionsOf asks the object store for the present versions of files. One that is missing in the service's own bucket has
// not been copied; in any other its tenant may have removed it, and it is only counted.
func versionsOf(ctx context.Context, objects *object.S3, own string, files iter.Seq2[asset.File, error], asked func(int)) (
	versions map[store.Object]store.Version, absent int, err error,
) {
	versions = make(map[store.Object]store.Version)
	var lock sync.Mutex
	all := 0
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(moveRequests)
	for f, err := range files {
		if err != nil {
			return nil, 0, errors.Join(err, group.Wait())
		}
		group.Go(func() error {
			info, err := objects.Stat(ctx, f.Bucket, f.Key)
			lock.Lock()
			defer lock.Unlock()
			if all++; asked != nil {
				asked(all)
			}
			switch {
			case err == nil && info.Size == f.Size:
				versions[store.Object{Bucket: f.Bucket, Key: f.Key}] = store.Version{ETag: info.ETag, ModTime: info.ModTime}
				return nil
			case f.Bucket == own && (err == nil || errors.Is(err, object.ErrNotFound)):
				return &SettingError{
					fmt.Errorf("%s is not in bucket %s of the S3 service as the database has it", f.Key, own),
					"copy the media into the S3 service under the same names of buckets and keys, then run the command again",
				}
			case err == nil || errors.Is(err, object.ErrNotFound) || errors.Is(err, object.ErrNoBucket):
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
