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
mkfifo pipe
mknod null.tar c 1 3 2>/dev/null || mkfifo null.tar
for line in '--format csv pipe' '--format ndjson --force pipe' '--format warc --force /dev/fd/9' '--force null.tar'; do
    # shellcheck disable=SC2086 # words
    run sillok export $line 9<>pipe
    code_is 2; err_has 'is no regular file and is not replaced'; err_lacks 'replaces it'
done
[ -p pipe ] && [ ! -f null.tar ] || wrong 'a pipe or a device was replaced'
mkdir elsewhere; echo old >elsewhere/rows; ln -s elsewhere/rows rows; ln -s elsewhere/none none
run sillok export --format csv rows
code_is 2; err_has '--force replaces it'
run sillok export --format csv --force rows
code_is 0
[ -L rows ] && [ "$(wc -l <elsewhere/rows)" -eq 8 ] || wrong 'not what the link leads to'
run sillok export --format csv --force none
code_is 0
[ -z "$(ls ./*.part elsewhere/*.part 2>/dev/null)" ] || wrong 'something is left'
rm -rf pipe null.tar rows none elsewhere
ok 'a device stays, and what a link leads to is replaced'

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
code_is 0; out_empty; err_has '3 visits'; [ "$(grep -c $'\r$' two.csv)" -eq 4 ] || wrong rows
for way in '--format csv' '--format ndjson' '--format warc nobody.warc'; do
    run sillok export $way --oid 77
    code_is 0; err_has "there is no publisher '77' in it"
done
run sillok export --format csv --oid 77
out_lines 1; out_has 'crawl,name,oid,aid,'
run sillok export --format csv two.csv
code_is 2
run sillok export --format csv --force two.csv
code_is 0; [ "$(grep -c $'\r$' two.csv)" -eq 8 ] || wrong rows
ok 'one article, one publisher, into a file'

mkfifo pipe pipe.tar
for way in '--format csv pipe' '--format csv --force pipe' '--force pipe.tar'; do
    run sillok export $way
    code_is 2; err_has 'no regular file'; [ -p pipe ] && [ -p pipe.tar ] || wrong 'replaced'
done
[ "$(find . -name '*.part' | wc -l)" -eq 0 ] || wrong 'left behind'
ok 'a pipe or a device is never replaced, not even with --force'

for name in news.csv news.ndjson news.jsonl news.warc news.warc.gz; do
    run sillok export "$name"
    code_is 2; err_has "'$name' has the name of another format: give --format"
done
run sillok export --format warc news.csv
code_is 2; err_has 'give --format csv'
run sillok export --format csv news.tar
code_is 2; err_has 'give --format files'
[ -z "$(ls -d news.* 2>/dev/null)" ] || wrong 'something was made'
run sillok export news.csv/
code_is 0; diff -r mon news.csv/mon >/dev/null || wrong differ
run sillok export --format files news.csv
code_is 0
run sillok export --format csv table.txt
code_is 0
ok 'a name that is of another format'

# Lines of one file, of many articles, in no order of theirs, and more than nine.
sillok export --format ndjson >lines
{ tac lines; jq -c '.aid |= "1" + .[1:]' lines; } >feed.ndjson
head -3 lines >other.ndjson
run sillok -s lines.store ingest -q --crawl feed feed.ndjson other.ndjson
code_is 0
run sillok -s lines.store export --crawl feed lines.out
code_is 0
same feed.ndjson lines.out/feed.ndjson
same other.ndjson lines.out/other.ndjson
# A feed that was taken in while its last line had no end yet, and again when it had grown.
head -3 lines | head -c -1 >growing.ndjson
sillok -s growing.store -q ingest growing.ndjson >/dev/null 2>&1
head -5 lines >growing.ndjson
sillok -s growing.store -q ingest growing.ndjson >/dev/null 2>&1
run sillok -s growing.store export growing.out -q
code_is 0
same growing.ndjson growing.out/growing/growing.ndjson
# And with blank lines at its end, which the next line has before it later.
n=0
for end in '\n\n' '\n \n' '\r\n\r\n'; do
    n=$((n + 1))
    for count in 2 4; do
        head -$count lines | while read -r line; do printf "%s$end" "$line"; done >growing.ndjson
        sillok -s "growing$n.store" -q ingest growing.ndjson >/dev/null 2>&1
    done
    run sillok -s "growing$n.store" export "growing$n.out" -q
    code_is 0
    same growing.ndjson "growing$n.out/growing/growing.ndjson"
