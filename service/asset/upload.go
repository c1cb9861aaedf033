package asset

import (
	"strings"
	"time"
)

// The states of an asset whose file is not confirmed to be uploaded, in the cloud's own names. No Asset of the database has
// them: until then it is an Upload.
const (
	Uploading       State = "CREATING"
	UploadFailed    State = "UPLOAD_FAILED"
	UploadCancelled State = "CANCELLED"
)

const (
	// UploadTime is how long the file of an Upload may take to be confirmed.
	UploadTime = 24 * time.Hour
	// UploadURLTime is how long an address to upload to can be used.
	UploadURLTime = time.Hour
)

// Upload is an asset to be: its owner is to put its file where New.Source says, in the service's own bucket.
type Upload struct {
	ID string
	New
	CategoryName string // when it was read
	// State is Uploading, UploadFailed (also when its time is over) or UploadCancelled.
	State     State
	CreatedAt time.Time
	UpdatedAt time.Time
	ExpiresAt time.Time
}

// Asset is what there is to see of the upload, as an asset without stages.
func (u Upload) Asset() Asset {
	a := Asset{
		ID: u.ID, ProjectID: u.ProjectID, Title: u.Title, Description: u.Description, CategoryID: u.CategoryID, CategoryName: u.CategoryName,
		Tags: u.Tags, VideoType: u.VideoType, Source: u.Source, AutoPublish: u.AutoPublish, Plan: u.Plan, State: u.State,
		CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
	}
	if u.State == UploadFailed {
		a.ErrorCode, a.Reason = CodeNoSuchObject, "The upload failed, or was not confirmed in time."
	}
	return a
}

// UploadKey is where the file of an asset is uploaded to: in the asset's own directory, so that it goes when the asset has
// ended, or is deleted. name has no slash.
func UploadKey(id, name string) string { return uploadDir(id) + name }

// AttachmentKey is where a file beside the media is uploaded to: not below UploadKey, whose name may be any.
func AttachmentKey(id string, a Attachment) string { return "assets/" + id + "/attached/" + a.Name }

// Keys returns the keys of all that can be uploaded.
func (u Upload) Keys() []string {
	keys := []string{u.Source.Key}
	for _, a := range u.Plan.Attachments {
		keys = append(keys, AttachmentKey(u.ID, a))
	}
	return keys
}

func uploadDir(id string) string { return "assets/" + id + "/upload/" }

// UploadOf returns the ID of the asset whose file a key of UploadKey is; ok is false for any other key.
func UploadOf(key string) (id string, ok bool) {
	id, ok = strings.CutPrefix(key, "assets/")
	id, _, _ = strings.Cut(id, "/")
	return id, ok && strings.HasPrefix(key, uploadDir(id))
}

// FileName is what people call the asset's file: the name that it was uploaded by, else its key in the tenant's bucket.
func (a Asset) FileName() string { return strings.TrimPrefix(a.Source.Key, uploadDir(a.ID)) }

// Uploaded reports whether the asset's file was uploaded for it, and is not one of the tenant's.
func (a Asset) Uploaded() bool { return strings.HasPrefix(a.Source.Key, uploadDir(a.ID)) }
