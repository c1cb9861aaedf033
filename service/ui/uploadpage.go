package ui

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/service/api"
	"github.com/vod-reproduction/vod/service/asset"
)

const (
	// uploadPath is where the form is that puts a file into a bucket.
	uploadPath = "/upload"
	// stallAfter is how long an upload may bring nothing.
	stallAfter = time.Minute
	// storeTimeout is how long the response may take after the last byte: the store puts large files together.
	storeTimeout = 20 * time.Minute
	// maxUploadField bounds each field of the form but the file, in bytes.
	maxUploadField = 4 << 10
)

// uploadView is the form, with what was entered and what is wrong with it.
type uploadView struct {
	Buckets        []string
	Bucket, Object string
	Refused        *api.Refusal
	Faults         map[string]string // by the name of the field
}

func (u *ui) uploadPage(w http.ResponseWriter, r *http.Request, v api.Visitor) error {
	if !v.MayDump {
		return errNotPermitted
	}
	return u.renderUpload(w, r, v, http.StatusOK, uploadView{})
}

// upload streams a file into a bucket, and leads to the form that dumps it. The
// fields stand before the file, so that nothing of it has to be kept.
func (u *ui) upload(w http.ResponseWriter, r *http.Request, v api.Visitor) error {
	if !v.MayDump {
		return errNotPermitted
	}
	r.Body = &steady{r.Body, http.NewResponseController(w)}
	release, err := u.Service.BeginUpload(v)
	if refusal, ok := api.RefusalOf(err); ok {
		_, _ = io.Copy(io.Discard, r.Body) // browsers look for a response when all is sent
		return u.renderUpload(w, r, v, refusal.Status, uploadView{Refused: &refusal})
	}
	if err != nil {
		return err
	}
	defer release()
	parts, err := r.MultipartReader()
	if err != nil {
		return errForm
	}
	fields := map[string]string{}
	for {
		part, err := parts.NextPart()
		if err != nil {
			return errForm
		}
		if part.FormName() == "file" {
			return u.uploadFile(w, r, v, uploadView{Bucket: fields["bucket"], Object: fields["object"]}, part)
		}
		name := part.FormName()
		if _, repeated := fields[name]; repeated || name != "bucket" && name != "object" {
			return errForm
		}
		text, err := io.ReadAll(io.LimitReader(part, maxUploadField+1))
		if err != nil || len(text) > maxUploadField {
			return errForm
		}
		fields[name] = string(text)
	}
}

func (u *ui) uploadFile(w http.ResponseWriter, r *http.Request, v api.Visitor, shown uploadView, file *multipart.Part) error {
	// FileName leaves out the directories that some browsers send.
	key, name := shown.Object, file.FileName()
	if name == "" {
		shown.Faults = map[string]string{"file": "choose a file"}
		return u.renderUpload(w, r, v, http.StatusBadRequest, shown)
	}
	if key == "" || strings.HasSuffix(key, "/") {
		key += name
	}
	shown.Object = key
	read := &failing{Reader: file}
	err := u.Service.Upload(r.Context(), v, shown.Bucket, key, read)
	if refusal, ok := api.RefusalOf(err); ok {
		_, _ = io.Copy(io.Discard, file) // browsers look for a response when all is sent
		shown.Refused, shown.Faults = &refusal, map[string]string{}
		for _, f := range refusal.Fields {
			shown.Faults[f.Field] = f.Message
		}
		return u.renderUpload(w, r, v, refusal.Status, shown)
	}
	if read.err != nil {
		return errForm // the visitor left, or the connection broke off
	}
	if err != nil {
		return err
	}
	filled := url.Values{"input.bucket": {shown.Bucket}, "input.object": {key}, "title": {strings.TrimSuffix(path.Base(key), path.Ext(key))}, "video_type": {asset.VideoTypeOf(key)}}
	http.Redirect(w, r, u.Prefix+dumpPath+"?"+filled.Encode(), http.StatusSeeOther)
	return nil
}

func (u *ui) renderUpload(w http.ResponseWriter, r *http.Request, v api.Visitor, status int, shown uploadView) error {
	choices, err := u.Service.Choices(r.Context(), v)
	if err != nil {
		return err
	}
	shown.Buckets = choices.Buckets
	u.render(w, r, status, uploadTemplate, view{Title: "Upload a file", Visitor: v, Body: shown})
	return nil
}

// steady is a body that may take hours as long as it moves.
type steady struct {
	io.ReadCloser
	connection *http.ResponseController
}

func (s *steady) Read(b []byte) (int, error) {
	// Where there is no connection to set a deadline for, as in a test, there is nothing that can stall.
	_ = s.connection.SetReadDeadline(time.Now().Add(stallAfter))
	_ = s.connection.SetWriteDeadline(time.Now().Add(storeTimeout))
	return s.ReadCloser.Read(b)
}

// failing remembers the error of a body, which is the visitor's and not the service's.
type failing struct {
	io.Reader
	err error
}

func (f *failing) Read(b []byte) (int, error) {
	n, err := f.Reader.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}