done
# Two files of one name, neither with an end behind its last line: two lines.
for i in 1 2; do
    sed -n "${i}p" lines | head -c -1 >only.ndjson
    sillok -s only.store -q ingest only.ndjson >/dev/null 2>&1
done
run sillok -s only.store export only.out -q
code_is 0
same <(sort -s only.out/only/only.ndjson) <(head -2 lines | sort -s)
# Files of two crawls that are one visit: whichever came in first, the export is the same.
mkdir -p twin/A twin/D && cp mon/*library.md twin/A/a.md && cp mon/*library.md twin/D/p.md && cp mon/*library.md twin/D/q.md
for order in 'A D' 'D A'; do
    for crawl in $order; do sillok -s "twin.${order/ /}" -q ingest "twin/$crawl" >/dev/null 2>&1; done
    sillok -s "twin.${order/ /}" -q export "twin.${order/ /}.tar"
done
same twin.AD.tar twin.DA.tar
[ "$(find lines.out -type f | wc -l)" -eq 2 ] || wrong 'more than two files'
run sillok -s lines.store export --format ndjson --crawl feed
code_is 0
same <(jq -c '[.oid, .aid, .crawled_at, .title, .body]' out | sort) <(cat feed.ndjson other.ndjson | jq -c '[.oid, .aid, .crawled_at, .title, .body]' | sort)
json_is 'all(.[]; .name | test("^(feed|other)[.]ndjson:[0-9]+$")) and (map(.name) | unique | length) == length'
run sillok -s lines.store export --format csv --crawl feed
code_is 0; out_lines $((1 + $(cat feed.ndjson other.ndjson | wc -l)))
ok 'files of many lines come back as they were, and each of them is a row'

# The same articles in other forms: they are no change, and come back as they were written.
entities() { sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g'"; s/'/\&#x27;/g"; }
comments=$'\n\n---\n\n## 댓글 (1)\n\n나무: "좋다"'
said='"야시장"을 연다. 상인회는 = <주말>마다.'
title=$(entities <<<'"주말"마다')
mkdir -p forms/{plain,crlf,comments}
crawl_file 001 1 '2026-01-05 03:00:00' '"주말"마다' "$said" >forms/plain/1.md
sed 's/$/\r/' forms/plain/1.md >forms/crlf/1.md
hash=$(sha256 "$said")
crawl_file 001 1 '2026-01-05 05:00:00' '"주말"마다' "$said$comments" |
    sed "s/^content_hash: .*/content_hash: $hash/; s/\$/\r/" >forms/comments/1.md
jq -cn --arg title "$title" --arg body "$(entities <<<"$said")" --arg hash "$hash" \
    '{oid: "001", aid: "1", title: $title, category: "사회", publisher: "하늘일보", author: "김하늘 기자",
      published_at: "2026-01-01 08:00", crawled_at: "2026-01-05 07:00:00", content_hash: $hash,
      url: "https://n.news.naver.com/mnews/article/001/1", body: $body}' >forms/line.ndjson
for form in plain crlf comments line.ndjson; do
    run sillok -s forms.store ingest --json --crawl "${form%.ndjson}" "forms/$form"
    code_is 0
    json_is '.[-1] | .hash_mismatch == 0 and .changed == 0 and .refused == 0'
