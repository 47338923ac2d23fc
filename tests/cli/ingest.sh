#!/usr/bin/env bash
make_crawls=$(realpath "$(dirname "$0")")/make_crawls.py
. "$(dirname "$0")/lib.sh"
sample

run sillok ingest --dry-run mon
code_is 0; out_has '3 files, 3 new'; out_has 'nothing is stored'
[ ! -e .sillok ] || wrong 'a dry run made a store'
ok 'a dry run stores nothing, not even a store'

run sillok ingest mon tue
code_is 0
out_has 'mon: 3 files, 3 new, 0 changed, 0 unchanged'
out_has 'tue: 4 files, 1 new, 2 changed, 1 unchanged'
ok 'two folders, two crawls'

run sillok ingest --json tue
code_is 0
json_is '.[-1] | keys_unsorted[0:15] == ["crawl", "files", "observations", "already", "new_articles", "changed", "unchanged", "new_bodies", "known_bodies", "refused", "hash_mismatch", "conflicts", "bytes_read", "bytes_stored", "seconds"]'
json_is '.[-1] | .crawl == "tue" and .files == 4 and .already == 4 and .observations == 0 and (has("event") | not)'
json_is 'all(.[0:-1][]; has("event"))'
ok 'the same again changes nothing; the last line of --json has the named fields'

