package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/object"
)

func newUploadCommand(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "upload FILE obs://BUCKET/KEY",
		Short: "Put a file of this machine into a bucket",
		Long: `Uploads one file of at most 5 GiB, to be dumped from there, and prints its address. A
KEY that is empty or ends in / gets the name of the file. An object of that name is
replaced.

Uploads go to VOD_S3_ENDPOINT with VOD_S3_ACCESS_KEY and VOD_S3_SECRET_KEY; without
them to OBS of the region with the access key.`,
		Example: `  vod upload holiday.mp4 obs://media/
  vod dump "$(vod upload holiday.mp4 obs://media/trips/)" --wait`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 2 {
				return &failure{code: exitUsage, what: fmt.Sprintf("vod upload takes one FILE and an obs:// address, not %d arguments", len(args)), next: oneByOneOf("FOLDER")}
			}
			err := exactly("a FILE", "an obs:// address")(cmd, args)
			if f, ok := err.(*failure); ok && len(args) == 1 && isFile(args[0]) { //nolint:errorlint // exactly returns it as it is
				f.next = "vod upload " + shellWord(args[0]) + " obs://BUCKET/"
			}
			return err
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			bucket, key, err := targetOf(args[0], args[1])
			if err != nil {
				return err
			}
			ctx, cancel := s.limit(cmd.Context())
			defer cancel()
			return s.upload(ctx, args[0], bucket, key)
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return completeAddress(cmd, args[1:], typed)
		},
	}
}

// oneByOneOf is the next step for somebody with several files.
func oneByOneOf(folder string) string {
	return fmt.Sprintf(`upload one file per command: for f in %s/*; do vod upload "$f" obs://BUCKET/%s/; done`,
		shellWord(strings.TrimSuffix(folder, "/")), shellWord(filepath.Base(absolute(folder))))
}

// isBucketPath matches what lacks only the scheme of an address.
var isBucketPath = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]+(/.*)?$`)

// targetOf is where a file goes: the address, completed by the name of the file where it names no object.
func targetOf(file, address string) (bucket, key string, err error) {
	if rest, ok := strings.CutPrefix(address, addressScheme); ok {
		bucket, key, _ := strings.Cut(rest, "/")
		if key == "" || strings.HasSuffix(key, "/") {
			address = addressScheme + bucket + "/" + key + filepath.Base(file)
		}
	} else if isBucketPath.MatchString(address) && !isFile(address) {
		return "", "", &failure{
			code: exitUsage, what: fmt.Sprintf("%q is not an address of the form obs://BUCKET/KEY", address), next: "write " + addressScheme + address,
		}
	} else if isFile(address) || strings.HasPrefix(file, addressScheme) {
		return "", "", &failure{
			code: exitUsage, what: fmt.Sprintf("%q is no place to upload to", address),
			next: "write obs://BUCKET/KEY; the file comes first: vod upload FILE obs://BUCKET/KEY",
		}
	}
	return parseAddress(address)
}

func (s *session) upload(ctx context.Context, name, bucket, key string) error {
	login, err := s.login()
	if err != nil {
		return err
	}
	file, err := os.Open(name)
	if err != nil {
		return unreadable(name, err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return unreadable(name, err)
	}
	switch {
	case info.IsDir():
		return &failure{code: exitUsage, what: name + " is a folder", next: oneByOneOf(name)}
	case !info.Mode().IsRegular():
		return &failure{code: exitUsage, what: name + " is not a regular file", next: "give a file, or a link to one"}
	case info.Size() > object.MaxSingle:
		return &failure{
			code: exitUsage, what: fmt.Sprintf("%s has %d bytes, and vod upload takes %d at most", name, info.Size(), object.MaxSingle),
			next: "upload it in parts with obsutil or another S3 tool; vod dump then takes it from the bucket",
		}
	}
	store, err := s.store(login)
	if err != nil {
		return err
	}
	defer store.CloseIdleConnections()
	address := addressScheme + bucket + "/" + key
	body := &meter{file: file}
	stop := s.showUpload(body, info.Size(), address)
	put, err := store.Put(ctx, bucket, key, "", body)
	stop()
	if err != nil {
		return s.storeFailure("upload", address, err)
	}
	s.note("uploaded %s; vod dump %s dumps it", count(int(put.Size), "byte"), address)
	if !s.options.json() {
		return s.print(address)
	}
	return s.printJSON(struct {
		Bucket string `json:"bucket"`
		Object string `json:"object"`
		Size   int64  `json:"size"`
		ETag   string `json:"etag"`
	}{bucket, key, put.Size, put.ETag})
}

// meter counts what is read of a file since it was last rewound: a request is read once to be signed, and again to be sent.
type meter struct {
	file *os.File
	read atomic.Int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.file.Read(p)
	m.read.Add(int64(n))
	return n, err //nolint:wrapcheck // an io.Reader returns io.EOF as it is
}

func (m *meter) Seek(offset int64, whence int) (int64, error) {
	position, err := m.file.Seek(offset, whence)
	if err == nil && whence != io.SeekEnd {
		m.read.Store(position)
	}
	return position, err //nolint:wrapcheck // the file's own error names it
}

// drawEvery is how often the progress of an upload is drawn.
const drawEvery = 250 * time.Millisecond

// showUpload draws on a terminal how far an upload is, until stop is called.
func (s *session) showUpload(body *meter, size int64, address string) (stop func()) {
	board := s.newMessageBoard()
	if board == nil {
		return func() {}
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(drawEvery)
		defer tick.Stop()
		for {
			select {
			case now := <-tick.C:
				read := body.read.Load()
				step := companions.ProcessingStep{Name: "upload", Bytes: &read, Total: &size}
				board.draw([]string{printable(board.rates.bar("", step, now) + "  " + address)})
			case <-end:
				board.clear()
				return
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}
