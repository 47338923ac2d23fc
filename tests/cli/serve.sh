#!/usr/bin/env bash
doc=$(realpath "$(dirname "$0")/../../docs/serve.md")
. "$(dirname "$0")/lib.sh"
for tool in curl python3; do
    command -v "$tool" >/dev/null || { skip 'the server' "there is no $tool"; finish; }
done
sample
run sillok ingest mon tue
code_is 0

# --- begin and end -------------------------------------------------------------------------
run sillok -s nothing serve
code_is 2; err_has "no sillok store at 'nothing'"
run sillok serve --port 70000
code_is 2; err_has 'a number up to 65535'
run sillok serve --address nonsense --port 0
code_is 2; err_has 'is no address'
run sillok serve --address 0.0.0.0 --port 0
code_is 2; err_has 'needs a token'
run sillok serve --token nothing --port 0
code_is 2; err_has "there is no 'nothing'"
if sillok serve --port 0 --token /dev/null 2>&1 | grep -q libmicrohttpd; then
    skip 'the server' 'it was built without one'
    finish
fi
"$program" serve --port 0 --title '<고친 글>' --zone KST >address 2>talk &
server=$!
trap 'kill $server 2>/dev/null' EXIT
for _ in $(seq 200); do [ -s address ] && break; sleep 0.05; done
url=$(cat address)
run sillok serve --port "${url##*:}"
code_is 3; err_has 'cannot listen'
ok 'it begins, and says where'

# get PATH [curl's arguments]: the body in ./out, the head in ./head, the status in $status
get() {
    rm -f out
    status=$(curl -s -g --path-as-is -D head -o out -w '%{http_code}' "${@:2}" "$url$1")
    [ -e out ] || : >out
    tr -d '\r' <head >head.lf && mv head.lf head
}
status_is() { [ "$status" = "$1" ] || { wrong "status $status, not $1"; head -3 out | say; }; }
head_has() { grep -qiF -e "$1" head || { wrong "the head lacks: $1"; say <head; }; }
head_lacks() { ! grep -qiF -e "$1" head || wrong "the head has: $1"; }

# --- pages ---------------------------------------------------------------------------------
get /
status_is 200; head_has 'Content-Type: text/html; charset=utf-8'
head_has "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
head_has 'X-Content-Type-Options: nosniff'; head_has 'Referrer-Policy: no-referrer'
out_has '&lt;고친 글&gt;'; out_lacks '<고친'; out_lacks '<script'
out_has 'href="article/001/0000000001.html#r2"'; out_has '2026-01-06 12:00'
for page in changes/all publishers kinds crawls find publisher/001 kind/number article/001/0000000001; do
    get "/$page.html"
    status_is 200; out_has '</html>'
done
out_has '<del>'; out_has 'id="r2"'
out_has '<a href="../../file/001/0000000001@1" download>original file</a>'
out_has 'The whole text as it was last seen'
get /publisher/002.html; out_has 'Old bridge closes'; out_lacks '도서관'
get /publisher/999.html; status_is 404; out_has 'there is no publisher'; out_has 'href="./../style.css"'
get /crawls.html; out_has '2026-01-05 12:00:00</time>&nbsp;– <time datetime="2026-01-05T03:00:09Z">12:00:09</time>'
get /kinds.html; out_has 'scope="row">headline mark</th>'; out_has 'became its opposite'
get /kind/headline.html; out_has 'Old bridge closes'; out_lacks '시립'
get '/?limit=1'; out_has 'rel="next"'
next=$(sed -n 's/.*rel="next" href="\([^"]*\)".*/\1/p' out | sed 's/&amp;/\&/g')
first=$(grep -c 'class="headline"' out)
get "$next"; status_is 200
[ "$first" = 1 ] && [ "$(grep -c 'class="headline"' out)" = 1 ] || wrong 'two pages of one change'
tag=$(sed -n 's/^ETag: //p' head) length=$(grep '^Content-Length: ' head)
get "$next" -H "If-None-Match: $tag"; status_is 304; out_empty
head_has "$length"
get /kinds.html -I; status_is 200
ok 'pages'
# Every link of every page leads somewhere, and nothing is loaded from elsewhere.
cat >crawl.py <<'END'
import html, re, sys, urllib.parse, urllib.request
base = sys.argv[1]
seen, todo = set(), ["/"]
while todo:
    path = todo.pop()
    if path in seen:
        continue
    seen.add(path)
    with urllib.request.urlopen(base + path) as r:
        kind, text = r.headers["Content-Type"], r.read().decode()
    if "html" not in kind:
        continue
    for link in re.findall(r'(?:href|src)="([^"]*)"', text):
        whole = urllib.parse.urljoin(base + path, html.unescape(link)).split("#")[0]
        if whole.startswith(base):
            todo.append(whole[len(base):])
        elif not whole.startswith("https://n.news.naver.com/"):
            sys.exit(f"{path}: {whole}")
