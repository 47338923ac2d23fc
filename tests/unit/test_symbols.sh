#!/bin/sh
# The shared library shows the functions of the public headers and nothing else, and so does
# the static one. usage: test_symbols.sh NM SHARED STATIC INCLUDE
set -eu
nm=$1 shared=$2 static=$3 include=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat "$include"/sillok/*.h | tr '\n' ' ' | grep -oE 'SILLOK_API [^;]*;' |
    grep -oE 'sillok_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u >"$work/declared"
"$nm" -D --defined-only "$shared" | awk '{ print $3 }' | sort -u >"$work/shared"
"$nm" -g --defined-only "$static" | awk 'NF == 3 { print $3 }' | sort -u >"$work/static"

test -s "$work/declared"
diff -u "$work/declared" "$work/shared"
diff -u "$work/declared" "$work/static"
