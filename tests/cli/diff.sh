#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
store

run sillok diff 001/0000000001
code_is 1; err_empty
out_has '--- 001/0000000001@1  2026-01-05 03:00:00Z'
out_has '+++ 001/0000000001@2  2026-01-06 03:00:00Z'
out_has '    number (number); '
out_has '첫날 방문객은 [-1200-]{+2100+}명이었다.'
ok 'the last change, word by word, exit 1'

run sillok diff 002/0000000002
code_is 1; out_has 'title'; out_has 'Old bridge'; out_has '{+'; out_lacks 'Buses'
ok 'a headline stands above, an unchanged body is not shown'

run sillok diff 001/0000000003
code_is 0; out_empty; err_has 'one revision'
run sillok diff 001/0000000001@1
code_is 0; err_has 'first revision'
run sillok diff 001/0000000001 2
code_is 0; err_has 'twice'
ok 'nothing differs: exit 0'

run sillok diff 001/0000000001@2
code_is 1; mv out at
run sillok diff 001/0000000001 1
same out at
run sillok diff 001/0000000001 1 2
same out at
run sillok diff 001/0000000001 @1 @-1
same out at
run sillok diff 001/0000000001@1..2
same out at
run sillok diff 001/0000000001@1..
code_is 2
run sillok diff 001/0000000001@1..9
code_is 2; err_has 'it has 2 in'
run sillok diff 001/0000000001@1..2 2
code_is 2
ok '@R is the change that led to R; R1 against the newest; R1 R2, also as @R1..R2'
run sillok diff 001/0000000001 2 1
code_is 1; out_has '+++ 001/0000000001@1'
ok 'backwards too'

for format in words side sentences html json; do
    run sillok diff --format $format 001/0000000001
    code_is 1; err_empty; out_has 2100
done
ok 'every format'
run sillok diff --format sentences 001/0000000001
grep -q '^- .*1200' out && grep -q '^+ .*2100' out || wrong 'no lines'
ok 'sentences: - and +'
run sillok diff --json 001/0000000001
json_is '.[0] | .differs and .fields == ["body"] and .kinds[0] == "number" and .from.revision == 1 and .to.revision == 2 and (.body | type == "object")'
run sillok diff --json 002/0000000002
json_is '.[0] | .values.title.from == "Old bridge to close" and .body == null'
run sillok diff --json 001/0000000003
code_is 0; json_is '.[0] | .differs == false and .body == null and .kinds == []'
ok 'json: one object, also when nothing differs'

# What JSON itself is written with, inside the text: both texts come out of the rows again.
for side in old new; do
    mkdir $side
    printf '%s\n' '그는 "예,  [아니요]"라고 했다. 역빗금 \" 둘,  \\ 하나. "' '{"a": 1,  "b": "\"}  빈칸.' \
        >$side.txt
    printf '%s' "$side  끝 \\" >>$side.txt
    { printf -- '---\nid: 009_1\ntitle: "t"\npublisher: x\nauthor: y\npublished_at: 2026-02-01 00:00\n'
      printf 'crawled_at: 2026-02-0%s 10:00:00\noid: 009\naid: 1\n' "$([ $side = old ] && echo 1 || echo 2)"
      printf 'content_hash: %s\n---\n\n# t\n\n' "$(sha256sum <$side.txt | cut -d' ' -f1)"
      cat $side.txt && echo
    } >$side/009_1.md
    run sillok ingest $side
    code_is 0
done
run sillok diff --json 009/1
[ "$(wc -l <out)" = 1 ] || wrong 'more than a line'
for side in old new; do
    jq -j --arg other "$([ $side = old ] && echo added || echo removed)" \
        '.body.rows[] | (.edits // [.])[] | select(.op != $other) | .text' out >again
    same $side.txt again
done
ok 'json: signs of its own inside a text'

mkdir broken
crawl_file 010 1 '2026-02-01 10:00:00' $'one \xff title' 'The bridge is open. Buses go there.' >broken/1.md
crawl_file 010 1 '2026-02-02 10:00:00' 'one title' 'The bridge is open. Buses go there.' >broken/2.md
crawl_file 010 1 '2026-02-03 10:00:00' 'one title' $'The bridge is \xff shut. Buses go there.' >broken/3.md
crawl_file 010 1 '2026-02-04 10:00:00' 'one title' 'The bridge is still shut. Buses go there.' >broken/4.md
crawl_file 010 1 '2026-02-05 10:00:00' 'one title' 'The bridge is still shut. No bus goes there.' >broken/5.md
sillok -q ingest broken >ingest.log 2>&1 || exit 99
for pair in '2 true' '3 true' '4 true' '5 null'; do
    run sillok diff --json "010/1@${pair% *}"
    json_is ".[0].invalid_utf8 == ${pair#* }"
