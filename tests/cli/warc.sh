#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
store

# The archive is sound, and has what ndjson has: rows of both in one form.
rows() { jq -cS .; }
ids() { grep -a '^WARC-Record-ID' "$1" | sort; }
check_warc() {
    python3 "$here/check_warc.py" "$@" >warc.rows 2>difference || { wrong "$1 is no WARC"; say <difference; }
    rows <warc.rows >got
}
kinds() { grep -a '^WARC-Type:' "$1" | sed 's/.*: //; s/\r//' | sort | uniq -c | awk '{print $2 "=" $1}' | paste -sd' '; }
kinds_are() { [ "$(kinds "$1")" = "$2" ] || wrong "$1 has $(kinds "$1")"; }

run sillok export --format warc all.warc
code_is 0; out_empty; err_has '7 visits'
check_warc all.warc
sillok export --format ndjson | rows >want
same want got
kinds_are all.warc 'metadata=7 resource=5 revisit=2 warcinfo=1'
run sillok export --format warc
code_is 0; same all.warc out
run sillok export --format warc -
same all.warc out
ok 'each visit, whose text stands there once; to a file and to standard output'

run sillok export --format warc all.warc.gz
code_is 0; check_warc all.warc.gz; same want got
gzip -dc all.warc.gz >unpacked; same all.warc unpacked
ok 'each record packed by itself'

run sillok export --format warc --no-dedup whole.warc
code_is 0; check_warc whole.warc --no-dedup; same want got
kinds_are whole.warc 'metadata=7 resource=7 warcinfo=1'
ids all.warc >one; ids whole.warc >other
[ "$(comm -12 one other | wc -l)" -eq 1 ] || wrong 'records that differ have one id' # warcinfo
run sillok export --format warc --crawl tue tue.warc
code_is 0; check_warc tue.warc
kinds_are tue.warc 'metadata=4 resource=4 warcinfo=1'
grep -qa 'isPartOf: tue' tue.warc || wrong 'whose crawl'
run sillok export --format warc --article 001/0000000003 one.warc
kinds_are one.warc 'metadata=2 resource=1 revisit=1 warcinfo=1'
check_warc one.warc
ok 'without revisits; one crawl, which refers to nothing outside; one article'

# Edited, taken back, under another address, and a crawl that came in late.
mkdir wed thu sun
crawl_file 001 0000000001 '2026-01-07 03:00:00' '시립 도서관 문 열어' "$library_1" >wed/1.md
crawl_file 001 0000000003 '2026-01-07 03:00:09' '주말마다 야시장' "$market" |
    sed 's|https://n.news.naver.com/mnews/article/001/0000000003|https://n.news.naver.com/야 시장?a=1\&b=%20#c|' >thu/3.md
crawl_file 001 0000000003 '2026-01-04 03:00:09' '주말마다 야시장' "$market" >sun/3.md
crawl_file 001 0000000001 '2026-01-04 03:00:00' '도서관' "$library_1" | sed 's/1200/9200/' >sun/1.md
sillok -q ingest wed thu sun >/dev/null 2>&1
run sillok export --format warc chains.warc
check_warc chains.warc
sillok export --format ndjson | rows >want
same want got
# the sun's are first now; of 001/1 on wed the text of mon is back, under another title
kinds_are chains.warc 'metadata=11 resource=7 revisit=4 warcinfo=1'
grep -qaP '^WARC-Target-URI: https://n.news.naver.com/%EC%95%BC%20%EC%8B%9C%EC%9E%A5\?a=1&b=%20\r$' chains.warc ||
    wrong 'the address, less the fragment'
[ "$(jq -r 'select(.hash_mismatch) | .crawl' <got)" = sun ] || wrong 'the mark of a wrong hash'
ok 'what came back, another address, a late crawl, a text that its file denies'

# No address, bytes that are no text, lines, one time in two crawls.
printf '{"oid":"009","aid":"1","title":"a \\"b\\"\\u0001","crawled_at":"2026-01-05T03:00:00Z","url":"","body":"one"}\n{"oid":"002","aid":"7","title":"b","crawled_at":"2026-01-05T03:00:00Z","body":"one"}\n' >feed.ndjson
crawl_file 003 1 '2026-01-05 03:00:00' "$(printf 'bad \xff title')" "$(printf 'bad \xff\xfe text\nof two lines')" >bad.md
sillok -q -s odd ingest --crawl a feed.ndjson bad.md >/dev/null 2>&1
sillok -q -s odd ingest --crawl b feed.ndjson bad.md >/dev/null 2>&1
run sillok -s odd export --format warc odd.warc.gz
code_is 0; check_warc odd.warc.gz
sillok -s odd export --format ndjson | rows >want
same want got
[ "$(jq -s length got)" -eq 6 ] || wrong 'not six visits'
gzip -dc odd.warc.gz >odd.warc
kinds_are odd.warc 'metadata=6 resource=3 revisit=3 warcinfo=1'
grep -qa 'WARC-Target-URI: urn:sillok:009:1' odd.warc || wrong 'a name for want of an address'
grep -qaP '^Content-Type: text/markdown\r$' odd.warc || wrong 'broken bytes are no UTF-8'
n=0
for url in n.example.org/a/1 /rel/path 1234 //x.org/q 'not an url' 'javascript:alert(1)'; do
    n=$((n + 1))
    printf '{"oid":"009","aid":"%s","title":"t","crawled_at":"2026-01-05T03:00:00Z","url":"%s","body":"b"}\n' $n "$url"