done
run sillok -s forms.store stats --json
json_is '.[0].bodies == 1 and .[0].versions == 1'
run sillok -s forms.store export forms.out
code_is 0
for form in plain crlf comments; do same "forms/$form/1.md" "forms.out/$form/1.md"; done
same forms/line.ndjson forms.out/line/line.ndjson
run sillok -s forms.store verify
code_is 0
ok 'one article in many forms: no change, and each form comes back'

# A crawl may be called anything, a folder may not.
mkdir one.md && cp mon/001_0000000003_market.md one.md/
for crawl in . .. a/b a_b; do
    run sillok -s names.store ingest -q --crawl "$crawl" "one.md/001_0000000003_market.md"
    code_is 0
done
run sillok -s names.store export names.out/deep
code_is 3; err_has "'names.out/deep'"
run sillok -s names.store export names.out
code_is 0
[ "$(find names.out -name '*.md' | wc -l)" -eq 4 ] || wrong 'not four files'
[ "$(find . -newer feed.ndjson -name '001_0000000003_market.md' | grep -cv '^./names.out/\|^./one.md/')" -eq 0 ] ||
    wrong 'written outside'
(cd names.out && find . -mindepth 1 -maxdepth 1 -type d) | sed 's/~[0-9a-f]\{8\}$/~/' | sort >got
printf './%s\n' '..~' '.~' a_b 'a_b~' | sort >want
same want got
ok 'crawls called like folders above go below'

# What else may stand where a file is wanted: nothing of it is followed or lost.
mkdir way way/mon elsewhere
ln -s ../../elsewhere/secret way/mon/001_0000000001_library.md
mkdir way/mon/002_0000000002_bridge.md
mkfifo way/mon/001_0000000003_market.md
ln -s ../elsewhere way/tue
run sillok export way
code_is 2; err_has 'is not a regular file'; err_has 'symbolic link'
[ -z "$(ls -A elsewhere)" ] || wrong 'written through a link'
[ -p way/mon/001_0000000003_market.md ] || wrong 'the pipe is gone'
[ "$(find way -path '*_unsafe*' -type f | wc -l)" -eq 1 ] || wrong 'where a folder stands'
rm way/tue && echo plain >way/tue
run sillok export --force way
code_is 2; err_has '4 files were not written'; err_has "a file stands where the folder 'tue' is wanted"
[ "$(cat way/tue)" = plain ] || wrong 'a file was taken for a folder'
same way/mon/001_0000000003_market.md mon/001_0000000003_market.md
same way/mon/001_0000000001_library.md mon/001_0000000001_library.md
[ -z "$(ls -A elsewhere)" ] || wrong 'written through a link'
ok 'links, pipes and folders in the way'

# Long names fill the message, which is cut between letters.
long=$(printf '가%.0s' $(seq 80))
mkdir "$long"
for i in 1 2 3; do cp mon/001_0000000003_market.md "$long/$long$i.md"; done
run sillok -s long.store ingest -q "$long"
run sillok -s long.store export long.out
code_is 0
for i in 1 2 3; do echo other >"long.out/$long/$long$i.md"; done
run sillok -s long.store export long.out
code_is 2; err_has '3 files were not written'; err_has "'${long}1.md' exists with other bytes"
err_lacks $'\xef\xbf\xbd'
ok 'long names are told in whole letters'

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

for name in out.tar.gz out.tgz out.zip; do
    run sillok export "$name"
    code_is 2; err_has "'$name': a tar is written as it is"
    [ ! -e "$name" ] || wrong "$name was made"
done
run sillok export --article 001/0000000001@1 one
code_is 2; err_has 'is one revision'
ok 'what cannot be made is not begun'

run sillok export --json --format csv
code_is 2; err_has 'one format'; out_empty
run sillok export --csv --format files folder
code_is 2; err_has 'one format'; [ ! -e folder ] || wrong 'folder was made'
run sillok export --force --format csv
code_is 2; err_has --force; out_empty
run sillok export --csv --format csv
code_is 0; out_has 'crawl,name,oid'
ok 'options that would do nothing are refused'
finish