mkdir -p one/new two/new && cp mon/*library.md one/new && cp tue/*library.md two/new
run sillok -s s1 ingest one/new
code_is 0; err_empty
run sillok -s s1 ingest two/new
code_is 0; out_has '0 new, 1 changed'
err_is <<'END'
new: a crawl of this name was there before, with 1 file, and has the new ones too now; --crawl NAME keeps them apart (note)
END
run sillok -s s1 ingest two/new
code_is 0; err_empty
run sillok -s s1b ingest one/new
run sillok -s s1b ingest --crawl new two/new --json
code_is 0; json_is '[.[] | select(.event == "note")] == []'
run sillok -s s1c ingest one/new two/new
code_is 0; out_has 'new: 2 files, 1 new, 1 changed'; err_has 'two/new: one crawl with the path before it'
run sillok -s s1d ingest one/new/*.md mon/*market.md
code_is 0; err_empty
run sillok -s s1d ingest --crawl both one/new two/new
code_is 0; err_empty
ok 'two folders of one name are one crawl, which is said where nobody named it'

run sillok -s s1e ingest --crawl '' one/new # --crawl "$DAY" with no DAY set
code_is 2; err_has 'the name of the crawl is empty'
[ ! -e s1e ] || wrong 'a store was made'
ok 'a crawl has a name'

tar -cf wed.tar -C tue . && gzip -k wed.tar
run sillok -s s2 ingest --json wed.tar.gz
code_is 0; json_is '.[-1] | .crawl == "wed" and .new_articles == 4'
ok 'an archive gives its name to the crawl'
sillok -s s3 ingest --json --crawl thu - <wed.tar >out 2>err; code=$?
code_is 0; json_is '.[-1] | .crawl == "thu" and .files == 4'
mkdir named && cp -r tue named/fri && tar -czf fri.tar.gz -C named fri
sillok -s s3b -q ingest fri.tar.gz >/dev/null
zcat fri.tar.gz | sillok -s s3b ingest --json --crawl fri - >out 2>err; code=$?
code_is 0; json_is '.[-1] | .files == 4 and .already == 4'
ok 'a tar on standard input, by the names that it has as a file'
head -c 4000 wed.tar >cut.tar
run sillok -s whole1 ingest --atomic cut.tar wed.tar
code_is 1; err_has 'nothing of it was taken in'; out_has 'wed: 4 files, 4 new'
sillok -s whole2 ingest --atomic --crawl cut - <cut.tar >out 2>err; code=$?
code_is 2; out_empty; err_has 'standard input can be read once: save it to a file'
[ ! -e whole2 ] || wrong 'a store was made'
run sillok -s whole2 ingest --atomic tue
code_is 2; err_has '--atomic is about archives'
run sillok -s whole2 ingest --atomic --follow tue
code_is 2; err_has '--atomic is about archives'
run sillok -s whole1 ingest --atomic wed.tar tue
code_is 0
ok 'an archive wholly or not at all, and what that cannot be asked of'
for size in 999949:999.9\ kB 999990:1.0\ MB; do
    printf "%${size%:*}s" '{"oid":"009","aid":"1","title":"t","crawled_at":"2026-01-05 03:00:00","body":"b"}' >blanks.ndjson
    run sillok -s s3c ingest blanks.ndjson
    code_is 0; grep -q "^${size#*:} read in" out || { wrong "not ${size#*:}"; say <out; }
done
ok 'sizes go on to the next unit where they would be written with four digits'

# A name as old archives have them, 뉴스 in CP949; what comes behind it comes too.
old=$'\xb4\xba\xbd\xba'
mkdir "$old" && cp mon/*.md "$old"
run sillok -s s3c ingest "$old" mon
code_is 0; out_has '3 files, 3 new'; out_has 'mon: 3 files, 0 new'
run sillok -s s3d ingest --json "$old" mon
code_is 0; json_is '.[-1] | .files == 6 and (.crawls | length) == 2 and .crawls[1] == "mon" and .invalid_utf8'
ok 'a crawl whose name is not UTF-8'
mkdir again && cp -r tue again/mon
run sillok -s s3named ingest --json mon tue again/mon
code_is 0; json_is '.[-1] | .crawls == ["mon", "tue"] and .crawl == null'
json_is '[.[] | select(.event == "crawl_done").crawl] == ["mon", "tue", "mon"]'
ok 'a crawl that others lie between is named once'

mkdir glued && cat mon/*library.md mon/*market.md >glued/two.md && cp mon/*library.md glued/one.md
run sillok -s s3g ingest glued
code_is 0; err_has 'two.md: what looks like another article begins further down: a file is one article (note)'
err_lacks 'one.md'
ok 'files that were joined are told'
mkdir bare
for i in $(seq 30); do crawl_file 001 "$i" '2026-01-05 03:00:00' 'a headline' '' >"bare/$i.md"; done
run sillok -s s3h ingest bare
code_is 0; err_has '20 more files: its body is empty'
[ "$(grep -c 'its body is empty (note)' err)" = 10 ] || wrong 'not ten of them'
run sillok -s s3i ingest bare --json
json_is '[.[] | select(.event == "note")] | length == 30'
ok 'the same note of many files is counted'

# The folders that a file was read from are not held open.
python3 - <<'END'
import os, shutil
for i in range(700):
    os.makedirs(f"days/{i}")
    shutil.copy("bare/1.md", f"days/{i}/1.md")
END
run bash -c 'ulimit -n 256; exec "$0" -s s3j ingest days' "$program"
code_is 0; out_has 'days: 700 files, 1 new'
ok 'more folders than may be open at a time'
mkdir archives && cp wed.tar.gz archives
run sillok -s s3e ingest archives
code_is 1; err_has 'wed.tar.gz: a file of many articles inside a folder; name it itself'
cp mon/*library.md archives
run sillok -s s3e ingest archives
code_is 0; out_has '1 new'; out_has '1 skipped'
printf '{}\n' >archives/feed.ndjson && tar -cf nested.tar archives
run sillok -s s3e ingest nested.tar
err_has 'wed.tar.gz: a file of many articles inside an archive; unpack it and name it itself'
err_has 'feed.ndjson: a file of many articles inside an archive'
mkdir empty
run sillok -s s3f ingest empty - </dev/null
code_is 0; err_has 'there was no file in what was given'
ok 'nothing but what is skipped: exit 1; nothing at all is told'

# --- refusals
mkdir -p bad && cp mon/*.md bad/
printf -- '---\nnothing\n' >bad/broken.md
printf -- '---\nnothing\n' >$'bad/es\ec\n.md'
run sillok -s s4 ingest bad
code_is 1; out_has '5 files, 3 new'; out_has '2 refused'
err_has 'broken.md: '; err_has $'es\\x1bc\\n.md\': '
[ "$(grep -c 'md.*: .* (.*)$' err)" -eq 2 ] || wrong 'not a line each'
ok 'a refused file is a line with its reason; the others go on; odd names are quoted'
half=$(basename mon/*market.md)
mkdir -p half && head -c 300 "mon/$half" >"half/$half" && printf x >half/odd.md
run sillok -s s4h -q ingest half
code_is 1
run sillok -s s4h refused --open --json
json_is '[.[] | .taken_in] == [false, false]'
cp "mon/$half" half
run sillok -s s4h -q ingest half
run sillok -s s4h refused --json
json_is 'map({(.name): .taken_in}) | add == {"'"$half"'": true, "odd.md": false}'
run sillok -s s4h refused
out_has '(taken in too) the front matter'
run sillok -s s4h refused --open
code_is 0; out_has odd.md; out_lacks market
rm half/odd.md; run sillok -s s4i -q ingest --crawl x half
head -c 300 "mon/$half" >"half/$half"
run sillok -s s4i -q ingest --crawl x half
run sillok -s s4i refused --open
code_is 0; err_has 'of each name a file was taken in too'
ok 'a refusal stays; it says that a file of its name was taken in too, and --open leaves it out'

mkdir clash
crawl_file 001 0000000009 '2026-01-05 03:00:00' '하나' '첫째 글이다.' >clash/1.md
crawl_file 001 0000000009 '2026-01-05 03:00:00' '하나' '둘째 글이다.' >clash/2.md
run sillok -s s5 ingest --json clash
code_is 1; json_is '.[-1].conflicts == 1'
json_is 'any(.[]; .event == "conflict")'
ok 'two contents at one time: both kept, exit 1'

mkdir other
crawl_file 001 0000000009 '2026-01-05 03:00:00' '하나' '첫째 글이다.' | sed 's/^content_hash: ../content_hash: 00/' >other/1.md
run sillok -s s6 ingest --json other
code_is 0; json_is '.[-1].hash_mismatch == 1 and .[-1].observations == 1'
err_has '1.md: '
# the last digit another one
crawl_file 001 0000000009 '2026-01-05 03:00:00' '하나' '첫째 글이다.' | sed '/^content_hash:/ { s/0$/1/; t; s/.$/0/ }' >other/2.md
run sillok -s s6b ingest other/2.md
hash=$(sillok -s s6b log --json 001/0000000009 | jq -r .content_hash)
err_has "claims ${hash%?}"; err_has "the body is $hash; "
ok 'another hash than declared is said, as far as it differs, stored, and no failure'

head -c 300 wed.tar.gz >cut.tar.gz
for f in mon/*.md; do gzip -c "$f" >one.md.gz; done
run sillok -s s6z ingest one.md.gz
code_is 1; err_has 'one.md.gz: it is a crawl file that was compressed: unpack it'
run sillok -s s7 ingest cut.tar.gz
code_is 1; err_has 'cut'; err_has '(source_failed)'
run sillok -s s7 ingest --json cut.tar.gz
json_is '.[0].event == "source_failed" and .[0].crawl == "cut"'
run sillok -s s7 ingest --json --atomic cut.tar.gz
code_is 1; json_is '.[0].event == "source_failed" and .[0].crawl == null and .[-1].files == 0'
ok 'an archive that ends early: exit 1; of a crawl that was never begun there is no name'

# --- wrong use
run sillok -s s8 ingest nowhere
code_is 2; err_has "there is no 'nowhere'"; [ ! -e s8 ] || wrong 'made a store for nothing'
ok 'a path that is not there makes no store'
run sillok ingest
code_is 2; err_has 'something is missing'
ok 'no path is wrong use'
run sillok ingest --profile nobody mon
code_is 2; err_has "no profile 'nobody'"
ok 'an unknown profile'

mkdir hashless foreign
for f in mon/*.md; do grep -v '^content_hash' "$f" >"hashless/${f##*/}"; done
run sillok -s sp ingest hashless
code_is 1; err_has "no file is as the profile 'naver' says"; err_has "'sillok help ingest'"
printf 'name: before\ntemplate: naver\ncontent_hash: optional\n' >before.yaml
run sillok -s sp ingest --profile before.yaml hashless
code_is 0; out_has '3 files, 3 new'; err_empty
# Two articles that a crawler mixed up
sed 's/^id: .*/id: 999_0000000001/' "$(ls mon/*.md | head -n 1)" >mixed-up.md
run sillok -s sm ingest mixed-up.md
code_is 0; err_has "mixed-up.md: its id is another article's than its oid and aid"
ok 'an id of another article is told'

