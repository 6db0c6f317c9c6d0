#!/bin/bash
# Every `vy` block of docs/language.md is a program that passes `vyre check`.
# usage: test_language.sh VYRE SOURCE_DIR
set -u
vyre=$1 page=$2/docs/language.md
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
awk -v work="$work" '
  /^```vy$/ { inside = 1; n++; next }
  /^```$/ { inside = 0 }
  inside { print > (work "/" n ".vy") }' "$page"
count=0 failures=0
for file in "$work"/*.vy; do
  count=$((count + 1))
  if ! "$vyre" check "$file" >"$work/log" 2>&1; then
    echo "a program of docs/language.md does not pass:"
    cat "$file" "$work/log"
    failures=$((failures + 1))
  fi
done
[ "$failures" = 0 ] && [ "$count" -ge 4 ] && echo "$count programs"
