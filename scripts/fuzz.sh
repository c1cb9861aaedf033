#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME (default 1m), then the property tests with a hundred times more cases.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for package in $(go list ./...); do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "== $package $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-1m}" "$package"
	done
done
go -C contract_test test -count=1 -timeout 60m -run Agree ./... -args -rapid.checks="${CHECKS:-2000000}"
