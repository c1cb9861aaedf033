// Package embedded runs an S3 server inside this process, for a machine that has no object store: versitygw's gateway
// over plain files. A bucket is a folder of Dir/objects and an object a file in it, so a file that is put into the
// folder by hand is an object at once, without an ETag.
//
// What was written survives the end of the process, however it ends. The gateway does not sync files to the disk, so
// the last seconds before a power cut may be lost.
package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
	"github.com/versity/versitygw/s3api"

	"github.com/vod-reproduction/vod/service/object"
)

const (
	maxConnections = 1024
	maxRequests    = 512
	maxParts       = 10_000
	maxCopy        = 5 << 30 // bytes that one request may copy, as in S3
	portAttempts   = 8
	healthPath     = "/-/health" // no bucket can be named "-"
	answerTimeout  = 10 * time.Second
)

// Config says where the server keeps its files and how it is reached. Printing it does not show the secret key.
type Config struct {
	// Dir holds the data; it is made when missing.
	Dir string
	// Listen is the address, "127.0.0.1:9000" for instance; it must be a loopback address, since the server speaks
	// plain HTTP. Port 0 chooses a free one, and the empty string means 127.0.0.1:0.
	Listen string
	// Region is what requests must be signed for; empty means us-east-1.
	Region string
	// AccessKey and SecretKey belong to the only account, which may do everything.
	AccessKey, SecretKey string
	// Known lists objects as they were. Where Dir is a copy that left the extended attributes of its files behind, they
	// are written again from it; nil knows of none.
	Known func(ctx context.Context) iter.Seq2[object.Info, error]
}

// String describes c without its secret key.
func (c Config) String() string {
	return fmt.Sprintf("embedded store in %s at %s, access key %s, secret hidden", c.Dir, c.Listen, c.AccessKey)
}

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// LogValue is String, for log/slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Server is a running server. Its methods may be called concurrently.
type Server struct {
	endpoint string
	formerly string // the working directory before Start
	cancel   context.CancelFunc
	done     chan struct{}
	err      error // of the gateway and of leaving it, once stopped
	stopped  sync.Once
	closed   sync.Once
}

// Start starts the server and returns when it accepts requests. Ending ctx stops the start, not the running server;
// that is what Close is for.
//
// The gateway finds its files relative to the working directory, so Start changes the working directory of the whole
// process to Dir/objects until Close: every other path that the process uses must be absolute by then. For the same
// reason only one server can run in a process at a time; a second Start fails.
func Start(ctx context.Context, c Config) (*Server, error) {
	host, port, err := loopback(c.Listen)
	if err != nil {
		return nil, err
	}
	if c.AccessKey == "" || c.SecretKey == "" {
		return nil, errors.New("embedded store: access key and secret key are required")
	}
	if c.Dir == "" {
		return nil, errors.New("embedded store: no directory is given")
	}
	root, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("embedded store: %w", err)
	}
	if !running.TryLock() {
		return nil, errors.New("embedded store: one is already running in this process; close it first")
	}
	for attempt := 1; ; attempt++ {
		chosen := port
		if chosen == 0 {
			if chosen, err = freePort(ctx, host); err != nil {
				break
			}
		}
		var s *Server
		if s, err = start(ctx, root, net.JoinHostPort(host, strconv.Itoa(chosen)), c); err == nil {
			return s, nil
		}
		// Somebody else may have taken the port since it was found free.
		if port != 0 || attempt == portAttempts || !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
	}
	running.Unlock()
	return nil, fmt.Errorf("embedded store: %w", err)
}

// running is locked while a server uses the working directory.
var running sync.Mutex

