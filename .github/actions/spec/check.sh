#!/usr/bin/env bash
# Lints the documents of $FILES and compares each with what it was at $AGAINST: a git revision, or "release" for the last
# release that vod knows. Without $AGAINST it only lints. Every document is looked at before the script fails.
set -euo pipefail

format=text
[ "${GITHUB_ACTIONS:-}" != true ] || format=github
read -r -d '' -a files <<<"${FILES:?the documents to look at}" || true

status=0
vod spec lint -o "$format" -- "${files[@]}" || status=$?
for file in "${files[@]}"; do
	case ${AGAINST:-} in
		'') ;;
		release) vod spec breaking -o "$format" -- "$file" || status=$? ;;
		-*) echo "$AGAINST is no git revision" >&2; exit 2 ;;
		*)
			git rev-parse -q --verify "$AGAINST^{commit}" >/dev/null || { echo "git has no revision $AGAINST here: check out with fetch-depth: 0" >&2; exit 2; }
			if ! git cat-file -e "$AGAINST:./$file" 2>/dev/null; then
				echo "$file is new since $AGAINST" >&2
			else
				git show "$AGAINST:./$file" | vod spec breaking -o "$format" --against - -- "$file" || status=$?
			fi
			;;
	esac
done
exit "$status"