print(len(seen))
END
run python3 crawl.py "$url"
code_is 0
[ "$(cat out)" -ge 15 ] || wrong "only $(cat out) pages"
get /file/001/0000000001@1
status_is 200; same out mon/001_0000000001_library.md; head_has 'filename="001_0000000001_library.md"'; head_has 'Content-Type: text/markdown'
# A time is of the zone of the server, as in the verbs: on the 6th at 06:00 of Seoul mon's stood.
for at in '2026-01-06%2006:00' '2026-01-06T06:00:00Z' yesterday; do
    get "/api/show/001/0000000001@$at"; status_is 200; hash=$(jq -r .content_hash out)
    get "/file/001/0000000001@$at"; status_is 200; grep -q "$hash" out || wrong "another file than is shown at $at"
done
ok 'links lead somewhere, and the original comes out'

# --- the same as the verbs say ----------------------------------------------------------------
like() { # PATH VERB...
    get "$1"
    cp out got
    run sillok "${@:2}" --json
    status_is 200; same got out || true; cmp -s got out || wrong "$1"
}
like /api/changes changes
like '/api/changes?all=1&sort=significance&limit=2' changes --all --sort significance --limit 2
like '/api/changes?oid=001&kind=number,headline' changes --oid 001 --kind number,headline
like '/api/changes?flag=number,quote' changes --flag number,quote
get '/api/changes?flag=none'; status_is 400
get /api/changes -X POST; status_is 405; head_has 'application/json'; json_is '.[0].status == 405 and (.[0].error | length) > 0'
like '/api/changes?crawl=mon..tue' changes --crawl mon..tue
like '/api/changes?from=2026-01-06T03:00:01Z' changes --from 2026-01-06T03:00:01Z
like /api/log/002/0000000002 log 002/0000000002
like /api/show/001/0000000001 show 001/0000000001
like /api/show/001/0000000001@1 show 001/0000000001@1
like /api/diff/001/0000000001 diff 001/0000000001
like /api/diff/001/0000000001@2 diff 001/0000000001@2
like /api/diff/001/0000000001@2..1 diff 001/0000000001 2 1
like /api/crawls crawls
get '/api/missing?crawl=none'; status_is 404
get /api/missing; status_is 400
like /api/publishers stats --publishers
like /api/articles articles
like '/api/articles?oid=001&from=2026-01-05T03:00:09Z&to=2026-01-06' articles --oid 001 --from 2026-01-05T03:00:09Z --to 2026-01-06
[ "$(jq -rs 'length' out)" = 1 ] || wrong 'not one article'
get '/api/articles?limit=3'; status_is 400
get '/api/articles?from=2026-01-06&to=2026-01-05'; status_is 400
get /api/stats; jq -e '.articles == 4 and .observations == 7' out >/dev/null || wrong 'figures'
hash=$(sillok log --json 001/0000000001 | jq -r '.content_hash' | head -1)
get "/api/body/$hash"; sillok cat "$hash" >want; same out want
get '/api/changes?limit=1'; head_has 'Sillok-After: '; out_lines 1
after=$(sed -n 's/^Sillok-After: //p' head)
get "/api/changes?limit=5&after=$after"; out_lines 1; head_lacks 'Sillok-After'
ok 'JSON is what the verbs print'

