#!/usr/bin/env bash
# Builds what people install into dist/: archives, .deb and .rpm, their checksums, and an SBOM (CycloneDX).
#   scripts/packages.sh [VERSION]                a snapshot of the working tree without VERSION
#   PLATFORMS=linux/amd64 DIST=/tmp/x scripts/packages.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=${1:-0.0.0-dev.g$(git rev-parse --short HEAD)}
version=${version#v}
platforms=${PLATFORMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64}
nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2
sbom=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

mkdir -p "${DIST:=dist}"
DIST=$(cd "$DIST" && pwd)
rm -f "$DIST"/vod_* "$DIST/SHA256SUMS"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/completions"
go -C service build -o "$work/vod" ./cmd/vod
for shell in bash zsh fish; do "$work/vod" completion "$shell" >"$work/completions/vod.$shell"; done
"$work/vod" man "$work/man" >/dev/null
gzip -9n "$work"/man/*

package() { # FORMAT ARCH BINARY
	cat >"$work/nfpm.yaml" <<-END
		name: vod
		arch: $2
		version: $version
		section: video
		maintainer: The vod authors <vod@example.com>
		description: |
		  Dumps media files from OBS buckets into Huawei Cloud VOD, and serves the call.
		  vod is a command line, and with vod serve a service for places without the cloud.
		homepage: https://github.com/vod-reproduction/vod
		license: Apache-2.0
		recommends: [ca-certificates, ffmpeg]
		contents:
		  - {src: $3, dst: /usr/bin/vod, file_info: {mode: 0755}}
		  - {src: deploy/vod.service, dst: /usr/lib/systemd/system/vod.service}
		  - {src: $work/completions/vod.bash, dst: /usr/share/bash-completion/completions/vod}
		  - {src: $work/completions/vod.zsh, dst: /usr/share/zsh/site-functions/_vod}
		  - {src: $work/completions/vod.fish, dst: /usr/share/fish/vendor_completions.d/vod.fish}
		  - {src: $work/man, dst: /usr/share/man/man1, type: tree}
		  - {src: LICENSE, dst: /usr/share/doc/vod/copyright}
		  - {src: README.md, dst: /usr/share/doc/vod/README.md}
		  - {src: docs, dst: /usr/share/doc/vod/docs, type: tree}
		  - {src: deploy, dst: /usr/share/doc/vod/deploy, type: tree}
	END
	go run "$nfpm" package --config "$work/nfpm.yaml" --packager "$1" --target "$DIST/vod_${version}_$2.$1" >/dev/null
}

for platform in $platforms; do
	os=${platform%/*} arch=${platform#*/}
	name=vod_${version}_${os}_$arch
	echo "$platform ..." >&2
	mkdir "$work/$name"
	binary=$work/$name/vod
	[ "$os" != windows ] || binary+=.exe
	CGO_ENABLED=0 GOOS=$os GOARCH=$arch go -C service build -trimpath -ldflags="-s -w -X main.version=v$version" -o "$binary" ./cmd/vod
	cp -r LICENSE README.md CHANGELOG.md docs deploy "$work/completions" "$work/$name"
	if [ "$os" = windows ]; then
		(cd "$work" && zip -qr "$DIST/$name.zip" "$name")
	else
		tar -C "$work" --owner=0 --group=0 --sort=name -czf "$DIST/$name.tar.gz" "$name"
	fi
	if [ "$os" = linux ]; then
		package deb "$arch" "$binary"
		package rpm "$arch" "$binary"
	fi
	if [ ! -e "$DIST/vod_$version.cdx.json" ]; then # the modules are the same on all platforms
		go run "$sbom" bin -json -version "v$version" -output "$DIST/vod_$version.cdx.json" "$binary"
	fi
	rm -rf "${work:?}/$name"
done
(cd "$DIST" && sha256sum vod_* >SHA256SUMS)
ls -l "$DIST" >&2
