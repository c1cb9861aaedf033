package objecttest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/object"
)

func testCopy(t *testing.T, target Target) {
	for _, size := range []int64{0, 1, 2 << 20} {
		data := noise(size)
		src := put(t, target.Store, target.Bucket, "src", data)
		copied, err := target.Store.Copy(t.Context(), src, target.Bucket, "out/copy", object.Cursor{}, unsaved)
		if err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if copied.Key != "out/copy" || copied.Size != size || copied.ETag == "" || copied.ContentType != "video/mp4" {
			t.Errorf("%d bytes: %+v", size, copied)
		}
		if !bytes.Equal(read(t, target.Store, target.Bucket, "out/copy"), data) {
			t.Errorf("%d bytes: the copy differs", size)
		}
	}
	retyped := object.Info{Bucket: target.Bucket, Key: "src", Size: 2 << 20, ContentType: "video/quicktime"}
	for name, store := range map[string]object.Store{"one request": target.Store, "parts": target.Parts} {
		copied, err := store.Copy(t.Context(), retyped, target.Bucket, "retyped", object.Cursor{}, unsaved)
		if err != nil || copied.ContentType != "video/quicktime" {
			t.Errorf("%s: type %q, %v", name, copied.ContentType, err)
		}
		retyped.ContentType = ""
		copied, err = store.Copy(t.Context(), retyped, target.Bucket, "untyped", object.Cursor{}, unsaved)
		if err != nil || copied.ContentType != "video/mp4" {
			t.Errorf("%s: type %q is not the source's, %v", name, copied.ContentType, err)
		}
		retyped.ContentType = "video/quicktime"
	}
	_, err := target.Store.Copy(t.Context(), retyped, target.Bucket, "src", object.Cursor{}, unsaved)
	want(t, "onto itself", err, object.ErrName)
}

func testCopyChanged(t *testing.T, target Target) {
	for name, store := range map[string]object.Store{"one request": target.Store, "parts": target.Parts} {
		src := put(t, target.Store, target.Bucket, "src", noise(large))
		for what, change := range map[string]func(*object.Info){
			"size": func(i *object.Info) { i.Size++ },
			"etag": func(i *object.Info) { i.ETag = "d41d8cd98f00b204e9800998ecf8427e" },
			"time": func(i *object.Info) { i.ModTime = i.ModTime.Add(-time.Second) },
		} {
			old := src
			change(&old)
			_, err := store.Copy(t.Context(), old, target.Bucket, "copy", object.Cursor{}, unsaved)
			want(t, name+" "+what, err, object.ErrChanged)
			_, err = store.Stat(t.Context(), target.Bucket, "copy")
			want(t, name+" "+what+": the copy", err, object.ErrNotFound)
		}
	}

	// The source changes after the copy has begun.
	src := put(t, target.Store, target.Bucket, "src", noise(large))
	_, err := target.Parts.Copy(t.Context(), src, target.Bucket, "copy", object.Cursor{},
		func(context.Context, object.Cursor) error {
			put(t, target.Store, target.Bucket, "src", noise(large + 1)[1:])
			return nil
		})
	want(t, "overwritten in mid copy", err, object.ErrChanged)
	if got := keys(t, target.Store, target.Bucket, ""); !slices.Equal(got, []string{"src"}) {
		t.Errorf("the bucket holds %q", got)
	}
}

func testCopyParts(t *testing.T, target Target) {
	for _, size := range []int64{threshold + 1, PartSize, PartSize + 1, 2 * PartSize, large} {
		data := noise(size)
		src := put(t, target.Store, target.Bucket, "src", data)
		var saved []object.Cursor
		copied, err := target.Parts.Copy(t.Context(), src, target.Bucket, "out/copy", object.Cursor{},
			func(_ context.Context, c object.Cursor) error {
				saved = append(saved, c)
				return nil
			})
		if err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if copied.Size != size || copied.ETag == "" || copied.ContentType != "video/mp4" {
			t.Errorf("%d bytes: %+v", size, copied)
		}
		if len(saved) != 1 || saved[0].UploadID == "" || saved[0].PartSize != PartSize || saved[0].Key != "out/copy" {
			t.Errorf("%d bytes: saved %+v", size, saved)
		}
		if !bytes.Equal(read(t, target.Store, target.Bucket, "out/copy"), data) {
			t.Errorf("%d bytes: the copy differs", size)
		}
	}
}