# --- search: without an index, with one, and behind it ------------------------------------------
like_find() { # QUERY WORD...
    get "/api/find?$1"
    cp out got
    run sillok find "${@:2}" --no-update --json
    status_is 200; cmp -s got out || { wrong "$1"; say <got; }
}
searches() {
    like_find 'q=%EB%8F%84%EC%84%9C%EA%B4%80' 도서관
    like_find 'q=%EB%8F%84%EC%84%9C%EA%B4%80+%EA%B1%B4%EB%AC%BC' 도서관 건물
    like_find 'q=%22%EC%83%88+%EA%B1%B4%EB%AC%BC%22%EC%97%90%EC%84%9C' '새 건물' 에서
    like_find 'q=%E2%80%9C%EC%83%88%20%EA%B1%B4%EB%AC%BC%E2%80%9D%E3%80%80%EC%97%B4' '새 건물' 열
    like_find 'q=%22Old+bridge' 'Old bridge'
    head_lacks 'Sillok-More'
    like_find 'q=%22Old+bridge&limit=1' 'Old bridge' --limit 1
    head_has 'Sillok-More: yes'
    like_find 'q=%EB%B0%A9%EB%AC%B8%EA%B0%9D&removed=1' 방문객 --removed
    like_find 'q=oldbridge&any_blanks=1' oldbridge --any-blanks
    like_find 'q=%EB%B0%A9%EB%AC%B8%EA%B0%9D&added=1' 방문객 --added
    like_find 'q=e&oid=002&from=2026-01-06&to=2026-01-07' e --oid 002 --from '2026-01-06 00:00:00+09:00' --to '2026-01-07 00:00:00+09:00'
}
searches
[ ! -e .sillok/find.db ] || wrong 'the server made an index'
get '/find.html?q=%EB%B0%A9%EB%AC%B8%EA%B0%9D&removed=1&from=&to=&oid='
status_is 200; out_has '첫날 <mark>방문객</mark>은 1200명이었다.'; out_lacks '2100명'
out_has 'href="article/001/0000000001.html#r1"'; out_has '<a href="article/001/0000000001.html#r2"><span class="went">reworded</span></a> between <time'
out_has '1 sentence in 1 article; only what is no longer there. '; out_has 'texts are not in the index and were read'
out_has 'name="q" value="방문객"'; out_has 'name="removed" checked'
get '/find.html?q=%22%3E%3Cscript%3E'; status_is 200; out_lacks '<script'; out_has '0 sentences'; out_has 'value="&quot;&gt;&lt;script&gt;"'
get '/find.html?q=Old+bridge&limit=1'; out_has 'there may be more'
get '/find.html?q=to+close'; out_has '>Old bridge closes in March</a>'; out_has 'revision 1</a>' # as the page it leads to
get '/find.html?q=bridge&removed=1&from=2026-01-06&to=2026-01-07T09:00Z'
out_has '; only what is no longer there, first missed at <time datetime="2026-01-05T15:00:00Z">2026-01-06 00:00</time> or later and before <time datetime="2026-01-07T09:00:00Z">'
out_has '<input type="date" name="from" value="2026-01-06">'; out_has '<input type="text" name="to" value="2026-01-07T09:00Z">'
get '/find.html?q=oldbridge&any_blanks=1'; out_has '<mark>Old bridge</mark>'; out_has '; blanks make no difference.'
get '/find.html?q=bridge&removed=1&added=1&oid=002'; out_has ' of publisher 002; only what is no longer there or was added later.'; out_lacks 'no publisher'
get '/find.html?q=closes&added=1'; out_has '#r2"><span class="came">new wording</span></a> between <time'
get '/find.html?q=bridge&added=1&to=2026-01-07'; out_has '; only what was added later, first seen before <time'
get '/find.html?q=bridge&from=2026-01-07'; out_has '; only what was first seen or first missed at <time'
get '/find.html?q=bridge&oid=%3CHarbour+Times'; status_is 200; out_has 'There is no publisher &lt;Harbour Times in this store: <a href="publishers.html">'
get /style.css; status_is 200; out_has '  del, ins, mark { -webkit-print-color-adjust: exact' # on paper too
run sillok find 도서관; code_is 0
searches
get '/find.html?q=%EB%8F%84%EC%84%9C%EA%B4%80'; status_is 200; out_lacks 'not in the index'
for query in '/api/find' '/api/find?q=' '/api/find?q=+%22%22' '/api/find?q=a&kind=number' '/api/find?q=a&from=soon' \
    '/api/find?q=a&from=2026-02-01&to=2026-01-01' '/find.html?q=%E2%80%8B' '/find.html?q=a&removed=yes' \
    "/find.html?q=$(printf 'a+%.0s' {1..65})"; do
    get "$query"; status_is 400
done
get /api/find; out_has 'say what to find: q=WORDS'
ok 'search is what find prints, with and without its index'

# --- feeds ---------------------------------------------------------------------------------
cat >feed.py <<'END'
import sys, xml.etree.ElementTree as E
a = "{http://www.w3.org/2005/Atom}"
f = E.parse(sys.argv[1]).getroot()
entries = f.findall(a + "entry")
assert f.find(a + "updated").text == entries[0].find(a + "updated").text
ids = [e.find(a + "id").text for e in entries]
assert len(set(ids)) == len(ids) and all(i.startswith("urn:uuid:") for i in ids)
for e in entries:
    assert e.find(a + "author/" + a + "name").text and e.find(a + "title").text
    assert e.find(a + "content").get("type") == "html"
