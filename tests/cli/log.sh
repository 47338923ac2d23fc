#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
store

run sillok log 001/0000000001
code_is 0; err_empty
out_is <<END
revision 2  2026-01-06 03:00:00Z  (1 visit)
    number (number); changed between 2026-01-05 03:00:00Z and 2026-01-06 03:00:00Z
    시립 도서관 새로 문 열어
    body $(sha256 "$library_2" | cut -c1-16)

revision 1  2026-01-05 03:00:00Z  (1 visit)
    시립 도서관 새로 문 열어
    body $(sha256 "$library_1" | cut -c1-16)
END
ok 'newest first'

run sillok log 001/0000000003
out_has '2026-01-05 03:00:09Z .. 2026-01-06 03:00:09Z  (2 visits)'
ok 'an unchanged article has one revision with all its visits'

run sillok log --json 001/0000000001
code_is 0
json_is 'length == 2 and .[0].revision == 2 and .[1].revision == 1'
json_is '.[0] | has("oid") and has("aid") and has("revision") and has("first_seen") and has("last_seen") and has("observations") and has("content_hash") and has("title") and has("kinds")'
json_is '.[0] | .kinds[0] == "number" and .first_seen == "2026-01-06T03:00:00Z" and .window.after == "2026-01-05T03:00:00Z"'
json_is '.[1].kinds == []'
[ "$(jq -rs '.[0].content_hash' out)" = "$(sha256 "$library_2")" ] || wrong hash
ok '--json has the fields, newest first too'

run sillok log --json --reverse -n 1 001/0000000001
json_is 'length == 1 and .[0].revision == 1'
run sillok log --json -n 1 001/0000000001
json_is 'length == 1 and .[0].revision == 2'
ok '--reverse and --limit'

run sillok log --csv --reverse 001/0000000001
code_is 0; out_lines 3
[ "$(head -c 4 out)" = oid, ] || wrong head
[ "$(grep -c $'\r$' out)" -eq 3 ] || wrong 'line ends'
sed -n 2p out | grep -q '^001,0000000001,1,' || wrong order
ok 'CSV: a head, a row each, lines end as RFC 4180 says'

run sillok --zone KST log -n 1 001/0000000001
out_has '2026-01-06 12:00:00+09:00'
run sillok --zone KST log -n 1 --json 001/0000000001
json_is '.[0].first_seen == "2026-01-06T03:00:00Z"'
ok '--zone is for people; JSON stays UTC'

run sillok log 001_0000000001
code_is 0
ok 'the form of file names is understood'
run sillok log 001/9999999999
code_is 2; err_has '001/9999999999'; err_has "$work/.sillok"
ok 'an unknown article: exit 2, which one and where'
run sillok log --blame 001/0000000001
code_is 0; err_empty
out_is <<'END'
001/0000000001@1  2026-01-05 03:00:00Z
001/0000000001@2  2026-01-06 03:00:00Z

  @1..        시립 도서관 새로 문 열어

  @1..        시립 도서관이 새 건물에서 문을 열었다.
- @1          첫날 방문객은 1200명이었다.
              was reworded between 2026-01-05 03:00:00Z and 2026-01-06 03:00:00Z
+ @2..        첫날 방문객은 2100명이었다.
              new wording between 2026-01-05 03:00:00Z and 2026-01-06 03:00:00Z
  @1..        관장은 더 많은 책을 들이겠다고 말했다.
END
run sillok --zone KST log -b 002/0000000002
out_has '- @1          Old bridge to close'
out_has 'between 2026-01-05 12:00:05+09:00 and 2026-01-06 12:00:05+09:00'
ok '--blame: sentence by sentence, gone ones at their place, headlines too'

run sillok log --blame --json 001/0000000001
code_is 0
json_is 'length == 5 and .[0].where == "title" and .[2].gone and .[2].went.how == "reworded"'
json_is '.[2] | .revision == 1 and .first_revision == 1 and .last_revision == 1 and .went.after == "2026-01-05T03:00:00Z" and .went.before == "2026-01-06T03:00:00Z" and .came.how == null and .n_spans == 1 and (.spans | length) == 1'
json_is '.[3] | .gone == false and .first_revision == 2 and .came.how == "reworded" and .first_seen == "2026-01-06T03:00:00Z"'
for i in 2 3 4; do
    n=$(jq -rs ".[$i].revision" out) start=$(jq -rs ".[$i].start" out) end=$(jq -rs ".[$i].end" out)
    [ "$(sillok show --body "001/0000000001@$n" | tail -c +$((start + 1)) | head -c $((end - start)))" = \
        "$(jq -rs ".[$i].text" out)" ] || wrong "bytes $start to $end of @$n"
done
run sillok log --blame --csv 001/0000000001
out_lines 6
ok '--blame --json: bytes of the body that they name'

crawl_file 001 0000000003 '2026-01-07 03:00:09' '주말마다 야시장' '전통시장에 야시장이 열린다.' >back.md
sillok -q ingest --crawl wed back.md >/dev/null || exit 99
crawl_file 001 0000000003 '2026-01-08 03:00:09' '주말마다 야시장' "$market" >back.md
sillok -q ingest --crawl thu back.md >/dev/null || exit 99
run sillok log --blame 001/0000000003
out_has '+ @1,@3..     상인회는 주말마다 음악회를 준비한다.'
out_has 'went between 2026-01-06 03:00:09Z and 2026-01-07 03:00:09Z'
out_has 'came back between 2026-01-07 03:00:09Z and 2026-01-08 03:00:09Z'
run sillok log --blame --json 001/0000000003
json_is '.[2] | .n_spans == 2 and .spans[0].last_revision == 1 and .spans[1].first_revision == 3 and .gone == false'
run sillok find 음악회
out_has '001/0000000003@3  came back between 2026-01-07 03:00:09Z and 2026-01-08 03:00:09Z'
ok 'what went and came back has both spans'

run sillok log --blame --reverse 001/0000000001
code_is 2; err_has --reverse
run sillok log --blame -n 1 001/0000000001
code_is 2
run sillok log --blame 001/9999999999
code_is 2; err_has '001/9999999999'
ok '--blame: what does not go together, what is not there'

run sillok log nonsense
code_is 2; err_has 'OID/AID'
ok 'what is no article'

run sillok log 001/0000000001@1
code_is 2; err_has "is one revision, and this is about all of 001/0000000001"
run sillok log --blame 001/0000000001@1
code_is 2
ok 'one revision is no log'

mkdir wed && harbour 002 0000000004 '2026-03-07 03:00:12' 'Storm passes the coast' "$storm" >wed/4.md
sillok -q ingest wed >/dev/null
run sillok log 001/0000000001
code_is 0; err_has "sillok log: last seen in crawl 'tue'; 2 later crawls have no visit of it"
run sillok log 002/0000000004
err_empty
run sillok -q log 001/0000000001
err_empty
run sillok log --json 001/0000000001
err_empty
ok 'how many crawls came after the last one that saw it'
finish