// interrupted begins a copy in parts and is cut off when its place has been saved.
func interrupted(t *testing.T, target Target, src object.Info) object.Cursor {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var text []byte
	_, err := target.Parts.Copy(ctx, src, target.Bucket, "copy", object.Cursor{},
		func(_ context.Context, c object.Cursor) (err error) {
			defer cancel()
			text, err = json.Marshal(c)
			return err
		})
	want(t, "cut off", err, context.Canceled)
	_, err = target.Store.Stat(t.Context(), target.Bucket, "copy")
	want(t, "the unfinished copy", err, object.ErrNotFound)
	var cursor object.Cursor
	if err := json.Unmarshal(text, &cursor); err != nil {
		t.Fatal(err)
	}
	return cursor
}

func testCopyResumed(t *testing.T, target Target) {
	data := noise(large)
	src := put(t, target.Store, target.Bucket, "src", data)
	cursor := interrupted(t, target, src)
	_, err := target.Parts.Copy(t.Context(), src, target.Bucket, "copy", cursor,
		func(context.Context, object.Cursor) error {
			t.Error("the copy started again")
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read(t, target.Store, target.Bucket, "copy"), data) {
		t.Error("the copy differs")
	}
}

func testCopyRestarted(t *testing.T, target Target) {
	data := noise(large)
	src := put(t, target.Store, target.Bucket, "src", data)
	put(t, target.Store, target.Bucket, "other", data)
	for name, spoil := range map[string]func(*object.Cursor){
		"upload removed by delete": func(*object.Cursor) {
			if err := target.Store.Delete(t.Context(), target.Bucket, "copy"); err != nil {
				t.Fatal(err)
			}
		},
		"unknown upload": func(c *object.Cursor) { c.UploadID = "00000000-0000-0000-0000-000000000000" },
		"other source":   func(c *object.Cursor) { c.SourceKey = "other" },
		"other version":  func(c *object.Cursor) { c.SourceETag = "0" },
		"other target":   func(c *object.Cursor) { c.Key = "elsewhere" },
		"absurd parts":   func(c *object.Cursor) { c.PartSize = 1 },
		"negative parts": func(c *object.Cursor) { c.PartSize = -1 },
	} {
		cursor := interrupted(t, target, src)
		old := cursor.UploadID
		spoil(&cursor)
		saves := 0
		_, err := target.Parts.Copy(t.Context(), src, target.Bucket, "copy", cursor,
			func(_ context.Context, c object.Cursor) error {
				if saves++; c.UploadID == old {
					t.Errorf("%s: the old upload was resumed", name)
				}
				return nil
			})
		if err != nil || saves != 1 {
			t.Errorf("%s: saved %d times, %v", name, saves, err)
			continue
		}
		if !bytes.Equal(read(t, target.Store, target.Bucket, "copy"), data) {
			t.Errorf("%s: the copy differs", name)
		}
		if err := target.Store.Delete(t.Context(), target.Bucket, "copy"); err != nil {
			t.Fatal(err)
		}
	}

	// A source that changed while nobody copied must not be joined with the parts of the older one.
	cursor := interrupted(t, target, src)
	put(t, target.Store, target.Bucket, "src", noise(large + 1)[1:])
	_, err := target.Parts.Copy(t.Context(), src, target.Bucket, "copy", cursor, unsaved)
	want(t, "resumed after a change", err, object.ErrChanged)
}

func testCopyNotSaved(t *testing.T, target Target) {
	src := put(t, target.Store, target.Bucket, "src", noise(large))
	failure := errors.New("the cursor cannot be saved")
	_, err := target.Parts.Copy(t.Context(), src, target.Bucket, "copy", object.Cursor{},
		func(context.Context, object.Cursor) error { return failure })
	want(t, "copy", err, failure)
	_, err = target.Store.Stat(t.Context(), target.Bucket, "copy")
	want(t, "its destination", err, object.ErrNotFound)
}