func start(ctx context.Context, root, address string, c Config) (*Server, error) {
	objects, store, err := prepare(root)
	if err != nil {
		return nil, err
	}
	formerly, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	// ETags are checksums: the MD5 sums of S3 would take most of the time of a copy.
	backend, err := posix.New(objects, store, posix.PosixOpts{CopyObjectThreshold: maxCopy, DataIntegrityEtag: true})
	if err != nil {
		_ = os.Chdir(formerly)
		return nil, err
	}
	if err := c.adopt(ctx, store); err != nil {
		return nil, errors.Join(err, os.Chdir(formerly))
	}
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	region := cmp.Or(c.Region, "us-east-1")
	account := auth.Account{Access: c.AccessKey, Secret: c.SecretKey, Role: auth.RoleAdmin}
	s := &Server{endpoint: "http://" + address, formerly: formerly, cancel: cancel, done: make(chan struct{})}
	ready := make(chan struct{})
	go func() {
		defer close(s.done)
		s.err = embedgw.RunVersityGW(serving, files{backend}, &embedgw.Config{
			RootUserAccess: c.AccessKey,
			RootUserSecret: c.SecretKey,
			// Given here, because the gateway announces a default one on the standard output.
			IAMService:        auth.NewIAMServiceSingle(account),
			Region:            region,
			HealthPath:        healthPath,
			Ports:             []string{address},
			MaxConnections:    maxConnections,
			MaxRequests:       maxRequests,
			MultipartMaxParts: maxParts,
			Quiet:             true,
			KeepAlive:         true,
			DisableACLs:       true,
			S3Options: []s3api.Option{
				s3api.WithMiddleware("/", guardNames),
				s3api.WithMiddleware("/", signatures{account, region}.handle),
				s3api.WithOnListen(func() { close(ready) }),
			},
		})
	}()
	select {
	case <-ready:
		if err = errors.Join(s.responds(ctx), ctx.Err()); err == nil {
			return s, nil
		}
	case <-s.done:
	}
	return nil, errors.Join(err, s.stop())
}

// responds returns when the server has responded to a request. The gateway says that it listens before it serves, and to
// stop it in between would leave it running for ever; so this does not end with ctx either.
func (s *Server) responds(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.endpoint+healthPath, nil)
	if err != nil {
		return err
	}
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// Endpoint is the server's address as a URL without a path.
func (s *Server) Endpoint() string { return s.endpoint }

// Close lets the requests under way end, for 10 seconds at most, stops the server, and restores the working
// directory. It may be called again and returns what stopping the server failed with, if anything.
func (s *Server) Close() error {
	err := s.stop()
	s.closed.Do(running.Unlock)
	if err != nil {
		return fmt.Errorf("embedded store: %w", err)
	}
	return nil
}

func (s *Server) stop() error {
	s.stopped.Do(func() {
		s.cancel()
		<-s.done
		s.err = errors.Join(s.err, os.Chdir(s.formerly))
	})
	return s.err
}

// prepare makes the directories below root, and chooses where the objects' attributes are kept: with the files, or
// in a tree of their own where the file system has no extended attributes. The tree, once there, stays in use.
func prepare(root string) (objects string, store meta.MetadataStorer, err error) {
	objects = filepath.Join(root, "objects")
	if err := os.MkdirAll(objects, 0o700); err != nil {
		return "", nil, err
	}
	attributes := filepath.Join(root, "attributes")
	if _, err := os.Stat(attributes); err == nil || !hasAttributes(objects) {
		if err := os.MkdirAll(attributes, 0o700); err != nil {
			return "", nil, err
		}
		beside, err := meta.NewSideCar(attributes)
		return objects, beside, err
	}
	return objects, meta.XattrMeta{}, nil
}

// hasAttributes tries it, because a file system may only say so when something is written.
func hasAttributes(dir string) bool {
	const probe = "vod-probe"
	if err := (meta.XattrMeta{}).StoreAttribute(nil, dir, "", probe, []byte("1")); err != nil {
		return false
	}
	return (meta.XattrMeta{}).DeleteAttribute(dir, "", probe) == nil
}

// loopback splits address and refuses one that other machines could reach.
func loopback(address string) (host string, port int, err error) {
	if address == "" {
		return "127.0.0.1", 0, nil
	}
	host, number, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, fmt.Errorf("embedded store: listen address %q: want host:port", address)
	}
	port, err = strconv.Atoi(number)
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("embedded store: listen address %q: the port must be 0 to 65535", address)
	}
	if host == "localhost" {
		return "127.0.0.1", port, nil
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return "", 0, fmt.Errorf("embedded store: listen address %q is not a loopback address; "+
			"use 127.0.0.1, ::1 or localhost", address)
	}
	return host, port, nil
}

func freePort(ctx context.Context, host string) (int, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
