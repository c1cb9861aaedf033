package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/object/embedded"
	"github.com/vod-reproduction/vod/service/object/fault"
	"github.com/vod-reproduction/vod/service/object/objecttest"
)

// under is the real store below the faults.
var under *object.S3

func TestMain(m *testing.M) {
	code, err := run(m)
	if err == nil {
		err = goleak.Find(objecttest.GatewayLeaks()...)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "fault-test")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	gateway, err := embedded.Start(context.Background(), embedded.Config{Dir: dir, AccessKey: "a", SecretKey: "s"})
	if err != nil {
		return 1, err
	}
	client, err := object.NewS3(object.Config{Endpoint: gateway.Endpoint(), AccessKey: "a", SecretKey: "s"})
	if err == nil {
		under = client
		code = m.Run()
		client.CloseIdleConnections()
	}
	return code, errors.Join(err, gateway.Close())
}

func unsaved(context.Context, object.Cursor) error { return nil }

// each calls every operation once and returns what failed.
func each(ctx context.Context, s object.Store, bucket string) map[fault.Op]error {
	out := map[fault.Op]error{fault.CreateBucket: s.CreateBucket(ctx, bucket)}
	_, out[fault.Put] = s.Put(ctx, bucket, "k", "", strings.NewReader("0123456789"))
	_, out[fault.Stat] = s.Stat(ctx, bucket, "k")
	body, _, err := s.Open(ctx, bucket, "k", object.Range{}, "")
	if out[fault.Open] = err; err == nil {
		_ = body.Close()
	}
	_, out[fault.Copy] = s.Copy(ctx, object.Info{Bucket: bucket, Key: "k", Size: 10}, bucket, "copy", object.Cursor{}, unsaved)
	for _, err := range s.List(ctx, bucket, "") {
		out[fault.List] = err
	}
	_, out[fault.PresignGet] = s.PresignGet(ctx, bucket, "k", time.Minute)
	out[fault.Delete] = s.Delete(ctx, bucket, "k")
	return out
}

var ops = []fault.Op{
	fault.CreateBucket, fault.Put, fault.Stat, fault.Open, fault.Copy, fault.List, fault.PresignGet, fault.Delete,
}

// TestOneOperation makes one operation fail and all others not.
func TestOneOperation(t *testing.T) {
	for i, op := range ops {
		broken := errors.New("broken")
		for name, f := range map[string]fault.Fault{
			"before": {Op: op, Call: 1, Before: broken},
			"after":  {Op: op, Call: 1, After: broken},
		} {
			bucket := fmt.Sprintf("one-%d-%s", i, name)
			if err := under.CreateBucket(t.Context(), bucket); err != nil {
				t.Fatal(err)
			}
			if _, err := under.Put(t.Context(), bucket, "k", "", strings.NewReader("0123456789")); err != nil {
				t.Fatal(err)
			}
			s := fault.New(under, f)
			for got, err := range each(t.Context(), s, bucket) {
				if (got == op) != errors.Is(err, broken) || (got != op && err != nil) {
					t.Errorf("%s %s: %s gives %v", op, name, got, err)
				}
			}
			for got, err := range each(t.Context(), s, bucket) {
				if err != nil || s.Calls(got) != 2 {
					t.Errorf("%s %s: %s, second call of %d: %v", op, name, got, s.Calls(got), err)
				}
			}
		}
	}
}

func TestEffect(t *testing.T) {
	if err := under.CreateBucket(t.Context(), "effect"); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		fault fault.Fault
		there bool
	}{
		"before": {fault.Fault{Op: fault.Put, Before: broken}, false},
		"after":  {fault.Fault{Op: fault.Put, After: broken}, true},
	} {
		s := fault.New(under, test.fault)
		if _, err := s.Put(t.Context(), "effect", name, "", strings.NewReader("x")); !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.Stat(t.Context(), "effect", name); (err == nil) != test.there {
			t.Errorf("%s: the object is there: %v", name, err)
		}
	}
}

func TestBody(t *testing.T) {
	if err := under.CreateBucket(t.Context(), "body"); err != nil {
		t.Fatal(err)
	}
	const text = "0123456789"
	if _, err := under.Put(t.Context(), "body", "k", "", strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		body func(io.ReadCloser) io.ReadCloser
		want string
		kind error
	}{
		{"truncate", fault.Truncate(4), "0123", object.ErrUnavailable},
		{"truncate at once", fault.Truncate(0), "", object.ErrUnavailable},
		{"truncate behind the end", fault.Truncate(11), text, nil},
		{"flip first", fault.Flip(0), "\xcf123456789", nil},
		{"flip inside", fault.Flip(5), "01234\xca6789", nil},
		{"flip behind the end", fault.Flip(10), text, nil},
	} {
		s := fault.New(under, fault.Fault{Op: fault.Open, Body: test.body})
		body, _, err := s.Open(t.Context(), "body", "k", object.Range{}, "")
		if err != nil {
			t.Fatal(err)
		}
		// One byte at a time, so that the place is counted over several reads.
		var got []byte
		for one := make([]byte, 1); err == nil; {
			var n int
			n, err = body.Read(one)
			got = append(got, one[:n]...)
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
		if string(got) != test.want || !errors.Is(err, test.kind) {
			t.Errorf("%s: %q, %v", test.name, got, err)
		}
		_ = body.Close()
	}
}

func TestWait(t *testing.T) {
	gate := make(chan struct{})
	s := fault.New(under, fault.Fault{Op: fault.Stat, Wait: gate})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Stat(ctx, "body", "k"); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting with a cancelled context: %v", err)
	}
	done := make(chan error)
	go func() {
		_, err := s.Stat(t.Context(), "no-such-bucket", "k")
		done <- err
	}()
	select {
	case err := <-done:
		t.Errorf("it did not wait: %v", err)
	default:
	}
	close(gate)
	if err := <-done; !errors.Is(err, object.ErrNoBucket) {
		t.Errorf("after the wait: %v", err)
	}
}