# What is not read says what it is, and what to do
mkdir squeezed
for n in 1.md.gz 2.txt.zst 3.ndjson.xz 4.tar.bz2 5.gz 6.tar.gz.md.bak; do echo x >"squeezed/$n"; done
run sillok -s sk ingest squeezed
code_is 1
err_has '1.md.gz: a crawl file that was compressed; unpack it (skipped)'
err_has '2.txt.zst: a crawl file that was compressed; unpack it (skipped)'
err_has '3.ndjson.xz: a file of many articles that was compressed; unpack it and name it itself'
err_has '4.tar.bz2: an archive compressed in a way that is not read; unpack it (skipped)'
err_has '5.gz: not a crawl file (.md, .markdown, .txt) (skipped)'
err_has '6.tar.gz.md.bak: not a crawl file'
tar cf squeezed.tar squeezed
run sillok -s sk ingest squeezed.tar
err_has '4.tar.bz2: an archive compressed in a way that is not read'
ok 'compressed files are told as what they are'

# Years in which it wrote no hash, and one of another kind, among others
mkdir years years/first years/then years/now
for i in 01 02 03 04 05 06; do
	sed "s/^aid: .*/aid: 90$i/" "$(ls mon/*.md | head -n 1)" >years/now/$i.md
	grep -v '^content_hash' years/now/$i.md | sed 's/^aid: 90/aid: 91/' >years/first/$i.md
	sed 's/^aid: 90/aid: 92/; s/^\(content_hash: .\{32\}\).*/\1/' years/now/$i.md >years/then/$i.md
