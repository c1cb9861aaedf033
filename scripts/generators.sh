#!/usr/bin/env bash
# Generates a client with each generator that nobody here wrote, and dumps one file through each, with thumbnails of
# every type, into a service on this machine. Needs python3 with venv, npm, a JDK with Maven, and Go; what the generators
# are is fetched through pip, npm, mvn and go as they are set up here.
#   scripts/generators.sh [NAME...]      all of them, or those named
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

openapi_generator=7.12.0
openapi_python_client=0.29.1
openapi_typescript=7.13.0
typescript=5.9.3
ogen=v1.24.0

root=$PWD
trials=$root/scripts/generators
work=${VOD_GENERATORS_DIR:-$root/.tools/generators}
mkdir -p "$work"

. scripts/trialservice.sh

# prepare puts an object into the bucket of the service, and sets what the trials read besides.
prepare() {
	head -c 65536 /dev/urandom >"$work/data/sample.mp4"
	curl -fsS --aws-sigv4 "aws:amz:$VOD_REGION:s3" --user "$VOD_S3_ACCESS_KEY:$VOD_S3_SECRET_KEY" \
		-H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' -T "$work/data/sample.mp4" "$VOD_S3_ENDPOINT/media/sample.mp4"
	VOD_TOKEN=$(curl -fsS -D - -o /dev/null -H 'Content-Type: application/json' "$VOD_ENDPOINT/v3/auth/tokens" -d '{"auth":{
		"identity":{"methods":["password"],"password":{"user":{"name":"'"$VOD_UI_USER"'","password":"'"$VOD_UI_PASSWORD"'","domain":{"name":"local"}}}},
		"scope":{"project":{"id":"'"$VOD_PROJECT_ID"'"}}}}' | tr -d '\r' | sed -n 's/^[Xx]-[Ss]ubject-[Tt]oken: //p')
	export VOD_TOKEN
}

# generate runs openapi-generator: LANGUAGE DIRECTORY [OPTION...]
generate() {
	local jar=openapi-generator-cli-$openapi_generator.jar
	[ -s "$work/$jar" ] || mvn -q dependency:copy "-Dartifact=org.openapitools:openapi-generator-cli:$openapi_generator" \
		-DoutputDirectory="$work" -Dmdep.useBaseVersion=true
	java -jar "$work/$jar" generate -i openapi/vod-reproduction.yaml -g "$1" -o "$2" "${@:3}"
}

python() {
	[ -d "$work/python" ] || python3 -m venv "$work/python"
	"$work/python/bin/pip" install -q "$@"
}

node_modules() { (cd "$1" && { [ -s package.json ] || echo '{}' >package.json; } && npm install --silent --no-audit --no-fund "${@:2}"); }

compile() { (cd "$1" && node_modules/.bin/tsc --outDir js --module commonjs --target es2022 --strict --skipLibCheck --types node "$2.ts"); }

openapi-generator-python() {
	generate python "$1"
	python "$1"
	"$work/python/bin/python" "$trials/openapi_generator.py"
}

openapi-python-client() {
	python "openapi-python-client==$openapi_python_client" ruff
	PATH=$work/python/bin:$PATH command openapi-python-client generate --path openapi/vod-reproduction.yaml --meta none \
		--output-path "$1/vod_client" --overwrite
	PYTHONPATH=$1 "$work/python/bin/python" "$trials/openapi_python_client.py"
}

openapi-generator-java() {
	generate java "$1" --library=native
	cp "$trials/Dump.java" "$1/src/main/java/"
	mvn -q -f "$1/pom.xml" -Dmaven.test.skip=true -Dmaven.javadoc.skip=true -Dmaven.source.skip=true compile dependency:build-classpath -Dmdep.outputFile=classpath
	java -cp "$1/target/classes:$(cat "$1/classpath")" Dump
}

openapi-generator-typescript() {
	generate typescript-fetch "$1/client"
	cp "$trials/fetch.ts" "$1/"
	node_modules "$1" "typescript@$typescript" @types/node@20
	compile "$1" fetch
	node "$1/js/fetch.js"
}

# Without its option a property with a default is mandatory in the type, as if every caller had to write it.
openapi-typescript() {
	node_modules "$1" "openapi-typescript@$openapi_typescript" "typescript@$typescript" @types/node@20
	"$1/node_modules/.bin/openapi-typescript" openapi/vod-reproduction.yaml -o "$1/vod.d.ts" --default-non-nullable=false
	cp "$trials/types.ts" "$1/"
	compile "$1" types
	node "$1/js/types.js"
}

ogen() {
	(cd "$1" && { [ -s go.mod ] || go mod init trial; } && GOFLAGS=-mod=mod go run "github.com/ogen-go/ogen/cmd/ogen@$ogen" \
		--target client --package client --clean "$root/openapi/vod-reproduction.yaml" &&
		cp "$trials/ogen.go.txt" main.go && go mod edit -require "github.com/ogen-go/ogen@$ogen" && go mod tidy && go run .)
}

names=("$@")
[ $# -gt 0 ] || names=(openapi-generator-python openapi-python-client openapi-generator-java openapi-generator-typescript openapi-typescript ogen)
serve
prepare
failed=0
for name in "${names[@]}"; do
	mkdir -p "$work/$name"
	set +e # which a condition would switch off inside as well
	(set -e; "$name" "$work/$name") >"$work/$name.log" 2>&1
	status=$?
	set -e
	if [ $status -eq 0 ] && [ "$(grep -cE '(time|dots|quantity) [0-9a-f]{32}$' "$work/$name.log")" -eq 3 ]; then
		echo "$name: 3 of 3 dumps accepted"
	else
		failed=1
		echo "$name: failed; see $work/$name.log" >&2
		tail -n 5 "$work/$name.log" >&2
	fi
done
exit $failed