print(len(entries), entries[0].find(a + "title").text)
print("title:", f.find(a + "title").text)
print(E.tostring(f, encoding="unicode"))
END
get /feed.atom
status_is 200; head_has 'application/atom+xml'
cp out feed; run python3 feed.py feed
code_is 0; out_has '2 [headline] Old bridge closes in March'; out_has '&lt;ins'
get '/feed.atom?kind=number'; cp out feed; run python3 feed.py feed; code_is 0; out_has '1 [number]'; out_has 'edit:number'; out_has 'title: <고친 글>: number'
get /feed/oid/002.atom; cp out feed; run python3 feed.py feed; code_is 0; out_has '1 [headline]'; out_has 'title: <고친 글>: publisher 002'
get /feed/article/001/0000000001.atom; cp out feed; run python3 feed.py feed; code_is 0; out_has '1 [number]'
grep -q '^title: <고친 글>: .*도서관' out || wrong 'a feed without its headline'
get '/feed.atom?limit=1'; cp out feed; run python3 feed.py feed; out_has 'rel="next"'
get /feed/oid/999.atom; status_is 200
for pair in '/ feed.atom' '/kind/number.html ../feed.atom?kind=number' '/publisher/002.html ../feed/oid/002.atom' \
    '/article/002/0000000002.html ../../feed/article/002/0000000002.atom'; do
    get "${pair% *}"; out_has "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"Feed\" href=\"${pair#* }\">"
    out_has "<a href=\"${pair#* }\">Feed</a>"
done
get /crawls.html; out_lacks 'atom+xml'; out_lacks 'this report'
get '/feed/oid/a%20b.atom'; status_is 404
get '/feed/article/001/0000000001.atom?after=x'; status_is 400
ids() { python3 -c 'import sys, xml.etree.ElementTree as E; a = "{http://www.w3.org/2005/Atom}"; print("\n".join(e.find(a + "id").text for e in E.parse(sys.argv[1]).iter(a + "entry")))' "$1"; }
get /feed/oid/001.atom; cp out feed; ids feed >one
get /feed/article/001/0000000001.atom; cp out feed; ids feed >two
[ -s two ] && grep -qxFf two one || { wrong 'an entry has two ids'; say <one; say <two; }
[ "$(curl -s "$url/feed.atom" | grep -o '<id>[^<]*' | head -1)" != "$(curl -s "$url/feed.atom?kind=number" | grep -o '<id>[^<]*' | head -1)" ] || wrong 'two feeds have one id'
get /feed/nothing.atom; status_is 404
get '/?to=2026-01-06T03:00:00Z'; status_is 200; out_has 'No changes.'
get '/?to=2026-01-07'; status_is 200; out_has 'Old bridge closes'
get '/feed.atom?to=2026-01-06T03:00:00Z'; status_is 200; out_lacks '<entry>'
for path in '/?to=soon' '/feed.atom?to=' '/feed/article/001/0000000001.atom?to=2026-01-07'; do get "$path"; status_is 400; done
ok 'Atom feeds'

# --- Memento, RFC 7089 ------------------------------------------------------------------------
article=https://n.news.naver.com/mnews/article/001/0000000001
get "/timegate/$article"
status_is 302; head_has 'Vary: accept-datetime'; head_lacks 'Memento-Datetime'
head_has "Location: $url/memento/20260106030000/$article"
get "/timegate/$article" -H 'Accept-Datetime: Mon, 05 Jan 2026 12:00:00 GMT'
head_has "Location: $url/memento/20260105030000/$article"
# Blanks around a value are none of it.
get "/timegate/$article" -H $'Accept-Datetime:  Mon, 05 Jan 2026 12:00:00 GMT \t' -H "Host: ${url#http://} "
status_is 302; head_has "Location: $url/memento/20260105030000/$article"
get "/timegate/$article" -H 'Accept-Datetime: Thu, 01 Jan 1970 00:00:00 GMT'
head_has "/memento/20260105030000/"
for date in yesterday 'Mon, 05 Jan 2026 12:00:00 KST' 'Tue, 05 Jan 2026 12:00:00 GMT' '2026-01-05'; do
    get "/timegate/$article" -H "Accept-Datetime: $date"; status_is 400
