package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/store"
)

// Finding is what Examine found out about one thing that the service needs.
type Finding struct {
	// Subject is what was looked at, such as "database".
	Subject string
	// Detail says in plain words how it is.
	Detail string
	// Advice says what to do; empty where all is well.
	Advice string
}

// Examine looks at everything that a service with this configuration needs on this machine, without changing or starting
// anything. A service may run meanwhile.
func Examine(ctx context.Context, c Config) []Finding {
	running := errors.Is(store.CheckUnused(dataFile(c.Dir)), store.ErrInUse)
	dir := examineDir(c)
	return []Finding{
		dir, examineDatabase(ctx, c, running, dir.Advice == ""), examineStore(ctx, c), examineClock(ctx, c), examinePorts(ctx, c), examineMedia(ctx, c),
	}
}

func examineDir(c Config) Finding {
	f := Finding{Subject: "data directory"}
	file, err := os.CreateTemp(c.Dir, "doctor")
	if err == nil {
		_, err = file.Write(make([]byte, 1<<20))
		err = errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	switch {
	case errors.Is(err, syscall.ENOSPC):
		f.Detail, f.Advice = c.Dir+" is on a disk without room", "free space, or move the directory to a larger disk"
	case errors.Is(err, syscall.EROFS):
		f.Detail, f.Advice = c.Dir+" is on a file system that is mounted read-only", "mount it for writing, or move the directory"
	case err != nil:
		f.Detail, f.Advice = err.Error(), "let the user that runs the service own the directory: chown -R USER "+c.Dir
	default:
		f.Detail = c.Dir + " can be written to"
	}
	return f
}

// examineDatabase looks at a database in a data directory only where that can be written to: SQLite opens no other.
func examineDatabase(ctx context.Context, c Config, running, writable bool) Finding {
	f := Finding{Subject: "database"}
	switch {
	case c.Service.Database != "":
		if err := store.Examine(ctx, c.Service.Database.Reveal()); err != nil {
			f.Detail, f.Advice = err.Error(), "check the URL in database or VOD_DATABASE, and whether the server accepts this machine"
			break
		}
		f.Detail = "PostgreSQL responds"
	case running:
		f.Detail = "in use by a running service"
	case !writable:
		f.Detail = "not looked at, because of its directory"
	default:
		if _, err := os.Stat(dataFile(c.Dir)); err != nil {
			f.Detail = "made at the first start"
			break
		}
		if err := store.Examine(ctx, dataFile(c.Dir)); err != nil {
			f.Detail, f.Advice = err.Error(), "restore vod.db from a backup; docs/operation.md shows how"
			break
		}
		f.Detail = dataFile(c.Dir) + " is sound"
	}
	return f
}

func examineStore(ctx context.Context, c Config) Finding {
	f := Finding{Subject: "object store", Detail: "embedded, in " + c.Dir}
	s := c.Service.Store
	if s.Endpoint == "" {
		return f
	}
	if former, ok := errors.AsType[*SettingError](c.checkFormerStore()); ok {
		f.Detail, f.Advice = former.Error(), former.Advice
		return f
	}
	client, err := object.NewS3(object.Config{Endpoint: s.Endpoint, Region: c.Service.Region, AccessKey: s.AccessKey,
		SecretKey: s.SecretKey.Reveal(), PathStyle: s.PathStyle, Attempts: 1})
	if err == nil {
		defer client.CloseIdleConnections()
		_, err = client.Stat(ctx, s.Bucket, checkedKey)
	}
	switch {
	case err == nil, errors.Is(err, object.ErrNotFound):
		f.Detail = fmt.Sprintf("%s has the bucket %s", s.Endpoint, s.Bucket)
	case errors.Is(err, object.ErrNoBucket):
		f.Detail, f.Advice = err.Error(), "create the bucket, or correct store.bucket"
	case errors.Is(err, object.ErrDenied), errors.Is(err, object.ErrCredentials):
		f.Detail, f.Advice = err.Error(), "correct store.access_key and store.secret_key, or let them use the bucket"
	default:
		f.Detail, f.Advice = err.Error(), "check store.endpoint, and whether this machine reaches it"
	}
	return f
}

// maxSkew is how far clocks may be apart; signatures are valid for 15 minutes.
const maxSkew = time.Minute

func examineClock(ctx context.Context, c Config) Finding {
	f := Finding{Subject: "clock", Detail: "there is no other machine to compare it with"}
	endpoint := c.Service.Store.Endpoint
	if endpoint == "" {
		return f
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, endpoint, http.NoBody)
	if err != nil {
		return f
	}
	res, err := http.DefaultTransport.RoundTrip(req) // a redirect may lead to a machine with another clock
	if err != nil {
		return f
	}
	_ = res.Body.Close() // of HEAD
	theirs, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return f
	}
	skew := time.Since(theirs).Round(time.Second)
	f.Detail = fmt.Sprintf("%s apart from the object store's", skew.Abs())
	if skew.Abs() > maxSkew {
		f.Advice = "synchronize the clocks, for instance with systemd-timesyncd: requests that are signed at another time are refused"
	}
	return f
}

func examinePorts(ctx context.Context, c Config) Finding {
	f := Finding{Subject: "ports"}
	listener, err := listen(ctx, c.Service)
	if err == nil {
		f.Detail = c.Service.Listen + " is free"
		err = listener.Close()
	}
	if err == nil {
		return f
	}
	f.Detail = err.Error()
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, e := http.NewRequestWithContext(ctx, http.MethodGet, c.Service.Scheme()+c.Service.Listen+"/readyz", http.NoBody)
	if e != nil {
		f.Advice = "correct listen in the configuration"
		return f
	}
	// The certificate is for the name that clients use, and not for this address. Nothing secret is sent.
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}} //nolint:gosec // see above
	res, e := client.Do(req)
	switch {
	case e != nil:
		f.Advice = "stop the program that uses the address, or choose another one in the configuration"
	case res.StatusCode == http.StatusOK:
		f.Detail = c.Service.Listen + " is that of a running service, which is ready"
	default:
		f.Detail, f.Advice = c.Service.Listen+" is that of a running service, which is not ready: "+res.Status, "see its log, and "+req.URL.String()
	}
	if e == nil {
		_ = res.Body.Close() // only the status was wanted
	}
	return f
}

func examineMedia(ctx context.Context, c Config) Finding {
	f := Finding{Subject: "ffmpeg"}
	m := c.Service.Media
	if m.Disabled {
		f.Detail = "media.disabled is set: media is not processed"
		return f
	}
	tools, err := media.Find(ctx, media.Config{FFmpeg: m.FFmpeg, FFprobe: m.FFprobe, Limits: limits(m)})
	if err != nil {
		f.Detail, f.Advice = err.Error(), "install the package ffmpeg, name the programs in media.ffmpeg and media.ffprobe, or set media.disabled"
		return f
	}
	f.Detail = fmt.Sprintf("%s, sandbox: %s", tools.Version(), strings.Join(tools.Sandbox(), ", "))
	if !slices.Contains(tools.Sandbox(), "no network") {
		f.Advice = "run the service as root, or allow user namespaces to its user: media from outside is then kept away from network and files"
	}
	return f
}
