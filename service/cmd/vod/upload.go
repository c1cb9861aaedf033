package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/service/object"
)

func newUploadCommand(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "upload FILE... obs://BUCKET/KEY",
		Short: "Put files of this machine into a bucket",
		Long: `Uploads files of at most 5 GiB each, to be dumped from there, and prints their
addresses. A KEY that is empty or ends in / gets the name of the file. A folder
stands for the files in it and in its folders, which keep their paths below it; those
whose names begin with a dot are left out. An object of the same name is replaced.

Uploads go to VOD_S3_ENDPOINT with VOD_S3_ACCESS_KEY and VOD_S3_SECRET_KEY; without
them to OBS of the region with the access key, if the service is the cloud's.`,
		Example: `  vod upload holiday.mp4 obs://media/
  vod dump "$(vod upload holiday.mp4 obs://media/trips/)" --wait
  vod upload films/ obs://media/films/ && vod bulk obs://media/films/ --wait`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) >= 2 {
				return nil
			}
			err := exactly("a FILE", "an obs:// address")(cmd, args)
			if f, ok := err.(*failure); ok && len(args) == 1 && isFile(args[0]) { //nolint:errorlint // exactly returns it as it is
				f.next = uploadOf(args[0])
			}
			return err
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			last := len(args) - 1
			uploads, err := uploadsOf(args[:last], args[last])
			if err != nil {
				return err
			}
			ctx, cancel := s.limit(cmd.Context())
			defer cancel()
			return s.upload(ctx, uploads, args[last])
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return completeAddress(cmd, args[1:], typed)
		},
	}
}

// uploadOf is the next step for somebody with a file or folder of this machine.
func uploadOf(name string) string {
	folder := ""
	if isFolder(name) {
		folder = filepath.Base(absolute(name)) + "/"
	}
	return "vod upload " + shellWord(name) + " " + shellWord(addressScheme+"BUCKET/"+folder)
}

// isBucketPath matches what lacks only the scheme of an address.
var isBucketPath = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]+(/.*)?$`)

// upload is one file and the object that it becomes.
type upload struct {
	file, bucket, key string
}

func (u upload) address() string { return addressScheme + u.bucket + "/" + u.key }

// uploadsOf returns what is to be uploaded of some files and folders, none of which another one would replace.
func uploadsOf(names []string, address string) (list []upload, err error) {
	if _, _, err := targetOf(names[0], address); err != nil {
		return nil, err
	}
	if bucket := strings.TrimPrefix(address, addressScheme); !strings.Contains(bucket, "/") {
		address += "/"
	}
	becomes := map[string]string{}
	add := func(file, address string) error {
		u := upload{file: file}
		if u.bucket, u.key, err = targetOf(file, address); err != nil {
			return err
		}
		if other, ok := becomes[u.key]; ok {
			return &failure{
				code: exitUsage, what: fmt.Sprintf("%s and %s would be the same object, %s", other, file, u.address()),
				next: "upload them with a command each, to different addresses",
			}
		}
		becomes[u.key] = file
		list = append(list, u)
		return checkUpload(file)
	}
	for _, name := range names {
		folder := isFolder(name)
		if (folder || len(names) > 1) && !strings.HasSuffix(address, "/") {
			return nil, &failure{
				code: exitUsage, what: fmt.Sprintf("%q is the address of one object", address),
				next: "end it in /, so that each file gets its name: " + shellWord(address+"/"),
			}
		}
		if !folder {
			if err := add(name, address); err != nil {
				return nil, err
			}
			continue
		}
		before := len(list)
		if err := walkFolder(name, func(file, below string) error { return add(file, address+below) }); err != nil {
			return nil, err
		}
		if len(list) == before {
			return nil, &failure{code: exitUsage, what: name + " is a folder without files", next: "give another one, or files"}
		}
	}
	return list, nil
}

// walkFolder calls visit with every file of a folder that is not hidden, and its path from there.
func walkFolder(folder string, visit func(file, below string) error) error {
	folder = strings.TrimSuffix(folder, string(filepath.Separator)) + string(filepath.Separator) // of a link, what it leads to
	return filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {      //nolint:wrapcheck // what visit returned
		switch {
		case err != nil:
			return unreadable(file, err)
		case file == folder:
			return nil
		case strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		}
		below, err := filepath.Rel(folder, file)
		if err != nil {
			return unreadable(file, err)
		}
		return visit(file, filepath.ToSlash(below))
	})
}

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

// checkUpload refuses a file that cannot be uploaded, before anything is.
func checkUpload(name string) error {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return unreadable(name, err)
	case !info.Mode().IsRegular():
		return &failure{code: exitUsage, what: name + " is not a regular file", next: "give a file, or a link to one"}
	case info.Size() > object.MaxSingle:
		return &failure{
			code: exitUsage, what: fmt.Sprintf("%s has %d bytes, and vod upload takes %d at most", name, info.Size(), object.MaxSingle),
			next: "upload it in parts with obsutil or another S3 tool; vod dump then takes it from the bucket",
		}
	}
	return nil
}

// upload uploads files one after the other, and prints each address once its object is there.
func (s *session) upload(ctx context.Context, list []upload, address string) error {
	login, err := s.login()
	if err != nil {
		return err
	}
	store, err := s.store(login)
	if err != nil {
		return err
	}
	defer store.CloseIdleConnections()
	total := int64(0)
	for _, u := range list {
		size, err := s.uploadOne(ctx, store, u)
		if err != nil {
			return err
		}
		total += size
	}
	if len(list) == 1 {
		s.note("uploaded %s; vod dump %s dumps it", count(int(total), "byte"), shellWord(list[0].address()))
	} else {
		s.note("uploaded %s, %s; vod bulk %s dumps all that is there", count(len(list), "file"), count(int(total), "byte"), shellWord(address))
	}
	return nil
}

func (s *session) uploadOne(ctx context.Context, store *object.S3, u upload) (size int64, err error) {
	file, err := os.Open(u.file)
	if err != nil {
		return 0, unreadable(u.file, err)
	}
	defer func() { _ = file.Close() }() // only read
	info, err := file.Stat()
	if err != nil {
		return 0, unreadable(u.file, err)
	}
	body := &meter{file: file}
	stop := s.showUpload(body, info.Size(), u.address())
	put, err := store.Put(ctx, u.bucket, u.key, "", body)
	stop()
	if err != nil {
		return 0, s.storeFailure("upload", u.address(), err)
	}
	if !s.options.json() {
		return put.Size, s.print(u.address())
	}
	return put.Size, s.printJSON(struct {
		Bucket string `json:"bucket"`
		Object string `json:"object"`
		Size   int64  `json:"size"`
		ETag   string `json:"etag"`
	}{u.bucket, u.key, put.Size, put.ETag})
}
