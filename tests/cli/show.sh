#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
store

run sillok show 002/0000000002@1
code_is 0; err_empty
out_is <<END
Old bridge to close
Harbour Times | World | Ann Weaver

article    002/0000000002@1 of 2
seen       2026-01-05 03:00:05Z (1 visit)
published  2026-01-01 08:00
url        https://n.news.naver.com/mnews/article/002/0000000002
body       $(sha256 "$bridge")

The old bridge over the river will close for repairs in March. Buses will take
another road.
END
ok 'the page, filled to the width'

run sillok show 002/0000000002
out_has 'Old bridge closes in March'; out_has '@2 of 2'
run sillok show 002/0000000002@-2
out_has '@1 of 2'
run sillok show 002/0000000002@2026-01-05T12:00:00Z
out_has '@1 of 2'
ok 'newest, counted from it, by time'
run sillok show 002/0000000002@2025-01-01
code_is 2
run sillok show 002/0000000002@9
code_is 2; err_has '9'
ok 'what did not stand is not there'

printf %s "$library_2" >body
run sillok show --body 001/0000000001
same out body
ok '--body: the very bytes'
run sillok show --file 001/0000000001@1
same out mon/001_0000000001_library.md
ok '--file: the original file'

run sillok show --json 001/0000000001
json_is '.[0] | .oid == "001" and .revision == 2 and .revisions == 2 and .publisher == "하늘일보" and .author == "김하늘 기자"'
[ "$(jq -r .body out)" = "$library_2" ] || wrong body
ok '--json: all fields and the body'
run sillok show --json --body 001/0000000001
code_is 2
ok 'one form at a time'

mkdir odd
crawl_file 005 0000000001 '2026-01-05 03:00:00' $'broken \xff\xc0 title' $'broken \xed\xa0\x80 body' >odd/1.md
sillok -q ingest odd >/dev/null 2>&1
run sillok show --json 005/0000000001
iconv -f UTF-8 -t UTF-8 out >/dev/null 2>&1 || wrong 'not UTF-8'
json_is '.[0] | .invalid_utf8 == true and (.title | test("^broken .+ title$"))'
run sillok show --file 005/0000000001
same out odd/1.md
run sillok show --json 001/0000000001
json_is '.[0] | has("invalid_utf8") | not'
ok 'bytes that are not UTF-8: replaced and told in JSON, kept in the file'

COLUMNS=30 run sillok show 001/0000000001
tail -5 out >body
diff -u --label expected --label actual - body >difference <<'END' || { wrong filling; say <difference; }

시립 도서관이 새 건물에서 문을
열었다. 첫날 방문객은
2100명이었다. 관장은 더 많은
책을 들이겠다고 말했다.
END
ok 'Korean is filled by columns'

address=https://n.news.naver.com/mnews/article/001/0000000001
sillok show 001/0000000001@1 >first; sillok show 001/0000000001 >newest
for name in $address "$address/" "$address?sid=102&to=me@home#reader" http://mirror.example/@me/001/0000000001 \
    'https://news.naver.com/main/read.naver?mode=LSD&oid=001&sid1=102&aid=0000000001' \
    mon/001_0000000001_library.md ./001_0000000001.txt 001_0000000001_a@b.md 001_0000000001; do
    run sillok show "$name"
    code_is 0; same out newest
    run sillok log "$name"
    code_is 0; out_has 'revision 2'
    [ "$name" = "${name%#*}" ] || continue
    run sillok show "$name@1"
    code_is 0; same out first
done
run sillok diff $address@1..2
code_is 1; out_has '+++ 001/0000000001@2'
run sillok diff $address https://n.news.naver.com/mnews/article/001/0000000003
code_is 1; out_has '+++ 001/0000000003@1'
run sillok export --format csv --article $address
code_is 0; out_lines 3
for name in https://n.news.naver.com https:// http://example.org/a/b.html library.md .md https://example.org/?oid=001; do
    run sillok show "$name"
    code_is 2; err_has "'$name' is not an article"
done
run sillok show https://example.org/blog/post
code_is 2; err_has 'there is no article blog/post'
run sillok show $address@3
code_is 2; err_has '001/0000000001 has no revision 3'
ok 'an article by its address, or by the name of its file'

run sillok show --raw 001/0000000001
code_is 2; err_has '--body'; out_empty
ok '--raw alone is refused'
finish
