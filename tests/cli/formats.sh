#!/usr/bin/env bash
# formats.sh SILLOK: a store of a format before goes on as one, until compact; one that the first
# program of the present format made is read to the last byte.
data=$(cd "$(dirname "$0")/../data" && pwd)
. "$(dirname "$0")/lib.sh"
# tests/data/format-2.*: a store that the program of format 2 made of made-up articles, 230 in
# two crawls, with dictionaries; and what that program said of it.
tar -xzf "$data/format-2.tar.gz"

answers() { # STORE: what was taken in, and what changed
    sillok -q -s "$1" export - --crawl mon | tar -xO -f - | sha256sum
    sillok -q -s "$1" export - --crawl tue | tar -xO -f - | sha256sum
    sillok -s "$1" changes --all --json --crawl mon..tue 2>/dev/null |
        jq -c '{oid, aid, from: .from.content_hash, to: .to.content_hash, window, kinds}'
}
texts_of() { sillok -s "$1" stats --json | jq .bodies; }
format_of() { cut -d' ' -f2 "$1/format"; }

cp -r format-2 plain
answers plain >got
same "$data/format-2.answers" got
run sillok -s plain verify
code_is 0
ok 'a store of format 2 answers as it did'

# What comes in has no newer form than the store.
mkdir wed
for i in 1 2 3 4 5 6 7 8 9; do
    crawl_file 701 "000000000$i" '2026-01-04 09:00:00' "다시 쓴 소식 $i" "다시 썼다 $i. $market" >"wed/$i.md"
    crawl_file 709 "000000010$i" '2026-01-04 09:00:00' "새 소식 $i" "새로 썼다 $i. $library_1" >"wed/1$i.md"
done
run sillok -s plain ingest wed
code_is 0
[ "$(format_of plain)" = 2 ] || wrong 'another format'
[ "$(texts_of plain)" = 262 ] || wrong "$(texts_of plain) texts"
run sillok -s plain verify
code_is 0
run sillok -s plain reindex -n --json
code_is 1 # what its changes are, by the rules of that time
json_is 'any(.[]; .event == "table")'
json_is 'all(.[] | select(.event == "table"); .wrong - .older_rules + .missing + .extra == 0)'
answers plain >got
same "$data/format-2.answers" got
sillok -q -s plain export - --crawl wed | tar -xO -f - | sha256sum >wed.sum
ok 'a crawl more, and it is one of format 2 still'

run sillok -s plain reindex
code_is 0
run sillok -s plain backup copy
code_is 0
out_has 'format 4 (was 2)'
run sillok -s plain salvage saved
code_is 0
run sillok -s plain compact
code_is 0
[ "$(format_of plain)" = 4 ] || wrong 'compact makes the present format'
for store in plain copy saved; do
    run sillok -s "$store" verify
    code_is 0
    answers "$store" >got
    same "$data/format-2.answers" got
    sillok -q -s "$store" export - --crawl wed | tar -xO -f - | sha256sum >got
    same wed.sum got
    [ "$(texts_of "$store")" = 262 ] || wrong "$(texts_of "$store") texts"
done
ok 'reindex, and what copies it: the present format, the same answers'

mkdir thu
crawl_file 701 0000000001 '2026-01-05 09:00:00' '또 다시' "또 썼다. $market" >thu/1.md
run sillok -s copy ingest thu wed
code_is 0
run sillok -s copy verify
code_is 0
ok 'and that goes on'

# Without a seal nothing says which pages are of the last commit, and in this format each article
# has its number in a row of its own: what one lost page takes along is told, and nothing is made up.
lines_of() { sillok -q -s "$1" export - | tar -xO -f - | sort; }
lines_of format-2 >all
pages=$(($(stat -c %s format-2/data.mdb) / 4096))
whole=0
for page in $(seq 2 2 $((pages - 1))); do
    rm -rf torn out-of-torn
    cp -r format-2 torn
    rm torn/data.mdb-seal
    dd if=/dev/zero of=torn/data.mdb bs=4096 count=1 seek="$page" conv=notrunc 2>/dev/null
    run sillok -s torn salvage out-of-torn
    [ "$code" -le 1 ] || wrong "page $page: exit $code"
    told=$(sed -n 's/^ *\([0-9,]*\) files\? \(is\|are\) there as an article only.*/\1/p' out)
    lost=$(sed -n 's/.*brought out, \([0-9,]*\) observations\? lost.*/\1/p' out)
    sillok -q -s out-of-torn verify >got || wrong "page $page: $(cat got)"
    lines_of out-of-torn >got
    others=$(comm -13 all got | wc -l)
    [ "$others" -le "${told:-0}" ] || wrong "page $page: $others lines nobody took in, ${told:-0} told"
    gone=$(comm -23 all got | wc -l)
    [ "$gone" -le $((${told:-0} + ${lost:-0})) ] || wrong "page $page: $gone lines gone, ${lost:-0} told"
    [ "$code" = 1 ] || { [ "$gone" = 0 ] && whole=$((whole + 1)); } || wrong "page $page: lines gone, exit 0"
