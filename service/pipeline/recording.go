package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/playlist"
)

// join writes the segments of the best playlist one after the other: MPEG-TS
// can be joined so, and no tool gets to see a playlist.
func (w *attempt) join(ctx context.Context, to *localFile) error {
	files, err := w.assets.Files(ctx, w.Asset.ID)
	if err != nil {
		return err
	}
	known := map[string]object.Info{}
	for _, f := range files {
		known[f.Name] = object.Info{Bucket: f.Bucket, Key: f.Key, Size: f.Size, ETag: f.ETag, ModTime: f.ModTime}
	}
	list := w.verified()
	if w.recording.Playlist != "" {
		list = known[w.recording.Playlist]
	}
	text, err := w.text(ctx, list)
	if err != nil {
		return w.again(ctx, err)
	}
	media, err := playlist.ParseMedia(bytes.NewReader(text))
	if err != nil {
		return playlistFailure(list.Key, err)
	}
	for _, s := range media.Segments {
		info, ok := known[beside(w.recording.Playlist, s.Name)]
		err := fmt.Errorf("segment %q: %w", s.Name, object.ErrChanged)
		if s.Discontinuity {
			if err := to.splicer.Joint(); err != nil {
				return scratchFailure(err)
			}
		}
		if ok {
			_, err = w.sum(ctx, info, to, uncounted)
		}
		if err != nil {
			return w.again(ctx, sourceFailure(asset.Location{Bucket: list.Bucket, Key: beside(list.Key, s.Name)}, err))
		}
	}
	return nil
}

// again makes the next attempt look at the complete recording when a part of it was replaced.
func (w *attempt) again(ctx context.Context, err error) error {
	if errors.Is(err, object.ErrChanged) {
		err = errors.Join(err, w.assets.Restart(ctx, w.Attempt))
	}
	return err
}

const (
	// askSegments is how many segments are looked at at the same time.
	askSegments = 16
	// maxFiles bounds what the playlists of one recording name.
	maxFiles = 100_000
	// maxRepeats bounds the bytes that a playlist makes of its segments by naming them again, in times of what they hold.
	maxRepeats = 8
	// repeatable is how many bytes are not looked at in that way: slates and test pictures.
	repeatable = 16 << 20
)

// segments reads the playlist and makes sure that everything it names lies
// beside it: that, with the playlist itself, is the media.
func (w *attempt) segments(ctx context.Context, source object.Info) error {
	line, err := w.begin(ctx, asset.StageSegments, 0)
	if err != nil {
		return err
	}
	text, err := w.text(ctx, source)
	if err != nil {
		return err
	}
	list, err := playlist.Parse(bytes.NewReader(text))
	if err != nil {
		return playlistFailure(source.Key, err)
	}
	files := &listed{attempt: w, byName: map[string]asset.File{}}
	if list.Media != nil {
		w.recording.Size, err = files.addAll(ctx, line, "", *list.Media)
	} else {
		w.recording.Playlist = list.Master.Best().Name
		err = files.addVariants(ctx, line, *list.Master)
	}
	if err != nil {
		return err
	}
	return line.complete(ctx, w.recording, files.list())
}

// text reads a playlist, pinned to the version that info describes.
func (w *attempt) text(ctx context.Context, info object.Info) ([]byte, error) {
	body, now, err := w.objects.Open(ctx, info.Bucket, info.Key, object.Range{}, info.ETag)
	if err != nil {
		return nil, sourceFailure(asset.Location{Bucket: info.Bucket, Key: info.Key}, err)
	}
	defer func() { _ = body.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(body, playlist.MaxSize+1))
	if err == nil && !same(now, info) {
		err = object.ErrChanged
	}
	if err != nil {
		return nil, sourceFailure(asset.Location{Bucket: info.Bucket, Key: info.Key}, errors.Join(object.ErrUnavailable, err))
	}
	return text, nil
}

// listed collects the files that playlists name.
type listed struct {
	*attempt
	byName map[string]asset.File
}

// list returns the files by name.
func (l *listed) list() []asset.File {
	var names []string
	for name := range l.byName {
		names = append(names, name)
	}
	slices.Sort(names)
	files := make([]asset.File, len(names))
	for i, name := range names {
		files[i] = l.byName[name]
	}
	return files
}

// addVariants adds the playlists of a master and all that they name.
func (l *listed) addVariants(ctx context.Context, line *timeline, master playlist.Master) error {
	for _, v := range master.Variants {
		if _, known := l.byName[v.Name]; known {
			continue
		}
		info, err := l.stat(ctx, v.Name, v.Line)
		if err != nil {
			return err
		}
		text, err := l.text(ctx, info)
		if err != nil {
			return err
		}
		media, err := playlist.ParseMedia(bytes.NewReader(text))
		if err != nil {
			return playlistFailure(info.Key, err)
		}
		l.byName[v.Name] = l.file(v.Name, info, contentTypeOf(asset.TypeHLS))
		size, err := l.addAll(ctx, line, v.Name, media)
		if err != nil {
			return err
		}
		if v.Name == l.recording.Playlist {
			l.recording.Size = size
		}
	}
	return nil
}

