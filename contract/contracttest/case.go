// Package contracttest puts an implementation of the contract to the test: a corpus of requests at every edge of every
// constraint and rule, for code that judges bodies, and Run, which puts a server to the same corpus over HTTP.
package contracttest

import (
	"net/http"
	"strings"

	"github.com/vod-reproduction/vod/contract"
)

// Case is one request body and what the contract says of it.
type Case struct {
	// Name is unique, "field or rule/what is special".
	Name string
	// Body is the body's bytes, JSON or not. It must not be changed.
	Body []byte
	// Rule is the constraint that the body breaks, as contract.Violation names it; empty where the body is accepted.
	Rule string
	// Field is the path of the field to change, as contract.Violation names it; empty where the body itself is at fault.
	Field string
	// Code is the error_code of the refusal; empty where the body is accepted.
	Code contract.Code
	// ServerOnly reports whether the body keeps everything that can be checked offline: contract.Parse accepts it, and only a
	// server, which knows its region, buckets and templates, refuses it.
	ServerOnly bool
	// Needs is what a server must have before the case says anything about it.
	Needs Needs
}

// Accepted reports whether a server takes the request.
func (c Case) Accepted() bool { return c.Code == "" }

// Status is the HTTP status of a server's response.
func (c Case) Status() int {
	if c.Accepted() {
		return http.StatusOK
	}
	problem, _ := contract.Lookup(c.Code)
	return problem.Status
}

// Needs is a set of things that not every server has.
type Needs uint

const (
	// Playlist is an HLS playlist in the bucket: Names.Playlist.
	Playlist Needs = 1 << iota
	// TemplateGroup is a template group with HLS output: Names.TemplateGroup.
	TemplateGroup
	// PlainTemplateGroup is a template group without HLS output: Names.PlainTemplateGroup.
	PlainTemplateGroup
	// Workflow is a workflow: Names.Workflow.
	Workflow
	// ReviewRegion is a server in contract.ReviewRegion.
	ReviewRegion
	// Imaginary marks bodies that keep the contract and name something that hardly any server has, such as a bucket with
	// a name of 63 characters. A server may refuse them, but not for breaking the contract.
	Imaginary
	// Offline marks bodies that keep the contract and name a template group or workflow that no server has. They are for
	// judging without a server; Run leaves them out.
	Offline
)

var needNames = []string{
	"a playlist", "a template group", "a template group without HLS", "a workflow", "the review region",
	"things that do not exist", "templates of any name",
}

// String lists the needs for people.
func (n Needs) String() string {
	var all []string
	for i, name := range needNames {
		if n&(1<<i) != 0 {
			all = append(all, name)
		}
	}
	return strings.Join(all, ", ")
}

// Names are the things that the bodies of a corpus refer to. Put to a server, they must exist there: the bucket is open
// to VOD and holds the objects. Empty names of the optional ones mean that the server has no such thing.
type Names struct {
	// Bucket, Object and Region are mandatory. Region is the server's own.
	Bucket, Object, Region string
	// Playlist is the key of an HLS playlist in Bucket that does not lie at its root.
	Playlist string
	// TemplateGroup has HLS output, PlainTemplateGroup does not. Workflow has a template group with HLS output.
	TemplateGroup, PlainTemplateGroup string
	Workflow                          string
}

// The names of Example that stand in a server's configuration, so that a server under test can be given them.
const (
	// ExampleTemplateGroup is the API reference's own example of a template group; its output is HLS.
	ExampleTemplateGroup = "tempName"
	// ExamplePlainTemplateGroup is a template group with MP4 output.
	ExamplePlainTemplateGroup = "mp4only"
	// ExampleWorkflow is a workflow with a template group with HLS output.
	ExampleWorkflow = "workflow"
)

// Example has made-up names, for judging bodies without a server.
var Example = Names{
	Bucket:             "media",
	Object:             "films/film.mp4",
	Region:             "cn-north-4",
	Playlist:           "films/hls/index.m3u8",
	TemplateGroup:      ExampleTemplateGroup,
	PlainTemplateGroup: ExamplePlainTemplateGroup,
	Workflow:           ExampleWorkflow,
}

// lacks returns those of the needs that a server with these names does not meet.
func (n Names) lacks(needs Needs) Needs {
	has := Needs(0)
	for need, ok := range map[Needs]bool{
		Playlist:           n.Playlist != "",
		TemplateGroup:      n.TemplateGroup != "",
		PlainTemplateGroup: n.PlainTemplateGroup != "",
		Workflow:           n.Workflow != "",
		ReviewRegion:       n.Region == contract.ReviewRegion,
		Imaginary:          true,
	} {
		if ok {
			has |= need
		}
	}
	return needs &^ has
}
