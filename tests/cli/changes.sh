#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
store

run sillok changes
code_is 0
out_is <<'END'
2026-01-05 03:00..01-06 03:00Z  002/0000000002@2  headline    Old bridge closes in March
2026-01-05 03:00..01-06 03:00Z  001/0000000001@2  number      시립 도서관 새로 문 열어
END
err_is <<'END'
sillok changes: 2 changes
END
ok 'a line each, newest first; the sum is talk'

run sillok changes --json
code_is 0
json_is 'length == 2'
json_is '.[1] | has("oid") and has("aid") and has("publisher") and has("title") and has("fields") and has("kinds") and has("flags") and has("similarity") and has("added_chars") and has("removed_chars") and has("significance") and has("key")'
json_is '.[1].from | .revision == 1 and .last_seen == "2026-01-05T03:00:00Z" and (.content_hash | length == 64)'
json_is '.[1].to | .revision == 2 and .first_seen == "2026-01-06T03:00:00Z" and (.content_hash | length == 64)'
json_is '.[1].window == {"after": "2026-01-05T03:00:00Z", "before": "2026-01-06T03:00:00Z"}'
json_is '.[1].fields == ["body"] and .[0].fields == ["title"] and .[0].kinds[0] == "headline"'
ok 'the fields that others rely on'

run sillok changes --oid 001 --explain --zone KST
out_is <<'END'
2026-01-05 12:00..01-06 12:00+09:00  001/0000000001@2  number      시립 도서관 새로 문 열어
    read as before until 2026-01-05 12:00:00+09:00 (1 visit), as now from 2026-01-06 12:00:00+09:00
    flags: number
    why: number: 1 place [-1200-]{+2100+}
    significance 40.8 = 40 kind number + 0.816 share of the text
END
cp -r .sillok twice && mkdir again
crawl_file 001 0000000001 '2026-01-06 03:00:00' '시립 도서관 새로 문 열어' "${library_2/2100/2200}" >again/1.md
sillok -s twice -q ingest again >/dev/null 2>&1
run sillok -s twice changes --oid 001
out_has '2026-01-06 03:00Z (conflict)    001/0000000001@3  number'
run sillok -s twice log 001/0000000001
out_has 'number (number, conflict); both contents were seen at 2026-01-06 03:00:00Z'
out_lacks 'between 2026-01-06'
ok '--explain; two contents of one moment'

run sillok changes --kind headline
out_lines 1; out_has 002/0000000002@2
run sillok changes --kind headline,number
out_lines 2
run sillok changes --kind headline --kind number
out_lines 2
run sillok changes --kind hedline
code_is 2; err_has "did you mean 'headline'"
ok '--kind: one, a list, repeated, mistyped'
run sillok changes --oid 001
out_lines 1; out_has 001/0000000001@2
ok '--oid'

run sillok changes --crawl mon..tue
code_is 0; out_lines 2
run sillok changes --crawl tue..tue
code_is 0; out_empty
run sillok changes --crawl mon..never
code_is 2; err_has never
run sillok changes --crawl mon
code_is 2; err_has 'A..B'
run sillok changes --crawl tue..mon --json
json_is 'length > 0 and all(.from.revision > .to.revision and .window.after < .window.before)'
ok '--crawl A..B'

