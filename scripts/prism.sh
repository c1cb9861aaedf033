#!/usr/bin/env bash
# Installs Prism, which "make bench" measures beside the handler, into .tools and prints its path; prints nothing without npm.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=5.16.0
program=.tools/prism/node_modules/.bin/prism
command -v npm >/dev/null || exit 0
if [ "$("$program" --version 2>/dev/null)" != "$version" ]; then
	echo "Installing Prism into .tools ..." >&2
	npm install --silent --ignore-scripts --no-save --prefix .tools/prism "@stoplight/prism-cli@$version" >&2
fi
echo "$PWD/$program"