done
run sillok -s sy ingest years
code_is 1; out_has '18 files, 6 new'; out_has '12 refused'
err_has "12 files lack what the profile 'naver' asks for"; err_has "'sillok help ingest'"
run sillok -s sy ingest --profile before.yaml years
code_is 0; out_has '18 files, 12 new'; out_has '6 known before'; out_lacks 'another hash'
err_has 'then/01.md: content_hash is not 64 hex digits; passed over (note)'
ok 'other years of the crawler are told, and taken with a profile'
: >mixed.md
run sillok -s sp ingest mixed.md
code_is 1; err_lacks 'profile'
printf -- '---\nheadline: 시장이 열렸다\narticle_id: 77\noid: abc\ncrawled_at: 2026-03-02 09:00:00\n---\n첫 문장이다.\n' >foreign/a.md
printf 'name: other\nzone: KST\nfields:\n  title: headline\n  aid: article_id\n' >other.yaml
run sillok -s sp ingest --profile other.yaml foreign
code_is 0; err_empty
run sillok -s sp show --json abc/77
code_is 0; json_is '.[0] | .title == "시장이 열렸다" and .first_seen == "2026-03-02T00:00:00Z"'
ok 'files of another crawler are taken with a profile, which is said where all are refused'
run sillok ingest --forget mon
code_is 2; err_has "unknown option '--forget'"
ok 'an option of another version is refused, not swallowed'
run sillok ingest --jobs many mon
code_is 2; err_has '--jobs many'
ok 'a number that is none'

# --- quiet, order, signals
run sillok -s s9 -q ingest mon
code_is 0; err_empty; out_has 'mon: 3 files'
ok '--quiet leaves the summary alone'
run sillok -s s10 ingest --jobs 1 tue mon
sillok -s s10 changes --json 2>/dev/null >late; sillok changes --json 2>/dev/null >early
same late early
ok 'the order of crawls does not matter'

mkfifo pipe
sillok -q -s s12 ingest mon >/dev/null
"$program" -s s12 ingest --crawl c - <pipe >slow 2>&1 & pid=$!
exec 9>pipe
head -c 6000 wed.tar >&9
sleep 0.3
run sillok -s s12 ingest tue
code_is 5; err_has "$pid"
run sillok -s s12 ingest --wait=1 tue
code_is 5
run sillok -s s12 log 001/0000000001
code_is 0
ok 'while another process writes: exit 5 and its pid; readers read'
(sleep 0.5; tail -c +6001 wed.tar >&9) &
exec 9>&-
run sillok -s s12 ingest --wait tue
code_is 0
wait $pid; code=$?
code_is 0
run sillok -s s12 verify
code_is 0
ok '--wait waits'

"$program" -s s11 ingest --crawl c - <pipe >out 2>err & pid=$!
exec 9>pipe
head -c 6000 wed.tar >&9
sleep 0.3
kill -TERM $pid
sleep 0.1
exec 9>&-
wait $pid; code=$?
code_is 143; err_has 'stopped by a signal'
ok 'SIGTERM: exit 143, and it says what is kept'
run sillok -s s11 verify
code_is 0
ok 'the store is whole after it'

# --- archives in which empty blocks, headers or the end are not where they belong
files_in() { json_is ".[-1].files == $1"; }
tar -cf mon.tar -C mon . && gzip -k mon.tar
for kind in tar tar.gz; do
    cat mon.$kind wed.$kind >joined.$kind
    run sillok -s joined-$kind ingest --json joined.$kind
    code_is 0; files_in 7
done
run sillok -s joined ingest joined.tar
code_is 0; err_has 'joined.tar: empty blocks stand before the end: archives are joined, or part of one is lost (note)'
run sillok -s alone ingest wed.tar
code_is 0; err_lacks '(note)'; err_lacks 'wed.tar:'
ok 'archives one behind the other are read as one, which is said'

