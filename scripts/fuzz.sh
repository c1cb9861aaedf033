#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME (default 1m), then the property tests with CHECKS cases (default 2,000,000).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for module in . service; do
	for package in $(go -C "$module" list ./...); do
		for target in $(go -C "$module" test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
			echo "== $package $target"
			go -C "$module" test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-1m}" "$package"
		done
	done
done
go -C contract_test test -count=1 -timeout 60m -run Agree . -args -rapid.checks="${CHECKS:-2000000}"
