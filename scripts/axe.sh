#!/usr/bin/env bash
# Looks at every page with axe-core in a browser: scripts/axe.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=4.14.1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "axe-core@$version" >/dev/null && tar -xzf axe-core-*.tgz)
VOD_AXE=$work/package/axe.min.js go -C service test -count=1 -timeout 30m -run '^TestPages$' ./e2e
