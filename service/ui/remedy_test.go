package ui

import (
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/asset"
)

// A failed asset offers first what can help: the same request only where neither it nor the file is at fault.
func TestRemedies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	upload, err := s.store.CreateUpload(t.Context(), asset.New{
		ProjectID: project, Title: "my own", VideoType: "MP4", Source: asset.Location{Bucket: "vod", Region: "cn-north-4"},
		Request: []byte("{}"), RequestID: "req-2",
	}, "my own film.mp4")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.ConfirmUpload(t.Context(), project, upload.ID); err != nil {
		t.Fatal(err)
	}
	wrong, gone := s.accept(t, nil), s.accept(t, nil)
	fail := s.fails(asset.CodeWrongType, "The file is broken.")
	s.work(t, scripts{wrong: fail, gone: s.fails(asset.CodeNoSuchObject, "The object is not there."), upload.ID: fail})

	for id, want := range map[string]string{
		wrong:     "Dump again with changes, Retry unchanged, Delete",
		gone:      "Retry, Dump again with changes, Delete",
		upload.ID: "Delete",
	} {
		page := s.page(t, "/ui/assets/"+id)
		var words []string
		for _, link := range page.all("a") {
			if class := link.attr["class"]; strings.Contains(class, "button") {
				words = append(words, link.text)
			}
		}
		if got := strings.Join(words, ", "); got != want {
			t.Errorf("%s offers %q, want %q", id, got, want)
		}
	}
	s.page(t, "/ui/assets/"+wrong).wants(t, "What to do: Check that the file plays", "Source obs://source/in/film.mp4")
	s.page(t, "/ui/assets/"+wrong+"/retry").wants(t, "Retry unchanged", "It fails in the same way unless the file in the bucket was replaced.")
	page := s.page(t, "/ui/assets/"+upload.ID)
	page.wants(t, "Uploaded file Name my own film.mp4", "upload it again as a new asset")
	if strings.Contains(page.text, "/upload/") {
		t.Error("the page shows the internal key of the upload")
	}
	if list := s.page(t, "/ui/"); strings.Contains(list.text, "/upload/") {
		t.Error("the list shows the internal key of the upload")
	}
}

// Whatever an asset can fail with, the page says what to do about it.
func TestEveryCodeHasARemedy(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		asset.CodeNoSuchObject, asset.CodeInternal, asset.CodeWrongType, asset.CodeTranscodeFailed, asset.CodeWrongAddress,
		asset.CodeSourceUnreadable, asset.CodeSnapshotFailed, asset.CodeReviewFailed, asset.CodeOffline, asset.CodeOBSPermission,
	} {
		if remedies[code].advice == "" {
			t.Errorf("%s has none", code)
		}
	}
}
