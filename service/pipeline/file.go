package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/object"
)

// scratch is the attempt's own directory on this machine: ffmpeg reads and
// writes files, and nothing else.
type scratch struct {
	dir    string // "" before the first use; then workDir
	loaded bool   // the media is here, whole
}

// open makes the directory before its first use.
func (w *attempt) open() error {
	if w.scratch.dir != "" {
		return nil
	}
	if err := os.Mkdir(w.workDir(), 0o700); err != nil {
		return scratchFailure(err)
	}
	w.scratch.dir = w.workDir()
	return nil
}

// workDir is where the attempt's own directory is made; no other attempt has it.
func (w *attempt) workDir() string {
	return filepath.Join(w.cfg.Scratch, fmt.Sprintf("%s-%d", w.Asset.ID, w.Number))
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

// localFile is the file of the media on this machine. The timelines of MPEG-TS are joined in it, and the edit lists of
// MP4 have durations.
type localFile struct {
	io.Writer
	file    *os.File
	demuxer string
	splicer *media.Splicer // nil where there is nothing to join
}

// Close writes what is held back. Its error is in the words of the asset's owner.
func (f *localFile) Close() error {
	var refused *media.Refusal
	var err error
	if f.splicer != nil {
		err = f.splicer.Close()
	}
	if err = errors.Join(err, f.file.Close()); err == nil && f.demuxer == "mov" {
		err = media.SetEditDurations(f.file.Name())
	}
	switch {
	case errors.As(err, &refused):
		return processingFailure(asset.CodeWrongType, refused)
	case err != nil:
		return scratchFailure(err)
	}
	return nil
}

// create makes the file of the media, when there is room for that many bytes.
func (w *attempt) create(size int64) (*localFile, error) {
	if err := w.reserve(size); err != nil {
		return nil, err
	}
	if err := w.open(); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(w.local(), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, scratchFailure(err)
	}
	t, _ := asset.FindMediaType(w.Asset.VideoType)
	local := &localFile{Writer: file, file: file, demuxer: t.Demuxer}
	if t.Demuxer == "mpegts" {
		local.splicer = media.NewSplicer(file)
		local.Writer = local.splicer
	}
	return local, nil
}

type nowhere struct{ io.Writer }

func (nowhere) Close() error { return nil }

// local is the path of the media on this machine.
func (w *attempt) local() string { return filepath.Join(w.scratch.dir, "media") }

// input returns the media as a local file, fetched and compared with what was
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
	return media.Input{Path: w.local(), Type: w.Asset.VideoType, MaxResults: w.allowance()}, nil
}

// load fetches the media and compares it with what was verified.
func (w *attempt) load(ctx context.Context, to *localFile) error {
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
		return w.sourceFailure(err)
	}
	return ownFailure(err)
}

// outputKinds are the types of the files that the service makes.
var outputKinds = map[string]string{
	".jpg": "image/jpeg", ".png": "image/png", ".srt": "application/x-subrip", ".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t", ".mp4": "video/mp4",
}

// upload puts a file that a stage made to where the request wants results.
func (w *attempt) upload(ctx context.Context, name, from string) (_ asset.File, err error) {
	file, err := os.Open(from)
	if err != nil {
		return asset.File{}, scratchFailure(err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return w.put(ctx, name, file)
}

// put is upload for what a stage has at hand.
func (w *attempt) put(ctx context.Context, name string, content io.ReadSeeker) (asset.File, error) {
	bucket, prefix := w.results(w.Asset)
	key := fmt.Sprintf("%s%d/%s", prefix, w.Number, name)
	w.uploads = append(w.uploads, asset.Location{Bucket: bucket, Key: key})
	info, err := w.objects.Put(ctx, bucket, key, outputKinds[path.Ext(name)], content)
	if err != nil {
		return asset.File{}, w.outputFailure(err)
	}
	if w.cfg.Embedded {
		w.disk.settle(w, info.Size)
	}
	return asset.File{Name: name, Bucket: bucket, Key: key, Size: info.Size, ETag: info.ETag, ModTime: info.ModTime,
		ContentType: outputKinds[path.Ext(name)]}, nil
}

// results is the place below which everything that is made of an asset lies:
// the asset's own directory, in the service's bucket or where the tenant said.
// Nothing else is written or deleted anywhere.
func (r *Runner) results(a asset.Asset) (bucket, prefix string) {
	if a.StorageMode == 0 {
		return r.cfg.Bucket, "assets/" + a.ID + "/"
	}
	if dir := strings.Trim(a.OutputPath, "/"); dir != "" {
		prefix = dir + "/"
	}
	return a.OutputBucket, prefix + a.ID + "/"
}

// outputFailure is for a store that did not take a result.
func (w *attempt) outputFailure(err error) error {
	if w.Asset.StorageMode == 0 {
		return ownFailure(err)
	}
	where := fmt.Sprintf("below %q in bucket %q", w.Asset.OutputPath, w.Asset.OutputBucket)
	switch {
	case errors.Is(err, object.ErrDenied):
		return asset.Permanent(asset.CodeOBSPermission, "Writing "+where+" is not permitted: authorize the bucket, or allow the service to write there.", err)
	case errors.Is(err, object.ErrNoBucket), errors.Is(err, object.ErrName), errors.Is(err, object.ErrTooLarge):
		return asset.Permanent(asset.CodeWrongAddress, "The store does not take results "+where+".", err)
	}
	return asset.Unavailable(asset.OnStore, asset.CodeInternal, "The results could not be written "+where+".", err)
}

// maxName bounds the part of a key that comes from the source's name, in bytes.
const maxName = 100

// keyOf is where an attempt of an asset puts its copy in the service's bucket.
// No two attempts share a key, so a late one cannot spoil the result of another.
func keyOf(a asset.Asset, attempt int64) string {
	t, _ := asset.FindMediaType(a.VideoType) // an attempt of another type ends before it copies
	return fmt.Sprintf("assets/%s/%d/%s.%s", a.ID, attempt, safeName(a.Source.Key), t.Extension)
}

// safeName makes a file name out of the last part of a key, without its
// extension: letters and digits of ASCII, dots, dashes and underscores, not
// beginning with a dot or a dash, never empty.
func safeName(key string) string {
	name := path.Base(key)
	name = strings.TrimSuffix(name, path.Ext(name))
	name = strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-', c == '_':
			return c
		}
		return '_'
	}, name)
	name = strings.TrimLeft(name[:min(len(name), maxName)], ".-")
	if name == "" {
		return "media"
	}
	return name
}

// contentTypeOf returns how files of a type that is known to the program are served.
func contentTypeOf(videoType string) string {
	t, _ := asset.FindMediaType(videoType)
	return t.ContentType
}
