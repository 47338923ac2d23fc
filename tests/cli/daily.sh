#!/usr/bin/env bash
# daily.sh SILLOK: the commands of docs/daily.md do what it says of them.
doc=$(realpath "$(dirname "$0")/../../docs/daily.md")
. "$(dirname "$0")/lib.sh"
mkdir bin srv srv/crawls
ln -s "$program" bin/sillok
PATH=$PWD/bin:$PATH

# Its blocks, 1.sh, 2.sh, 1.python, ..., with what is below / put below this folder.
awk '/^ *```[a-z]/ { sub(/^ *```/, ""); file = ++n[$0] "." $0; next } /^ *```$/ { file = "" }
    file { print >file }' "$doc"
sed -i "s#/srv/#$PWD/srv/#g" ./*.sh
grep -q 'ingest -q --wait' 1.sh && grep -q '^diff -r' 2.sh && grep -q salvage 3.sh &&
    grep -q 'xargs' 4.sh && grep -q 'changes.csv' 5.sh || { echo "Bail out! other blocks"; exit 99; }
block() { # N [ARGUMENT]...
    run sh -e "./$1.sh" "${@:2}"
}

sample
mv mon srv/crawls/2026-01-05 && mv tue srv/crawls/2026-01-06
printf 'half a file' >srv/crawls/2026-01-06/half.md

run sh 1.sh 2026-01-05
code_is 2; [ ! -e srv/news.sillok ] || wrong 'a store was made where none was'
sillok init srv/news.sillok 2>init.log && sillok -s srv/news.sillok config zone KST
for day in 2026-01-05 2026-01-06; do
    run sh 1.sh $day
    code_is 0; out_has "$day: "; out_has 'all is well'
done
out_has '1 refused'; err_has 'half.md: '
[ -e srv/news.sillok/find.db ] || wrong 'no index of texts'
run sh 1.sh 2026-01-07
code_is 3; err_has "there is no '"
ok 'a crawl a day, also with a refused file; none where the store or the crawl is not there'

block 2
code_is 1; out_lines 1; out_has '2026-01-06: half.md'
run sillok -s srv/news.sillok refused --crawl 2026-01-06 --json
json_is '.[0] | .name == "half.md" and .kept'
rm -r back srv/crawls/2026-01-06/half.md
block 2
code_is 0; out_empty
ok 'the files of a crawl come back, and what did not come in is seen'

block 5
code_is 0; out_is <<'END'
001/0000000001@2
END
! command -v sqlite3 >/dev/null || [ "$(sqlite3 :memory: '.mode csv' '.import changes.csv c' \
    "select aid from c where oid = '001'" 2>sql)" = 0000000001 ] || wrong 'SQLite has another id'
[ "$(jq -r .aid articles.ndjson | wc -l)" -eq 4 ] || wrong 'not four articles'
[ "$(jq -r .aid visits.ndjson | sort -u | wc -l)" -eq 4 ] || wrong 'not the visits of four articles'
if python3 -c 'import pandas' 2>import; then
    run python3 2.python
    code_is 0; grep -Eq '^number +1$' out || wrong "no number: $(cat out)"
fi
ok 'ids keep their zeros in other programs'

if command -v python3 >/dev/null; then
    printf '%s\n' '{"url":"https://news.example.com/view?idx=1","title":"다리","text":"열렸다.","date":"2026-01-06"}' \
        '{"url":"https://news.example.com/view?idx=2#top","title":"강","text":"넘쳤다.","fetched":"2026-01-06T03:00:00Z"}' |
        python3 1.python >items.ndjson
    run sillok -s others ingest --profile 1.yaml --crawl 2026-01-06 items.ndjson
    code_is 0; out_has '2 new'
    run sillok -s others export --format ndjson
    json_is 'map(.oid) == ["news-example-com", "news-example-com"] and (map(.aid) | unique | length) == 2
        and .[1].crawled_at == "2026-01-06T03:00:00Z"'
    ok 'items without ids are taken in'
else
    skip 'items without ids are taken in' 'there is no python3'
fi

# A file that was written again under its name, and taken in with the same crawl.
harbour 002 0000000002 '2026-01-06 09:00:00' 'Old bridge closes today' "$bridge" >srv/crawls/2026-01-06/002_0000000002_bridge.md
run sh 1.sh 2026-01-06
code_is 0; out_has '1 changed'
sillok -s srv/news.sillok log --json 001/0000000001 >log.before
block 4
code_is 0
[ -e gone/2026-01-06/002_0000000002_bridge~2.md ] || wrong 'no second file of one name'
run sillok -s srv/new.sillok log 002/0000000002
code_is 2; err_has 'there is no article 002/0000000002'
sillok -s srv/new.sillok log --json 001/0000000001 >log.after
same log.before log.after
[ "$(sillok -s srv/new.sillok config zone)" = KST ] || wrong 'the settings are others'
ok 'a store without one article, the others as they were'

block 3
code_is 0; out_has 'all is well'
sillok -s srv/rescued changes --json >after && sillok -s srv/news.sillok changes --json >before
same before after
ok 'out of a damaged store, and the crawls once more'
finish
