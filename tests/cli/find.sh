#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
store

run sillok find 도서관
code_is 0
out_is <<'END'
001/0000000001@2  seen 2026-01-05 03:00:00Z .. 2026-01-06 03:00:00Z
    headline: 시립 {=도서관=} 새로 문 열어

001/0000000001@2  seen 2026-01-05 03:00:00Z .. 2026-01-06 03:00:00Z
    시립 도서관 새로 문 열어
    시립 {=도서관=}이 새 건물에서 문을 열었다.
END
err_is <<'END'
sillok find: 2 sentences in 1 article
END
ok 'sentences and headlines that stand, with the words marked'

run sillok find --removed 방문객
out_is <<'END'
001/0000000001@1  reworded between 2026-01-05 03:00:00Z and 2026-01-06 03:00:00Z
    시립 도서관 새로 문 열어
    첫날 {=방문객=}은 1200명이었다.
END
run sillok find --added 방문객
out_is <<'END'
001/0000000001@2  new wording between 2026-01-05 03:00:00Z and 2026-01-06 03:00:00Z
    시립 도서관 새로 문 열어
    첫날 {=방문객=}은 2100명이었다.
END
run sillok find --removed --added --json 방문객
json_is 'length == 2 and ([.[].gone] | sort) == [false, true]'
run sillok find --json 방문객
json_is 'length == 2'
run sillok find --removed 도서관이
out_empty; code_is 0; err_has '0 sentences'
run sillok find --removed close
out_lines 2; out_has '002/0000000002@1  reworded'; out_has 'headline: Old bridge to {=close=}'
ok '--removed, --added'

# Korean is written with blanks and without.
run sillok find 새건물
out_empty; err_has '--any-blanks looks for other blanks, too'
run sillok find --any-blanks 새건물
out_lines 3; out_has '시립 도서관이 {=새 건물=}에서 문을 열었다.'
run sillok find --any-blanks '방 문 객' 첫날
out_lines 7; out_has '{=첫날=} {=방문객=}은 1200명이었다.'
run sillok find --any-blanks 없는말
out_empty; err_lacks '--any-blanks'
ok '--any-blanks'

# A whole sentence, gone on the 7th; and the windows that --from and --to are about.
crawl_file 001 0000000003 '2026-01-07 03:00:09' '주말마다 야시장' '전통시장에 야시장이 열린다.' >wed.md
sillok -q ingest --crawl wed wed.md >/dev/null || exit 99
run sillok find --removed 음악회
out_has '001/0000000003@1  removed between 2026-01-06 03:00:09Z and 2026-01-07 03:00:09Z'
run sillok find --removed --from 2026-01-07 음악회
out_lines 3
run sillok find --removed --from 2026-01-07 --to 2026-01-07T03:00:09Z 음악회
out_empty
run sillok find --removed --from 2026-01-07T03:00:09Z --to 2026-01-07T03:00:10Z 음악회
out_lines 3
run sillok find --removed --from 2026-01-07T03:00:10Z 음악회
out_empty
run sillok find --from 2026-01-06 --to 2026-01-07 방문객
out_lines 7
run sillok find --from 2026-01-05 --to 2026-01-06 방문객
out_lines 3; out_has '@1  reworded'
run sillok find --added --from 2026-01-05 --to 2026-01-06 방문객
out_empty
run sillok find --from 2026-01-08 --to 2026-01-07 방문객
code_is 2
run sillok find --from nonsense 방문객
code_is 2
ok '--from, --to: the end of the window'

# Taken out on the 8th, put back on the 9th, and out for good on the 11th.
day=6
for body in '이름은 박솔이다.' 없음 '이름은 박솔이다.' '이름은 박솔이다.' 없음; do
    day=$((day + 1))
    crawl_file 001 0000000004 "2026-01-$(printf %02d $day) 03:00:00" '공고' \
        "새 소장이 정해졌다. ${body/없음/이름은 나중에 알린다고 했다.}" >back.md
    sillok -q ingest --crawl "back-$day" back.md >/dev/null || exit 99
    case $day in
    10)
        run sillok find --from 2026-01-08 --to 2026-01-09 박솔
        out_has '001/0000000004@3  came back between 2026-01-08'
        run sillok find --removed --from 2026-01-08 --to 2026-01-09 박솔
        out_empty
        run sillok find --added --from 2026-01-08 --to 2026-01-09 박솔
        out_empty
        ;;
    esac
done
run sillok find --removed --from 2026-01-08 --to 2026-01-09 박솔
out_lines 3; out_has '001/0000000004@3'
run sillok find --removed --from 2026-01-09 --to 2026-01-11 박솔
out_empty
ok '--from, --to: each time that it went'

# Words of every length, on either side of an end, in either case; none may be lost.
for word in 시립 도 관 책 열 '.' 도서 다. 'OLD BRIDGE' 'old   bridge' road. 2100 '다' '서관이 새'; do
    run sillok find "$word"
    [ -s out ] || wrong "not found: $word"
    run sillok find --no-update "$word"
    [ -s out ] || wrong "not found without update: $word"
done 2>/dev/null
run sillok find 구름
out_empty
run sillok find 없음 있
out_empty
ok 'one, two, three characters and more'

run sillok find 방문객 2100
out_lines 3; out_has '첫날 {=방문객=}은 {=2100=}명이었다.'
run sillok find '방문객 2100'
out_empty
run sillok find 방문객 관장
out_empty
run sillok find 문객은 방문
out_has '첫날 {=방문객은=} 1200'
run sillok find '열었다. 첫날'
out_has '{=열었다.=}'; out_has '{=첫날=} 방문객은 1200'; out_has '{=첫날=} 방문객은 2100'
ok 'several words: all in one sentence; one piece: over its end too'

