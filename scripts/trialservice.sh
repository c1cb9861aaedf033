# shellcheck shell=bash
# For scripts that try clients of other projects: a service in $work/data until the script ends.

server=
stop() {
	[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
	rm -rf "$work/data"
}
trap stop EXIT

# serve starts it, and exports the variables that clients need.
serve() {
	local data=$work/data
	rm -rf "$data" && mkdir -p "$data"
	cat >"$data/vod.yaml" <<-'SETTINGS'
		listen: 127.0.0.1:0
		region: cn-north-4
		store: {listen: "127.0.0.1:0", bucket: vod-service, access_key: trial, secret_key: trial-secret, path_style: true}
		projects: [{id: 0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7, name: cn-north-4, buckets: [{name: media, authorized: true}]}]
		credentials: [{access_key: TRIAL, secret_key: trial-secret, project: 0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7, permissions: ["*"]}]
		users: [{name: trial, domain: local, password: trial-secret, project: 0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7, permissions: ["*"]}]
	SETTINGS
	bin/vod serve --data-dir "$data" --ready-file "$data/ready" 2>"$work/serve.log" &
	server=$!
	until [ -s "$data/ready" ]; do
		kill -0 "$server" 2>/dev/null || { cat "$work/serve.log" >&2; exit 1; }
		sleep 0.1
	done
	set -a
	# shellcheck disable=SC1091
	. "$data/ready"
	set +a
}
