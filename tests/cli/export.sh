#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
store

run sillok export back
code_is 0; out_empty; err_has '7 files'
diff -r mon back/mon >difference && diff -r tue back/tue >>difference || { wrong differ; say <difference; }
ok 'a folder: every file, byte for byte'
run sillok export back
code_is 0
ok 'once more is fine'
echo x >back/mon/001_0000000003_market.md
run sillok export back
code_is 2; err_has market
[ "$(cat back/mon/001_0000000003_market.md)" = x ] || wrong overwritten
run sillok export --force back
code_is 0; same back/mon/001_0000000003_market.md mon/001_0000000003_market.md
ok 'what exists stays, unless --force'

run sillok export --crawl mon one
code_is 0; diff -r mon one >difference || { wrong differ; say <difference; }
run sillok export --crawl never two
code_is 2; err_has never
ok 'one crawl, without its folder'
run sillok export all.tar
code_is 0
mkdir t u && tar -xf all.tar -C t 2>/dev/null && diff -r mon t/mon >/dev/null && diff -r tue t/tue >/dev/null || wrong differ
run sillok export all.tar
code_is 2; err_has '--force'
[ "$(find . -name '*.part' | wc -l)" -eq 0 ] || wrong 'left behind'
ok 'a tar, whole or not at all'
sillok export - 2>err | tar -xf - -C u 2>/dev/null && diff -r t u >difference || { wrong differ; say <difference; }
ok 'a tar on standard output'
run sillok export
code_is 2; err_has 'say where to'
ok 'nowhere is wrong use'

run sillok export --format ndjson
code_is 0; err_empty; json_is 'length == 7'
[ "$(jq -rs 'map(select(.aid == "0000000004"))[0].body' out)" = "$storm" ] || wrong body
ok 'a visit a line'
run sillok export --format ndjson --article 001/0000000001
json_is 'map(.crawled_at) | sort == ["2026-01-05T03:00:00Z", "2026-01-06T03:00:00Z"]'
run sillok export --format csv --oid 002 two.csv
code_is 0; out_empty; [ "$(grep -c $'\r$' two.csv)" -eq 4 ] || wrong rows
run sillok export --format csv two.csv
code_is 2
run sillok export --format csv --force two.csv
code_is 0; [ "$(grep -c $'\r$' two.csv)" -eq 8 ] || wrong rows
ok 'one article, one publisher, into a file'

mkdir stale
run bash -c 'echo half >stale/.sillok.new.$$; exec "$0" export stale --crawl mon' "$program"
code_is 0; diff -r mon stale >/dev/null || wrong differ
run bash -c 'echo half >stale.tar.$$.part; exec "$0" export stale.tar --crawl mon' "$program"
code_is 0; mkdir stale2 && tar -xf stale.tar -C stale2 && diff -r mon stale2 >/dev/null || wrong differ
[ "$(find . -name '*.part' | wc -l)" -eq 0 ] || wrong 'left behind'
ok 'what a killed export left under our own process number is in no way'

run sillok -s copy ingest --json --crawl mon back/mon
json_is '.[-1].new_articles == 3 and .[-1].hash_mismatch == 0'
ok 'what came out goes in again'
finish
