package object

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestCopySource says that any way of decoding the header that is in use returns the key.
func TestCopySource(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.StringN(1, -1, MaxKey).Draw(t, "key")
		header := copySource(Info{Bucket: "bucket", Key: key})
		for name, decode := range map[string]func(string) (string, error){
			"path": url.PathUnescape, "query": url.QueryUnescape,
		} {
			if got, err := decode(header); err != nil || got != "bucket/"+key {
				t.Fatalf("%s decoding of %q gives %q, %v", name, header, got, err)
			}
		}
		if strings.ContainsAny(header, "?+ &#\r\n\t\x00") {
			t.Fatalf("%q is not fit for a header", header)
		}
	})
}

func TestPartSizeFor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := &S3{partSize: rapid.Int64Range(minPartSize, MaxSingle).Draw(t, "part size")}
		size := rapid.Int64Range(1, 48<<40).Draw(t, "size") // OBS keeps objects of up to 48.8 TiB
		c := Cursor{SourceSize: size, PartSize: s.partSizeFor(size)}
		if c.PartSize < s.partSize || c.PartSize > MaxSingle || c.parts() < 1 || c.parts() > maxParts {
			t.Fatalf("%d bytes make %d parts of %d", size, c.parts(), c.PartSize)
		}
		var sum int64
		for _, i := range []int{0, int(c.parts()) - 1} {
			first, length := c.bounds(i)
			if length < 1 || length > c.PartSize || first+length > size {
				t.Fatalf("part %d is %d bytes from %d", i, length, first)
			}
			sum = first + length
		}
		if sum != size {
			t.Fatalf("the parts end at %d of %d", sum, size)
		}
	})
}

func FuzzNames(f *testing.F) {
	for _, seed := range []string{"bucket", "a..b", "169.254.169.254", "a.b@evil", "localhost", "xn--", "-a-", "é", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if CheckBucket(name) == nil {
			u, err := url.Parse("https://" + name + ".obs.example.com/k")
			if err != nil || u.Hostname() != name+".obs.example.com" || u.Path != "/k" || u.User != nil {
				t.Errorf("bucket %q leads to %v, %v", name, u, err)
			}
		}
		if CheckKey(name) == nil && (name == "" || len(name) > MaxKey || strings.Contains(name, "\x00")) {
			t.Errorf("key %q is accepted", name)
		}
	})
}
