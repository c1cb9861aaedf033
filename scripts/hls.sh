#!/usr/bin/env bash
# Renews hls.js, which the status pages play HLS with: scripts/hls.sh VERSION
# Only this program writes service/ui/static/hls.min.js and hls.txt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=${1:?the version of hls.js to take, such as 1.7.4}
static=$PWD/service/ui/static
# The light build leaves out subtitles, DRM and other sound tracks, and still decrypts AES-128.
file=dist/hls.light.min.js

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "hls.js@$version" >/dev/null
tar -xzf hls.js-*.tgz
sum=$(sha256sum "package/$file" | cut -d' ' -f1)

install -m 644 "package/$file" "$static/hls.min.js"
{
	echo "hls.min.js is $file of the npm package hls.js, version $version, unchanged."
	echo "SHA-256: $sum"
	echo
	cat package/LICENSE
} >"$static/hls.txt"
echo "hls.js $version, SHA-256 $sum"
