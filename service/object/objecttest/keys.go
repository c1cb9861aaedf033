package objecttest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/object"
)

// oddKeys are legal. Each must name one object and no other, or be refused.
var oddKeys = []string{
	" ", "a b", "a+b", "a%20b", "a%2Fb", "%2e%2e/x", "%", "q?x=1&y=2", "q?versionId=1", "#f", "-rf", "'\"<>&",
	"tab\tkey", "line\nbreak", "cr\rkey", "bell\akey", "back\\slash", "semi;colon", "a=b", "~tilde", "*", "$(id)", "`id`",
	"\u00e9", "e\u0301", "日本語/映画.mp4", "\U0001F3AC", "\u202egpm.exe", "\ufffe",
	"../up", "a/../../up", "a/../same", "..", ".", "./dot", "/lead", "//lead", "a//b", "trail/", ".hidden", "...",
	".sgwtmp/multipart/x", "deep/" + strings.Repeat("d/", 100) + "k", strings.Repeat("n", 200), strings.Repeat("k", 300),
	strings.Repeat("é", 100),
	strings.Repeat("ü/", 341) + "k", "same/below", "deep/d",
}

func testOddKeys(t *testing.T, target Target) {
	held := map[string]string{"same": "same", "up": "up", "x": "x"} // what "..", wrongly resolved, would hit
	for key := range held {
		put(t, target.Store, target.Bucket, key, []byte(key))
	}
	for _, key := range oddKeys {
		_, err := target.Store.Put(t.Context(), target.Bucket, key, "", strings.NewReader(key))
		switch {
		case err == nil:
			held[key] = key
		case !errors.Is(err, object.ErrName):
			t.Errorf("put %.40q: %v", key, err)
		default:
			_, err := target.Store.Stat(t.Context(), target.Bucket, key)
			if !errors.Is(err, object.ErrName) {
				want(t, "stat of a refused key", err, object.ErrNotFound)
			}
			_, err = target.Store.Copy(t.Context(), object.Info{Bucket: target.Bucket, Key: "x", Size: 1}, target.Bucket, key,
				object.Cursor{}, unsaved)
			want(t, "copy to a refused key", err, object.ErrName)
		}
	}

	for key, text := range held {
		if got := read(t, target.Store, target.Bucket, key); string(got) != text {
			t.Errorf("%.40q reads %.40q", key, got)
		}
	}

	got := keys(t, target.Store, target.Bucket, "")
	all := make([]string, 0, len(held))
	for key := range held {
		all = append(all, key)
	}
	slices.Sort(got)
	slices.Sort(all)
	if !slices.Equal(got, all) {
		t.Errorf("listed %q\nwant %q", got, all)
	}
	for _, prefix := range []string{"../", "/", "a/../", "..", "//"} {
		for _, key := range keys(t, target.Store, target.Bucket, prefix) {
			if !strings.HasPrefix(key, prefix) {
				t.Errorf("listing %q shows %q", prefix, key)
			}
		}
	}

	for key, text := range held {
		src := object.Info{Bucket: target.Bucket, Key: key, Size: int64(len(text))}
		if _, err := target.Store.Copy(t.Context(), src, target.Bucket, "copies", object.Cursor{}, unsaved); err != nil {
			t.Errorf("copy from %.40q: %v", key, err)
		} else if got := read(t, target.Store, target.Bucket, "copies"); string(got) != text {
			t.Errorf("copy of %.40q is %.40q", key, got)
		}
		if err := target.Store.Delete(t.Context(), target.Bucket, key); err != nil {
			t.Errorf("delete %.40q: %v", key, err)
		}
	}
	if got := keys(t, target.Store, target.Bucket, ""); !slices.Equal(got, []string{"copies"}) {
		t.Errorf("after deleting all: %q", got)
	}
}
