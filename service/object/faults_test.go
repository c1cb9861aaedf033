package object_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/object/objecttest"
)

// always and only build the faults of newProxy.
func always(kind string, what action) func(string, int) action {
	return func(k string, _ int) action {
		if k == kind {
			return what
		}
		return pass
	}
}

func only(kind string, call int, what action) func(string, int) action {
	return func(k string, n int) action {
		if k == kind && n == call {
			return what
		}
		return pass
	}
}

// source makes a bucket with one object of three parts.
func source(t *testing.T, bucket string) (object.Info, []byte) {
	t.Helper()
	data := make([]byte, 2*objecttest.PartSize+777)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(data)
	store := client(t, gateway.Endpoint(), nil)
	if err := store.CreateBucket(t.Context(), bucket); err != nil {
		t.Fatal(err)
	}
	info, err := store.Put(t.Context(), bucket, "src", "video/mp4", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return info, data
}

func sameBytes(t *testing.T, bucket, key string, want []byte) {
	t.Helper()
	body, _, err := client(t, gateway.Endpoint(), nil).Open(t.Context(), bucket, key, object.Range{}, "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(body)
	if err = errors.Join(err, body.Close()); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s has %d bytes, not the %d wanted, or others; %v", key, len(got), len(want), err)
	}
}

// TestCopyUnderFault has one request of each copy go wrong and be repeated.
func TestCopyUnderFault(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		parts bool
		fault func(string, int) action
	}{
		{"copy refused", false, only("copy", 1, refuse)},
		{"copy pretended", false, only("copy", 1, pretend)},
		{"copy lost", false, only("copy", 1, lose)},
		{"begin lost", true, only("begin", 1, lose)},
		{"part refused", true, only("part", 2, refuse)},
		{"part pretended", true, only("part", 3, pretend)},
		{"part lost", true, only("part", 1, lose)},
		{"complete refused", true, only("complete", 1, refuse)},
		{"complete pretended", true, only("complete", 1, pretend)},
		{"complete lost", true, only("complete", 1, lose)},
		{"stat lost", true, only("HEAD", 3, lose)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bucket := strings.ReplaceAll(test.name, " ", "-")
			src, data := source(t, bucket)
			_, endpoint := newProxy(t, test.fault)
			store := client(t, endpoint, func(c *object.Config) {
				if c.Attempts = 2; test.parts {
					inParts(c)
				}
			})
			copied, err := store.Copy(t.Context(), src, bucket, "copy", object.Cursor{}, unsaved)
			if err != nil {
				t.Fatal(err)
			}
			if copied.Size != src.Size || copied.ETag == "" {
				t.Errorf("%+v", copied)
			}
			sameBytes(t, bucket, "copy", data)
			if left := uploads(t, bucket); len(left) != 0 {
				t.Errorf("unfinished uploads: %q", left)
			}
		})
	}
}

// TestCopyNeverPretends has each request of a copy fail for ever, with status 200 too. There must be no copy then.
func TestCopyNeverPretends(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"copy", "begin", "part", "complete"} {
		for name, what := range map[string]action{"refused": refuse, "pretended": pretend, "forgotten": forget} {
			if what == forget && (kind == "copy" || kind == "begin") {
				continue // they have no upload yet
			}
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				bucket := "never-" + kind + "-" + name
				src, data := source(t, bucket)
				_, endpoint := newProxy(t, always(kind, what))
				var saved object.Cursor
				copied, err := client(t, endpoint, func(c *object.Config) {
					if kind != "copy" {
						inParts(c)
					}
				}).Copy(t.Context(), src, bucket, "copy", object.Cursor{},
					func(_ context.Context, c object.Cursor) error { saved = c; return nil })
				if !errors.Is(err, object.ErrUnavailable) || copied != (object.Info{}) {
					t.Fatalf("%+v, %v", copied, err)
				}
				direct := client(t, gateway.Endpoint(), inParts)
				if _, err := direct.Stat(t.Context(), bucket, "copy"); !errors.Is(err, object.ErrNotFound) {
					t.Errorf("the copy exists: %v", err)
				}
				if _, err := direct.Copy(t.Context(), src, bucket, "copy", saved, unsaved); err != nil {
					t.Errorf("resumed when the store is well again: %v", err)
				}
				sameBytes(t, bucket, "copy", data)
				if left := uploads(t, bucket); len(left) != 0 {
					t.Errorf("unfinished uploads: %q", left)
				}
			})
		}
	}
}

