#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
sillok -q init
run sillok crawls
code_is 0; out_empty; err_has 'no crawls'
run sillok crawls --csv
code_is 0; out_lines 1
ok 'none yet'

store
run sillok crawls
code_is 0; err_empty
out_is <<'END'
crawl  files  new  changed  unchanged  missing  refused  mismatch          gap  first              last
mon        3    3        0          0        0        0         0            -  2026-01-05 03:00Z  2026-01-05 03:00Z
tue        4    1        2          1        0        0         0  23 h 59 min  2026-01-06 03:00Z  2026-01-06 03:00Z
END
ok 'a table'
run sillok crawls --json
json_is 'length == 2'
json_is '.[1] | .crawl == "tue" and .name == "tue" and .files == 4 and .new_articles == 1 and .changed == 2 and .unchanged == 1 and .refused == 0 and .hash_mismatch == 0 and .first == "2026-01-06T03:00:00Z" and .last == "2026-01-06T03:00:12Z" and (.started | endswith("Z"))'
ok 'the fields that others rely on'

# wed lacks three articles of tue, one of which thu has again.
mkdir wed thu
crawl_file 001 0000000003 '2026-01-07 03:00:09' '주말마다 야시장' "$market" >wed/001_0000000003_market.md
harbour 002 0000000004 '2026-01-08 03:00:12' 'Storm nears the coast' "$storm" >thu/002_0000000004_storm.md
sillok -q ingest wed thu >/dev/null 2>&1
run sillok crawls --missing wed
code_is 0
out_is <<'END'
article           last seen          seen again         publisher      title
001/0000000001@2  2026-01-06 03:00Z  -                  하늘일보       시립 도서관 새로 문 열어
002/0000000002@2  2026-01-06 03:00Z  -                  Harbour Times  Old bridge closes in March
002/0000000004@1  2026-01-06 03:00Z  2026-01-08 03:00Z  Harbour Times  Storm nears the coast
END
err_is <<'END'
sillok crawls: 3 articles of 'tue' that 'wed' did not see; 1 was seen again
END
run sillok crawls --missing wed -q --zone KST
err_empty; out_has '2026-01-06 12:00'
ok 'what a crawl did not see'
run sillok crawls --missing wed --json
json_is 'length == 3 and all(.[]; keys_unsorted == ["oid", "aid", "revision", "last_seen", "seen_again", "publisher", "title", "content_hash"])'
json_is '.[0] | .oid == "001" and .aid == "0000000001" and .revision == 2 and .last_seen == "2026-01-06T03:00:00Z" and .seen_again == null and .publisher == "하늘일보" and .title == "시립 도서관 새로 문 열어"'
json_is ".[0].content_hash == \"$(sha256 "$library_2")\" and .[2].seen_again == \"2026-01-08T03:00:12Z\""
run sillok crawls --missing wed --csv
tr -d '\r' <out >plain && mv plain out
out_is <<END
oid,aid,revision,last_seen,seen_again,publisher,title,content_hash
001,0000000001,2,2026-01-06T03:00:00Z,,하늘일보,시립 도서관 새로 문 열어,$(sha256 "$library_2")
002,0000000002,2,2026-01-06T03:00:05Z,,Harbour Times,Old bridge closes in March,$(sha256 "$bridge")
002,0000000004,1,2026-01-06T03:00:12Z,2026-01-08T03:00:12Z,Harbour Times,Storm nears the coast,$(sha256 "$storm")
END
mkdir none && echo 'no article' >none/x.md
sillok -q ingest none >/dev/null 2>&1
run sillok crawls --json
json_is '.[-1] | .name == "none" and .refused == 1 and .missing == 0'
run sillok crawls --missing none
out_empty; code_is 0; err_has 'no files of its own'
rm -r none
ok 'for programs; a crawl that saw nothing lacks nothing'
sillok crawls --json | jq -r '"\(.name) \(.missing)"' >want
for crawl in mon tue wed thu none; do
    echo "$crawl $(sillok -q crawls --json --missing "$crawl" | wc -l)"
done >got
same want got
[ "$(cat got)" = $'mon 0\ntue 0\nwed 3\nthu 1\nnone 0' ] || wrong 'not what is missing'
ok 'as many as are counted'
run sillok crawls --missing mon
code_is 0; out_empty; err_has "'mon' is the first crawl, or has no files of its own: nothing is missing from it"
run sillok crawls --missing tue
code_is 0; out_empty; err_has "'tue' saw all that 'mon' did"
run sillok crawls --missing tue --csv
code_is 0; out_lines 1
run sillok crawls --missing fri
code_is 2; out_empty; err_has "there is no crawl 'fri' in '$work/.sillok' (sillok crawls lists them)"
ok 'nothing, and no such crawl'
finish
