package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/object"
)

// scratch is the attempt's own directory on this machine: ffmpeg reads and
// writes files, and nothing else.
type scratch struct {
	dir    string // "" before the first use
	loaded bool   // the media is here, whole
}

// scratchFailure is for a working directory that cannot be used: full, mostly.
func scratchFailure(err error) error {
	return asset.Temporary(codeInternal, "The service has no room to work on the media.", err)
}

// open makes the directory before its first use.
func (w *attempt) open() error {
	if w.scratch.dir != "" {
		return nil
	}
	dir, err := os.MkdirTemp(w.cfg.Scratch, w.Asset.ID+"-")
	if err != nil {
		return scratchFailure(err)
	}
	w.scratch.dir = dir
	return nil
}

// folder makes a directory in the scratch.
func (w *attempt) folder(name string) (string, error) {
	if err := w.open(); err != nil {
		return "", err
	}
	dir := filepath.Join(w.scratch.dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", scratchFailure(err)
	}
	return dir, nil
}

// keep makes the file that is to hold the media, where the object that is being
// verified is what will be looked at; else what is written to it goes nowhere.
func (w *attempt) keep(size int64) (io.WriteCloser, error) {
	if !w.keeps() {
		return nowhere{io.Discard}, nil
	}
	return w.create(size)
}

func (w *attempt) keeps() bool {
	return w.cfg.Tools != nil && !w.large && w.Asset.VideoType != asset.TypeHLS
}

// roomPause is how long to wait for other work to leave room.
const roomPause = 5 * time.Minute

// create makes the file of the media, when there is room for that many bytes.
func (w *attempt) create(size int64) (*os.File, error) {
	if err := room(w.cfg.Scratch, size); err != nil {
		return nil, asset.Postpone(codeInternal, "The service has no room to work on the media now.", roomPause, err)
	}
	if err := w.open(); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(w.local(), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, scratchFailure(err)
	}
	return file, nil
}

type nowhere struct{ io.Writer }

func (nowhere) Close() error { return nil }

// local is the path of the media on this machine.
func (w *attempt) local() string { return filepath.Join(w.scratch.dir, "media") }

// input gives the media as a local file, fetched and compared with what was
// verified if it is not here.
func (w *attempt) input(ctx context.Context) (media.Input, error) {
	if !w.scratch.loaded {
		load, size := w.load, w.media.Size
		if w.Asset.VideoType == asset.TypeHLS {
			load, size = w.join, w.recording.Size
		}
		file, err := w.create(size)
		if err != nil {
			return media.Input{}, err
		}
		if err := errors.Join(load(ctx, file), file.Close()); err != nil {
			return media.Input{}, err
		}
		w.scratch.loaded = true
	}
	return media.Input{Path: w.local(), Type: w.Asset.VideoType}, nil
}

// load fetches the media and compares it with what was verified.
func (w *attempt) load(ctx context.Context, to io.Writer) error {
	got, err := w.sum(ctx, w.verified(), to, uncounted)
	if err == nil && got != w.media.SHA256 {
		err = fmt.Errorf("SHA-256 is %s, was %s: %w", got, w.media.SHA256, object.ErrChanged)
	}
	if err != nil {
		return w.mediaFailure(err)
	}
	return nil
}

// verified is the object that was verified.
func (w *attempt) verified() object.Info {
	return object.Info{Bucket: w.media.Bucket, Key: w.media.Key, Size: w.media.Size, ETag: w.media.ETag, ModTime: w.media.ModTime}
}

// uncounted takes no notice of progress.
func uncounted(context.Context, int64) error { return nil }

// mediaFailure is for media that was verified and cannot be read now.
func (w *attempt) mediaFailure(err error) error {
	if w.Asset.StorageMode == 1 {
		return sourceFailure(w.Asset.Source, err)
	}
	return ownFailure(err)
}
