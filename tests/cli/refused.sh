#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
store
run sillok refused
code_is 0; out_empty; err_has 'nothing was refused'
ok 'nothing'

mkdir bad
printf -- '---\ntitle: "x"\n' >bad/short.md
printf -- '---\noid: 001\n\033]0;boo\007\n' >$'bad/two\nlines.md'
sillok -q ingest bad >/dev/null 2>&1
run sillok refused
code_is 0; out_has short.md; out_has $'two\\nlines.md\''; out_has bad
out_lines 3
ok 'a list, odd names quoted'
run sillok refused --json
json_is 'length == 2 and all(.[]; has("key") and has("code") and has("reason") and has("crawl") and .kept)'
key=$(jq -r 'select(.name | endswith("short.md")).key' out)
run sillok refused "$key"
code_is 0; same out bad/short.md
run sillok refused "${key:0:10}"
code_is 0; same out bad/short.md
ok 'the bytes, by key or its start'
run sillok refused --crawl mon
code_is 0; out_empty
run sillok refused ffffffffffffffffffffffffffffffff
code_is 2
ok 'other crawls, unknown keys'
finish
