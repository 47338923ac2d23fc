#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
run sillok init
run sillok articles
code_is 0; out_empty; err_has '0 articles'
rm -rf .sillok
store

run sillok articles
code_is 0
out_is <<'END'
article           first seen         last seen          visits  publisher      title
001/0000000001@2  2026-01-05 03:00Z  2026-01-06 03:00Z       2  하늘일보       시립 도서관 새로 문 열어
001/0000000003@1  2026-01-05 03:00Z  2026-01-06 03:00Z       2  하늘일보       주말마다 야시장
002/0000000002@2  2026-01-05 03:00Z  2026-01-06 03:00Z       2  Harbour Times  Old bridge closes in March
002/0000000004@1  2026-01-06 03:00Z  2026-01-06 03:00Z       1  Harbour Times  Storm nears the coast
END
err_is <<'END'
sillok articles: 4 articles
END
ok 'a line for each, by publisher and article'

# What each visit says, gathered by another program.
run sillok export --format ndjson
jq -cs 'group_by([.oid, .aid]) | map(sort_by(.crawled_at) | last as $new | {
    oid: $new.oid, aid: $new.aid,
    revisions: ([.[] | [.title, .content_hash]] | unique | length),
    first_seen: first.crawled_at, last_seen: $new.crawled_at, observations: length,
    publisher: $new.publisher, title: $new.title, category: $new.category, author: $new.author,
    published_at: $new.published_at, modified_at: $new.modified_at, url: $new.url,
    content_hash: $new.content_hash, body: $new.body }) | .[]' out >want
run sillok articles --json --body
code_is 0; same out want
run sillok articles --json
jq -c 'del(.body)' want >less
same out less
run sillok articles --csv
out_lines 5; out_has 'oid,aid,revisions,first_seen,last_seen,observations,publisher,title,category,author,published_at,modified_at,url,content_hash'
out_lacks ,body
run sillok articles --csv-raw --body
out_has ',content_hash,body'; out_has 'Ferries stay in the harbour.'
ok 'for programs: what export has of the newest visits, and each text once'

names() {
    run sillok articles --json "$@"
    code_is 0
    [ "$(jq -r .aid out | cut -c10 | tr -d '\n')" = "$want" ] || { wrong "$*: not $want"; say <out; }
}
want=13 names --oid 001
want=24 names --oid 002
want=4 names --from 2026-01-06
want=132 names --to 2026-01-06
want=132 names --from 2026-01-05T03:00:00Z --to '2026-01-05 03:00:10'
want=3 names --from 2026-01-05T03:00:09Z --to 2026-01-06 --oid 001
want=13 names --limit 2
err_has '2 articles, there may be more: --limit'
want=2 names -n 1 --oid 002
want='' names --oid 00
err_has "there is no publisher '00'"
want='' names --oid ''
want='' names --oid "$(printf '%0300d' 0)"
want='' names --from 2027-01-01
err_has 'the last visit in the store is of 2026-01-06 03:00Z'
ok 'of a publisher, of a time, at most so many'

run sillok articles --body
code_is 2; err_has 'give --json or --csv as well'
run sillok articles --from 2026-01-06 --to 2026-01-05
code_is 2; err_has 'the span ends before it begins'
run sillok articles --from never
code_is 2; err_has "'never': not a time"
run sillok articles 001/0000000001
code_is 2; err_has 'takes nothing but options'
ok 'wrong use'
finish
