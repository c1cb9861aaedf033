#!/usr/bin/env bash
# Makes a release of HEAD and tries it the way its users get it:
#   scripts/release.sh v1.2.3          builds the modules of that version, installs vod from them and asks for its version
#   scripts/release.sh v1.2.3 --tag    does the same, then sets the tags v1.2.3 and service/v1.2.3 here; push them to publish
#
# In the repository the service finds the root module by "replace". The released commit, which is on no branch, has the
# version in its place: "go install" refuses a module with replacements.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=${1:?the version to release, such as v1.2.3}
tag=${2:-}
module=github.com/vod-reproduction/vod

[ -z "$tag" ] || [ "$tag" = --tag ] || { echo "unknown argument $tag" >&2; exit 2; }
[ -z "$(git status --porcelain)" ] || echo "Changes that are not committed are left out." >&2
if git rev-parse -q --verify "refs/tags/$version" >/dev/null; then echo "$version is released already" >&2; exit 1; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
proxy=$work/proxy
release=$work/repo

# Modules come from the release, then from those that this machine has, then from where they always come from. All but
# the release's own were verified by service/go.sum when they came to this machine.
GOPROXY="file://$proxy,file://$(go env GOMODCACHE)/cache/download,$(go env GOPROXY)"
export GOPROXY GOSUMDB=off GOWORK=off
export GOFLAGS="-modcacherw -trimpath" # to be removable, and to use the build cache whatever the directory

git clone -q --no-tags --shared . "$release"
git -C "$release" config user.name >/dev/null || git -C "$release" config user.name release
git -C "$release" config user.email >/dev/null || git -C "$release" config user.email release@localhost

modproxy() { go -C tools run ./modproxy -repo "$release" -version "$version" -proxy "$proxy" "$@"; }

echo "1. $module $version"
modproxy -revision HEAD .
go -C "$release/service" mod edit -dropreplace="$module" -require="$module@$version"
# A module cache of its own: a version that was only tried must not stay in the user's.
GOPATH=$work/gopath go -C "$release/service" get "$module@$version"
git -C "$release" commit -q -am "Release $version"
for name in "$version" "service/$version"; do git -C "$release" tag -a -m "$name" "$name"; done

echo "2. $module/service $version"
modproxy -revision "$version" . service

echo "3. go install $module/service/cmd/vod@$version"
(cd "$work" && GOPATH=$work/gopath GOBIN=$work/bin go install "$module/service/cmd/vod@$version")

echo "4. vod version"
said=$("$work/bin/vod" version)
echo "   $said"
case $said in
	"vod $version ("*) ;;
	*) echo "that is not $version" >&2; exit 1 ;;
esac

if [ "$tag" = --tag ]; then
	git fetch -q "$release" "refs/tags/$version:refs/tags/$version" "refs/tags/service/$version:refs/tags/service/$version"
	echo "Tagged. To publish: git push origin $version service/$version"
fi