done >strange.ndjson
sillok -q -s strange ingest strange.ndjson >/dev/null 2>&1
run sillok -s strange export --format warc strange.warc
check_warc strange.warc; [ "$(grep -ac '^WARC-Target-URI: urn:sillok:009:' strange.warc)" -eq 6 ] || wrong 'no address of the web'
printf '{"oid":"009","aid":"1","title":"t","crawled_at":"2026-01-05T03:00:00Z","url":"https://n.example/가|\\u007f","body":"b"}\n' >signs.ndjson
sillok -q -s signs ingest signs.ndjson >/dev/null 2>&1
run sillok -s signs export --format warc signs.warc
check_warc signs.warc
grep -qaP '^WARC-Target-URI: https://n.example/%EA%B0%80%7C%7F\r$' signs.warc || wrong 'signs that no address has'
ok 'no address, broken bytes, lines of NDJSON, one moment in two crawls'

# Of two crawls the one that began first comes first, though it came to the article last.
printf '{"oid":"009","aid":"%d","title":"t","crawled_at":"2026-01-0%dT03:00:00Z","body":"one"}\n' 1 1 2 3 >slow.ndjson
printf '{"oid":"009","aid":"%d","title":"t","crawled_at":"2026-01-0%dT03:00:00Z","body":"one"}\n' 2 2 >quick.ndjson
sillok -q -s two ingest slow.ndjson quick.ndjson >/dev/null 2>&1
run sillok -s two export --format warc two.warc
check_warc two.warc; kinds_are two.warc 'metadata=3 resource=2 revisit=1 warcinfo=1'
grep -qaP '^WARC-Refers-To-Date: 2026-01-03T03:00:00Z\r$' two.warc || wrong 'refers to another visit'
ok 'a text stands where it comes first'

sillok init -q -s empty >/dev/null
run sillok -s empty export --format warc none.warc
code_is 0; err_has '0 visits'; check_warc none.warc; kinds_are none.warc warcinfo=1
ok 'nothing'

run sillok export --format warc all.warc
code_is 2; err_has '--force'
run sillok export --format warc --force all.warc
code_is 0; same chains.warc all.warc
for end in zst zip tgz; do
    run sillok export --format warc "all.warc.$end"
    code_is 2; err_has 'FILE.warc.gz'; err_lacks gzip\'; [ ! -e "all.warc.$end" ] || wrong 'made'
done
mkdir folder
run sillok export --format warc folder
code_is 2; err_has "'folder' is a folder"
run sillok export --format csv folder/
code_is 2; err_has "'folder/' is a folder"
as_terminal "$program" export --format warc
code_is 2; out_has 'a terminal'
printf -- '---\nnothing\n' >broken.md
sillok -q -s refusing ingest broken.md mon >/dev/null 2>&1
run sillok -s refusing export --format warc refusing.warc
code_is 0; err_has '3 visits; not in it: 1 refused file'
run sillok export --format csv all.csv.gz
code_is 2; err_has 'rows are written as they are'
run sillok export --no-dedup --format csv
code_is 2; err_has --no-dedup; out_empty
run sillok export --json --format warc
code_is 2; out_empty
run sillok export --format warc --crawl nope nope.warc
code_is 2; err_has nope; [ ! -e nope.warc ] || wrong 'made'
run bash -c 'exec "$0" export --format warc >/dev/full' "$program"
code_is 3; err_has 'the archive: cannot write: disk full'
run bash -c '"$0" export --format warc | head -c 100' "$program"
code_is 0
ok 'what is refused, and a full disk'

# The check itself: one byte of a text, a length, a revisit without its text.
fails() { python3 "$here/check_warc.py" "$1" >/dev/null 2>&1 && wrong "not told: $2"; }
LC_ALL=C sed 's/March\. Buses/March, Buses/' chains.warc >bad.warc; fails bad.warc 'another text'
LC_ALL=C sed 's/^Content-Length: 0/Content-Length: 1/' chains.warc >bad.warc; fails bad.warc 'a length'
LC_ALL=C sed 's/^WARC-Refers-To-Date: 2026-01-05/WARC-Refers-To-Date: 2026-01-01/' chains.warc >bad.warc; fails bad.warc 'a date'
head -c -1 all.warc.gz >bad.warc.gz; fails bad.warc.gz 'a cut member'
ok 'the check sees what is wrong'
finish
