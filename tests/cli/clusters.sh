#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"

base='The lighthouse at the north pier will be painted white again in May. The keeper says that sailors asked for it, because grey walls are hard to see in fog. The work takes three weeks and the stairs stay closed. Visitors may use the small tower at the south pier meanwhile, which opens at nine.'
second=${base/three weeks/four weeks}
third=${second/opens at nine/opens at noon}
report='도서관이 밤에도 문을 연다. 열람실은 자정까지 쓸 수 있고 책은 무인 창구에서 빌린다. 직원 두 명이 새로 일을 시작했으며 어린이실은 여섯 시에 닫는다. 주민들은 버스도 늦게까지 다니게 해 달라고 말했다. 시는 봄까지 지켜본 뒤 정하기로 했다.'
report_2='시청 회의실에서 열린 설명회에는 백 명이 모였다. 담당자는 전기 요금과 경비 문제를 차례로 설명하고 질문을 받았다. 한 학생은 시험 기간만이라도 밤새 열자고 했고 상인들은 거리 조명을 늘려 달라고 했다. 결과는 다음 달에 나온다.'
mkdir -p mon
harbour 002 0000000001 '2026-01-05 03:00:00' 'White lighthouse' "$base" >mon/1.md
PUBLISHER='Coast News' harbour 005 0000000001 '2026-01-05 04:00:00' 'Lighthouse to be painted' "$second" >mon/2.md
harbour 002 0000000009 '2026-01-05 05:00:00' 'Painting the lighthouse' "$third" >mon/3.md
crawl_file 001 0000000001 '2026-01-05 03:00:00' '[속보] 도서관, 밤에도 문 연다' "$report" >mon/4.md
crawl_file 001 0000000002 '2026-01-05 08:00:00' '도서관 밤에도 문 연다(종합)' "$report_2" >mon/5.md
crawl_file 001 0000000003 '2026-01-05 08:00:00' '주말마다 야시장' "$market" >mon/6.md
sillok -q ingest mon >/dev/null || exit 99

run sillok clusters
code_is 0
out_has 'group 1: 3 articles, 2 publishers'
out_has 'group 2: 2 articles, 1 publisher'
out_has 'follow-up  001/0000000002@1'
out_lacks 001/0000000003
err_has '2 groups, 5 articles'
ok 'near duplicates, and follow-ups flagged'

run sillok clusters --json
json_is 'length == 5'
json_is '[.[] | select(.group == 1)] | length == 3 and .[0].oid == "002" and .[0].jaccard == 1 and .[1].jaccard > .[2].jaccard and .[2].jaccard > 0.7'
json_is '[.[] | select(.follow_up)] | length == 1 and .[0].aid == "0000000002" and .[0].jaccard < 0.3'
ok '--json'

run sillok clusters --no-follow-ups
out_has 'group 1'; out_lacks 'group 2'
run sillok clusters --min 0.99 --no-follow-ups
code_is 0; out_empty
run sillok clusters --across
out_has 'group 1'; out_lacks 'group 2'
run sillok clusters --oid 001
out_has 'group 1: 2 articles, 1 publisher'; out_lacks 'group 2'
run sillok clusters --oid 999
code_is 0; out_empty; err_has "there is no publisher '999'"
run sillok clusters -n 1
out_has 'group 1'; out_lacks 'group 2'; err_has 'there may be more: --limit'
run sillok clusters -n 1 --json
err_has '1 group, '; err_has 'there may be more: --limit'
run sillok clusters --csv
out_lines 6; out_has 'group,size,publishers'
ok '--no-follow-ups, --min, --across, --oid, --limit, --csv'

mkdir later
PUBLISHED='2026-06-01 08:00' crawl_file 001 0000000008 '2026-06-01 09:00:00' '여름 소식' "$market" >later/1.md
sillok -q ingest later >/dev/null || exit 99
run sillok clusters
code_is 0; out_empty
run sillok clusters --since 2026-01-01
out_has 'group 2'; out_lacks 'group 3'
run sillok clusters --since 1970-01-01 # which is 0, and not as if it were not given
out_has 'group 2'
run sillok clusters --since 9998-01-01
code_is 0; out_empty
run sillok clusters --all-time
out_has 'group 3'; out_has 001/0000000008
run sillok clusters --all-time --since 2026-01-01
code_is 2; out_empty; err_has 'give one of them'
ok 'the last two months, --since, --all-time'

# Two at once: one makes the index, the other waits for it.
rm -f .sillok/near.mdb
sillok clusters --all-time >a 2>/dev/null &
sillok clusters --all-time >b 2>/dev/null
wait $!
run sillok clusters --all-time
same a out; same b out
ok 'two programs at once'
finish
