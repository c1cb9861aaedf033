package moderation_test

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/service/endpoint"
	"github.com/vod-reproduction/vod/service/moderation"
)

// review is a whole endpoint. It blocks what is titled as secret, and asks a person about frames that are dark.
func review(w http.ResponseWriter, r *http.Request) {
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer secret")) != 1 {
		http.Error(w, "wrong token", http.StatusUnauthorized)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, moderation.MaxSize+1<<20)
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		http.Error(w, "no form", http.StatusBadRequest)
		return
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	var asset struct {
		Title  string `json:"title"`
		Frames []struct {
			OffsetMS int64 `json:"offset_ms"`
		} `json:"frames"`
	}
	if json.Unmarshal([]byte(r.FormValue("request")), &asset) != nil || len(r.MultipartForm.File["frame"]) != len(asset.Frames) {
		http.Error(w, "no request", http.StatusBadRequest)
		return
	}
	type frame struct {
		OffsetMS   int64  `json:"offset_ms"`
		Suggestion string `json:"suggestion"`
	}
	var response struct {
		Text struct {
			Suggestion string `json:"suggestion"`
		} `json:"text"`
		Frames []frame `json:"frames"`
	}
	response.Text.Suggestion = "pass"
	if strings.Contains(asset.Title, "secret") {
		response.Text.Suggestion = "block"
	}
	for i, file := range r.MultipartForm.File["frame"] {
		content, err := file.Open()
		if err != nil {
			http.Error(w, "no frame", http.StatusInternalServerError)
			return
		}
		picture, err := jpeg.Decode(content)
		_ = content.Close()
		if err != nil {
			http.Error(w, "no JPEG", http.StatusBadRequest)
			return
		}
		verdict := frame{OffsetMS: asset.Frames[i].OffsetMS, Suggestion: "pass"}
		if red, _, _, _ := picture.At(0, 0).RGBA(); red < 0x1000 {
			verdict.Suggestion = "review"
		}
		response.Frames = append(response.Frames, verdict)
	}
	_ = json.NewEncoder(w).Encode(response)
}

// Example asks an endpoint about two assets with a light and a dark frame each.
func Example() {
	server := httptest.NewServer(http.HandlerFunc(review))
	defer server.Close()
	client, err := moderation.New(endpoint.Config{URL: server.URL}, "secret")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.CloseIdleConnections()
	frames := []moderation.Frame{{JPEG: picture(200)}, {Offset: 12 * time.Second, JPEG: picture(0)}}
	for _, title := range []string{"Holidays", "Top secret"} {
		verdict, err := client.Review(context.Background(), moderation.Request{AssetID: "f488", Title: title, Frames: frames})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %s, %s at %v\n", title, verdict.Suggestion, verdict.Frames[1].Suggestion, verdict.Frames[1].Offset)
	}
	// Output:
	// Holidays: review, review at 12s
	// Top secret: block, review at 12s
}