// TestResumeSkipsParts counts the parts that a resumed copy makes.
func TestResumeSkipsParts(t *testing.T) {
	t.Parallel()
	src, data := source(t, "resume")
	var cursor object.Cursor
	var made *proxy
	var endpoint string
	made, endpoint = newProxy(t, func(kind string, call int) action {
		if kind == "part" && call == 3 {
			made.await("part", 2)
			return refuse
		}
		return pass
	})
	store := client(t, endpoint, inParts)
	_, err := store.Copy(t.Context(), src, "resume", "copy", object.Cursor{},
		func(_ context.Context, c object.Cursor) error { cursor = c; return nil })
	if !errors.Is(err, object.ErrUnavailable) {
		t.Fatalf("with a refused part: %v", err)
	}
	if _, err = store.Copy(t.Context(), src, "resume", "copy", cursor, unsaved); err != nil {
		t.Fatal(err)
	}
	if again := made.count("part") - 3; made.count("begin") != 1 || again != 1 {
		t.Errorf("%d uploads begun, %d parts made again, want 1 and 1", made.count("begin"), again)
	}
	sameBytes(t, "resume", "copy", data)
}

// TestPermanentFailureLeavesNothing takes the source away in mid copy.
func TestPermanentFailureLeavesNothing(t *testing.T) {
	t.Parallel()
	src, _ := source(t, "permanent")
	store := client(t, gateway.Endpoint(), inParts)
	_, err := store.Copy(t.Context(), src, "permanent", "copy", object.Cursor{},
		func(ctx context.Context, _ object.Cursor) error { return store.Delete(ctx, "permanent", "src") })
	if !errors.Is(err, object.ErrNotFound) {
		t.Errorf("copy of a source that went away: %v", err)
	}
	if left := uploads(t, "permanent"); len(left) != 0 {
		t.Errorf("unfinished uploads: %q", left)
	}
}

// TestLostResponses loses the responses to the other writes after they took effect.
func TestLostResponses(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"PUT", "DELETE"} {
		bucket := "lost-" + strings.ToLower(kind)
		if err := client(t, gateway.Endpoint(), nil).CreateBucket(t.Context(), bucket); err != nil {
			t.Fatal(err)
		}
		_, endpoint := newProxy(t, only(kind, 1, lose))
		store := client(t, endpoint, func(c *object.Config) { c.Attempts = 2 })
		if _, err := store.Put(t.Context(), bucket, "k", "", strings.NewReader("x")); err != nil {
			t.Errorf("%s: put: %v", kind, err)
		}
		sameBytes(t, bucket, "k", []byte("x"))
		if err := store.Delete(t.Context(), bucket, "k"); err != nil {
			t.Errorf("%s: delete: %v", kind, err)
		}
	}
}

// TestRetriesAreBounded counts the requests that a store which is down gets.
func TestRetriesAreBounded(t *testing.T) {
	t.Parallel()
	down, endpoint := newProxy(t, always("HEAD", refuse))
	_, err := client(t, endpoint, func(c *object.Config) { c.Attempts = 3 }).Stat(t.Context(), "bucket", "k")
	if !errors.Is(err, object.ErrUnavailable) || down.count("HEAD") != 3 {
		t.Errorf("%d requests, %v", down.count("HEAD"), err)
	}
}
