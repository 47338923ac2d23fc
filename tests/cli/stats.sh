#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
run sillok stats
code_is 2; err_has 'no store found'
ok 'without a store'
store
run sillok stats
code_is 0; err_empty
out_has '4 in 6 revisions: 2 changes'; out_has '7 in 2 crawls'
ok 'for people'
run sillok stats --json
json_is '.[0] | .articles == 4 and .revisions == 6 and .changes == 2 and .bodies == 5 and .observations == 7 and .crawls == 2 and .first == "2026-01-05T03:00:00Z"'
ok 'for programs'
run sillok stats --publishers --json
json_is 'map(.oid) == ["001", "002"]'
json_is '.[0] | .articles == 2 and .changes == 1 and .publisher == "하늘일보"'
run sillok stats --tables
code_is 0; out_has 'rows'
ok 'parts'
mkdir -p a/b && cd a/b || exit 99
run sillok stats --json
code_is 0
cd "$work" || exit 99
ok 'the store is found from below'
finish
