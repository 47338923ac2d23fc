#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"

festival='강변 축제가 토요일 저녁에 열린다. 시는 다리 위에 등불 삼백 개를 달고 어린이 합창단을 초대했다. 상인들은 떡과 차를 내놓기로 했으며 수익은 도서관에 기부한다. 비가 오면 축제는 다음 주로 미뤄진다. 시장은 "모두 걸어서 와 달라"고 부탁했다.'
changed=${festival/등불 삼백 개를/등불 오백 개를}
council='The town council will vote on the new harbour wall next week. Two plans are on the table: a higher wall of stone, and a wide beach that breaks the waves. Fishermen want the wall, hotels want the beach.'
council_2='After three hours of talk the members could not agree. A second meeting is planned for Friday, when an engineer from the capital explains what either plan would cost and how long the work on the quay would take.'
mkdir -p mon
crawl_file 001 0000000001 '2026-01-05 03:00:00' '강변 축제 토요일에' "$festival" >mon/1.md
crawl_file 003 0000000007 '2026-01-05 04:00:00' '토요일 강변 축제' "$changed" >mon/2.md
harbour 002 0000000002 '2026-01-05 05:00:00' '[Breaking] Council votes on harbour wall' "$council" >mon/3.md
harbour 002 0000000003 '2026-01-05 09:00:00' 'Council votes on harbour wall (2nd)' "$council_2" >mon/4.md
PUBLISHED='2026-04-01 08:00' crawl_file 004 0000000004 '2026-04-01 09:00:00' '지난 축제를 돌아보며' "$festival" >mon/5.md
crawl_file 001 0000000005 '2026-01-05 05:30:00' '주말마다 야시장' "$market" >mon/6.md
crawl_file 003 0000000005 '2026-01-05 05:40:00' '야시장' "$market" >mon/7.md
sillok -q ingest mon >/dev/null || exit 99

run sillok similar 001/0000000001
code_is 0
out_lines 1; out_has '0.90             003/0000000007@1'; err_has '1 article'
run sillok similar --json 001/0000000001
json_is 'length == 1 and .[0].oid == "003" and .[0].jaccard > 0.9 and .[0].jaccard < 0.91 and .[0].same_text == false and .[0].group == null'
ok 'the exact similarity, across publishers'

run sillok similar --all-time 001/0000000001
out_lines 2
head -1 out | grep -q '^1.00  =body .*004/0000000004@1' || wrong 'the most similar is not first'
run sillok similar --since 2026-01-01 001/0000000001
out_lines 2
run sillok similar 004/0000000004
out_empty; code_is 0
ok 'neighbouring months, --since, --all-time'

run sillok similar --min 0.95 001/0000000001
out_empty
for min in 0 1.1 x 0.5x -1; do
    run sillok similar --min="$min" 001/0000000001
    code_is 2; err_has 'such as 0.7'
done
run sillok similar --oid 003 001/0000000001
out_lines 1
run sillok similar --oid 001 --all-time 001/0000000001
out_empty
run sillok similar --across --oid 003 001/0000000001
out_lines 1
run sillok similar --across --oid 001 001/0000000001
code_is 2; out_empty; err_has 'nothing can be both'
run sillok similar --all-time -n 1 001/0000000001
out_lines 1; err_has '1 article, there may be more: --limit'
run sillok similar --all-time -n 9 001/0000000001
err_lacks 'there may be more'
ok '--min, --oid, --limit'

run sillok similar 002/0000000002
out_lines 1; out_has 'follow-up  002/0000000003@1'
run sillok similar --json 002/0000000002
json_is '.[0].follow_up == true and .[0].jaccard < 0.5'
run sillok similar --no-follow-ups 002/0000000002
out_empty
ok 'a follow-up is linked by its headline'

run sillok similar 001/0000000005
out_lines 1; out_has '1.00  =body'; out_has 003/0000000005@1
ok 'a short text: equality only'

mkdir tue
crawl_file 001 0000000001 '2026-01-06 03:00:00' '강변 축제 취소' '축제가 취소됐다.' >tue/1.md
sillok -q ingest tue >/dev/null || exit 99
run sillok similar 001/0000000001
out_empty
run sillok similar 001/0000000001@1
out_lines 1; out_has 003/0000000007@1
run sillok similar 001/0000000001@2026-01-05T12:00:00Z
out_lines 1
run sillok similar 003/0000000007
out_empty
run sillok similar --revisions 003/0000000007
out_lines 1; out_has 001/0000000001@1; err_has '1 revision'
ok 'an old revision asked about, and old ones among the answers'

run sillok similar 009/0000000009
code_is 2; err_has 009/0000000009
run sillok similar 001/0000000001@9
code_is 2; err_has 'no such revision'
run sillok similar
code_is 2
ok 'what is not there'

run sillok similar --csv --min 0.01 --all-time 001/0000000001@1
code_is 0; [ "$(head -n 1 out | cut -d, -f1-3)" = oid,aid,revision ] || wrong "$(head -n 1 out)"
run sillok similar --json --min 0.01 --all-time 001/0000000001@1
code_is 0
json_is 'length > 0 and all(.[]; has("group") or has("size") | not)'
ok 'no columns of groups where there are none'
# 104 letters, and the first 61 of them: 57 runs of five of 100.
letters=$(python3 -c 'print("".join(chr(0xac00 + 28 * i) for i in range(104)))')
crawl_file 005 0000000001 '2026-01-05 03:00:00' '글자' "$letters" >mon/8.md
crawl_file 005 0000000002 '2026-01-05 03:00:00' '글자들' "$(printf %s "$letters" | cut -b 1-183)" >mon/9.md
sillok -q ingest mon >/dev/null
run sillok similar 005/0000000001 --json
json_is '.[0].jaccard == 0.57'
run sillok similar 005/0000000001
out_has '0.57  '
ok 'the table shows what JSON has'
finish
