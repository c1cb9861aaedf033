package object_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/vod-reproduction/vod/service/object"
)

// lister is a server of old habits: it lists two keys a page and knows what its fields say.
type lister struct {
	keys     []string
	version2 bool // knows version 2 of the call
	refuses2 int  // status for version 2, or 0 to ignore the version and respond like version 1
	encodes  bool // obeys encoding-type
	expires  bool // refuses the token of version 2
	forgets  bool // says that there is more and not where
	repeats  bool // responds to every call with the first page
	blank    bool // has an empty token
	asked1   int
}

func (l *lister) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	after := query.Get("marker")
	if query.Get("list-type") == "2" {
		if l.refuses2 != 0 {
			w.WriteHeader(l.refuses2)
			return
		}
		if l.version2 {
			after = query.Get("continuation-token")
		}
		if l.expires && after != "" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, "<Error><Code>InvalidArgument</Code><Message>expired token</Message></Error>")
			return
		}
	} else {
		l.asked1++
	}
	if l.repeats {
		after = ""
	}
	from := 0
	for from < len(l.keys) && l.keys[from] <= after {
		from++
	}
	to := min(from+2, len(l.keys))
	type contents struct {
		Key  string
		Size int64
	}
	page := struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		IsTruncated           bool
		NextContinuationToken *string
		EncodingType          string `xml:",omitempty"`
		Contents              []contents
	}{IsTruncated: to < len(l.keys)}
	if l.version2 && page.IsTruncated {
		page.NextContinuationToken = &l.keys[to-1]
	}
	if l.blank {
		page.NextContinuationToken = new(string)
	}
	for _, key := range l.keys[from:to] {
		if l.encodes && query.Get("encoding-type") == "url" {
			page.EncodingType, key = "url", url.QueryEscape(key)
		}
		page.Contents = append(page.Contents, contents{Key: key, Size: 7})
	}
	if l.forgets {
		page.IsTruncated, page.Contents = true, nil
	}
	_ = xml.NewEncoder(w).Encode(page)
}

func TestListDialects(t *testing.T) {
	t.Parallel()
	plain := []string{"a b", "a+b", "a%20b", "c", "ü"}
	slices.Sort(plain)
	odd := slices.Concat([]string{"\x01\r\n"}, plain) // needs the encoding
	for _, test := range []struct {
		name string
		lister
		want1 int // calls of version 1
	}{
		{"version 2", lister{keys: plain, version2: true}, 0},
		{"version 2 encoded", lister{keys: odd, version2: true, encodes: true}, 0},
		{"version 2 not implemented", lister{keys: plain, refuses2: 501}, 3},
		{"version 2 not allowed", lister{keys: plain, refuses2: 405}, 3},
		{"version 2 refused, encoded", lister{keys: odd, refuses2: 501, encodes: true}, 3},
		{"version 2 taken for 1", lister{keys: plain}, 2},
		{"version 2 taken for 1, encoded", lister{keys: odd, encodes: true}, 2},
		{"version 2 with an empty token", lister{keys: plain, blank: true}, 2},
		{"empty", lister{version2: true}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			store := client(t, serve(t, test.ServeHTTP), nil)
			var got []string
			for info, err := range store.List(t.Context(), "bucket", "") {
				if err != nil {
					t.Fatal(err)
				}
				if info.Size != 7 || info.Bucket != "bucket" {
					t.Errorf("%+v", info)
				}
				got = append(got, info.Key)
			}
			if !slices.Equal(got, test.keys) || test.asked1 != test.want1 {
				t.Errorf("listed %q, want %q; %d calls of version 1, want %d", got, test.keys, test.asked1, test.want1)
			}
		})
	}
}

func TestListEndsWithError(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lister
		items int
	}{
		"no way on":      {lister{keys: []string{"a"}, forgets: true}, 1},
		"store is down":  {lister{refuses2: 503}, 1},
		"access refused": {lister{refuses2: 403}, 1},
		"token expired":  {lister{keys: []string{"a", "b", "c"}, version2: true, expires: true}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var last error
			items := 0
			for info, err := range client(t, serve(t, test.ServeHTTP), nil).List(t.Context(), "bucket", "") {
				if items++; err != nil && info != (object.Info{}) {
					t.Errorf("%+v beside %v", info, err)
				}
				last = err
			}
			if items != test.items || last == nil || test.asked1 != 0 {
				t.Errorf("%d items, error %v, %d calls of version 1", items, last, test.asked1)
			}
		})
	}
}

// TestListRepeats ends a listing whose pages go round.
func TestListRepeats(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]*lister{
		"version 1": {keys: []string{"a", "b", "c"}, repeats: true, refuses2: 501},
		"version 2": {keys: []string{"a", "b", "c"}, repeats: true, version2: true},
		"neither":   {keys: []string{"a", "b", "c"}, repeats: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var last error
			items := 0
			for _, err := range client(t, serve(t, l.ServeHTTP), nil).List(t.Context(), "bucket", "") {
				if last = err; items > 10 {
					break
				}
				items++
			}
			if !errors.Is(last, object.ErrUnavailable) || items != 5 {
				t.Errorf("%d items, error %v", items, last)
			}
		})
	}
}

// TestListStreams breaks off in a listing of endless pages; it would not return if pages were gathered first.
func TestListStreams(t *testing.T) {
	t.Parallel()
	pages := 0
	endpoint := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		pages++
		_, _ = fmt.Fprintf(w, `<ListBucketResult><IsTruncated>true</IsTruncated>`+
			`<NextContinuationToken>t%d</NextContinuationToken><Contents><Key>k%d</Key></Contents></ListBucketResult>`, pages, pages)
	})
	seen := 0
	for _, err := range client(t, endpoint, nil).List(t.Context(), "bucket", "") {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; seen == 50 {
			break
		}
	}
	if seen != 50 || pages != 50 {
		t.Errorf("%d objects from %d pages", seen, pages)
	}
	for _, err := range client(t, endpoint, nil).List(t.Context(), "No_Bucket", "") {
		if !errors.Is(err, object.ErrName) {
			t.Error(err)
		}
	}
}
