package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// newManifestsTopic is a topic of "vod help", as newEnvironmentTopic is.
func newManifestsTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "manifests",
		Short: "What vod bulk reads, and how other lists become that",
		Long:  manifestsText + convertersText(),
	}
}

const manifestsText = `A manifest of vod bulk is text, in UTF-8 or what --encoding names, in one of two forms:

  lines   each a request body of the API on one line, or obs://BUCKET/KEY, whose key
          stands as it is, without any encoding
  table   a header that names fields of the request, such as bucket, object, title,
          video_type or thumbnail.type, and a row for each object; commas, semicolons
          or tabs separate the columns. The column object has keys or addresses.
          --ignore-columns leaves out those that are no fields, and those without a name

What a line or a row lacks comes from the flags, from --defaults, and from the key.

All objects of a bucket need no manifest: vod bulk obs://BUCKET/PREFIX lists them, reads
playlists, and leaves out what is empty, archived or no media; --include, --exclude,
--newer and --min-size choose. A manifest is taken at its word: no bucket is read, empty
objects are sent, which the service refuses, and the segments of an HLS stream, if they
are in it, are dumped one by one.

The lists of other programs become manifests so:
`

// converter turns the list of another program into a manifest.
type converter struct{ of, command string }

var converters = []converter{
	{"keys, one a line: rclone lsf -R --files-only, find . -type f -printf '%P\\n'", `sed 's|^|obs://BUCKET/|' LIST > FILE`},
	{"obsutil ls obs://BUCKET/PREFIX -s", `grep '^obs://.*[^/]$' LIST > FILE`},
	{"aws s3 ls --recursive s3://BUCKET", `sed -E -e 's|^[^ ]+ [^ ]+ +[0-9]+ |obs://BUCKET/|' -e '/\/$/d' LIST > FILE`},
	{"rclone lsl", `sed -E 's|^ *[0-9]+ [^ ]+ [^ ]+ |obs://BUCKET/|' LIST > FILE`},
	{"addresses of S3", `sed 's|^s3://|obs://|' LIST > FILE`},
	{"a table without a header, and with a column that is left out by --ignore-columns", `{ echo bucket,object,,title; cat LIST; } > FILE.csv`},
	{"rclone lsjson -R --files-only", `jq -c '.[] | {input: {bucket: "BUCKET", object: .Path}}' LIST > FILE`},
	{"aws s3api list-objects-v2 --bucket BUCKET", `jq -c '.Contents[] | {input: {bucket: "BUCKET", object: .Key}}' LIST > FILE`},
	{"lines of JSON with other fields", `jq -c '{title: .name, input: {bucket: "BUCKET", object: .path}}' LIST > FILE`},
	{"an inventory of S3, a table without a header whose keys are percent-encoded", `python3 -c 'import csv, sys, urllib.parse as u; sys.stdout.writelines("obs://%s/%s\n" %
      (row[0], u.unquote_plus(row[1])) for row in csv.reader(sys.stdin) if row[1][-1:] != "/")' < LIST > FILE`},
}

func convertersText() string {
	var b strings.Builder
	for _, c := range converters {
		b.WriteString("\n  " + c.of + "\n    " + c.command + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