done
get "/timemap/link/$article"
status_is 200; head_has 'application/link-format'
sed "s|$url|U|g" out >map && cp map out
out_is <<END
<$article>; rel="original",
<U/timemap/link/$article>; rel="self"; type="application/link-format"; from="Mon, 05 Jan 2026 03:00:00 GMT"; until="Tue, 06 Jan 2026 03:00:00 GMT",
<U/timegate/$article>; rel="timegate",
<U/memento/20260105030000/$article>; rel="first memento"; datetime="Mon, 05 Jan 2026 03:00:00 GMT",
<U/memento/20260106030000/$article>; rel="last memento"; datetime="Tue, 06 Jan 2026 03:00:00 GMT"
END
get "/memento/20260105030000/$article"
status_is 200; head_has 'Memento-Datetime: Mon, 05 Jan 2026 03:00:00 GMT'; head_lacks 'Vary'
out_has '1200명'; head_has 'rel="original"'; head_has 'rel="timegate"'; head_has 'rel="timemap"'
head_has 'rel="last next memento"'
out_has '<html lang="en">'; out_has 'name="viewport"'; out_has '2026-01-05T12:00:00+09:00</time>, revision 1 of 2.'
out_has '<span lang="ko">하늘일보</span> · <span lang="ko">김하늘 기자</span> · <span>2026-01-01 08:00</span>'
out_has 'article/001/0000000001.html#r1">What changed</a>'
get "/memento/20260105030001/$article"; status_is 302; head_has "Location: $url/memento/20260105030000/$article"; head_lacks 'Memento-Datetime'
get "/memento/20260107000000r9/$article"; status_is 302; head_has "Location: $url/memento/20260106030000/$article"
for at in 20260132000000 2026010503000 2026010503000x 99999999999999; do get "/memento/$at/$article"; status_is 404; done
get /timegate/https://example.org/elsewhere; status_is 404
get "/timegate/$article?page=2"; status_is 404
ok 'Memento'
# Addresses that have escapes and signs of their own; two revisions of one second; characters
# that XML does not have.
cat >odd.ndjson <<'END'
{"oid":"003","aid":"3","crawled_at":"2026-02-01 00:01:00","title":"t","body":"one","url":"https://n.example/a%20b/003/3?q=%EA%B0%80&r=a b"}
{"oid":"003","aid":"4","crawled_at":"2026-02-01 00:01:00","title":"t","body":"one","url":"https://n.example/003/4#part"}
{"oid":"003","aid":"4","crawled_at":"2026-02-01 00:01:00","title":"t","body":"two","url":"https://n.example/003/4#part"}
{"oid":"003","aid":"5","crawled_at":"2026-02-01 00:01:00","title":"a\ufffe\uffffb","body":"one","author":"\u3000"}
{"oid":"003","aid":"6","crawled_at":"2026-02-01 00:01:00","title":"a","body":"one","url":"https://n.example/<길>\"/003/6?a=1&b=%20"}
{"oid":"003","aid":"6","crawled_at":"2026-02-02 00:01:00","title":"b","body":"one","url":"https://n.example/<길>\"/003/6?a=1&b=%20"}
{"oid":"003","aid":"11","crawled_at":"2026-02-01 00:01:00","title":"a","body":"one","url":"https://me:word@WWW.길 a\nb 20200101000000 x.example:8080/003/11"}
{"oid":"003","aid":"5","crawled_at":"2026-02-02 00:01:00","title":"b\uffff","body":"one \ufffe","author":"\u3000"}
{"oid":"003","aid":"7","crawled_at":"2026-02-02 00:01:00","title":"a","body":"one","url":"http://me@WWW.N.example:8080/003/7?b=2&A=1&a&a-b="}
{"oid":"003","aid":"8","crawled_at":"2026-02-02 00:01:00","title":"a","body":"one","url":"https://www2.n.example:443/003/8?"}
{"oid":"003","aid":"9","crawled_at":"2026-02-02 00:01:00","title":"a","body":"one","url":"://003/9"}
{"oid":"003","aid":"10","crawled_at":"2026-02-01 00:01:00","title":"a","body":"one","url":"https://n.example/a/003/10?옛"}
{"oid":"003","aid":"10","crawled_at":"2026-02-02 00:01:00","title":"a","body":"one","url":"https://n.example/b/003/10"}
END
sillok ingest --crawl odd odd.ndjson >/dev/null 2>&1
odd='https://n.example/a%20b/003/3?q=%EA%B0%80&r=a%20b'
get "/timegate/$odd"; status_is 302; head_has "Location: $url/memento/20260201000100/$odd"
for link in $(curl -s "$url/timemap/link/$odd" | grep -o "<$url[^>]*>" | tr -d '<>'); do
    get "${link#"$url"}"; [ "$status" = 200 ] || [ "$status" = 302 ] || wrong "$status: $link"
done
# A fragment is not asked for, and with %23 it would be another page.
for asked in https://n.example/003/4 https://n.example/003/4%23part; do
    get "/timegate/$asked"; status_is 302; head_has "Location: $url/memento/20260201000100r2/https://n.example/003/4"
    head_has 'Link: <https://n.example/003/4>; rel="original"'
    get "/memento/20260201000100/$asked"; status_is 200; out_lacks ' · <'; out_lacks '> · '
    get "/memento/20260201000100r2/$asked"; status_is 200
done
get /timegate/https://n.example/003/4%23other; status_is 404
for asked in https://n.example/003/4 https://n.example/003/4%23part; do
    get "/cdx/search/cdx?url=$asked&fl=urlkey,original&limit=1"; out_is <<<'example,n)/003/4 https://n.example/003/4'
