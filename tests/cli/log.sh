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
run sillok log nonsense
code_is 2; err_has 'OID/AID'
ok 'what is no article'
finish
