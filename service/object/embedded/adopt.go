package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"

	"github.com/vod-reproduction/vod/service/object"
)

// Names of attributes, as the gateway has them.
const (
	attributeACL  = "acl"
	attributeETag = "etag"
	attributeType = "content-type"
)

// adopt makes every folder in the working directory a bucket of the account. Where none has an owner, the directory is a
// copy that left the attributes of the files behind: then those of known objects are written again.
func (c Config) adopt(ctx context.Context, attributes meta.MetadataStorer) (err error) {
	owner, err := json.Marshal(auth.ACL{Owner: c.AccessKey, Grantees: []auth.Grantee{
		{Permission: auth.PermissionFullControl, Access: c.AccessKey, Type: types.TypeCanonicalUser},
	}})
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		return err
	}
	var foreign []string // without an owner, or with a former key
	lost := true
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		acl, err := attributes.RetrieveAttribute(nil, e.Name(), "", attributeACL)
		switch {
		case errors.Is(err, meta.ErrNoSuchKey):
		case err != nil:
			return fmt.Errorf("read the attributes of bucket %s: %w", e.Name(), err)
		default:
			lost = false
		}
		if string(acl) != string(owner) {
			foreign = append(foreign, e.Name())
		}
	}
	if lost && c.Known != nil {
		for info, err := range c.Known(ctx) {
			if err == nil {
				err = restore(attributes, info)
			}
			if err != nil {
				return fmt.Errorf("restore the attributes of files: %w", err)
			}
		}
	}
	for _, bucket := range foreign { // at last, so that a start that was cut short does it again
		if err := attributes.StoreAttribute(nil, bucket, "", attributeACL, owner); err != nil {
			return fmt.Errorf("write the attributes of bucket %s: %w", bucket, err)
		}
	}
	return nil
}

// restore gives the file of an object the attributes and the time that info has. A file that is not there, has another
// size, or has attributes, stays as it is.
func restore(attributes meta.MetadataStorer, info object.Info) error {
	path := filepath.Join(info.Bucket, filepath.FromSlash(info.Key))
	if !filepath.IsLocal(path) {
		return nil
	}
	found, err := os.Lstat(path)
	if err != nil || !found.Mode().IsRegular() || found.Size() != info.Size {
		return nil //nolint:nilerr // whoever asks for the object learns of it
	}
	if _, err := attributes.RetrieveAttribute(nil, info.Bucket, info.Key, attributeETag); !errors.Is(err, meta.ErrNoSuchKey) {
		return err
	}
	if info.ContentType != "" {
		err = attributes.StoreAttribute(nil, info.Bucket, info.Key, attributeType, []byte(info.ContentType))
	}
	if err == nil && !info.ModTime.IsZero() {
		err = os.Chtimes(path, info.ModTime, info.ModTime)
	}
	if err == nil && info.ETag != "" {
		err = attributes.StoreAttribute(nil, info.Bucket, info.Key, attributeETag, []byte(`"`+info.ETag+`"`))
	}
	return err
}