block() { # NAME: the place of the header of a member of wed.tar, in blocks
    tar -tRf wed.tar | sed -n "s|^block \([0-9]*\): .*$1\$|\1|p"
}
cp wed.tar zeros.tar
dd if=/dev/zero of=zeros.tar bs=512 seek="$(block bridge.md)" count=2 conv=notrunc status=none
run sillok -s zeros ingest zeros.tar
code_is 1; err_has 'zeros.tar: archive damaged after '
cp wed.tar header.tar
printf 'X' | dd of=header.tar bs=1 seek=$(($(block bridge.md) * 512)) conv=notrunc status=none
run sillok -s header ingest header.tar
code_is 1; err_has 'header.tar: archive damaged after '
last=$(tar -tRf wed.tar | sed -n 's/^block \([0-9]*\): .*md$/\1/p' | tail -n 1)
head -c $((last * 512)) wed.tar >ended.tar
run sillok -s ended ingest --json ended.tar
code_is 1; err_has 'it has no end and may be cut off (source_failed)'; files_in 3
ok 'a tar with a hole, a broken header or no end is told'
# --- not packed
python3 "$make_crawls" made || { echo 'Bail out! no crawls'; exit 99; }
seen() { # STORE: all that it says of two crawls
    for verb in "changes --all --json" "crawls --json" "dups --json" "log --json 005/0000000007"; do
        # shellcheck disable=SC2086
        sillok -s "$1" $verb | jq -c 'del(.started)'
    done
    sillok -s "$1" export - --crawl base | tar -tv | sort
    sillok -s "$1" export --format ndjson | sha256sum
}
used() { stat -c %s "$1/data"*.mdb; }
as_small() { # STORE STORE: but for a twentieth, for dictionaries are trained on other samples
    [ $(($(used "$1") * 20)) -le $(($(used "$2") * 21)) ]
}
sillok -q -s packed ingest made/base >/dev/null
run sillok -s plain ingest --bulk made/base
code_is 0; out_has "not packed: 'sillok compact' does"
run sillok -s plain stats --json
json_is '.[0] | .bodies_dictionary == 0 and .bodies_plain == .bodies'
[ "$(used plain)" -gt "$(($(used packed) * 3 / 2))" ] || wrong "$(used plain) bytes, $(used packed) packed"
sillok -q -s packed ingest made/footer >/dev/null
sillok -q -s plain ingest made/footer >/dev/null
{ sillok -q -s mixed ingest made/base && sillok -q -s mixed ingest --bulk made/footer; } >/dev/null
for store in plain mixed; do
    seen packed >want; seen $store >out; out_is <want
    run sillok -s $store verify
    code_is 0
done
ok '--bulk: texts are not packed, and every answer is the same, whatever comes before or after'

for store in packed plain mixed; do sillok -q -s $store compact >/dev/null; done
for store in plain mixed; do
    as_small $store packed || wrong "$(used $store) bytes, $(used packed) of the other"
    seen packed >want; seen $store >out; out_is <want
    run sillok -s $store verify
    code_is 0
done
ok 'compact makes them as small as any'

# --- what is safe is said at once, not when the buffer of the output is full
rows() { # from, to
    seq -f '{"oid":"1","aid":"%.0f","crawled_at":"2026-01-02 03:15:33","title":"제목 t","body":"글 b"}' "$1" "$2"
}
mkfifo stalled
sillok -s s20 ingest --json --crawl slow - <stalled >events 2>err &
exec 4>stalled
rows 1 9000 >&4
for _ in $(seq 300); do
    grep -q '"event":"progress"' events && break
    sleep 0.1
done
said=$(grep '"event":"progress"' events | tail -n 1 | jq .files)
[ "${said:-0}" -ge 3072 ] || wrong "the input waits, and only ${said:-no} files were said to be safe"
kill -KILL $!
{ wait $!; } 2>/dev/null
exec 4>&-
run sillok -s s20 crawls --json
code_is 0; json_is "(map(.observations) | add) >= ${said:-1}"
run sillok -s s20 verify
code_is 0
ok 'a batch is reported when it is safe; what was reported is there after kill -9'