# Nothing of FTS5's or SQL's language has a meaning.
mkdir odd
crawl_file 001 0000000009 '2026-01-05 03:00:00' '기호' \
    'He said "AND" or NEAR(a b) and t: {x} ^y z* -w %_ it'"'"'s; DROP TABLE text. 끝이다.' >odd/1.md
sillok -q ingest odd >/dev/null || exit 99
for word in '"' '"AND"' 'NEAR(a' 't:' '{x}' '^y' 'z*' '-w' '%' '%_' '_' "'" "it's; DROP TABLE" ' OR' '*'; do
    run sillok find -- "$word"
    [ "$code" = 0 ] && grep -q 0000000009 out || { wrong "not found: $word"; say <err; }
done
run sillok find 'a*'
out_empty
run sillok find ''
code_is 2; err_has 'nothing to find'
run sillok find '  '
code_is 2
run sillok find
code_is 2
ok 'no character has a meaning of its own'

run sillok find --oid 002 bridge
out_has 002/0000000002; out_lacks 001/
run sillok find --oid 003 bridge
out_empty
run sillok find -n 1 도서관
out_lines 2; err_has 'there may be more'
run sillok find 방문객 --csv
out_lines 3
[ "$(head -c 4 out)" = oid, ] || wrong head
ok '--oid, --limit, --csv'

run sillok find --json --removed 방문객
json_is 'length == 1 and (.[0] | .oid == "001" and .where == "body" and .gone and .revision == 1 and .went.how == "reworded" and .went.before == "2026-01-06T03:00:00Z" and .came.how == null and .title == "시립 도서관 새로 문 열어" and .n_spans == 1)'
[ "$(jq -rs '.[0] | .text | @base64' out | base64 -d | tail -c +$(($(jq -s '.[0].marks[0][0]' out) + 1)) |
    head -c $(($(jq -s '.[0].marks[0] | .[1] - .[0]' out))))" = 방문객 ] || wrong marks
[ "$(sillok show --body 001/0000000001@1 | tail -c +$(($(jq -s '.[0].start' out) + 1)) |
    head -c $(($(jq -s '.[0] | .end - .start' out))))" = '첫날 방문객은 1200명이었다.' ] || wrong range
[ "$(jq -rs '.[0].content_hash' out)" = "$(sha256 "$library_1")" ] || wrong hash
ok '--json: bytes that it names'

# The index is only beside the store: gone, garbage, of another store, or impossible.
sillok find --json 다 >want 2>/dev/null
[ -s want ] || wrong 'nothing wanted'
for damage in gone empty garbage half other link; do
    case $damage in
    gone) rm .sillok/find.db .sillok/find.lock ;;
    empty) : >.sillok/find.db ;;
    garbage) head -c 9000 /dev/urandom >.sillok/find.db ;;
    half) truncate -s $(($(stat -c %s .sillok/find.db) / 2)) .sillok/find.db ;;
    other)
        sillok -q -s other init && sillok -q -s other ingest odd >/dev/null
        sillok -q -s other find 다 >/dev/null
        cp other/find.db .sillok/find.db
        ;;
    link) ln -sf /dev/zero .sillok/find.db ;;
    esac
    run sillok find --json --no-update 다
    same want out; code_is 0
    run sillok find --json 다
    same want out; code_is 0
    run sillok find --json --no-update 다
    same want out; code_is 0
    ! grep -q 'not in the index' err || wrong "$damage was not mended"
done
rm .sillok/find.db .sillok/find.lock && mkdir .sillok/find.lock
run sillok find --json 다
same want out; code_is 0; err_has 'the texts are read instead'; err_has 'were read'
rmdir .sillok/find.lock
mkdir .sillok/find.db
run sillok find --json 다
same want out; code_is 0; err_has 'the texts are read instead'
rmdir .sillok/find.db
ok 'the answer does not depend on the index'

run sillok verify
code_is 0
ok 'the store is none the worse'

as_terminal "$program" --color always --no-pager find --removed 방문객
out_has $'\e[1;31m방문객\e[0m'
as_terminal env COLUMNS=40 "$program" --color always --no-pager find '건물에서 문을 열었다'
out_has $'새 \e[1;31m건물에서 문을\e[0m'; out_has $'    \e[1;31m열었다\e[0m.'
as_terminal "$program" --color never --no-pager find --removed 방문객
out_has '{=방문객=}'
crawl_file 001 0000000011 '2026-01-05 03:00:00' '제어' $'제어 문자 \e[31m 와 \xe2\x80\xae 가 들었다.' >esc.md
sillok -q ingest --crawl esc esc.md >/dev/null || exit 99
run sillok find '제어 문자'
out_has '{=제어 문자=} \x1b[31m 와 <U+202E> 가 들었다.'
ok 'marked in colour on a terminal; what would act on it is made safe'
run sillok find $'\xb5\xb5\xbc\xad\xb0\xfc' # CP949
code_is 0; out_empty; err_has '0 sentences'; err_has 'is not UTF-8, as the texts are'
run sillok find 도서관 $'\xff'
err_has 'is not UTF-8'
run sillok find 없는말
err_lacks UTF-8
ok 'a word that a terminal of another encoding has sent'
if command -v flock >/dev/null; then
    flock -x .sillok/find.lock sleep 20 &
    holder=$!
    sleep 0.3
    run timeout 10 "$program" find --no-update 도서관
    code_is 0; out_has '{=도서관=}'; err_has 'not in the index'
    kill $holder
    ok 'who does not bring the index up to date waits for nobody who does'
fi
finish
