#!/usr/bin/env bash
# Installs the programs that are named and missing, as root or with sudo, and says so.
#   scripts/need.sh ffmpeg curl
# Nothing that is installed here is started: nginx is only unpacked into .tools, PostgreSQL makes no cluster, and the service of PgBouncer stays disabled.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools=$PWD/.tools
PATH=$tools/usr/sbin:/usr/sbin:$PATH

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

unpack_nginx() {
	local work
	work=$(mktemp -d)
	echo "Unpacking nginx into .tools ..." >&2
	as_root apt-get update -qq >&2
	# Which package holds the binary differs between releases.
	for package in nginx nginx-core nginx-light; do
		(cd "$work" && apt-get download "$package" >/dev/null 2>&1) || true
	done
	for file in "$work"/*.deb; do dpkg-deb -x "$file" "$tools"; done
	rm -rf "$work"
	"$tools/usr/sbin/nginx" -v 2>/dev/null || { echo "nginx does not run: install the package nginx-light" >&2; exit 1; }
}

install_postgres() {
	local settings=/etc/postgresql-common/createcluster.conf
	echo "Installing PostgreSQL, without a cluster ..." >&2
	as_root apt-get update -qq >&2
	[ -e "$settings" ] || { as_root mkdir -p "${settings%/*}"; echo "create_main_cluster = false" | as_root tee "$settings" >/dev/null; }
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold postgresql >/dev/null
}

# The package starts and enables a service, but not one that is masked meanwhile.
pgbouncer_unit=/etc/systemd/system/pgbouncer.service
install_pgbouncer() {
	as_root mkdir -p "${pgbouncer_unit%/*}"
	if [ ! -e "$pgbouncer_unit" ]; then
		as_root ln -s /dev/null "$pgbouncer_unit"
		trap 'as_root rm -f "$pgbouncer_unit"' EXIT
	fi
	install pgbouncer
}

install() {
	echo "Installing $* ..." >&2
	as_root apt-get update -qq >&2
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

missing=()
for tool in "$@"; do
	command -v "$tool" >/dev/null && continue
	case $tool in
	nginx) unpack_nginx ;;
	postgres) compgen -G "/usr/lib/postgresql/*/bin/postgres" >/dev/null || install_postgres ;; # not in PATH
	pgbouncer) install_pgbouncer ;;
	*) missing+=("$tool") ;;
	esac
done
[ ${#missing[@]} -eq 0 ] || install "${missing[@]}"
