package contracttest

import (
	"path"
	"slices"
	"strings"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// storage is the corpus of storage_mode, the outputs that go with it, and HLS.
func (c *corpus) storage() {
	tenant := func(dir string) edit {
		return func(r object) { r["storage_mode"], r["output_bucket"], r["output_path"] = 1, c.names.Bucket, dir }
	}
	c.oneOf("storage_mode", tenant("out"))
	c.accept("storage_mode/0 alone", set("storage_mode", 0))
	c.accept("storage_mode/0 with outputs", tenant("out"), set("storage_mode", 0))

	from := len(c.cases)
	c.lengths("output_bucket", tenant("out"))
	c.lengths("output_path", tenant("out"))
	c.accept("output_bucket/1 character", tenant("out"), set("output_bucket", "x"))
	c.imagine(from)
	c.reject("output_bucket/empty", "output_bucket", "minLength", tenant("out"), set("output_bucket", ""))

	c.accept("tenant-storage-bucket/there", tenant("out"))
	c.reject("tenant-storage-bucket/left out", "output_bucket", "tenant-storage-bucket", tenant("out"), drop("output_bucket"))
	c.accept("tenant-storage-path/the root", tenant(""))
	c.reject("tenant-storage-path/left out", "output_path", "tenant-storage-path", tenant("out"), drop("output_path"))

	if slices.Contains(property("video_type").Enum, "HLS") {
		c.hls()
	}
}

func (c *corpus) hls() {
	dir := path.Dir(c.names.Playlist)
	playlist := func(key, dir string) edit {
		return func(r object) {
			r["video_type"], r["storage_mode"], r["output_bucket"], r["output_path"] = "HLS", 1, c.names.Bucket, dir
			r["input"].(object)["object"] = key
		}
	}
	here := playlist(c.names.Playlist, dir)

	c.accept("video_type/HLS", here).Needs = Playlist
	c.accept("hls-tenant-storage/1", here).Needs = Playlist
	c.reject("hls-tenant-storage/0", "storage_mode", "hls-tenant-storage", here, set("storage_mode", 0))
	c.reject("hls-tenant-storage/left out", "storage_mode", "hls-tenant-storage", here, drop("storage_mode"))

	c.accept("hls-same-directory/slash behind", here, set("output_path", dir+"/")).Needs = Playlist
	c.accept("hls-same-directory/slash before", here, set("output_path", "/"+dir)).Needs = Playlist
	c.accept("hls-same-directory/the root", playlist("index.m3u8", "")).Needs = Imaginary
	c.accept("hls-same-directory/the root as a slash", playlist("index.m3u8", "/")).Needs = Imaginary
	for name, other := range map[string]string{
		"another":           "elsewhere",
		"above":             path.Dir("x/" + dir),
		"below":             dir + "/480p",
		"a longer name":     dir + "-480p",
		"only the bucket":   "",
		"the file itself":   c.names.Playlist,
		"other letter case": strings.ToUpper(dir),
		"by way of dots":    dir + "/../" + path.Base(dir),
		"slash doubled":     strings.Replace(dir+"/x", "/", "//", 1),
	} {
		if other != dir { // as upper case of a name without letters
			c.reject("hls-same-directory/"+name, "output_path", "hls-same-directory", here, set("output_path", other))
		}
	}
	if other := "elsewhere"; other != c.names.Bucket {
		c.reject("hls-same-directory/another bucket", "output_path", "hls-same-directory", here, set("output_bucket", other))
	}
	c.reject("hls-same-directory/not the root", "output_path", "hls-same-directory", playlist("index.m3u8", "hls"))
}

// transcoding is the corpus of template_group_name, workflow_name, auto_encrypt and what audio allows of them.
func (c *corpus) transcoding() {
	template, workflow := set("template_group_name", c.names.TemplateGroup), set("workflow_name", c.names.Workflow)
	c.accept("template_group_name/one", template).Needs = TemplateGroup
	c.accept("workflow_name/one", workflow).Needs = Workflow
	c.accept("template_group_name/beside workflow_name", template, workflow).Needs = TemplateGroup | Workflow
	c.accept("template_group_name/1 character", set("template_group_name", "x")).Needs = Offline
	c.accept("workflow_name/1 character", set("workflow_name", "x")).Needs = Offline
	c.reject("template_group_name/empty", "template_group_name", "minLength", set("template_group_name", ""))
	c.reject("workflow_name/empty", "workflow_name", "minLength", set("workflow_name", ""))

	encrypt := set("auto_encrypt", 1)
	c.accept("auto_encrypt/0 alone", set("auto_encrypt", 0))
	from := len(c.cases)
	c.oneOf("auto_encrypt", template)
	for i := range c.cases[from:] {
		if c.cases[from+i].Accepted() {
			c.cases[from+i].Needs = TemplateGroup
		}
	}
	c.accept("encrypt-needs-transcoding/template", encrypt, template).Needs = TemplateGroup
	c.accept("encrypt-needs-transcoding/workflow", encrypt, workflow).Needs = Workflow
	c.reject("encrypt-needs-transcoding/neither", "template_group_name", "encrypt-needs-transcoding", encrypt)

	c.accept("audio-no-transcoding/neither", set("video_type", "WAV"))
	for _, t := range formats() {
		if !contract.IsAudio(gen.VideoType(t)) {
			continue
		}
		audio := set("video_type", t)
		c.reject("audio-no-transcoding/"+t+" with template", "template_group_name", "audio-no-transcoding", audio, template)
		c.reject("audio-no-transcoding/"+t+" with workflow", "template_group_name", "audio-no-transcoding", audio, workflow)
	}
}

// server is the corpus of what keeps the contract as far as it can be checked offline, and is refused by a server.
func (c *corpus) server() {
	refuse := func(name, field, rule string, code contract.Code, edits ...edit) *Case {
		return c.add(Case{Name: name, Body: c.body(edits...), Field: field, Rule: rule, Code: code, ServerOnly: true})
	}
	c.accept("same-region/the server's own")
	refuse("same-region/another", "input.location", "same-region", contract.CodeWrongAddress, set("input.location", "xx-nowhere-1"))
	c.accept("source/there")
	refuse("source/no such object", "", "source", contract.CodeNoSuchObject, set("input.object", "no/such/object.mp4"))
	refuse("source/bucket not opened", "input.bucket", "source", contract.CodeBucketForbidden, set("input.bucket", "no-such-bucket"))
	refuse("category_id/unknown", "category_id", "category", contract.CodeNoSuchCategory, set("category_id", maxInt32))
	const nobodys = "no-such-name"
	template, flow := set("template_group_name", nobodys), set("workflow_name", nobodys)
	refuse("template-group/unknown", "template_group_name", "template-group", contract.CodeIllegalParameter, template)
	refuse("template-group/unknown beside a workflow", "template_group_name", "template-group", contract.CodeIllegalParameter,
		template, set("workflow_name", c.names.Workflow)).Needs = Workflow
	refuse("workflow/unknown", "workflow_name", "workflow", contract.CodeIllegalParameter, flow)
	c.accept("workflow/unknown beside a template group", flow, set("template_group_name", c.names.TemplateGroup)).Needs = TemplateGroup
	c.accept("encrypt-output-hls/template with HLS", set("auto_encrypt", 1),
		set("template_group_name", c.names.TemplateGroup)).Needs = TemplateGroup
	refuse("encrypt-output-hls/template without HLS", "auto_encrypt", "encrypt-output-hls", contract.CodeIllegalParameter,
		set("auto_encrypt", 1), set("template_group_name", c.names.PlainTemplateGroup)).Needs = PlainTemplateGroup
}