done
[ "$whole" -gt $((pages / 6)) ] || wrong "only $whole pages that nothing needs"
ok 'salvage of each second page of one without a seal'

# tests/data/format-3.tar.gz: the same store after `compact` of a program that wrote format 3.
tar -xzf "$data/format-3.tar.gz"
cp -r format-3 plain-3
run sillok -s plain-3 verify
code_is 0
answers plain-3 >got
same "$data/format-2.answers" got
run sillok -s plain-3 ingest wed
code_is 0
run sillok -s plain-3 reindex
code_is 0
[ "$(cut -d' ' -f2,4 plain-3/format)" = '3 data-1.mdb' ] || wrong "$(cat plain-3/format)"
for how in as-it-is compact; do
    if [ $how = compact ]; then
        run sillok -s plain-3 compact
        code_is 0
        [ "$(cut -d' ' -f2,4 plain-3/format)" = '4 data-2.mdb' ] || wrong "$(cat plain-3/format)"
    fi
    run sillok -s plain-3 verify
    code_is 0
    answers plain-3 >got
    same "$data/format-2.answers" got
    sillok -q -s plain-3 export - --crawl wed | tar -xO -f - | sha256sum >got
    same wed.sum got
    [ "$(texts_of plain-3)" = 262 ] || wrong "$(texts_of plain-3) texts"
done
ok 'a store of format 3 is read, written, derived anew and compacted'

# tests/data/format-4.tar.gz: the same crawls, taken in by the first program of format 4 as it stayed, and
# a third one with a text in parts, an escaped file, readers' comments, another hash than
# declared, a folder, a file that was refused; a log of proofs; and a proof from then.
tar -xzf "$data/format-4.tar.gz"
wed_sum=49fbb3fee5cdbbcdaa4a8d4bc7fc362fc8ffcbae8dfb4c6524d5d7d6132c48d0
log_key=example.org/news+39844ae9+ASx1b7ueszKnZHhV77xP4agTQBLOy5klWRTXRuN3wD54
mkdir fri
crawl_file 706 0000009002 '2026-01-06 09:00:00' '시장 "다리 & 길"' "고쳤다. $market" >fri/2.md
for how in as-it-is ingest reindex compact; do
    case $how in
    ingest) run sillok -s format-4 ingest fri ;;
    as-it-is) run sillok -s format-4 stats ;;
    *) run sillok -s format-4 $how ;;
    esac
    code_is 0
    run sillok -s format-4 verify
    code_is 0
    answers format-4 >got
    same "$data/format-2.answers" got
    sillok -q -s format-4 export - --crawl wed | tar -xO -f - | sha256sum >got
    [ "$(cut -d' ' -f1 got)" = $wed_sum ] || wrong "other bytes: $how"
    run sillok -s format-4 refused --json
    json_is 'length == 1 and .[0].code == "unclosed_front_matter" and .[0].bytes == 29'
    run sillok proof check format-4.tlog-proof --key $log_key
    code_is 0
    sillok -s format-4 proof checkpoint >"$how.checkpoint" || wrong 'no checkpoint'
    sillok -s format-4 proof since as-it-is.checkpoint >since || wrong 'no proof'
    run sillok proof check since --key $log_key --since as-it-is.checkpoint
    code_is 0
done
[ "$(sed -n 2p as-it-is.checkpoint)" = 267 ] || wrong "$(cat as-it-is.checkpoint)"
[ "$(sed -n 2p compact.checkpoint)" = 269 ] || wrong "$(cat compact.checkpoint)"
ok 'a store of the first days of format 4, and its log of proofs'

# A program of that time is told by the number that it does not know ours.
cp -r copy newer
sed -i 's/^sillok 4/sillok 5/' newer/format
run sillok -s newer stats
code_is 2
err_has 'has format 5, this program knows format 4: use a newer sillok'
ok 'a format that is not known'
finish
