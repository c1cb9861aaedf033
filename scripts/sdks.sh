#!/usr/bin/env bash
# Uploads, dumps, reads, lists and deletes with the vendor's own SDKs for Python, Java and Node, against a service on this
# machine. Needs python3 with venv, npm, a JDK with Maven, and ffmpeg; what the SDKs are is fetched through pip, npm and
# mvn as they are set up here. Those for Go are tried by the tests of bench.
#   scripts/sdks.sh [python|java|node...]      all of them, or those named
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The SDKs for VOD and for OBS, of each language.
python=(huaweicloudsdkvod==3.1.219 esdk-obs-python==3.26.6)
java=(3.1.143 3.26.6)
node=(@huaweicloud/huaweicloud-sdk-vod@3.0.18-beta @huaweicloud/huaweicloud-sdk-core@3.1.211 uuid@9 esdk-obs-nodejs@3.26.8)

trials=$PWD/scripts/sdks
work=$PWD/.tools/sdks
mkdir -p "$work"

. scripts/trialservice.sh

python() {
	[ -d "$work/python" ] || python3 -m venv "$work/python"
	"$work/python/bin/pip" install -q "${python[@]}"
	"$work/python/bin/python" "$trials/sdk.py"
}

java() {
	mkdir -p "$work/java"
	sed "s/VOD_VERSION/${java[0]}/;s/OBS_VERSION/${java[1]}/" "$trials/pom.xml" >"$work/java/pom.xml"
	mvn -q -B -f "$work/java/pom.xml" dependency:copy-dependencies -DoutputDirectory="$work/java/lib"
	javac -nowarn -cp "$work/java/lib/*" -d "$work/java" "$trials/Sdk.java"
	command java -cp "$work/java/lib/*:$work/java" Sdk
}

node() {
	mkdir -p "$work/node"
	cp "$trials/sdk.js" "$work/node/"
	(cd "$work/node" && { [ -s package.json ] || echo '{}' >package.json; } && npm install --silent --no-audit --no-fund "${node[@]}" && command node sdk.js)
}

names=("$@")
[ $# -gt 0 ] || names=(python java node)
serve
export VOD_SAMPLE=$work/data/sample.mp4
ffmpeg -v error -f lavfi -i testsrc=duration=1:size=64x64:rate=5 -pix_fmt yuv420p "$VOD_SAMPLE"
failed=0
for name in "${names[@]}"; do
	set +e # which a condition would switch off inside as well
	(set -e; "$name") >"$work/$name.log" 2>&1
	status=$?
	set -e
	if [ $status -eq 0 ]; then
		echo "$name: $(grep -cE '^OBS ' "$work/$name.log") ways to sign for OBS, and a dump with the SDK for VOD"
	else
		failed=1
		echo "$name: failed; see $work/$name.log" >&2
		tail -n 5 "$work/$name.log" >&2
	fi
done
exit $failed
