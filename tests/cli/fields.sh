#!/usr/bin/env bash
# fields.sh SILLOK: what a program reads is what the manual tells of it.
doc=$(realpath "$(dirname "$0")/../../docs/diff.md")
. "$(dirname "$0")/lib.sh"
sample
mkdir wed
crawl_file 001 0000000001 '2026-01-07 03:00:00' '시립 도서관 새로 문 열어' "$library_1" >wed/001_0000000001_library.md
crawl_file 003 0000000009 '2026-01-07 03:00:03' '도서관 소식' "$library_1" >wed/003_0000000009_copy.md
printf 'no front matter' >$'wed/bad\xff.md'
sillok init >proof.log 2>&1 && sillok proof init >>proof.log 2>&1 || exit 99
run sillok ingest --json --timings mon tue wed
code_is 1
cp out ingest.json

# told VERB: the names in all objects of ./out, but for a diff's rows (docs/diff.md), are words
# in the help of VERB.
told() {
    sillok help "$1" >help
    jq -r 'del(.body.rows?, .body.figures?) | if has("values") then .values = 0 else . end
        | paths | map(strings) | .[]' out 2>/dev/null | sort -u >names
    [ -s names ] || wrong "$1 printed no object"
    while read -r field; do
        [ "$field" = invalid_utf8 ] || grep -qwF -e "$field" help || wrong "$1 does not tell of '$field'"
    done <names
}
said() { # VERB ARGUMENT...
    run sillok "$@" --json
    told "$1"
}
cp ingest.json out
told ingest
said log 001/0000000001
said log --blame 001/0000000001
said show 001/0000000001
said diff 001/0000000001
said changes --all
jq -s -e 'all(.[]; has("modified_at") and has("category") and (.published_at | length > 9))' out >/dev/null || wrong 'changes lacks published_at'
said changes --stale --all-time
said find 도서관
[ "$(jq -rs '.[0].published_at' out)" = "$(sillok show --json 001/0000000001 | jq -r .published_at)" ] || wrong 'find has another published_at'
said crawls
said crawls --missing wed
said articles --body
said stats
said stats --publishers
said stats --tables
said refused
said dups
said similar 001/0000000001@2
said clusters --all-time
said config
said version
said verify
said reindex
said proof
said proof log
said backup copy
said compact
said salvage rescued
run sillok export --format ndjson
told export
ok 'every name in a JSON object stands in the help of its verb'

# The same columns in CSV, but for lists that fit in no cell.
columns_of() { # ARGUMENT...
    run sillok "$@" --csv
    head -n 1 out | tr -d '\r' | tr , '\n' | sort >csv
    run sillok "$@" --json
    jq -rs '.[0] | [to_entries[] | .key as $k
        | if .value | type == "object" then .value | keys[] | "\($k)_\(.)" else $k end]
        | . - ["marks", "spans", "invalid_utf8"] | .[]' out | sort >json
    diff -u json csv >difference || { wrong "$*"; say <difference; }
}
columns_of log 001/0000000001
columns_of log --blame 001/0000000001
columns_of changes --all
columns_of changes --stale --all-time
columns_of find 도서관
columns_of crawls
columns_of crawls --missing wed
columns_of articles
columns_of articles --body
columns_of stats
columns_of stats --publishers
columns_of refused
columns_of dups
columns_of similar 001/0000000001@2
columns_of clusters --all-time
ok 'CSV has the same names, flat'

# Rows of one list have one form, whatever is null in them.
for list in 'log 001/0000000001' 'log --blame 001/0000000001' 'changes --all' 'find 도서관' crawls 'dups'; do
    run sillok $list --json
    json_is 'map(del(.invalid_utf8) | [paths | map(strings) | join(".")] | unique) | unique | length == 1'
done
ok 'all rows of a list have the same names'

run sillok refused --json
json_is 'length == 1 and .[0].invalid_utf8 == true and (.[0].name | test("^bad\ufffd.md$"))'
run sillok help --man
out_has '# OUTPUT FOR PROGRAMS'; out_has 'invalid\_utf8'; out_has 'window\_after'
ok 'what is not UTF-8 is marked, and the manual tells how'

# Words that a value may be are told as well, and the rows of a diff in docs/diff.md.
has_words() { # FILE WORD...
    local file=$1 word
    shift
    for word; do grep -qwF -e "$word" "$file" || wrong "$file does not tell of '$word'"; done
}
fields='title category publisher author published_at modified_at url body'
values_of() { # VERB WORD...
    sillok help "$1" >help
    shift
    has_words help "$@"
}
values_of changes folded $fields reverted metadata unconfirmed opposite mismatch
values_of verify page version body hash article log class crawl refusal proof
values_of reindex hash article rev log crawl class
values_of proof revision observation consistency checkpoint
values_of find title body added removed reworded
run sillok diff --json 001/0000000001
has_words "$doc" rows figures same changed removed added moved_from moved_to other coarse \
    $(jq -r '.body | [paths | map(strings)] | flatten | unique | .[]' out)
ok 'every word that a value may be is told'

# A program that keeps up by keys: an emptied article is told late, under its own time.
mkdir late
day() { # DAY BODY
    mkdir "late/$1"
    crawl_file 004 0000000001 "2026-02-0$1 03:00:00" '다리 공사 시작' "$2" >"late/$1/004_0000000001_x.md"
    crawl_file 004 0000000002 "2026-02-0$1 03:00:01" '야시장' "$market" >"late/$1/004_0000000002_y.md"
    sillok -s kept -q ingest "late/$1" >ingest.log 2>&1
    sillok -s kept changes --json 2>err | jq -r .key >"late/$1.keys"
}
day 1 "$library_1"
day 2 ''
day 3 ''
comm -13 late/1.keys late/2.keys >new
[ ! -s new ] || wrong 'told at once'
comm -13 late/2.keys late/3.keys >new
[ "$(cat new)" = '2026-02-02T03:00:00Z/004/0000000001/0' ] || wrong "$(cat new)"
run sillok -s kept changes --json --from 2026-02-03
out_empty
run sillok help changes
tr '\n' ' ' <out >line && mv line out
out_has 'has a key that was not there is new'
ok 'what is new since an earlier run'
finish
