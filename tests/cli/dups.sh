#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"

festival='강변 축제가 토요일 저녁에 열린다. 시는 다리 위에 등불 삼백 개를 달고 어린이 합창단을 초대했다. 상인들은 떡과 차를 내놓기로 했으며 수익은 도서관에 기부한다. 비가 오면 축제는 다음 주로 미뤄진다. 시장은 "모두 걸어서 와 달라"고 부탁했다.'
curly=${festival/\"모두 걸어서 와 달라\"/“모두  걸어서 와 달라”}
mkdir -p mon
crawl_file 001 0000000001 '2026-01-05 03:00:00' '강변 축제 토요일에' "$festival" >mon/1.md
crawl_file 003 0000000007 '2026-01-05 04:00:00' '토요일 강변 축제' "$curly" >mon/2.md
harbour 002 0000000002 '2026-01-05 05:00:00' 'River festival' "$festival" >mon/3.md
harbour 002 0000000003 '2026-01-05 05:10:00' 'Storm nears the coast' "$storm" >mon/4.md
harbour 002 0000000004 '2026-01-05 05:20:00' 'Storm, again' "$storm" >mon/5.md
crawl_file 001 0000000005 '2026-01-05 05:30:00' '주말마다 야시장' "$market" >mon/6.md
sillok -q ingest mon >/dev/null || exit 99

run sillok dups --no-update
code_is 2; err_has 'no index of near duplicates'; out_empty
[ ! -e .sillok/near.mdb ] || wrong 'an index was made'
ok '--no-update without an index: said, nothing made'

run sillok dups
code_is 0
out_is <<'END'
group 1: 3 articles, 3 publishers
   -             001/0000000001@1  하늘일보        2026-01-05 03:00Z  강변 축제 토요일에
1.00  =text      003/0000000007@1  하늘일보        2026-01-05 04:00Z  토요일 강변 축제
1.00  =body      002/0000000002@1  Harbour Times   2026-01-05 05:00Z  River festival

group 2: 2 articles, 1 publisher
   -             002/0000000003@1  Harbour Times   2026-01-05 05:10Z  Storm nears the coast
1.00  =body      002/0000000004@1  Harbour Times   2026-01-05 05:20Z  Storm, again
END
err_is <<'END'
sillok dups: 2 groups, 5 articles
END
ok 'the same text, the largest group first; short texts too'

run sillok dups --same body
out_lacks 003/0000000007; out_has 002/0000000002@1
ok '--same body: byte for byte'
run sillok dups --across
out_has 'group 1'; out_lacks 'group 2'
run sillok dups --oid 002 -n 1
out_has 'group 1'; out_lacks 'group 2'; err_has 'there may be more: --limit'
run sillok dups --oid 002 -n 9
err_lacks 'there may be more'
run sillok dups --oid 009
code_is 0; out_empty
ok '--across, --oid, --limit'

run sillok dups --json
json_is 'length == 5 and .[0].group == 1 and .[0].size == 3 and .[0].publishers == 3'
json_is '.[1] | .same_text == true and .same_body == false and .jaccard == 1 and .oid == "003" and .revision == 1 and .newest == true'
json_is '.[0] | has("aid") and has("follow_up") and has("publisher") and has("title") and has("first_seen") and has("published_at") and (.content_hash | length == 64) and has("url")'
run sillok dups --csv
out_lines 6; out_has 'group,size,publishers,oid,aid,revision'
ok '--json and --csv'

run sillok dups --since 2026-02-01
code_is 0; out_empty
run sillok dups --since nonsense
code_is 2; err_has nonsense
ok '--since'

mkdir tue
harbour 002 0000000004 '2026-01-06 05:20:00' 'Storm passes' 'The storm has passed and ferries sail again.' >tue/5.md
sillok -q ingest tue >/dev/null || exit 99
run sillok dups --no-update
err_has '1 text of the store is not in the index'
run sillok dups
out_lacks 'group 2'
run sillok dups --revisions
out_has 'group 2: 2 revisions, '; out_has 002/0000000004@1
err_has "2 groups, $(grep -c '@[0-9]' out) revisions"
ok 'the newest revision counts, unless --revisions'

run sillok dups
cp out before
printf 'not an index' >.sillok/near.mdb
run sillok dups
code_is 0; same out before
rm .sillok/near.mdb
run sillok dups
code_is 0; same out before
ok 'a damaged or deleted index is made anew'

# Who waits for the index finds it further than the store was when the waiting began.
mkdir wed
harbour 002 0000000009 '2026-01-07 05:00:00' 'Market, again' "$market" >wed/9.md
cp -r .sillok other
sillok -q -s other ingest wed >/dev/null && sillok -q -s other dups >/dev/null || exit 99
exec 9<.sillok/near.lock && flock -x 9
sillok dups --no-update >out 2>err 9<&- &
asking=$!
sleep 0.5
sillok -q ingest wed >/dev/null 9<&- || exit 99
cp other/near.mdb other/near.mdb-seal .sillok/
exec 9<&-
wait "$asking"
code=$?
code_is 0; out_has 'Market, again'
ok 'an index that another process brings further meanwhile'

if [ "$(id -u)" -ne 0 ]; then
    sillok dups >before 2>/dev/null || exit 99
    chmod a-w .sillok .sillok/near.mdb .sillok/near.lock
    run sillok dups
    code_is 0; same out before
    chmod u+w .sillok
    rm -f .sillok/near.mdb .sillok/near.lock
    chmod a-w .sillok
    run sillok dups
    code_is 2; err_has 'cannot be written'
    chmod u+w .sillok
    ok 'a store that cannot be written: the index as it is, or said that there is none'
else
    skip 'a store that cannot be written' 'root can write anything'
fi
finish
