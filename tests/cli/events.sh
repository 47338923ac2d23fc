#!/usr/bin/env bash
# 1,000 articles crawled again through an extractor that changed for two publishers: two
# events and the real edits, whatever the change was.
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
finish
