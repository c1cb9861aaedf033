package objecttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/object"
)

func testPut(t *testing.T, target Target) {
	for _, size := range []int64{0, 1, 70_000} {
		key, data := fmt.Sprintf("media/%d.mp4", size), noise(size)
		before := time.Now().Add(-2 * time.Second)
		info := put(t, target.Store, target.Bucket, key, data)
		if info.Bucket != target.Bucket || info.Key != key || info.Size != size || info.ETag == "" ||
			info.ContentType != "video/mp4" || info.ModTime.Before(before) {
			t.Errorf("put of %d bytes returned %+v", size, info)
		}
		stat, err := target.Store.Stat(t.Context(), target.Bucket, key)
		if err != nil || !stat.ModTime.Equal(info.ModTime) || stat.ETag != info.ETag {
			t.Errorf("stat: %+v, %v, after put returned %+v", stat, err, info)
		}
		if got := read(t, target.Store, target.Bucket, key); !bytes.Equal(got, data) {
			t.Errorf("read %d bytes that differ from the %d put", len(got), size)
		}
	}

	huge := io.NewSectionReader(strings.NewReader(""), 0, object.MaxSingle+1)
	_, err := target.Store.Put(t.Context(), target.Bucket, "huge", "", huge)
	want(t, "put of more than one request can carry", err, object.ErrTooLarge)

	reader := strings.NewReader("the second version")
	_, _ = reader.Seek(5, io.SeekStart)
	if _, err := target.Store.Put(t.Context(), target.Bucket, "media/1.mp4", "", reader); err != nil {
		t.Fatal(err)
	}
	if got := read(t, target.Store, target.Bucket, "media/1.mp4"); string(got) != "the second version" {
		t.Errorf("after replacing: %q", got)
	}
}

func testRanges(t *testing.T, target Target) {
	data := noise(10_000)
	put(t, target.Store, target.Bucket, "k", data)
	put(t, target.Store, target.Bucket, "empty", nil)
	for _, test := range []struct {
		at   object.Range
		want []byte
	}{
		{object.Range{}, data},
		{object.Range{Offset: 0, Length: 1}, data[:1]},
		{object.Range{Offset: 9_999}, data[9_999:]},
		{object.Range{Offset: 5, Length: 10}, data[5:15]},
		{object.Range{Offset: 9_990, Length: 500}, data[9_990:]},
		{object.Range{Offset: 1}, data[1:]},
		{object.Range{Offset: 0, Length: 10_000}, data},
	} {
		body, info, err := target.Store.Open(t.Context(), target.Bucket, "k", test.at, "")
		if err != nil {
			t.Errorf("%+v: %v", test.at, err)
			continue
		}
		got, err := io.ReadAll(body)
		if err != nil || !bytes.Equal(got, test.want) || info.Size != int64(len(data)) {
			t.Errorf("%+v: %d bytes of %d, want %d; %v", test.at, len(got), info.Size, len(test.want), err)
		}
		if err := body.Close(); err != nil {
			t.Errorf("%+v: close: %v", test.at, err)
		}
	}
	for _, at := range []object.Range{
		{Offset: 10_000}, {Offset: 20_000, Length: 5}, {Offset: -1}, {Length: -1}, {Offset: math.MaxInt64, Length: 2},
	} {
		_, _, err := target.Store.Open(t.Context(), target.Bucket, "k", at, "")
		want(t, fmt.Sprintf("%+v", at), err, object.ErrRange)
	}
	if got := read(t, target.Store, target.Bucket, "empty"); len(got) != 0 {
		t.Errorf("empty object has %d bytes", len(got))
	}
}

func testIfMatch(t *testing.T, target Target) {
	first := put(t, target.Store, target.Bucket, "k", []byte("one"))
	body, _, err := target.Store.Open(t.Context(), target.Bucket, "k", object.Range{}, first.ETag)
	if err != nil {
		t.Fatalf("with the right ETag: %v", err)
	}
	body.Close()
	put(t, target.Store, target.Bucket, "k", []byte("two"))
	_, _, err = target.Store.Open(t.Context(), target.Bucket, "k", object.Range{Offset: 1, Length: 1}, first.ETag)
	want(t, "with the ETag of an older version", err, object.ErrChanged)
}

func testMissing(t *testing.T, target Target) {
	put(t, target.Store, target.Bucket, "there", []byte("x"))
	for _, test := range []struct {
		name, bucket string
		kind         error
	}{
		{"no key", target.Bucket, object.ErrNotFound},
		{"no bucket", target.Bucket + "-not", object.ErrNoBucket},
	} {
		_, err := target.Store.Stat(t.Context(), test.bucket, "gone")
		want(t, test.name+": stat", err, test.kind)
		_, _, err = target.Store.Open(t.Context(), test.bucket, "gone", object.Range{}, "")
		want(t, test.name+": open", err, test.kind)
		_, err = target.Store.Copy(t.Context(), object.Info{Bucket: test.bucket, Key: "gone"}, target.Bucket, "copy",
			object.Cursor{}, unsaved)
		want(t, test.name+": copy", err, test.kind)
	}
	missing := target.Bucket + "-not"
	_, err := target.Store.Put(t.Context(), missing, "k", "", strings.NewReader("x"))
	want(t, "put", err, object.ErrNoBucket)
	want(t, "delete", target.Store.Delete(t.Context(), missing, "k"), object.ErrNoBucket)
	for _, err := range target.Store.List(t.Context(), missing, "") {
		want(t, "list", err, object.ErrNoBucket)
	}
	for _, store := range []object.Store{target.Store, target.Parts} {
		src := put(t, store, target.Bucket, "src", noise(2<<20))
		_, err = store.Copy(t.Context(), src, missing, "k", object.Cursor{}, unsaved)
		want(t, "copy into it", err, object.ErrNoBucket)
	}
}

