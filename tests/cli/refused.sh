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
run sillok refused --crawl nowhere
code_is 2; err_has "there is no crawl 'nowhere'"
ok 'other crawls, unknown keys'

cp -r .sillok later
run sillok -s later ingest --crawl wed bad
run sillok -s later ingest --crawl wed bad
run sillok -s later refused --crawl wed --json
json_is 'length == 2'
run sillok -s later crawls --json
json_is 'map(select(.refused == 2)) | length == 2'
run sillok -s later refused --crawl wed --json
sillok -s later refused "$(jq -r 'select(.name | endswith("short.md")).key' out)" >back
same back bad/short.md
run sillok -s later verify
code_is 0
run sillok -s later export --crawl wed later.out
code_is 0; err_has "; not in it: 2 refused files ('sillok refused' has them)"
ok 'what is refused in another crawl again is refused there too, and export tells of it'

# One file that was refused as three things: while it was begun, and grown beyond what is
# read, and with a name of a crawl behind what another crawl has.
mkdir grown
sillok -q -s grown.store init
sillok -s grown.store config limits.file_bytes 100 >/dev/null
: >grown/a.md
sillok -q -s grown.store ingest --crawl mon grown >/dev/null 2>&1
printf '%0101d' 0 >grown/a.md
for _ in 1 2; do sillok -q -s grown.store ingest --crawl mon grown >/dev/null 2>&1; done
run sillok -s grown.store refused --json
json_is 'map(.code) | sort == ["empty", "too_large"]'
printf 'cut off' >grown/a.md
for crawl in mon tue; do sillok -q -s grown.store ingest --crawl $crawl grown >/dev/null 2>&1; done
for text in 'cut offtue' 'cut offtuetue' 'cut offtue'; do
    printf '%s' "$text" >grown/a.md
    sillok -q -s grown.store ingest --crawl tue grown >/dev/null 2>&1
done
run sillok -s grown.store refused --crawl tue --json
json_is 'map(.bytes) | sort == [7, 10, 13]'
sillok -s grown.store refused --raw "$(jq -r 'select(.bytes == 13).key' out)" >back
same back <(printf 'cut offtuetue')
run sillok -s grown.store verify
code_is 0
ok 'each thing that one file was refused as is kept'
# A visit too many at one time, of a version that the store has: nothing of the file is lost
# with it, and the store stays what it was.
mkdir many newer again
for i in $(seq 255); do
    crawl_file 009 0000000001 '2026-01-05 03:00:00' '다리 소식' "본문 $i 이다." >"many/$i.md"
done
crawl_file 009 0000000001 '2026-01-06 03:00:00' '다리 소식' '새로 쓴 글이다.' >newer/a.md
crawl_file 009 0000000001 '2026-01-05 03:00:00' '다리 소식' '새로 쓴 글이다.' >again/a.md
sillok -q -s crowd init
sillok -q -s crowd ingest many newer >/dev/null 2>&1
[ "$(sillok -s crowd stats --json | jq .revisions)" = 256 ] || wrong 'not all contents are in'
run sillok -s crowd ingest again
code_is 1
run sillok -s crowd refused --json
out_has too_many_contents
sillok -s crowd refused "$(jq -r .key out)" >back
same again/a.md back
run sillok -s crowd verify
code_is 0
ok 'one content too many at one time'

run sillok refused --raw
code_is 2; err_has KEY; out_empty
run sillok refused --crawl mon 0123
code_is 2; err_has --crawl
run sillok refused --json 0123
code_is 2; err_has JSON
ok 'options that would do nothing are refused'
finish
