#!/usr/bin/env bash
# Starts the service on this machine, dumps a real media file into it through signed HTTP, and shows what came of it.
# Data stays in .data, or $VOD_DATA_DIR. On a terminal the service then goes on until Ctrl-C.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

data=${VOD_DATA_DIR:-$PWD/.data}
bucket=media

scripts/need.sh ffmpeg curl
mkdir -p "$data"

bin/vod serve --data-dir "$data" --ready-file "$data/ready" 2>"$data/serve.log" &
server=$!
stop() {
	kill "$server" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
}
trap stop EXIT

# The service writes this file when it answers: shell lines that point a client at it.
until [ -s "$data/ready" ]; do
	kill -0 "$server" 2>/dev/null || { cat "$data/serve.log" >&2; exit 1; }
	sleep 0.1
done
set -a
# shellcheck disable=SC1091
. "$data/ready"
set +a

sample=$data/sample.mp4
[ -s "$sample" ] || ffmpeg -nostdin -loglevel error -y \
	-f lavfi -i testsrc2=duration=10:size=1280x720:rate=25 -f lavfi -i sine=frequency=440:duration=10 \
	-c:v libx264 -preset veryfast -pix_fmt yuv420p -c:a aac -shortest -movflags +faststart "$sample"

echo "1. A media file in the bucket $bucket: sample.mp4, $(stat -c %s "$sample") bytes"
curl -fsS --aws-sigv4 "aws:amz:$VOD_REGION:s3" --user "$VOD_S3_ACCESS_KEY:$VOD_S3_SECRET_KEY" \
	-H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' -T "$sample" "$VOD_S3_ENDPOINT/$bucket/sample.mp4"

echo "2. vod dump obs://$bucket/sample.mp4 --title 'First dump' --workflow-name full --wait"
id=$(bin/vod dump "obs://$bucket/sample.mp4" --title 'First dump' --description 'made by make run' --tags demo \
	--workflow-name full --wait)

echo "3. The asset $id"
bin/vod status "$id"

url=$VOD_ENDPOINT/media/$id/sample.mp4
echo "4. Its file: $url"
curl -fsS -o "$data/fetched.mp4" "$url"
cmp "$sample" "$data/fetched.mp4" && echo "   byte for byte the file that was put into the bucket"
ffprobe -loglevel error -show_entries format=format_name,duration,size -of default=noprint_wrappers=1 "$url" | sed 's/^/   /'

details="$VOD_ENDPOINT/v1.0/$VOD_PROJECT_ID/asset/details?asset_id=$id"
echo "5. What was made of it, from asset/details"
bin/vod sign GET "$details" | curl -fsS -H @- "$details" | grep -o '"url":"[^"]*"' | sort -u | sed 's/"url":"\(.*\)"/   \1/'

echo "6. Its page: $VOD_ENDPOINT/ui/assets/$id (user $VOD_UI_USER; bin/vod env --data-dir '$data' prints the password)"
printf 'user = "%s:%s"\n' "$VOD_UI_USER" "$VOD_UI_PASSWORD" | curl -fsS -K - "$VOD_ENDPOINT/ui/assets/$id" |
	sed -n 's/.*<title>\(.*\)<\/title>.*/   \1/p'

if [ -t 0 ] && [ -t 1 ]; then
	echo
	echo "In another terminal:  eval \"\$(bin/vod env --data-dir '$data')\"; bin/vod dump obs://$bucket/sample.mp4 --wait"
	echo "The service goes on; Ctrl-C ends it. Its log is $data/serve.log"
	wait "$server"
fi