func testNames(t *testing.T, target Target) {
	for _, name := range [][2]string{
		{"", "k"}, {"UPPER", "k"}, {"a..b", "k"}, {"169.254.169.254", "k"}, {"a.b@evil", "k"}, {"../x", "k"},
		{"x/y", "k"}, {"-ab", "k"}, {"ab\n", "k"},
		{target.Bucket, ""}, {target.Bucket, "a\x00b"}, {target.Bucket, "\xff"}, {target.Bucket, strings.Repeat("k", 1025)},
	} {
		bucket, key := name[0], name[1]
		_, err := target.Store.Stat(t.Context(), bucket, key)
		want(t, fmt.Sprintf("stat %q", name), err, object.ErrName)
		_, _, err = target.Store.Open(t.Context(), bucket, key, object.Range{}, "")
		want(t, fmt.Sprintf("open %q", name), err, object.ErrName)
		_, err = target.Store.Put(t.Context(), bucket, key, "", strings.NewReader("x"))
		want(t, fmt.Sprintf("put %q", name), err, object.ErrName)
		want(t, fmt.Sprintf("delete %q", name), target.Store.Delete(t.Context(), bucket, key), object.ErrName)
		_, err = target.Store.Copy(t.Context(), object.Info{Bucket: target.Bucket, Key: "k"}, bucket, key, object.Cursor{}, unsaved)
		want(t, fmt.Sprintf("copy to %q", name), err, object.ErrName)
		_, err = target.Store.Copy(t.Context(), object.Info{Bucket: bucket, Key: key}, target.Bucket, "k", object.Cursor{}, unsaved)
		want(t, fmt.Sprintf("copy from %q", name), err, object.ErrName)
	}
}

func testList(t *testing.T, target Target) {
	var all []string
	for i := range 25 {
		all = append(all, fmt.Sprintf("dir/%02d.mp4", i))
	}
	all = append(all, "other.mp4")
	for _, key := range all {
		put(t, target.Store, target.Bucket, key, []byte(key))
	}
	if got := keys(t, target.Store, target.Bucket, ""); !slices.Equal(got, all) {
		t.Errorf("all: %q", got)
	}
	if got := keys(t, target.Store, target.Bucket, "dir/1"); !slices.Equal(got, all[10:20]) {
		t.Errorf("prefix: %q", got)
	}
	if got := keys(t, target.Store, target.Bucket, "none"); len(got) != 0 {
		t.Errorf("no match: %q", got)
	}
	for info, err := range target.Store.List(t.Context(), target.Bucket, "other") {
		stat, statErr := target.Store.Stat(t.Context(), target.Bucket, "other.mp4")
		stat.ContentType = ""
		if errors.Join(err, statErr) != nil || !info.ModTime.Equal(stat.ModTime) {
			t.Errorf("listed %+v, stat %+v, %v", info, stat, errors.Join(err, statErr))
		}
		if info.ModTime = stat.ModTime; info != stat {
			t.Errorf("listed %+v, stat %+v", info, stat)
		}
	}
	for range target.Store.List(t.Context(), target.Bucket, "") {
		break // must not go on
	}
}

func testDelete(t *testing.T, target Target) {
	put(t, target.Store, target.Bucket, "a/b", []byte("x"))
	put(t, target.Store, target.Bucket, "a/bc", []byte("x"))
	for range 2 {
		if err := target.Store.Delete(t.Context(), target.Bucket, "a/b"); err != nil {
			t.Fatal(err)
		}
	}
	if got := keys(t, target.Store, target.Bucket, ""); !slices.Equal(got, []string{"a/bc"}) {
		t.Errorf("left: %q", got)
	}
}

func testCreateBucket(t *testing.T, target Target) {
	bucket := target.Bucket + "-new"
	for range 2 {
		if err := target.Store.CreateBucket(t.Context(), bucket); err != nil {
			t.Fatal(err)
		}
	}
	put(t, target.Store, bucket, "k", []byte("x"))
	want(t, "bad name", target.Store.CreateBucket(t.Context(), "A_B"), object.ErrName)
}

func testCancelled(t *testing.T, target Target) {
	info := put(t, target.Store, target.Bucket, "k", noise(2<<20))
	ctx, cancel := context.WithCancel(t.Context())
	body, _, err := target.Store.Open(ctx, target.Bucket, "k", object.Range{}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	cancel()
	_, err = target.Store.Stat(ctx, target.Bucket, "k")
	want(t, "stat", err, context.Canceled)
	_, err = target.Store.Copy(ctx, info, target.Bucket, "copy", object.Cursor{}, unsaved)
	want(t, "copy", err, context.Canceled)
	_, err = io.ReadAll(body)
	want(t, "read", err, context.Canceled)
	if errors.Is(err, object.ErrUnavailable) {
		t.Error("the caller's cancellation passes for a failure of the store")
	}
}
