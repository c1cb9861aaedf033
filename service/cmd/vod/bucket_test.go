package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vod-reproduction/vod/service/object/embedded"
)

// Each script of testdata/bucket lists a real S3 server, whose buckets are the directories below "buckets". The server
// changes the working directory of the process, so these scripts run before those that are parallel.
func TestBucketScripts(t *testing.T) {
	dir, err := filepath.Abs("testdata/bucket")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: root, AccessKey: cloudAccessKey, SecretKey: cloudSecretKey, Region: "cn-north-4"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("scripts", func(t *testing.T) {
		testscript.Run(t, parameters(dir, func(env *testscript.Env) error {
			// Each script has buckets of its own, in a server that all share.
			own := filepath.Base(env.WorkDir)
			env.Vars = append(env.Vars, "BUCKET="+bucketName(own), "VOD_REGION=cn-north-4", "VOD_S3_ENDPOINT="+server.Endpoint(),
				"VOD_S3_ACCESS_KEY="+cloudAccessKey, "VOD_S3_SECRET_KEY="+cloudSecretKey)
			return os.CopyFS(filepath.Join(root, "objects", bucketName(own)), os.DirFS(filepath.Join(env.WorkDir, "bucket")))
		}))
	})
}

func bucketName(script string) string { return "bucket-" + filepath.Base(script) }

// TestArchivedBucket names what a listing of OBS shows as archived, and asks about each whether it has been restored.
func TestArchivedBucket(t *testing.T) {
	t.Parallel()
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.Header().Set("X-Amz-Storage-Class", "GLACIER")
			if filepath.Base(r.URL.Path) == "restored.mp4" {
				w.Header().Set("X-Amz-Restore", `ongoing-request="false", expiry-date="Fri, 23 Jan 2037 00:00:00 GMT"`)
			}
			return
		}
		w.Header().Set("Content-Type", "application/xml")
		switch name := filepath.Base(r.URL.Path); {
		case filepath.Ext(name) == "": // the bucket
		case name == "restored.mp4", name == "at-once.mp4":
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader("x"))
			return
		default:
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "<Error><Code>InvalidObjectState</Code></Error>")
			return
		}
		_, _ = io.WriteString(w, "<ListBucketResult><Name>media</Name><IsTruncated>false</IsTruncated>")
		for _, o := range [][3]string{
			{"at-once.mp4", "ARCHIVE"}, {"cold.mp4", "COLD"}, {"cos.mp4", "ARCHIVE"}, {"deep.mp4", "DEEP_ARCHIVE"}, {"glacier.mp4", "GLACIER"}, {"hot.mp4", "STANDARD"},
			{"listed.mp4", "GLACIER", "<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress></RestoreStatus>"},
			{"notes.txt", "COLD"}, {"oss.mp4", "ColdArchive"}, {"restored.mp4", "COLD"}, {"thawing.mp4", "GLACIER", "<RestoreStatus><IsRestoreInProgress>true</IsRestoreInProgress></RestoreStatus>"},
			{"warm.mp4", "WARM"},
		} {
			_, _ = fmt.Fprintf(w, "<Contents><Key>%s</Key><Size>1000</Size><StorageClass>%s</StorageClass>%s</Contents>", o[0], o[1], o[2])
		}
		_, _ = io.WriteString(w, "</ListBucketResult>")
	}))
	t.Cleanup(store.Close)
	testscript.Run(t, parameters("testdata/archive", func(env *testscript.Env) error {
		env.Vars = append(env.Vars, "VOD_REGION=cn-north-4", "VOD_S3_ENDPOINT="+store.URL,
			"VOD_S3_ACCESS_KEY="+cloudAccessKey, "VOD_S3_SECRET_KEY="+cloudSecretKey)
		return nil
	}))
}
