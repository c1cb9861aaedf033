// Package fault makes a store fail on purpose, at a chosen call and in a chosen way, so that tests can show what the
// rest of the service does about it.
package fault

import (
	"context"
	"fmt"
	"io"
	"iter"
	"sync"
	"time"

	"github.com/vod-reproduction/vod/service/object"
)

// Op names a method of object.Store.
type Op string

// The methods of object.Store.
const (
	Stat         Op = "stat"
	Open         Op = "open"
	Put          Op = "put"
	Copy         Op = "copy"
	List         Op = "list"
	Delete       Op = "delete"
	CreateBucket Op = "create bucket"
	PresignGet   Op = "presign"
)

// Fault is what happens to one call. Its fields add up: a call may wait, then take effect, then fail.
type Fault struct {
	Op Op
	// Call counts the calls of Op from 1; 0 stands for every call.
	Call int
	// Wait delays the call until it is closed or the call's context ends.
	Wait <-chan struct{}
	// Before is returned instead of making the call.
	Before error
	// After is returned although the call was made and may have taken effect. List yields it behind the last object.
	After error
	// Body changes what Open reads; see Truncate and Flip.
	Body func(io.ReadCloser) io.ReadCloser
}

var _ object.Store = (*Store)(nil)

// Store is a store that fails as its script says. It may be used concurrently.
type Store struct {
	to     object.Store
	script []Fault

	mu    sync.Mutex
	calls map[Op]int
}

// New returns a store that behaves like to, except where a fault of script says otherwise. Of several faults for one
// call the first one counts.
func New(to object.Store, script ...Fault) *Store {
	return &Store{to: to, script: script, calls: make(map[Op]int)}
}

// Calls returns how often op was called, failed calls included.
func (s *Store) Calls(op Op) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[op]
}

// enter counts a call, waits and returns its fault; the error is for the caller, at once.
func (s *Store) enter(ctx context.Context, op Op) (Fault, error) {
	s.mu.Lock()
	s.calls[op]++
	call := s.calls[op]
	s.mu.Unlock()
	for _, f := range s.script {
		if f.Op != op || (f.Call != 0 && f.Call != call) {
			continue
		}
		if f.Wait != nil {
			select {
			case <-f.Wait:
			case <-ctx.Done():
				return Fault{}, fmt.Errorf("%s: %w", op, ctx.Err())
			}
		}
		return f, f.Before
	}
	return Fault{}, nil
}

// Stat implements object.Store.
func (s *Store) Stat(ctx context.Context, bucket, key string) (object.Info, error) {
	f, err := s.enter(ctx, Stat)
	if err != nil {
		return object.Info{}, err
	}
	return outcome(f)(s.to.Stat(ctx, bucket, key))
}

// Open implements object.Store.
func (s *Store) Open(ctx context.Context, bucket, key string, at object.Range, ifMatch string) (
	io.ReadCloser, object.Info, error) {
	f, err := s.enter(ctx, Open)
	if err != nil {
		return nil, object.Info{}, err
	}
	body, info, err := s.to.Open(ctx, bucket, key, at, ifMatch)
	if err != nil {
		return nil, object.Info{}, err
	}
	if f.After != nil {
		_ = body.Close()
		return nil, object.Info{}, f.After
	}
	if f.Body != nil {
		body = f.Body(body)
	}
	return body, info, nil
}

// Put implements object.Store.
func (s *Store) Put(ctx context.Context, bucket, key, contentType string, body io.ReadSeeker) (object.Info, error) {
	f, err := s.enter(ctx, Put)
	if err != nil {
		return object.Info{}, err
	}
	return outcome(f)(s.to.Put(ctx, bucket, key, contentType, body))
}

// Copy implements object.Store.
func (s *Store) Copy(ctx context.Context, src object.Info, dstBucket, dstKey string, resume object.Cursor,
	save func(context.Context, object.Cursor) error) (object.Info, error) {
	f, err := s.enter(ctx, Copy)
	if err != nil {
		return object.Info{}, err
	}
	return outcome(f)(s.to.Copy(ctx, src, dstBucket, dstKey, resume, save))
}

// List implements object.Store.
func (s *Store) List(ctx context.Context, bucket, prefix string) iter.Seq2[object.Info, error] {
	return func(yield func(object.Info, error) bool) {
		f, err := s.enter(ctx, List)
		if err != nil {
			yield(object.Info{}, err)
			return
		}
		for info, err := range s.to.List(ctx, bucket, prefix) {
			if !yield(info, err) || err != nil {
				return
			}
		}
		if f.After != nil {
			yield(object.Info{}, f.After)
		}
	}
}

// Delete implements object.Store.
func (s *Store) Delete(ctx context.Context, bucket, key string) error {
	f, err := s.enter(ctx, Delete)
	if err != nil {
		return err
	}
	if err := s.to.Delete(ctx, bucket, key); err != nil {
		return err
	}
	return f.After
}

// CreateBucket implements object.Store.
func (s *Store) CreateBucket(ctx context.Context, bucket string) error {
	f, err := s.enter(ctx, CreateBucket)
	if err != nil {
		return err
	}
	if err := s.to.CreateBucket(ctx, bucket); err != nil {
		return err
	}
	return f.After
}

// PresignGet implements object.Store.
func (s *Store) PresignGet(ctx context.Context, bucket, key string, ttl time.Duration) (string, error) {
	f, err := s.enter(ctx, PresignGet)
	if err != nil {
		return "", err
	}
	address, err := s.to.PresignGet(ctx, bucket, key, ttl)
	if err == nil && f.After != nil {
		return "", f.After
	}
	return address, err
}

// outcome replaces the success of a call by the fault's error.
func outcome(f Fault) func(object.Info, error) (object.Info, error) {
	return func(info object.Info, err error) (object.Info, error) {
		if err == nil && f.After != nil {
			return object.Info{}, f.After
		}
		return info, err
	}
}
