package contract_test

import (
	"fmt"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// The bytes of a request are decoded strictly and validated; every violation is reported at once.
func ExampleParse() {
	body := []byte(`{
		"video_type": "HLS",
		"title": "",
		"titel": "Holidays",
		"input": {"bucket": "media", "location": "cn-north-4"}
	}`)
	request, violations := contract.Parse(body)
	for _, v := range violations {
		fmt.Println(v)
	}
	fmt.Println(request.Input.Bucket)
	// Output:
	// titel: is not a known field; check the spelling and the letter case (additionalProperties)
	// input.object: is mandatory (required)
	// title: is mandatory and must not be empty (required)
	// storage_mode: An HLS dump stays in the tenant's bucket; set storage_mode to 1. (hls-tenant-storage)
	// media
}

// A program of your own decodes a part of a request as strictly as the service decodes all of it.
func ExampleDecodeInto() {
	thumbnail, violations := contract.DecodeInto[gen.Thumbnail]([]byte(`{"type":"quantity","quantity":0}`))
	if violations == nil {
		violations = contract.Check(thumbnail)
	}
	fmt.Println(violations[0].Field, violations[0].Rule)

	_, violations = contract.DecodeInto[gen.Thumbnail]([]byte(`{"type":"quantity","Quantity":3}`))
	fmt.Println(violations)
	// Output:
	// quantity minimum
	// Quantity: is not a known field; check the spelling and the letter case (additionalProperties)
}

// A server looks up the status and the message of a code, a client the next step.
func ExampleLookup() {
	problem, known := contract.Lookup("APIG.0308") // the newer spelling of APIGW.0308
	fmt.Println(known, problem.Code == contract.CodeThrottled, problem.Status, problem.Temporary)
	fmt.Println(problem.Advice)
	// Output:
	// true true 429 true
	// slow down; the cloud allows 1500 dumps a minute per tenant
}
