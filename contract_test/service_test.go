package contract_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/contract/contracttest"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/openapi"
	"github.com/vod-reproduction/vod/signer"
	"github.com/vod-reproduction/vod/tools/oracle"
)

// signing signs with the tests' access key and a secret on top of base.
func signing(t *testing.T, base http.RoundTripper, secret string) *http.Client {
	t.Helper()
	s, err := signer.New(signer.Credentials{AccessKey: servicetest.AccessKey, SecretKey: secret})
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Transport: &signer.Transport{Base: base, Auth: s}}
}

// anySize signs bodies of any size, unlike signer.Transport, to see what the service says to them.
type anySize struct{}

func (anySize) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	signed := r.Clone(r.Context())
	signed.Body = io.NopCloser(bytes.NewReader(body))
	keys := signer.Credentials{AccessKey: servicetest.AccessKey, SecretKey: servicetest.SecretKey}
	if err := signer.Sign(signed, body, keys, time.Now()); err != nil {
		return nil, err
	}
	return http.DefaultTransport.RoundTrip(signed)
}

// newService runs the real service with a film and a playlist in its bucket.
func newService(t *testing.T, region string) *servicetest.Service {
	t.Helper()
	settings := strings.ReplaceAll(servicetest.MediaSettings, servicetest.Region, region)
	if region == contract.ReviewRegion {
		settings += "review: {url: http://127.0.0.1:9}\n" // nobody listens there
	}
	s := servicetest.Start(t, servicetest.NewDirWith(t, settings))
	s.Put(t, servicetest.Bucket, contracttest.Example.Object, []byte("film"))
	s.Put(t, servicetest.Bucket, contracttest.Example.Playlist, []byte("#EXTM3U\n"))
	return s
}

// TestServiceKeepsContract puts the corpus and other mischief to the real service, in a region without reviews and in
// the one that has them.
func TestServiceKeepsContract(t *testing.T) {
	for _, region := range []string{servicetest.Region, contract.ReviewRegion} {
		t.Run(region, func(t *testing.T) {
			s := newService(t, region)
			names := contracttest.Example
			names.Bucket, names.Region = servicetest.Bucket, region
			contracttest.Run(t, contracttest.Target{
				Endpoint:  s.URL,
				Client:    &http.Client{Transport: anySize{}},
				Stranger:  http.DefaultClient,
				ProjectID: servicetest.ProjectID,
				Names:     names,
				// The document counts characters; OBS, and so the service, bounds a key at 1024 bytes.
				Skip: []string{"input.object/most 4-byte characters"},
			})
		})
	}
}