done
run sillok changes -p --json --oid 010 --all
json_is 'map(.invalid_utf8) == [null, true, true, true]'
ok 'json: bytes that are not UTF-8 are told, whichever side has them'

run sillok diff --context all 001/0000000001
out_has '시립 도서관이'
run sillok diff --context 0 001/0000000001
out_lacks '시립 도서관이'
run sillok diff --context x 001/0000000001
code_is 2
ok '--context'
run sillok diff --format html 001/0000000001
out_has '<!DOCTYPE html>'; out_has '<del>'; out_has '<ins>'; out_lacks '<dl>'
mkdir evil
crawl_file 003 0000000001 '2026-01-05 03:00:00' 'A <script>alert(1)</script>' 'One & <b>two</b>.' >evil/1.md
crawl_file 003 0000000001 '2026-01-06 03:00:00' 'B <script>alert(2)</script>' 'One & <i>two</i>.' >evil/2.md
sillok -q ingest evil >/dev/null 2>&1
run sillok diff --format html 003/0000000001
out_lacks '<script>'; out_lacks '<b>'; out_lacks '<i>'
ok 'html: all text is escaped'

run sillok diff 001/0000000001 -2
code_is 2; err_has '@-2'
run sillok diff 001/0000000001@1 2
code_is 2
run sillok diff --format wrods 001/0000000001
code_is 2; err_has 'words|side'
run sillok diff 001/7
code_is 2
ok 'wrong use'
run sillok diff 001/0000000001 001/0000000003
code_is 1
out_has '--- 001/0000000001@2'
out_has '+++ 001/0000000003@1'
out_has '야시장'
run sillok diff 001/0000000001@1 001/0000000001@2
code_is 1; out_has '[-1200-]{+2100+}'
run sillok diff --json 001/0000000003 001/0000000001@1
json_is '.[0] | .from.aid == "0000000003" and .to.aid == "0000000001" and .to.revision == 1 and .aid == .to.aid'
run sillok diff -f html 001/0000000001 001/0000000003
out_has '001/0000000001@2 → 001/0000000003@1'
run sillok diff 001/0000000001 001/0000000003 2
code_is 2; err_has 'OID/AID@R OID/AID@R'
run sillok diff 001/0000000001 001/9999999999
code_is 2; err_has '001/9999999999'
ok 'two articles, each at a revision of its own'

run sillok diff --json -f side 001/0000000001
code_is 2; err_has '--json is --format json'; out_empty
run sillok diff -f words --json 001/0000000001
code_is 2
run sillok diff --json -U 3 001/0000000001
code_is 2; err_has '--context'; out_empty
run sillok diff -f json --json 001/0000000001
code_is 1; json_is '.[0].differs'
ok 'options that would do nothing are refused'

# One number in a long text: 1.000 is said of equal texts alone.
mkdir long
long_body() { # NUMBER
    printf '시는 다리를 고쳤다. 첫날 %s명이 건넜다.' "$1"
    for i in $(seq 900); do printf ' %d번째 날에도 사람들이 다리를 건너 장터로 갔다.' "$i"; done
}
crawl_file 005 0000000001 '2026-01-05 03:00:00' '다리' "$(long_body 1200)" >long/a.md
crawl_file 005 0000000001 '2026-01-06 03:00:00' '다리' "$(long_body 1300)" >long/b.md
sillok -q ingest long >ingest.log 2>&1 || exit 99
run sillok diff 005/0000000001
code_is 1; out_has '4 characters added, 4 removed, similarity 0.999'
run sillok diff 005/0000000001 --json
json_is '.[0].similarity < 1'
ok 'similarity is cut, not rounded'

# What comes back is told as `changes` and `log` tell it; a single edit between is none.
mkdir back
crawl_file 006 0000000001 '2026-01-05 03:00:00' '장터' '장터는 밤 9시에 닫는다.' >back/a.md
crawl_file 006 0000000001 '2026-01-06 03:00:00' '장터' '장터는 밤 8시에 닫는다.' >back/b.md
crawl_file 006 0000000001 '2026-01-07 03:00:00' '장터' '장터는 밤 9시에 닫는다.' >back/c.md
sillok -q ingest back >ingest.log 2>&1 || exit 99
sillok -q changes --oid 006 -n 1 --json >list || exit 99
run sillok diff 006/0000000001 --json
jq -c '[.kinds, .flags, .significance]' list >expected
jq -c '[.kinds, .flags, .significance]' out >got
same got expected
json_is '.[0].kinds == ["reverted", "number"]'
run sillok diff 006/0000000001
out_has '    reverted, number (number); 1 character added, 1 removed, '
run sillok diff 006/0000000001@2 --json
json_is '.[0].kinds == ["number"]'
run sillok diff 006/0000000001 3 2 --json
json_is '.[0].kinds == ["number"]'
ok 'a change that goes back is reverted, as in the list'
finish
