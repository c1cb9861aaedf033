package gen_test

import (
	"encoding/json"
	"fmt"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// Optional fields are pointers, so that a zero is sent and an absent field is not.
func Example() {
	body, err := json.Marshal(gen.DumpRequest{
		VideoType:   gen.VideoTypeMP4,
		Title:       "Holidays",
		AutoPublish: new(gen.AutoPublishOff),
		Input:       gen.FileAddr{Bucket: "media", Location: "cn-north-4", Object: "2026/holidays.mp4"},
	})
	fmt.Println(string(body), err)
	// Output:
	// {"video_type":"MP4","title":"Holidays","auto_publish":0,"input":{"bucket":"media","location":"cn-north-4","object":"2026/holidays.mp4"}} <nil>
}

// Plain decoding of a request accepts what the contract refuses; contract.Decode does not.
func Example_lenient() {
	body := []byte(`{"TITLE":"a","title":"b","video_type":"MP4","input":{"bucket":"media","location":"cn-north-4","object":"a.mp4"}}`)

	var request gen.DumpRequest
	fmt.Println(json.Unmarshal(body, &request), request.Title)

	_, violations := contract.Decode(body)
	fmt.Println(violations)
	// Output:
	// <nil> b
	// TITLE: is not a known field; check the spelling and the letter case (additionalProperties)
}
