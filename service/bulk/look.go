package bulk

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/playlist"
)

// RulePlaylist is broken by an object that is named like an HLS playlist and is none.
const RulePlaylist = "playlist"

// found is what a look at one object of a bucket brought.
type found struct {
	at     gen.FileAddr
	parts  []gen.FileAddr // of a playlist
	unread bool           // a playlist that could not be read
}

// isPlaylist goes by the extension: only such objects are read.
func isPlaylist(key string) bool { return strings.EqualFold(path.Ext(key), ".m3u8") || isM3U(key) }

// isM3U goes by the other extension that RFC 8216 has for playlists. Most objects that have it are lists of music.
func isM3U(key string) bool { return strings.EqualFold(path.Ext(key), ".m3u") }

// references returns the addresses of what a playlist of the bucket names. unread reports that only its owner can read it.
func (b *Bucket) references(ctx context.Context, info object.Info) (parts []gen.FileAddr, unread bool, err error) {
	if info.Archived != "" || info.Size > playlist.MaxSize {
		return nil, true, nil
	}
	body, _, err := b.Store.Open(ctx, info.Bucket, info.Key, object.Range{}, "")
	switch {
	case errors.Is(err, object.ErrNotFound): // since it was listed
		return nil, false, nil
	case errors.Is(err, object.ErrDenied), errors.Is(err, object.ErrArchived):
		return nil, true, nil
	case err != nil:
		return nil, false, err
	}
	defer func() { _ = body.Close() }() // only read
	names, err := playlist.References(body)
	for _, name := range names {
		for _, key := range keysOf(info.Key, name) {
			if key != info.Key {
				parts = append(parts, b.address(key))
			}
		}
	}
	return parts, false, err
}

// lookAt settles what a listing does not say of an object: what a playlist names, and whether an archived object can be read
// again.
func (b *Bucket) lookAt(ctx context.Context, info object.Info, e *Entry) (found, error) {
	if info.Archived != "" {
		switch still, err := b.stillArchived(ctx, info); {
		case err != nil:
			return found{}, err
		case !still:
			info.Archived = ""
		case e.Skip == "":
			e.Violations = contract.Violations{archived(info)}
		}
	}
	if !isPlaylist(info.Key) {
		return found{}, nil
	}
	return b.lookAtPlaylist(ctx, info, e)
}

func (b *Bucket) lookAtPlaylist(ctx context.Context, info object.Info, e *Entry) (found, error) {
	parts, unread, err := b.references(ctx, info)
	fault, isFault := errors.AsType[*playlist.Error](err)
	if unread && isM3U(info.Key) { // nobody knows, and nothing is left out for a list of music
		if e.Skip == "" {
			e.Skip, e.Violations = SkipNotMedia, nil
		}
		return found{}, nil
	}
	switch {
	case err != nil && !isFault:
		return found{}, fmt.Errorf("read playlist %s/%.200q: %w", info.Bucket, info.Key, err)
	case isFault && isM3U(info.Key) && e.Skip == "" && len(parts) == 0:
		e.Skip, e.Violations = SkipNotMedia, nil
	case e.Skip != "" || len(e.Violations) > 0: // it is not sent anyway
	case isFault && e.Request.VideoType == gen.VideoTypeHLS:
		e.Violations = contract.Violations{{Field: "input.object", Rule: RulePlaylist, Message: "is no HLS playlist: " + fault.Reason}}
	default:
		if e.Violations, err = b.archivedParts(ctx, parts); err != nil {
			return found{}, err
		}
	}
	return found{at: b.address(info.Key), parts: parts, unread: unread}, nil
}

// archivedParts refuses a playlist whose first or last part must be restored: rules of a bucket archive all of a
// recording, and to ask for each segment would take long.
func (b *Bucket) archivedParts(ctx context.Context, parts []gen.FileAddr) (contract.Violations, error) {
	for i, part := range parts {
		if i > 0 && i < len(parts)-1 {
			continue
		}
		now, err := b.Store.Stat(ctx, part.Bucket, part.Object)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil || now.Archived == "" {
			continue // whether a part is there is for the service to say
		}
		switch still, err := b.stillArchived(ctx, now); {
		case err != nil:
			return nil, err
		case still:
			return contract.Violations{archived(now)}, nil
		}
	}
	return nil, nil
}