# --- the stat cache: only files whose times lie a while back are remembered
copy() { # STORE FOLDER: the last line of the same run without the cache
    sillok -s "$1" ingest --json --no-cache --dry-run "${@:2}" 2>/dev/null | tail -n 1
}
figures() { jq -c 'del(.seconds, .bytes_stored, .unread, .dry_run)'; }
again() { # ARGUMENTS: the last line is that of reading everything
    run sillok -s c1 ingest --json "$@"
    same <(tail -n 1 out | figures) <(copy c1 "$@" | figures)
}
mkdir -p kept kept2
cp mon/*.md kept/
cp tue/*storm.md kept2/
printf -- '---\nnothing\n' >kept/broken.md
sed 's/^category:/mood: calm\n&/' tue/*bridge.md >kept/mood.md
sleep 2.2 # young files are read again
run sillok -s c1 ingest --json kept kept2
code_is 1; json_is '.[-1] | .unread == 0 and .observations == 5 and .refused == 1'
again kept
code_is 1; err_has 'broken.md'
json_is '.[-1] | .unread == 4 and .already == 4 and .refused == 1 and .unknown_keys == 1'
again kept2
code_is 0; json_is '.[-1] | .unread == 1 and .already == 1 and .observations == 0'
run sillok -s c1 ingest kept2
code_is 0; out_has '1 known before'; out_has 'known unread (1 file)'
ok 'what is in and unchanged is not read again, and counted as if it were; refused files are told again'

run sillok -s c1 ingest --json --no-cache kept
json_is '.[-1] | .unread == 0 and .already == 4'
again kept
json_is '.[-1].unread == 4'
run sillok -s c1 ingest --json --crawl other kept
json_is '.[-1] | .unread == 0 and .already == 4'
printf 'name: naver\nzone: KST\ntemplate: naver\ncontent_hash: required\n' >kst.yaml
run sillok -s c1 ingest --json --dry-run --profile kst.yaml kept
json_is '.[-1] | .unread == 0 and .observations == 4'
again kept kept2
json_is '.[-1] | .unread == 5 and .already == 5'
ok '--no-cache reads all; another crawl, another profile, and the cache does not count'

touch -r kept/001_0000000003_market.md stamp
sed -i 's/상인회는/운영진은/' kept/001_0000000003_market.md
touch -r stamp kept/001_0000000003_market.md
sleep 2.2 # old enough to be believed, if it were the same
run sillok -s c1 ingest --json kept
code_is 1; json_is '.[-1].unread == 3'
json_is '.[-1].hash_mismatch == 1 and .[-1].conflicts == 1'
mv kept/002_0000000002_bridge.md kept/renamed.md
run sillok -s c1 ingest --json kept
json_is '.[-1] | .observations == 1 and .already == 3'
ok 'other bytes of the same size under the old mtime are read; so is a renamed file'

sillok -q -s c1d ingest tue/*storm.md >/dev/null
run sillok -s c1d ingest --dry-run mon
run sillok -s c1d ingest --json mon
code_is 0; json_is '.[-1] | .observations == 3 and .unread == 0'
ok 'a dry run makes nothing known'

sleep 2.2
sillok -q -s c1 ingest kept >/dev/null 2>&1
run sillok -s c1 ingest --json kept
json_is '.[-1] | .unread == 4'
printf 'damaged!' | dd of=c1/stat.cache bs=1 seek=100 conv=notrunc 2>/dev/null
run sillok -s c1 ingest --json kept
code_is 1; json_is '.[-1] | .unread == 0 and .already == 4'
run sillok -s c1 ingest --json kept
json_is '.[-1] | .unread == 4'
sillok -q -s c2 ingest kept2 >/dev/null
cp c1/stat.cache c2/stat.cache
run sillok -s c2 ingest --json kept
code_is 1; json_is '.[-1] | .unread == 0 and .observations == 4'
ok 'a damaged cache and that of another store are none'

cp -a c1 before
mkdir more && crawl_file 001 0000000077 '2026-01-07 03:00:00' '더' '새 글이 하나 더 있다.' >more/7.md
sleep 2.2
sillok -q -s c1 ingest more >/dev/null
sillok -s c1 ingest --json more >out 2>err
json_is '.[-1].unread == 1'
cp before/data.mdb before/data.mdb-seal c1/
run sillok -s c1 ingest --json more
code_is 0; json_is '.[-1] | .unread == 0 and .observations == 1'
cp before/data.mdb before/data.mdb-seal c1/
sillok -q -s c1 ingest mon >/dev/null # as many commits as there were
run sillok -s c1 ingest --json more
code_is 0; json_is '.[-1] | .unread == 0 and .observations == 1'
ok 'after an old copy of the store was put back, everything is read'

for verb in compact reindex; do
    sillok -q -s c1 ingest more >/dev/null
    [ -e c1/stat.cache ] || wrong 'there is no cache'
    run sillok -s c1 $verb
    code_is 0
    [ ! -e c1/stat.cache ] || wrong "$verb left the cache"
done
run sillok -s c1 ingest --json more
json_is '.[-1] | .unread == 0 and .already == 1'
rm -f c1/stat.cache && mkdir c1/stat.cache
run sillok -s c1 ingest --json more
code_is 0; json_is '.[-1] | .unread == 0 and .already == 1'
run sillok -s c1 verify
code_is 0
ok 'reindex removes it; a cache that cannot be written costs nothing but time'

run sillok -s timed ingest --json --timings --jobs 2 mon tue
code_is 0
json_is '.[-1].timings | keys_unsorted == ["scan", "read", "parse", "hash", "look_up", "compress", "write", "commit", "seal", "wait", "other"]'
json_is '.[-1].timings | all(.[]; .wall >= 0 and .cpu >= 0) and .commit.wall > 0 and .seal.wall > 0 and .read.cpu > 0 and .hash.cpu > 0 and .compress.cpu > 0 and .write.cpu > 0'
json_is '.[-1] | ([.timings[].cpu] | add) < 3 * .seconds'
run sillok -s timed ingest --json mon
json_is '.[-1] | has("timings") | not'
run sillok -s timed ingest --timings mon
code_is 0; out_has 'stage'; out_has 'compress'; [ "$(grep -cE '^[a-z_]+ +[0-9.]+ +[0-9.]+$' out)" -eq 12 ] || wrong 'not a row for each stage'
ok '--timings says where the time went, and only if asked'

line() { # AID TIME BODY
    printf '{"oid":"009","aid":"%s","crawled_at":"%s","title":"속보 %s","body":"%s"}\n' "$1" "$2" "$1" "$3"
}
stands() { # AID, within ten seconds
    for _ in $(seq 100); do
        sillok -s live log "009/$1" >/dev/null 2>&1 && return
        sleep 0.1
    done
    wrong "009/$1 is not in after ten seconds"
}
mkfifo drip
"$program" -s live ingest --json --crawl live - tue <drip >events 2>err &
exec 5>drip
line 1 '2026-01-08 03:00:00' '첫 줄이 먼저 온다.' >&5
stands 1
line 2 '2026-01-08 04:00:00' '둘째 줄은 나중에 온다.' >&5
printf '{"oid":"009","aid":"3","crawled_at":"2026-01-08 05' >&5
stands 2
printf ':00:00","title":"속보 3","body":"끊겨서 온 줄이다."}' >&5
exec 5>&-
wait $!
code=$?
code_is 0; cp events out
json_is '[.[] | select(.event == "crawl_done")] | length == 1 and .[0].crawl == "live" and .[0].files > 3'
json_is '[.[] | select(.event == "progress")] | length >= 3'
stands 3
run sillok -s live verify
code_is 0
ok 'lines that come slowly are in while the stream is still open'

mkfifo trickle
"$program" -s sluggish ingest --json --crawl slow - <trickle >events 2>err &
exec 5>trickle
drop() { # AID: a tar of one file, without the end
    crawl_file 009 "$1" '2026-01-08 03:00:00' '느린 글' "글 $1, 천천히 온다." >"slow-$1.md"
    tar -cf - "slow-$1.md" | head -c $((512 + ($(stat -c %s "slow-$1.md") + 511) / 512 * 512)) >&5
    sleep 0.6
}
for aid in $(seq 40); do
    drop "$aid"
    sillok -s sluggish log 009/1 >/dev/null 2>&1 && break
done
run sillok -s sluggish log 009/1
code_is 0
exec 5>&-
wait $!; code=$?
code_is 1; err_has 'it has no end and may be cut off'
ok 'so are members of a tar that come slowly'

# --- a folder that is followed
mkdir desk
crawl_file 009 11 '2026-01-09 03:00:00' '첫째' '있던 글이다.' >desk/1.md
touch -d '1 hour ago' desk/1.md
"$program" -s followed ingest --follow --json desk >events 2>err &
waiting() { grep -q '"event":"waiting"' events; }
for _ in $(seq 100); do waiting && break; sleep 0.1; done
waiting || wrong 'what was there is not in after ten seconds'
err_has "what is in 'desk' is taken in; more is waited for, a signal ends it"
stands() { # OID/AID@N, within ten seconds
    for _ in $(seq 100); do
        sillok -s followed show "$1" >/dev/null 2>&1 && return
        sleep 0.1
    done
    wrong "$1 is not in after ten seconds"
}
stands 009/11@1
crawl_file 009 12 '2026-01-09 04:00:00' '둘째' '나중에 온 글이다.' >desk/2.part
mv desk/2.part desk/2.md
mkdir desk/저녁
crawl_file 009 13 '2026-01-09 05:00:00' '셋째' '새 폴더에 온 글이다.' >desk/저녁/3.md
stands 009/12@1; stands 009/13@1
crawl_file 009 11 '2026-01-09 06:00:00' '첫째' '고쳐 쓴 글이다.' >desk/1.md
stands 009/11@2
run sillok -s followed ingest mon
code_is 5; err_has "$!"
kill -TERM $!; wait $!; code=$?
code_is 0; cp events out
json_is '.[-1] | .files == 4 and .new_articles == 3 and .changed == 1 and .refused == 0 and (has("interrupted") | not)'
json_is 'map(select(.event == "waiting")) | length == 1 and .[0].files == 1 and .[0].crawl == "desk"'
run sillok -s followed verify
code_is 0
run sillok -s followed changes --json --all
json_is 'length == 1 and .[0].aid == "11"'
run sillok -s followed ingest --json desk
code_is 0; json_is '.[-1] | .files == 3 and .already == 3'
ok '--follow takes in what is written to a folder, until a signal, which is no failure'

run sillok -s none ingest --follow desk mon
code_is 2; err_has '--follow takes one folder, not 2 paths'
run sillok -s none ingest --follow desk/1.md
code_is 2; err_has "'desk/1.md' is not a folder, only one can be followed"
run sillok -s none ingest --follow -
code_is 2; err_has "there is no '-'"
[ ! -e none ] || wrong 'a store was made'
mkdir brief
"$program" -s brief.store ingest --follow brief >out 2>err &
for _ in $(seq 100); do grep -q 'more is waited for' err && break; sleep 0.1; done
err_has "what is in 'brief' is taken in; more is waited for"
mv brief gone
wait $!; code=$?
code_is 1; err_has 'brief: the folder that is followed was removed or moved (source_failed)'
ok '--follow wants one folder, and says so when that is gone'

rm -f err
env --block-signal "$program" -s brief.store ingest --follow gone >out 2>err &
for _ in $(seq 100); do grep -qs 'more is waited for' err && break; sleep 0.1; done
kill -TERM $!
for _ in $(seq 100); do kill -0 $! 2>/dev/null || break; sleep 0.1; done
kill -KILL $! 2>/dev/null
wait $!; code=$?
code_is 0
ok 'it ends by a signal that whoever started it had blocked'

none_to_be_had() { echo 0 >/proc/sys/user/max_inotify_instances; }
export -f none_to_be_had; export program
if unshare -Ur bash -c none_to_be_had 2>err; then
    run unshare -Ur bash -c 'none_to_be_had; exec "$program" -s brief.store ingest --follow gone'
    code_is 1; err_has 'raise the sysctl fs.inotify.max_user_instances'
    ok 'where too many processes watch folders already it says what to do'
fi

# --- a place in memory that a refused file had is not that file any more
mkdir soiled && printf -- '---\nnothing\n' >soiled/broken.md
for i in $(seq 12); do
    mkdir "t$i" && crawl_file 012 "$i" '2026-01-05 03:00:00' '소식' "글 $i 이다." >"t$i/$i.md"
    tar -cf "t$i.tar" -C "t$i" .
done
sleep 2.2
run sillok -s soil ingest soiled t*.tar
code_is 1
run sillok -s soil ingest --json soiled
code_is 1; json_is '.[-1] | .refused == 1 and .already == 0'
ok 'a refused file is told again, whatever came in behind it'

sillok -q -s long init && sillok -s long config limits.file_bytes 1M
{ printf '\n\n\n{"body":"'; head -c 2000000 /dev/zero | tr '\0' 'a'; printf '"}\n\nno json\n'; } >long.ndjson
run sillok -s long ingest long.ndjson
code_is 1; err_has 'long.ndjson:4: too large'; err_has 'long.ndjson:6: '
ok 'lines of NDJSON have their numbers, empty and long ones before them too'

line() { # AID
    printf '{"oid":"014","aid":"%s","crawled_at":"2026-01-05 03:00:00","title":"소식 %s","body":"글 %s 이다."}' "$1" "$1" "$1"
}
{ printf '\xef\xbb\xbf'; line 1; printf '\n\n'; line 2; printf '\r\n \n\n'; } >marked.ndjson
{ line 1; printf '\n'; line 2; printf '\n\n\t\n  '; } >ends.ndjson
{ printf '\n\n'; line 1; } >begins.ndjson
{ printf '\xef\xbb\xbf\n\n'; line 1; printf '\n'; } >mark_alone.ndjson
{ printf '%200s\n' ''; line 1; } >far.ndjson
line 1 | sed 's/}$/,"views":123456789012345678901234567890,"score":1e999}/' >numbers.ndjson
sillok -q -s exact init
for f in marked ends begins mark_alone far numbers; do
    run sillok -s exact ingest "$f.ndjson"
    code_is 0
    run sillok -s exact export --crawl "$f" "exact-$f"
    code_is 0; same "exact-$f/$f.ndjson" "$f.ndjson"
    sillok -q -s "exact-$f.store" init
    sillok -q -s "exact-$f.store" ingest --crawl c - <"$f.ndjson" >/dev/null || wrong "$f on standard input"
    articles=$(sillok -s "exact-$f.store" stats --json | jq .articles)
    [ "$articles" = "$(grep -c oid "$f.ndjson")" ] || wrong "$f: $articles articles"
done
ok 'NDJSON with a byte order mark and with blank lines comes back byte for byte'

finish
