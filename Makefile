# Two commands are enough: "make run" and "make test". They install what they need.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Every module of the repository; the root one is ".".
MODULES := . tools contract_test service bench examples/routers

# The race detector needs a C compiler; without one the tests run all the same.
RACE := $(shell command -v gcc >/dev/null 2>&1 && echo -race)
# Random tests take their seed from VOD_SEED; those with rapid look into RAPID_SEED.
ifdef VOD_SEED
export VOD_SEED
export RAPID_SEED := $(VOD_SEED)
endif
GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.6.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0

.PHONY: help
help: ## Show what can be made.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Start the service, dump a real media file into it, and show the asset.
	@scripts/run.sh

.PHONY: build
build: ## Build the command into bin/vod.
	@go -C service build -o ../bin/vod ./cmd/vod

.PHONY: tools
tools: # What the tests run: media, a cache, a browser, a database, the converters of lists.
	@scripts/need.sh ffmpeg nginx chromium postgres pgbouncer jq python3 sqlite3

.PHONY: test
test kill: export PATH := $(CURDIR)/.tools/usr/sbin:/usr/sbin:$(PATH)
# Nothing cached: some tests build the command themselves, which the cache cannot see. Each test that may hang has a
# deadline of its own; the time of a package only ends one that hangs all the same.
test: tools ## Run all tests (VOD_SEED=N repeats the random ones).
	@for module in $(MODULES); do echo "== $$module"; go -C $$module test -count=1 $(RACE) -timeout 3h ./...; done

.PHONY: test-short
test-short: ## Run the tests that need no root, no browser and no nginx, in about two minutes.
	@for module in $(MODULES); do echo "== $$module"; go -C $$module test -short -count=1 -p 4 -timeout 15m ./...; done

.PHONY: generate
generate: ## Write gen/ anew from openapi/.
	@go generate .

.PHONY: hls
hls: ## Take another version of hls.js, the player of the status pages (VERSION=1.7.4).
	@scripts/hls.sh "$(VERSION)"

.PHONY: axe
axe: ## Look at the pages of the service with axe-core, for those who see or move less well (needs npm and Chromium).
	@scripts/axe.sh

.PHONY: check-generate
check-generate: generate ## Fail when gen/ is not what openapi/ says.
	@test -z "$$(git status --porcelain -- gen)" || { git status --short -- gen; git --no-pager diff --stat -- gen; \
		echo 'gen/ is stale: run "make generate" and commit it' >&2; exit 1; }

.PHONY: evolve
evolve: ## Edit a copy of the document as the API may evolve, and hold what then needs a hand (up to 40 minutes).
	@VOD_EVOLVE=1 go -C contract_test test -count=1 -timeout 2h -v ./evolution

.PHONY: generators
generators: build ## Generate clients with other projects' generators, and dump through each (needs python3, npm, JDK, Maven).
	@scripts/generators.sh

.PHONY: sdks
sdks: build tools ## Upload, dump and delete with the vendor's SDKs for Python, Java and Node (needs python3, npm, JDK, Maven).
	@scripts/sdks.sh

.PHONY: lint
lint: ## Check the documents, formatting, go.mod files, vet, linters and import arrows.
	@go -C service run ./spec/speccheck ..
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'run gofmt -w on these' >&2; exit 1; }
	@for module in $(MODULES); do go -C $$module mod tidy -diff || { echo "run go mod tidy in $$module" >&2; exit 1; }; done
	@for module in $(MODULES); do (cd $$module && go run $(GOLANGCI_LINT) run --config $(CURDIR)/.golangci.yml ./...); done
	@for document in reproduction companions; do go -C tools tool oasdiff validate ../openapi/vod-$$document.yaml; done

.PHONY: cross
cross: ## Vet all modules, tests included, for the systems that the tests do not run on.
	@for platform in windows/amd64 darwin/arm64; do for module in $(MODULES); do \
		echo "== $$platform $$module"; GOOS=$${platform%/*} GOARCH=$${platform#*/} CGO_ENABLED=0 go -C $$module vet ./...; done; done

.PHONY: vulncheck
vulncheck: ## Look for known vulnerabilities in what the modules call.
	@for module in $(MODULES); do echo "== $$module"; (cd $$module && go run $(GOVULNCHECK) ./...); done

.PHONY: fuzz
fuzz: ## Search longer for disagreements and crashes (FUZZTIME=1m each).
	@scripts/fuzz.sh

.PHONY: bench
bench: ## Measure the kit beside its peers, in turns, and write the tables of docs/performance.md.
	@{ go test -run '^$$' -bench Beside -benchtime 1x ./signer; \
		VOD_PRISM=$$(scripts/prism.sh) go -C bench test -run '^$$' -bench Beside -benchtime 1x .; \
		go -C service test -run '^$$' -bench Beside -benchtime 1x ./store ./bulk ./object ./e2e; } | tee /dev/stderr | \
		go -C tools run ./benchtable -document ../docs/performance.md

.PHONY: kill
kill: tools ## Kill the service ROUNDS times while it works and count what was lost (default 200); VOD_UPGRADE_FROM=FILE begins with an earlier vod.
	@VOD_KILL_ROUNDS=$${ROUNDS:-200} go -C service test -count=1 -timeout 12h -run TestKill -v ./e2e

.PHONY: release-check
release-check: ## Build the modules of a version, install vod from them, and ask it for its version.
	@scripts/release.sh "$${VERSION:-v0.0.1-check}"

.PHONY: release-snapshot
release-snapshot: ## Build archives, .deb and .rpm with checksums and an SBOM into dist/ (PLATFORMS=linux/amd64 for these only).
	@scripts/need.sh zip
	@scripts/packages.sh $(VERSION)

.PHONY: package-check
package-check: ## Build the packages, install the .deb into a fresh root, and make the first dump with it.
	@scripts/need.sh ffmpeg zip
	@VOD_PACKAGES=1 go -C service test -count=1 -v -run TestPackage ./e2e

.PHONY: large
large: tools ## Kill the copy of an object of 10 GiB, and have another worker finish it (VOD_LARGE_MB=N).
	@VOD_LARGE_MB=$${VOD_LARGE_MB:-10240} go -C service test -count=1 -timeout 1h -v -run TestLargeObject ./e2e

.PHONY: clean
clean: ## Remove what was built and the data of "make run".
	@rm -rf bin dist .data .tools
