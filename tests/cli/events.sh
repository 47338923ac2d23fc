#!/usr/bin/env bash
# 1,000 articles crawled again through an extractor that changed for two publishers: two
# events and the real edits, whatever the change was. And 40 of one publisher whose texts a
# wall took the place of, or whose headlines all have the site's name behind them.
made=$(realpath "$(dirname "$0")")/make_crawls.py
. "$(dirname "$0")/lib.sh"
python3 "$made" crawls || { echo 'Bail out! no crawls'; exit 99; }
LC_ALL=C sort crawls/edited >edited

for way in footer header varied; do
    sillok -q -s "$way" ingest crawls/base "crawls/$way" >ingest.log || wrong "ingest $way"
    run sillok -s "$way" changes --events --json
    code_is 0
    json_is 'length == 2 and (map(.oid) | sort) == ["003", "004"]'
    json_is 'all(.[]; .event == "folded" and .crawl == "'$way'" and .n_articles == (.articles | length))'
    json_is '(map(.n_articles) | add) == 550 and (map(.articles[]) | unique | length) == 550'
    json_is 'all(.[]; (.why | contains("{+")) and (.sample.revision == 2))'
    run sillok -s "$way" changes --json
    code_is 0
    jq -r '.oid + "/" + .aid' out | LC_ALL=C sort >listed
    same edited listed
    json_is 'map(select(.oid == "004")) | length == 50 and all(.flags | index("extraction"))'
    json_is 'map(select(.oid == "005")) | length == 50 and all(.flags | index("extraction") | not)'
    run sillok -s "$way" changes --all --unfold --json
    json_is 'length == 650'
    sample=$(sillok -s "$way" changes --events --json | jq -r '"\(.oid)/\(.sample.aid)@\(.sample.revision)"' | head -n 1)
    run sillok -s "$way" diff "$sample"
    out_has '{+'
    ok "$way: two events with their articles and a sample, and the edits among them"
done

for way in blanks escaping; do
    sillok -q -s "$way" ingest crawls/base "crawls/$way" >ingest.log || wrong "ingest $way"
    run sillok -s "$way" changes --events
    code_is 0; out_empty; err_has 'no events'
    run sillok -s "$way" changes --json
    jq -r '.oid + "/" + .aid' out | LC_ALL=C sort >listed
    same edited listed
    ok "$way: no event, and no change but the edits"
done