// TestGeneratedClients sends every operation of both documents with the generated clients through the signer to the real
// service, while kin-openapi holds each request and each answer against the documents.
func TestGeneratedClients(t *testing.T) {
	s := newService(t, servicetest.Region)
	reproduction, err := oracle.Load(openapi.Reproduction)
	if err != nil {
		t.Fatal(err)
	}
	around, err := oracle.Load(openapi.Companions)
	if err != nil {
		t.Fatal(err)
	}
	judge, err := oracle.NewTransport(http.DefaultTransport, reproduction, around)
	if err != nil {
		t.Fatal(err)
	}
	caller := signing(t, judge, servicetest.SecretKey)
	dumps, err := gen.NewClientWithResponses(s.URL, gen.WithHTTPClient(caller))
	if err != nil {
		t.Fatal(err)
	}
	assets, err := companions.NewClientWithResponses(s.URL, companions.WithHTTPClient(caller))
	if err != nil {
		t.Fatal(err)
	}
	ctx, project := servicetest.Context(t), servicetest.ProjectID
	want := func(what string, status int, got interface{ StatusCode() int }, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got.StatusCode() != status {
			t.Fatalf("%s: status %d, want %d", what, got.StatusCode(), status)
		}
	}
	request := gen.DumpRequest{
		VideoType: gen.VideoTypeMP4, Title: "round trip", Description: new("through every layer"), Tags: new("a,b"),
		AutoPublish: new(gen.AutoPublishOff), Thumbnail: &gen.Thumbnail{Type: gen.ThumbnailTypeTime},
		Input: gen.FileAddr{Bucket: servicetest.Bucket, Location: servicetest.Region, Object: contracttest.Example.Object},
	}

	authority := companions.BucketAuthority{Bucket: servicetest.Closed, Operation: companions.BucketOperationOpen}
	opened, err := assets.UpdateBucketAuthorizedWithResponse(ctx, project, authority)
	want("authority", http.StatusOK, opened, err)
	category, err := assets.CreateAssetCategoryWithResponse(ctx, project, companions.CategoryRequest{Name: "films"})
	want("category", http.StatusOK, category, err)
	request.CategoryID = &category.JSON200.ID

	dumped, err := dumps.PublishAssetFromObsWithResponse(ctx, project, &gen.PublishAssetFromObsParams{IdempotencyKey: new("round-trip")}, request)
	want("dump", http.StatusOK, dumped, err)
	id := dumped.JSON200.AssetID
	info, err := assets.ShowAssetMetaWithResponse(ctx, project, &companions.ShowAssetMetaParams{AssetID: []string{id}})
	want("info", http.StatusOK, info, err)
	for info.JSON200.AssetInfoArray[0].Status == companions.AssetStatusOBSCreating {
		info, err = assets.ShowAssetMetaWithResponse(ctx, project, &companions.ShowAssetMetaParams{AssetID: []string{id}})
		want("info", http.StatusOK, info, err)
	}
	order, status := companions.OrderOldest, []companions.ListedStatus{companions.ListedStatusCreated, companions.ListedStatusFailed}
	listed, err := assets.ListAssetListWithResponse(ctx, project, &companions.ListAssetListParams{
		AssetID: []string{id}, Status: status, MediaType: []string{"MP4"}, Order: &order, Tags: new("a")})
	want("list", http.StatusOK, listed, err)
	if listed.JSON200.Total != 1 || listed.JSON200.Assets[0].AssetID != id {
		t.Errorf("list: %s", listed.Body)
	}
	changed, err := assets.UpdateAssetMetaWithResponse(ctx, project, companions.AssetChanges{AssetID: id, Title: new("changed")})
	want("change", http.StatusNoContent, changed, err)
	nobody, err := assets.UpdateAssetMetaWithResponse(ctx, project, companions.AssetChanges{AssetID: "unknown", Title: new("changed")})
	want("change of an unknown asset", http.StatusNotFound, nobody, err)
	renamed, err := assets.UpdateAssetCategoryWithResponse(ctx, project, companions.CategoryChange{ID: category.JSON200.ID, Name: "movies"})
	want("rename of a category", http.StatusOK, renamed, err)
	tree, err := assets.ListAssetCategoryWithResponse(ctx, project, &companions.ListAssetCategoryParams{})
	want("categories", http.StatusOK, tree, err)
	if len(*tree.JSON200) != 1 || (*tree.JSON200)[0].Name != "movies" {
		t.Errorf("categories: %s", tree.Body)
	}
	removed, err := assets.DeleteAssetCategoryWithResponse(ctx, project, &companions.DeleteAssetCategoryParams{ID: category.JSON200.ID})
	want("delete of a category", http.StatusNoContent, removed, err)
	again, err := assets.DeleteAssetCategoryWithResponse(ctx, project, &companions.DeleteAssetCategoryParams{ID: category.JSON200.ID})
	want("delete of a deleted category", http.StatusNotFound, again, err)
	templates, err := assets.ListTemplateGroupWithResponse(ctx, project, &companions.ListTemplateGroupParams{})
	want("template groups", http.StatusOK, templates, err)
	if list := templates.JSON200.TemplateGroupList; len(list) != 2 || list[0].Name != servicetest.HLSGroup {
		t.Errorf("template groups: %s", templates.Body)
	}
	details, err := assets.ShowAssetDetailWithResponse(ctx, project, &companions.ShowAssetDetailParams{AssetID: id})
	want("details", http.StatusOK, details, err)
	published, err := assets.PublishAssetsWithResponse(ctx, project, companions.AssetIDs{AssetID: []string{id}})
	want("publish", http.StatusOK, published, err)
	unpublished, err := assets.UnpublishAssetsWithResponse(ctx, project, companions.AssetIDs{AssetID: []string{id, "unknown"}})
	want("unpublish", http.StatusOK, unpublished, err)

	deleted, err := assets.DeleteAssetsWithResponse(ctx, project, &companions.DeleteAssetsParams{AssetID: []string{id, "unknown," + id}})
	want("delete", http.StatusOK, deleted, err)
	results := deleted.JSON200.DeleteResultArray
	if len(results) != 3 || results[0].Status != companions.DeleteStatusDeleted || results[1].Status != companions.DeleteStatusFailed || results[2] != results[0] {
		t.Errorf("delete: %s", deleted.Body)
	}
	info, err = assets.ShowAssetMetaWithResponse(ctx, project, &companions.ShowAssetMetaParams{AssetID: []string{id}})
	want("info of a deleted asset", http.StatusOK, info, err)
	if status := info.JSON200.AssetInfoArray[0].Status; status != companions.AssetStatusDeleted {
		t.Errorf("a deleted asset is %s", status)
	}
	details, err = assets.ShowAssetDetailWithResponse(ctx, project, &companions.ShowAssetDetailParams{AssetID: id})
	want("details of a deleted asset", http.StatusNotFound, details, err)
	original, err := assets.DeleteAssetsWithResponse(ctx, project,
		&companions.DeleteAssetsParams{AssetID: []string{id}, DeleteType: new(companions.DeleteTypeOrigin)})
	want("delete of the original alone", http.StatusForbidden, original, err)

	upload, err := assets.CreateAssetByFileUploadWithResponse(ctx, project, companions.FileUpload{Title: "upload", VideoName: "film.mp4",
		VideoType: companions.UploadTypeMP4, Thumbnail: &companions.Thumbnail{Type: companions.ThumbnailTypeTime}, AutoPreheat: new(companions.AutoPreheatOff)})
	want("upload", http.StatusOK, upload, err)
	target := upload.JSON200.Target
	uploading, err := assets.ShowAssetTempAuthorityWithResponse(ctx, project, &companions.ShowAssetTempAuthorityParams{
		HTTPVerb: companions.UploadMethodPOST, Bucket: target.Bucket, ObjectKey: target.Object})
	want("authority to upload", http.StatusOK, uploading, err)
	foreignObject, err := assets.ShowAssetTempAuthorityWithResponse(ctx, project, &companions.ShowAssetTempAuthorityParams{
		HTTPVerb: companions.UploadMethodPUT, Bucket: target.Bucket, ObjectKey: "assets/" + id + "/upload/film.mp4"})
	want("authority to upload elsewhere", http.StatusNotFound, foreignObject, err)
	waiting, err := assets.ShowAssetDetailWithResponse(ctx, project, &companions.ShowAssetDetailParams{AssetID: upload.JSON200.AssetID})
	want("details of an upload", http.StatusOK, waiting, err)
	confirmation := companions.UploadConfirmation{AssetID: upload.JSON200.AssetID, Status: companions.UploadResultCreated}
	early, err := assets.ConfirmAssetUploadWithResponse(ctx, project, confirmation)
	want("confirmation of a missing file", http.StatusBadRequest, early, err)
	s.Put(t, target.Bucket, target.Object, []byte("film"))
	confirmed, err := assets.ConfirmAssetUploadWithResponse(ctx, project, confirmation)
	want("confirmation", http.StatusOK, confirmed, err)
	confirmation.Status = companions.UploadResultCancelled
	cancelled, err := assets.ConfirmAssetUploadWithResponse(ctx, project, confirmation)
	want("cancellation of a confirmed upload", http.StatusForbidden, cancelled, err)
	confirmation.AssetID = "unknown"
	unknownUpload, err := assets.ConfirmAssetUploadWithResponse(ctx, project, confirmation)
	want("cancellation of an unknown upload", http.StatusNotFound, unknownUpload, err)

	// Refusals keep the documents too.
	request.Input.Object = "missing"
	refused, err := dumps.PublishAssetFromObsWithResponse(ctx, project, nil, request)
	want("dump of a missing object", http.StatusBadRequest, refused, err)
	if refused.JSON400 == nil || refused.JSON400.ErrorCode != "VOD.10003" {
		t.Errorf("dump of a missing object: %s", refused.Body)
	}
	foreign, err := dumps.PublishAssetFromObsWithResponse(ctx, "other", nil, request)
	want("dump into a foreign project", http.StatusForbidden, foreign, err)
	request.CategoryID = new(int32(999))
	request.Input.Object = contracttest.Example.Object
	homeless, err := dumps.PublishAssetFromObsWithResponse(ctx, project, nil, request)
	want("dump into an unknown category", http.StatusNotFound, homeless, err)
	conflict, err := dumps.PublishAssetFromObsWithResponse(ctx, project, &gen.PublishAssetFromObsParams{IdempotencyKey: new("round-trip")}, request)
	want("another dump under a used key", http.StatusConflict, conflict, err)
	unknown, err := assets.ShowAssetDetailWithResponse(ctx, project, &companions.ShowAssetDetailParams{AssetID: "unknown"})
	want("details of an unknown asset", http.StatusNotFound, unknown, err)
	stranger, err := gen.NewClientWithResponses(s.URL, gen.WithHTTPClient(signing(t, judge, "wrong")))
	if err != nil {
		t.Fatal(err)
	}
	unsigned, err := stranger.PublishAssetFromObsWithResponse(ctx, project, nil, request)
	want("dump with a wrong key", http.StatusUnauthorized, unsigned, err)
}