// addAll adds the segments of one playlist, and returns their total size in bytes. name is that of the playlist, as the
// source names it; it is empty for the source itself.
func (l *listed) addAll(ctx context.Context, line *timeline, name string, media playlist.Media) (size int64, err error) {
	var fresh []playlist.Segment
	seen := map[string]bool{}
	key := cmp.Or(name, l.Asset.Source.Key)
	for _, s := range media.Segments {
		s.Name = beside(name, s.Name)
		if _, known := l.byName[s.Name]; !known && !seen[s.Name] {
			seen[s.Name] = true
			fresh = append(fresh, s)
		}
	}
	if len(l.byName)+len(fresh) > maxFiles {
		return 0, playlistFailure(key, &playlist.Error{Reason: fmt.Sprintf("with it the recording has more than %d files", maxFiles)})
	}
	found := make([]object.Info, len(fresh))
	asking, ctx2 := errgroup.WithContext(ctx)
	asking.SetLimit(askSegments)
	for i, s := range fresh {
		asking.Go(func() (err error) {
			found[i], err = l.stat(ctx2, s.Name, s.Line)
			return err
		})
		if err := line.percent(ctx, 100*i/len(fresh)); err != nil {
			return 0, errors.Join(err, asking.Wait())
		}
	}
	if err := asking.Wait(); err != nil {
		return 0, err
	}
	for i, s := range fresh {
		l.byName[s.Name] = l.file(s.Name, found[i], contentTypeOf(asset.TypeTS))
	}
	distinct, seen := int64(0), map[string]bool{}
	for _, s := range media.Segments {
		file := l.byName[beside(name, s.Name)]
		size += file.Size
		if !seen[s.Name] {
			seen[s.Name] = true
			distinct += file.Size
		}
	}
	if l.cfg.Tools != nil && size > max(repeatable, maxRepeats*distinct) {
		return 0, playlistFailure(key, &playlist.Error{Reason: fmt.Sprintf("it names its %d bytes of segments so often that they make %d; "+
			"at most %d times as much is supported", distinct, size, maxRepeats)})
	}
	if l.large = l.large || size > l.cfg.MaxSource; l.large && l.cfg.Tools != nil && l.Asset.Plan.ProducesFiles() {
		return 0, playlistFailure(key, &playlist.Error{Reason: fmt.Sprintf("its segments hold %d bytes together, more than %d", size, l.cfg.MaxSource)})
	}
	return size, nil
}

// stat looks for a file beside the source or below it, which a line of a playlist names.
func (l *listed) stat(ctx context.Context, name string, line int) (object.Info, error) {
	switch dir, _, _ := strings.Cut(name, "/"); dir {
	case "output", "review", "snapshots":
		if dir != name {
			return object.Info{}, asset.Permanent(asset.CodeWrongType, fmt.Sprintf("The playlist, line %d: %.80q lies in a directory that is named "+
				"like one for the results of the asset; rename it.", line, name), nil)
		}
	}
	at := asset.Location{Bucket: l.Asset.Source.Bucket, Key: beside(l.Asset.Source.Key, name)}
	info, err := l.objects.Stat(ctx, at.Bucket, at.Key)
	switch {
	case errors.Is(err, object.ErrNotFound):
		return object.Info{}, asset.Permanent(asset.CodeNoSuchObject, fmt.Sprintf("There is no object %q in bucket %q, which line %d of its playlist names.",
			at.Key, at.Bucket, line), err)
	case err != nil:
		return object.Info{}, sourceFailure(at, err)
	case info.Size == 0:
		return object.Info{}, asset.Permanent(asset.CodeSourceUnreadable, fmt.Sprintf("The object %q in bucket %q, which line %d of its playlist names, is empty.",
			at.Key, at.Bucket, line), nil)
	}
	return info, nil
}

func (l *listed) file(name string, info object.Info, contentType string) asset.File {
	return asset.File{Name: name, Bucket: info.Bucket, Key: info.Key, Size: info.Size, ETag: info.ETag, ModTime: info.ModTime, ContentType: contentType}
}

// beside is the key of a file in the directory of another.
func beside(key, name string) string {
	if dir := path.Dir(key); dir != "." {
		return dir + "/" + name
	}
	return name
}

// playlistFailure puts what is wrong with a playlist into the words of its owner.
func playlistFailure(key string, err error) error {
	fault, ok := errors.AsType[*playlist.Error](err)
	if !ok {
		return asset.Temporary(asset.CodeInternal, "The playlist could not be read.", err)
	}
	where := fmt.Sprintf("The playlist %q", path.Base(key))
	if fault.Line > 0 {
		where += fmt.Sprintf(", line %d", fault.Line)
	}
	return asset.Permanent(asset.CodeWrongType, where+": "+fault.Reason+".", err)
}