# words FROM N: words that nothing else has.
words() {
    local s digits=(가 나 다 라 마 바 사 아 자 차) i
    s=$(seq -s ' ' "$1" "$(($1 + $2 - 1))")
    for i in {0..9}; do s=${s//$i/${digits[i]}}; done
    printf %s "$s"
}

# twice NAME N TITLE BODY: N articles in NAME/a, and in NAME/b with these instead of their own;
# %s is the own title, = the own body, and more words stand in every fourth.
twice() {
    local i title body
    mkdir -p "$1/a" "$1/b"
    for ((i = 1; i <= $2; i++)); do
        title="$(words $((i * 1000)) 2) 연다"
        body="$(words $((i * 1000 + 100)) $((i % 4 ? 80 : 400))) 끝났다."
        crawl_file 006 "$i" '2026-01-05 03:00:00' "$title" "$body" >"$1/a/006_$i.md"
        [ "$4" = = ] || body=$4
        # shellcheck disable=SC2059
        crawl_file 006 "$i" '2026-01-06 03:00:00' "$(printf "$3" "$title")" "$body" >"$1/b/006_$i.md"
    done
    sillok -q -s "$1/store" ingest "$1/a" "$1/b" >ingest.log || wrong "ingest $1"
}

wall='로그인 후 이용하실 수 있습니다.'
twice wall 40 '%s' "$wall"
twice suffix 40 '%s - 하늘일보' =
twice few_walls 19 '%s' "$wall"
twice few_suffixes 19 '%s - 하늘일보' =
for name in wall suffix; do
    run sillok -s $name/store changes --events --json
    code_is 0
    json_is 'length == 1 and .[0].n_articles == 40 and (.[0].articles | length) == 40'
    run sillok -s $name/store changes --all --json
    code_is 0; out_empty
    run sillok -s few_${name/%x/xe}s/store changes --events
    code_is 0; out_empty; err_has 'no events'
done
run sillok -s few_suffixes/store changes --json
json_is 'length == 19 and all(.kinds == ["headline"])'
ok 'a wall in place of 40 texts, and 40 headlines with the same end, are one event; 19 are none'

# 40 headlines, each changed in another way, and one event that an edit stands beside.
mkdir -p own/a own/b
for i in {1..40}; do
    crawl_file 006 "$i" '2026-01-05 03:00:00' "$(words $((i * 1000)) 3)" "$market" >"own/a/006_$i.md"
    crawl_file 006 "$i" '2026-01-06 03:00:00' "$(words $((i * 1000 + 1)) 3)" "$market" >"own/b/006_$i.md"
done
sillok -q -s own/store ingest own/a own/b >ingest.log || wrong 'ingest own'
run sillok -s own/store changes --events
code_is 0; out_empty; err_has 'no events'
run sillok -s own/store changes --json
json_is 'length == 40 and all(.kinds == ["headline"])'
ok '40 headlines that changed in ways of their own are no event'

crawl_file 006 7 '2026-01-06 03:00:00' "$(words 7000 2) 연다 - 하늘일보" "$library_1" >suffix/b/006_7.md
sillok -q -s edited_suffix ingest suffix/a suffix/b >ingest.log || wrong 'ingest suffix'
run sillok -s edited_suffix changes --json
code_is 0
json_is 'length == 1 and .[0].aid == "7" and (.[0].flags | index("extraction"))'
json_is '.[0].kinds | index("headline") | not'
run sillok -s edited_suffix changes --events --json
json_is 'length == 1 and .[0].n_articles == 39'
ok 'an edit beside such a headline is told without it'
# The last nine of a crawl's thirty: too few to say that it was the crawler, by themselves.
for day in 05 06; do
    footer=; [ $day = 05 ] || footer='\\n더 많은 소식은 앱에서 받아 보세요.'
    for i in {10..39}; do
        printf '{"oid":"006","aid":"%s","crawled_at":"2026-01-%s 03:%s:00","title":"%s","body":"%s 끝났다.%s"}\n' \
            "$i" $day "$i" "$(words "${i}000" 2)" "$(words "${i}100" 20)" "$footer"
    done >$day.ndjson
done
sillok -q -s part ingest 05.ndjson 06.ndjson >ingest.log || wrong 'ingest part'
run sillok -s part changes --from 2026-01-06T03:31:00Z
code_is 0; out_lines 1; out_has 'not an edit: 9 articles of 006 have the same'
run sillok -s part changes --from 2026-01-06T03:39:00Z
out_has 'not an edit: 1 article of 006 has the same'
run sillok -s part changes --from 2026-01-06T03:31:00Z --events --json
json_is 'length == 1 and .[0].n_articles == 9 and (.[0].articles | length == 9) and .[0].crawl == "06"'
run sillok -s part changes --crawl 05..06 --from 2026-01-06T03:31:00Z --events --json
json_is 'length == 1 and .[0].n_articles == 9'
run sillok -s part changes --to 2026-01-06T03:12:00Z --json
code_is 0; out_empty
run sillok -s part changes --to 2026-01-06T03:10:00Z --events
code_is 0; out_empty
ok 'a crawl that begins before the span or ends after it'

# Of kinds and flags that are asked for an event has what --unfold would list of it.
run sillok -s part changes --kind headline
code_is 0; out_empty; err_is <<'END'
sillok changes: 0 changes
END
run sillok -s part changes --kind headline,removed --flag number --events
code_is 0; out_empty; err_has 'no events'
run sillok -s part changes --kind headline,added --events --json
json_is 'length == 1 and .[0].n_articles == 30 and (.[0].articles | length == 30)'
for i in {10..39}; do
    desk=모든; [ $((i % 3)) = 0 ] || desk=${i}번
    printf '{"oid":"006","aid":"%s","crawled_at":"2026-01-07 03:%s:00","title":"%s","body":"%s 끝났다.%s 문의는 %s 창구에서 받는다."}\n' \
        "$i" "$i" "$(words "${i}000" 2)" "$(words "${i}100" 20)" "$footer" "$desk"
done >07.ndjson
sillok -q -s part ingest 07.ndjson >ingest.log || wrong 'ingest part'
run sillok -s part changes --crawl 06..07 --unfold --kind added --flag number --json
json_is 'length == 20'
run sillok -s part changes --crawl 06..07 --kind added --flag number --events --json
json_is 'length == 1 and .[0].n_articles == 20 and (.[0].articles | length == 20)'
ok '--kind and --flag: what of an event they ask for'

# One article that gets a line every half hour within a crawl is one that is edited.
body='개표 상황을 전한다.'
for i in {10..39}; do
    printf '{"oid":"007","aid":"1","crawled_at":"2026-03-05 09:%s:00","title":"개표 실시간","body":"%s"}\n' "$i" "$body"
    body="$body\\n선관위는 9시 ${i}분 현재 김하늘 후보가 ${i}00표를 얻었다고 밝혔다."
done >live.ndjson
sillok -s live ingest live.ndjson >out 2>&1
out_lacks 'not an edit'
run sillok -s live changes --events
code_is 0; out_empty; err_has 'no events'
run sillok -s live changes --json
json_is 'length == 29'
ok 'articles make an event, and not the changes of one'

# Two of an extractor's changes within one crawl: an article is one, whatever it has of them.
for i in {10..39}; do
    footer=
    for day in 5 6 7; do
        printf '{"oid":"008","aid":"%s","crawled_at":"2026-03-0%s 09:%s:00","title":"%s","body":"%s 끝났다.%s"}\n' \
            "$i" $day "$i" "$(words "${i}000" 2)" "$(words "${i}100" 20)" "$footer"
        footer="$footer\\n하늘일보 앱에서 더 많은 소식을 $day번 받아 보세요."
    done
done >two.ndjson
sillok -q -s two ingest --crawl all two.ndjson >ingest.log || wrong 'ingest two'
run sillok -s two changes --events --json
json_is 'length == 1 and .[0].n_articles == 30 and (.[0].articles | length == 30 and (unique | length) == 30)'
run sillok -s two changes
code_is 0; out_has 'not an edit: 30 articles of 008'; err_has 'sillok changes: 0 changes (60 no edits,'
ok 'an article with two changes of an event is one of its articles'
finish