done
get /feed/article/003/4.atom; out_has '<link rel="via" href="https://n.example/003/4#part"/>'
get "/timegate/https://n.example/$(printf 'a%.0s' {1..3000})/003/4"; status_is 400
get /feed/oid/003.atom; cp out feed; run python3 feed.py feed; code_is 0
get /feed/article/003/6.atom; out_has '<link rel="via" href="https://n.example/%3C%EA%B8%B8%3E%22/003/6?a=1&amp;b=%20"/>'
get "/cdx/search/cdx?url=https%3A%2F%2Fn.example%2Fa%2520b%2F003%2F3%3Fq%3D%25EA%25B0%2580%26r%3Da%20b"
[ "$(awk '{print NF}' out)" = 7 ] || { wrong 'not seven fields'; say <out; }
get "/cdx/search/cdx?url=https%3A%2F%2Fme%3Aword%40WWW.%EA%B8%B8%20a%0Ab%2020200101000000%20x.example%3A8080%2F003%2F11"
[ "$(awk '{print NF}' out)" = 7 ] || { wrong 'an address that makes a row'; say <out; }
out_has 'example,%ea%b8%b8%20a%0ab%2020200101000000%20x:8080)/003/11 20260201000100 https://me:word@WWW.'
# A page that has moved stays where it was known, and so do links that were given away.
for asked in 'https://n.example/a/003/10?%EC%98%9B' https://n.example/b/003/10; do
    get "/timegate/$asked"; status_is 302; head_has "Location: $url/memento/20260202000100/$asked"
    head_has "Link: <$asked>; rel=\"original\""
    get "/timemap/link/$asked"; status_is 200; [ "$(grep -c 'memento"' out)" = 2 ] || wrong 'mementos'
    get "/memento/20260201000100/$asked"; status_is 200; head_has 'Memento-Datetime: Sun, 01 Feb 2026 00:01:00 GMT'
done
get '/cdx/search/cdx?url=https://n.example/a/003/10?%EC%98%9B&fl=timestamp,original'
out_is <<<'20260201000100 https://n.example/a/003/10?%EC%98%9B
20260202000100 https://n.example/a/003/10?%EC%98%9B'
get /timegate/https://n.example/c/003/10; status_is 404; out_has 'no article has that address'
get /timegate/https://n.example/a/003/999; status_is 404; out_has 'no article has that address'
get /cdx/search/cdx?url=https://n.example/c/003/10; status_is 200; out_empty
# Keys are those that the libraries of web archives make.
get '/cdx/search/cdx?url=http://me@WWW.N.example:8080/003/7?b=2%26A=1%26a%26a-b=&fl=urlkey'
out_is <<<'example,n:8080)/003/7?a&a=1&a-b=&b=2'
get '/cdx/search/cdx?url=https://www2.n.example:443/003/8?&fl=urlkey'; out_is <<<'example,n)/003/8'
get '/cdx/search/cdx?url=://003/9&fl=urlkey'; out_is <<<'003)/9'
ok 'odd addresses and characters'

# --- CDX, metrics -----------------------------------------------------------------------------
get "/cdx/search/cdx?url=$article"
status_is 200; out_lines 2
out_has "com,naver,news,n)/mnews/article/001/0000000001 20260105030000 $article text/markdown 200 sha256:"
get "/cdx/search/cdx?url=$article&output=json&fl=timestamp,length&limit=-1"
jq -e '. == [["timestamp", "length"], ["20260106030000", .[1][1]]] and (.[1][1] | type) == "string"' out >/dev/null || { wrong 'CDX as JSON'; say <out; }
get "/cdx?url=$article&to=20260105"
jq -e '.timestamp == "20260105030000" and (.digest | startswith("sha256:")) and .status == "200"' out >/dev/null || { wrong 'CDX lines'; say <out; }
get "/cdx?url=$article&limit=1&fl=url,status,mime"
out_is <<<"{\"url\": \"$article\", \"status\": \"200\", \"mime\": \"text/markdown\"}"
get "/cdx?url=$article&limit=1&fl=original"; out_is <<<"{\"url\": \"$article\"}"
get "/cdx?url=$article&fl=ur"; status_is 400; out_has 'original (url)'
get "/cdx/search/cdx?url=http://nothing/"; status_is 200; out_empty
get "/cdx/search/cdx?url=$article"; cp out want
for other in "$article%23comments" "http://${article#https://}" "${article#https://}" "www.${article#https://}" "http://www.${article#https://}"; do
    get "/cdx/search/cdx?url=$other"; status_is 200; same out want
done
get /metrics
status_is 200; out_has 'sillok_articles 13'; out_has '# TYPE sillok_observations gauge'
ok 'CDX and metrics'
for name in $(sed -n 's/^sillok\(_[a-z_]*\) .*/\1/p' out); do
    grep -qE "\`(sillok)?$name\`" "$doc" || wrong "docs/serve.md does not tell of sillok$name"
done
get "/cdx?url=$article&limit=1"; jq -r keys[] out >names
get "/cdx/search/cdx?url=$article&output=json&limit=1"; jq -r .[0][] out >>names
grep -q 'edit:KIND' "$doc" || wrong 'docs/serve.md does not tell of categories'
while read -r name; do grep -qF "\`$name\`" "$doc" || wrong "docs/serve.md does not tell of $name"; done <names
ok 'docs/serve.md tells of every field and figure'

# --- behind a proxy that has it in a folder -----------------------------------------------------
here=$url
"$program" serve --port 0 --url https://example.org/news >address.2 2>/dev/null &
second=$!
trap 'kill $server $second 2>/dev/null' EXIT
for _ in $(seq 200); do [ -s address.2 ] && break; sleep 0.05; done
url=$(cat address.2)
get / -H 'Host: example.org'; status_is 200
for host in example.org.evil.example example.or evil.example example.org/news; do
    get / -H "Host: $host"; status_is 421
done
for path in '/?limit=1' '/changes/all.html?limit=1' /publisher/001.html /kind/number.html '/find.html?q=e' \
    /article/001/0000000001.html "/memento/20260105030000/$article" /no/such/page /api; do
    get "$path"; out_has 'href="'; out_lacks 'href="/'
done
get '/changes/all.html?limit=1'; out_has 'href="../feed.atom"'; out_has 'rel="next" href="?after='
get "/memento/20260105030000/$article"; out_has "href=\"./$(printf '../%.0s' {1..8})style.css\""
merged=${article/:\/\//:\/}
get "/timegate/$merged"; status_is 302; head_has "Location: https://example.org/news/memento/20260106030000/$article"
get "/timemap/link/$merged"; status_is 200; out_has "<$article>; rel=\"original\""
get "/memento/20260105030000/$merged"; status_is 200; out_has 'href="https://example.org/news/style.css"'
out_has 'href="https://example.org/news/article/001/0000000001.html#r1"'
get "/timegate/${merged/news.naver/news}"; status_is 404
get '/feed.atom?limit=1'; out_has 'href="https://example.org/news/article/'; out_has 'rel="next" href="https://example.org/news/feed.atom?'
kill -TERM $second; wait $second
url=$here
ok 'links of a server that is in a folder of a proxy stay in that'

# --- it follows the store -----------------------------------------------------------------------
sillok ingest --crawl 'mon..wed' odd.ndjson >/dev/null 2>&1
like '/api/changes?crawl=mon..wed..tue&all=1' changes --crawl mon..wed..tue --all; status_is 200
mkdir wed && harbour 002 0000000004 '2026-01-07 03:00:12' 'Storm passes the coast' "$storm" >wed/002_0000000004_storm.md
run sillok ingest wed
code_is 0
like /api/changes changes
like '/api/missing?crawl=wed' crawls --missing wed; [ -s out ] || wrong 'nothing is missing'
sillok compact >/dev/null 2>&1
like /api/changes changes
echo '{"oid":"009","aid":"1","crawled_at":"2026-02-03 00:00:00","title":"옛 값","body":"값은 1001원이다."}' >hourly.ndjson
for i in $(seq 51); do
    printf '{"oid":"009","aid":"1","crawled_at":"2026-02-03 00:%02d:00","title":"값","body":"값은 %d원이다."}\n' "$i" $((1000 + i))
done >>hourly.ndjson
sillok ingest hourly.ndjson >/dev/null 2>&1
get /file/009/1@1; head -n 1 hourly.ndjson | tr -d '\n' >line; tr -d '\n' <out >file; same file line
head_has 'Content-Type: application/json'
get /article/001/0000000001.html; out_has 'Last seen in crawl tue; 4 later crawls have no visit of it.'
get /article/009/1.html; out_lacks 'no visit of it'
get /article/009/1.2.html; status_is 200; out_lacks 'id="r50"'; out_lacks 'no visit of it'
out_has '<del>105<b>0</b></del>'; out_has '<ins>105<b>1</b></ins>'
get '/feed/article/009/1.atom?kind=headline&limit=1'; cp out feed; run python3 feed.py feed; code_is 0; out_has '1 [headline]'
get '/feed/article/009/1.atom?kind=number&limit=3'; cp out feed; run python3 feed.py feed; code_is 0; out_has '3 [number]'
ok 'what comes meanwhile is there'

# Lists of many changes are made of the newest days first: crawls of 40 hours in which each
# footer changes, and every seventh text.
python3 - <<'END'
import datetime, json
words = "시장 강변 나무 다리 도서관 연극 축제 예산 학생 주민".split()
for c in range(13):
    begin = datetime.datetime(2026, 3, 1) + datetime.timedelta(hours=48 * c)
    with open(f"many-{c:02}.ndjson", "w", encoding="utf-8") as f:
        for a in range(180):
            edit = c if a % 7 == 3 else 0
            word = [words[i % 10] for i in (3 * a + 7 * edit, a + edit, a // 10 + 3 * edit)]
            print(json.dumps({
                "oid": f"{a % 3 + 11:03}", "aid": str(a), "title": f"제목 {a}",
                "crawled_at": str(begin + datetime.timedelta(seconds=800 * a)),
                "body": f"{word[0]}에 관한 {word[1]} 소식 {word[2]}도 전했다. 연극 {7 * a}편이 무대에 올랐다.\n"
                        f"구독 문의는 {words[c % 10]}{words[c // 10]} 창구로 하면 된다."}), file=f)
END
sillok -q ingest many-*.ndjson >/dev/null || exit 99
sillok changes --json 2>/dev/null | jq -r .key >want
after=
: >got
for _ in $(seq 50); do
    get "/api/changes?limit=60${after:+&after=$after}"
    jq -r .key out >>got
    after=$(sed -n 's/^sillok-after: //Ip' head)
    [ -n "$after" ] || break
done
[ "$(wc -l <want)" -gt 240 ] || wrong 'too few to be listed in pieces'
same want got
ok 'page by page it lists what changes lists'
# One footer in many articles: no edit, but something happened to them.
for i in $(seq 25); do
    printf '{"oid":"010","aid":"%d","crawled_at":"2026-02-03 00:00:00","title":"값 %d","body":"값은 %d원이다."}\n' "$i" "$i" "$i" >>foot.a.ndjson
    printf '{"oid":"010","aid":"%d","crawled_at":"2026-02-04 00:00:00","title":"값 %d","body":"값은 %d원이다. 새 소식은 앱에서 받아 보세요."}\n' "$i" "$i" "$i" >>foot.b.ndjson
done
sillok ingest foot.a.ndjson foot.b.ndjson >/dev/null 2>&1
printf '{"oid":"077","aid":"1","crawled_at":"2026-02-04 00:00:00","title":"خبر","body":"نص."}\n' >arabic.ndjson
sillok ingest arabic.ndjson >/dev/null 2>&1
get /article/077/1.html; out_has '<h1 dir="auto">خبر'
get /publisher/077.html; status_is 200; out_has 'No changes.'
get /publisher/010.html; out_lacks 'dir='; out_has 'No changes.'; out_has 'is no edit and left out here. <a href="?unfold=1">'
get '/publisher/010.html?unfold=1&limit=20'; out_lacks 'No changes.'; out_lacks 'left out here'; out_has '&amp;limit=20&amp;unfold=1">Older'
out_has '>010</span> · revision 1'
get '/kind/number.html'; out_lacks 'left out here'
get '/api/changes?oid=010'; status_is 200; head_has 'Sillok-Folded: yes'; head_lacks 'Sillok-Hidden'
get '/api/changes?kind=number'; head_lacks 'Sillok-Folded'
get '/api/changes?oid=010&unfold=1'; head_lacks 'Sillok-Folded'
printf '{"oid":"077","aid":"1","crawled_at":"2026-02-05 00:00:00","title":"خبر","body":"نص .\\n"}\n' >layout.ndjson
sillok ingest layout.ndjson >/dev/null 2>&1
get '/api/changes?oid=077'; head_has 'Sillok-Hidden: 1'; head_lacks 'Sillok-Folded'
get '/api/changes?oid=077&all=1'; head_lacks 'Sillok-Hidden'; out_lines 1
ok 'what is no edit is said of a list'
for i in $(seq 501); do
    printf '{"oid":"009","aid":"2","crawled_at":"2026-02-03 %02d:%02d:00","title":"값","body":"값은 %d원이다.","url":"https://n.example/009/2"}\n' $((i / 60)) $((i % 60)) "$i"
done >often.ndjson
sillok ingest --crawl odd often.ndjson >/dev/null 2>&1
get '/cdx/search/cdx?url=https://n.example/009/2'; status_is 200; out_lines 501
get '/cdx/search/cdx?url=https://n.example/009/2&limit=100000'; status_is 200; out_lines 501
get '/cdx/search/cdx?url=https://n.example/009/2&limit=-2'; out_lines 2; out_has ' 20260203082100 '
get '/cdx/search/cdx?url=https://n.example/009/2&limit=1&matchType=exact&gzip=false'; out_lines 1
get '/cdx/search/cdx?url=https://n.example/009/2&matchType=prefix'; status_is 400; out_has 'matchType is exact'
get '/cdx/search/cdx?url=https://n.example/009/2&gzip=true'; status_is 400; out_has 'gzip is false'
get '/cdx/search/cdx?url=https://n.example/009/2&fastLatest=true'; out_lines 500; out_has ' 20260203082100 '
get "/timemap/link/https://n.example/009/2"; out_lines 504
ok 'of an article that changes often they have every revision'
kill -TERM $server
wait $server
code=$?
code_is 0
[ "$(grep -vc 'answers until' talk)" = 0 ] || { wrong 'it said more'; say <talk; }
ok 'it ends when it is told to'
finish