# Weeks, say, are called by their first and last day.
for week in 1..7 8..14 15; do
    mkdir "$week"
    crawl_file 001 1 "2026-01-$(printf %02d "${week##*..}") 03:00:00" '도서관 문 열어' "방문객은 ${week##*..}명이다." >"$week/1.md"
    sillok -q -s weeks ingest "$week" >/dev/null
done
run sillok -s weeks changes --crawl 1..7..8..14
code_is 0; out_lines 1; out_has '001/1@2'
run sillok -s weeks changes --crawl 1..7..15
code_is 0; out_lines 1; out_has '001/1@1..3'
run sillok -s weeks changes --crawl 15..8..14
code_is 0; out_lines 1; out_has '001/1@3..2'
run sillok -s weeks changes --crawl 1..7..9
code_is 2; err_has "no crawl '9'"
ok '--crawl: names with dots of their own'

run sillok changes --from 2026-01-06
out_lines 2
run sillok changes --to 2026-01-06
code_is 0; out_empty; err_has '0 changes'
run sillok changes --zone KST --from '2026-01-06 12:00:03'
out_lines 1
run sillok changes --from 2026-02-30
code_is 2; err_has 2026-02-30
run sillok changes --from 2026-02-01 --to 2026-01-01
code_is 2
ok '--from and --to, in the zone of the run'

run sillok changes -n 1
out_lines 1
key=$(sed -n 's/.*--after \(.*\)/\1/p' err)
run sillok changes --after "$key"
out_lines 1; out_has 001/0000000001@2
tie=${key##*/}
for wrong in nonsense "${key%/*}" "${key%/*}/" "$key/" "$key " "${key%/*}/+$tie" "${key%/*}/-1" \
    "${key%/*}/$((tie + 4294967296))" "${key/\//\/\/}" "/$key"; do
    run sillok changes --after "$wrong"
    code_is 2
    err_has 'is not the key of a change'
done
ok '--limit says how to go on'

run sillok changes --sort significance --json
json_is '.[0].significance >= .[1].significance'
ok '--sort significance'
run sillok changes -p
out_has '    title         Old bridge'; out_has '[-1200-]{+2100+}명이었다'
ok '-p shows the words'
run sillok changes --csv
out_lines 3; out_has from_revision; out_has window_after
cp -r .sillok marked && mkdir marks
crawl_file 001 0000000003 '2026-01-06 09:00:09' '주말마다 야시장!' "$market" >marks/3.md
sillok -s marked -q ingest marks >/dev/null
run sillok -s marked changes --all --csv
out_has '"1 headline, only layout"'
python3 -c 'import csv; rows = list(csv.reader(open("out"))); exit(len(rows) < 4 or len({len(r) for r in rows}) > 1)' || wrong 'rows of other lengths'
ok 'CSV is flat, and each row has all columns'

mkdir wed
crawl_file 001 0000000003 '2026-01-07 03:00:09' '주말마다 야시장' "${market/다. /다.  }" >wed/3.md
sillok -q ingest wed >/dev/null
run sillok changes --from 2026-01-07
code_is 0; out_empty; err_has '1 cosmetic'; err_has '--all shows it'
run sillok changes --from 2026-01-07 --all
out_has cosmetic
crawl_file 001 0000000003 '2026-01-08 03:00:09' '주말마다 야시장' "$market" >wed/4.md
cp -r .sillok undone && sillok -s undone -q ingest wed >/dev/null
run sillok -s undone changes --from 2026-01-08 --all
out_has '  cosmetic,reverted to @1  '
ok 'a cosmetic change is hidden and counted; one that goes back says where at its word'

mkdir before after
for i in $(seq 10 40); do
    crawl_file 006 00000000$i '2026-01-05 03:00:00' "소식 $i" "마을 소식 $i 번이다. 오늘은 조용했다." >before/$i.md
    crawl_file 006 00000000$i '2026-01-06 03:00:00' "소식 $i" "마을 소식 $i 번이다. 오늘은 조용했다. 앱에서 더 많은 소식을 만나 보세요." >after/$i.md
done
sillok -q -s fold ingest before after >/dev/null
run sillok -s fold changes
code_is 0; out_lines 1; out_has 'not an edit: 31 articles of 006 하늘일보'; out_has 'crawl after'
err_has '31 no edits'
run sillok -s fold changes --unfold
out_lines 31
run sillok -s fold changes --json
code_is 0; out_empty; err_has '0 changes (31 no edits'
run sillok -s fold changes --events --json
json_is 'length == 1 and (.[0] | .event == "folded" and .oid == "006" and .crawl == "after" and .n_articles == 31 and (.articles | length == 31) and .articles[0] != .articles[1])'
run sillok -s fold changes --events --csv
out_lines 2
run sillok changes --events
code_is 0; out_empty; err_has 'no events'
ok 'what the crawler did to many articles is one event, told apart'

mkdir formula
crawl_file 004 0000000001 '2026-01-05 03:00:00' '=cmd()' 'One two three.' >formula/1.md
crawl_file 004 0000000001 '2026-01-06 03:00:00' '=cmd("x")' 'One two four.' >formula/2.md
sillok -q ingest formula >/dev/null
run sillok changes --oid 004 --csv
out_has "\"'=cmd(\"\"x\"\")\""
run sillok changes --oid 004 --csv --csv-raw
out_has ",\"=cmd(\"\"x\"\")\""
ok 'CSV: what a spreadsheet would compute is defused, unless --csv-raw'

# --- who still carries it ------------------------------------------------------------------

mkdir wire paper
crawl_file 001 1 '2026-01-05 03:00:00' '도서관 문 열어' "$library_1" >wire/1.md
harbour 002 2 '2026-01-05 03:00:00' 'Old bridge' 'The old bridge was built in 1931. Buses wait.' >wire/2.md
crawl_file 003 1 '2026-01-05 04:00:00' '옮긴 기사' "옮긴 기사다. 첫날  방문객은
1200명이었다. 시민들이 반겼다." >wire/3.md
crawl_file 003 2 '2026-01-05 04:00:00' '함께 고친 기사' "$library_1" >wire/4.md
crawl_file 003 3 '2026-01-05 04:00:00' '다른 기사' "$market" >wire/5.md
harbour 004 1 '2026-01-05 05:00:00' 'Bridges' 'A list: "The old bridge was built in 1931." And more.' >wire/6.md
crawl_file 001 1 '2026-01-06 03:00:00' '도서관 문 열어' "$library_2" >paper/1.md
crawl_file 003 2 '2026-01-06 04:00:00' '함께 고친 기사' "$library_2" >paper/4.md
harbour 002 2 '2026-01-06 03:00:00' 'Old bridge' 'The old bridge was built in 1913. Buses wait.' >paper/2.md
sillok -q -s stale ingest wire paper >/dev/null
run sillok -s stale changes --crawl wire..paper --oid 001 --stale
code_is 0
out_is <<'END'
2026-01-05 03:00..01-06 03:00Z  001/1@2           number      도서관 문 열어
    첫날 방문객은 1200명이었다.
        003/1@1           하늘일보        since 2026-01-05 04:00Z  옮긴 기사
END
err_is <<'END'
sillok changes: 1 change
sillok changes: 1 of 1 sentence that they took out or replaced stands elsewhere still, in 1 place
END
run sillok -s stale changes --oid 002 --stale
out_has '    The old bridge was built in 1931.'; out_has '        004/1@1'; out_lines 3
run sillok -s stale changes --stale -p --oid 002
out_has '{+1913+}'; out_has '        004/1@1'
run sillok -s stale changes --stale --kind headline
code_is 0; out_empty; err_has '0 of 0 sentences'
ok '--stale: who still carries the old sentence; who never did, or corrected it too, is not listed'

run sillok -s stale changes --stale --json
json_is 'length == 3'
json_is '.[] | select(.changed.oid == "001") | .sentence == "첫날 방문객은 1200명이었다." and .oid == "003" and .aid == "1" and .revision == 1 and .publisher == "하늘일보" and .since == "2026-01-05T04:00:00Z" and .published_at == "2026-01-01 08:00" and (.content_hash | length == 64) and has("title") and has("url") and has("key")'
json_is '.[] | select(.changed.oid == "001") | .changed | .from == 1 and .to == 2 and .kinds[0] == "number" and .after == "2026-01-05T03:00:00Z" and .before == "2026-01-06T03:00:00Z" and has("publisher") and has("title") and .aid == "1"'
run sillok -s stale changes --stale --csv
out_lines 4; out_has 'sentence,oid,aid,revision'; out_has 'changed_oid'
mkdir late
crawl_file 005 1 '2026-01-07 04:00:00' '늦게 온 기사' "$library_1" >late/1.md
sillok -q -s stale ingest late >/dev/null
run sillok -s stale changes --stale --no-update --oid 001
code_is 0; err_has '1 text of the store is not in the index yet'; out_has '003/1@1'; out_lacks '005/1@1'
run sillok -s stale changes --stale --oid 001
code_is 0; err_lacks 'not in the index'; out_has '005/1@1'
rm -f stale/near.mdb
run sillok -s stale changes --stale --no-update
code_is 2; err_has 'index'
run sillok -s stale changes --stale --events
code_is 2; err_has '--events'
run sillok -s stale changes --all-time
code_is 2; err_has '--stale'
ok '--stale: for programs, and with what does not go together'

# Empty in one crawl, and back with another number: that edit is told, not the empty visit.
mkdir e1 e2 e3
long="$library_1 $market $library_1 $market"
crawl_file 007 1 '2026-01-05 03:00:00' '도서관' "$long" >e1/1.md
crawl_file 007 1 '2026-01-06 03:00:00' '도서관' '' >e2/1.md
crawl_file 007 1 '2026-01-07 03:00:00' '도서관' "${long/1200/2100}" >e3/1.md
sillok -q -s empty ingest e1 e2 e3 >/dev/null 2>&1
run sillok -s empty changes
code_is 0; out_lines 1
out_has '2026-01-05 03:00..01-07 03:00Z  007/1@1..3        number      도서관'
run sillok -s empty diff 007/1@1..3
code_is 1; out_has '[-1200-]{+2100+}'
run sillok -s empty changes --json
json_is '.[0] | .from.revision == 1 and .to.revision == 3 and .kinds == ["number"] and .window.after == "2026-01-05T03:00:00Z"'
run sillok -s empty changes --all
out_lines 2; out_has '007/1@3  '; out_has '007/1@2  '
# emptied has removed with it, but who asks what was removed does not mean a visit that failed
sillok -q -s emptied ingest e1 e2 >/dev/null 2>&1
run sillok -s emptied changes --kind removed
code_is 0; out_empty; err_has '1 emptied article waits for a second crawl'
run sillok -s emptied changes --kind removed --all
out_lines 1
run sillok -s emptied changes --kind emptied
out_lines 1; err_lacks waits
ok 'an edit behind a visit that found nothing is told against what stood before'

# A file that was damaged on its way, whose hash tells.
mkdir d1 d2 d3
crawl_file 008 1 '2026-01-05 03:00:00' '도서관' "$library_1" >d1/1.md
crawl_file 008 1 '2026-01-06 03:00:00' '도서관' "$library_1" | sed 's/1200/9200/' >d2/1.md
crawl_file 008 1 '2026-01-07 03:00:00' '도서관' "$library_1" >d3/1.md
sillok -q -s damaged ingest d1 d2 d3 >/dev/null 2>&1
run sillok -s damaged changes
code_is 0; out_lines 2; out_has '008/1@2           number (mismatch)  도서관'
run sillok -s damaged changes --json
json_is 'length == 2 and all(.[]; .flags | index("mismatch"))'
run sillok -s damaged log 008/1
out_has 'hash mismatch: its files declare another content_hash'
[ "$(grep -c 'hash mismatch' out)" -eq 1 ] || wrong 'not of one revision'
run sillok -s damaged log --json 008/1
json_is 'map(.hash_mismatch) == [false, true, false]'
json_is '[.[] | .flags | index("mismatch") != null] == [true, true, false]'
run sillok -s damaged show 008/1@2
out_has 'mismatch   its files declare another content_hash'
run sillok -s damaged show --json 008/1@2
json_is '.[0].hash_mismatch'
run sillok -s damaged show 008/1
out_lacks mismatch
run sillok -s empty changes --all --json
code_is 0
json_is 'length > 0 and all(.[]; .flags | index("mismatch") | not)'
ok 'a text that its own file denies is marked'

# ... unless another file has that text and the right hash
mkdir d4
crawl_file 008 1 '2026-01-06 09:00:00' '도서관' "${library_1/1200/9200}" >d4/1.md
cp -r damaged confirmed
sillok -q -s confirmed ingest d4 >/dev/null 2>&1
run sillok -s confirmed changes --json
json_is 'length == 2 and all(.[]; .flags | index("mismatch") | not)'
run sillok -s confirmed log 008/1
out_lacks mismatch
ok 'a text that one file confirms is not marked'

run sillok -s damaged changes -p --json
json_is '.[0].values == {} and (.[0].body.rows | length > 0) and .[0].key'
jq -c '.body' <out | tail -n 1 >patch
run sillok -s damaged diff --json 008/1@2
jq -c '.body' <out >body
same patch body
run sillok changes -p --json --kind headline
json_is '.[0].values.title == {from: "Old bridge to close", to: "Old bridge closes in March"} and .[0].body == null'
ok '-p --json: what diff --json has, in each row'

clash() {
    run sillok "${@:2}"
    code_is 2; err_has "$1"; out_empty
}
clash --crawl changes --every
clash CSV changes -p --csv
clash --stale changes -p --json --stale
clash --events changes -p --json --events
clash --events changes --events -n 3
clash --events changes --events --explain
clash --events changes --events --sort significance
clash --unfold changes --events --unfold
clash --stale changes --no-update
for n in 0 -1 x 1x ''; do clash 'not a number from 1 up' changes -n "$n"; done
ok 'options that would do nothing are refused'
store=$work/.sillok
run sillok -s "$store" changes --json
json_is '[.[].flags] | flatten | index("number") != null'
jq -c 'select(.flags | index("number"))' out >want
run sillok -s "$store" changes --flag number --json
code_is 0; same want out

run sillok -s "$store" changes --flag quote,moved --flag negation
code_is 0; out_empty
run sillok -s "$store" changes --flag numbr
code_is 2; err_has "did you mean 'number'"
ok '--flag'
for verb in changes 'find 도서관' 'report none'; do
    run sillok -s "$store" $verb --from 2099-01-01
    code_is 0; err_has 'the last visit in the store is of 2026-'
    run sillok -s "$store" $verb --from 2099-01-01 -q
    err_empty
    run sillok -s "$store" $verb --to 2000-01-01
    err_lacks 'the last visit'
done
ok 'a time that is later than all there is'
for verb in changes 'find 도서관' 'export nowhere' 'report none'; do
    run sillok -s "$store" $verb --oid 77
    code_is 0; err_has "there is no publisher '77' in it"
    run sillok -s "$store" $verb --oid 77 -q
    err_empty
done
run sillok -s "$store" changes --oid 001 --kind typo
err_lacks 'publisher'
ok 'a publisher that is not there'

# A long list goes into a pipe that is not read; a crawl of an earlier time comes in between.
visits() { # FROM TO: of 64 articles, one a minute; each reads otherwise each time
    jq -nc --argjson from "$1" --argjson to "$2" 'range($from; $to) as $i | range(64) as $a |
        { oid: "001", aid: "\($a)", crawled_at: (1767582000 + 60 * $i | todate), title: "제목",
          body: "도서관 \($a)번 창구에 \($i * 37 % 1009)명이 왔다." }'
}
printf 'name: other\n' >other.yaml
{ visits 0 5; visits 10 80; } | sillok -q -s long ingest --profile other.yaml --crawl now - >/dev/null ||
    wrong 'cannot take it in'
visits 5 10 >late.ndjson
for as in --json --csv; do
    rm -rf grows
    cp -r long grows
    sillok -q -s grows changes --unfold $as >want
    [ "$(wc -l <want)" -gt 4200 ] || wrong "only $(wc -l <want) changes"
    sillok -q -s grows changes --unfold $as | {
        sleep 1
        sillok -q -s grows ingest --profile other.yaml --crawl late late.ndjson >/dev/null
        cat >got
    }
    same want got
done
ok 'a list for a program is of one moment'
finish
