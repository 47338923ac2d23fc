#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
check_site() { python3 "$here/check_site.py" "$1" >difference 2>&1 || { wrong "$1 is no site"; say <difference; }; }
has() { grep -qF -e "$2" "$1" || wrong "$1 lacks: $2"; }
lacks() { ! grep -qrF -e "$2" "$1" || wrong "$1 has: $2"; }
digest() { (cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum); }
store

run sillok report site
code_is 0; out_empty; err_has '2 changes in 2 articles'; err_has 'site/index.html'
check_site site
for f in index changes/all publishers kinds crawls publisher/001 publisher/002 kind/number kind/headline \
    article/001/0000000001 article/002/0000000002; do
    [ -s "site/$f.html" ] || wrong "no $f.html"
done
[ ! -e site/article/001/0000000003.html ] || wrong 'a page for what did not change'
[ "$(find . -maxdepth 1 -name 'site*' | wc -l)" -eq 1 ] || wrong 'left behind'
ok 'a site: all pages, every link leads somewhere'

page=site/article/001/0000000001.html
has $page '<h1 lang="ko">시립 도서관 새로 문 열어</h1>'
has $page '하늘일보'
has $page 'id="r2"'
has $page '<del><b>12</b>00</del>명'; has $page '<ins><b>21</b>00</ins>명'
has $page 'datetime="2026-01-05T03:00:00Z">2026-01-05 03:00</time>&nbsp;– <time datetime="2026-01-06T03:00:00Z"'
has $page 'href="https://n.news.naver.com/mnews/article/001/0000000001"'
has site/article/002/0000000002.html '<del>to close</del>'
has site/changes/all.html 'was: <del>Old bridge to close</del>'
has site/crawls.html '>mon</th>'
has site/index.html '<svg class="plot"'
ok 'what an article page and the lists say'

check_site_fails() { ! python3 "$here/check_site.py" "$1" >/dev/null 2>&1 || wrong "not found: $2"; }
cp -r site bad && sed -i 's/#r2"/#r9"/' bad/changes/all.html && check_site_fails bad 'an anchor that is not there'
rm -r bad && cp -r site bad && sed -i 's/<h2>Timeline/<script><\/script>&/' bad/article/*/*.html && check_site_fails bad 'a script'
rm -r bad
ok 'the checker finds what it looks for'

digest site >first
run sillok report site
code_is 0; digest site >second; same first second
sleep 1; TZ=Asia/Seoul run sillok report other
code_is 0; digest other >second; same first second
sillok -q -s copy ingest tue mon >/dev/null 2>&1
run sillok -s copy report other
code_is 0; digest other >second; same first second
ok 'the same bytes again, and from the same files in another order'
# An older crawl that comes while the pages are written moves all numbers of revisions.
if can_trace; then
    cp -r copy grows
    mkdir sun
    crawl_file 001 0000000001 '2026-01-04 03:00:00' '도서관 곧 문 열어' "$market" >sun/001_0000000001_library.md
    harbour 002 0000000002 '2026-01-04 03:00:05' 'Bridge to close' "$storm" >sun/002_0000000002_bridge.md
    stopped_at mkdirat,mkdir 3 -- -s grows report grown
    sillok -q -s grows ingest sun >/dev/null 2>&1
    go_on
    digest grown >second; same first second
    rm -rf grown
    ok 'all pages are of one moment'
fi
run sillok report --now 2026-02-03T04:05:00Z other
has other/index.html 'Made <time datetime="2026-02-03T04:05:00Z">2026-02-03 04:05</time> by sillok'
ok '--now is the only time of making'

run sillok report --zone KST --title '<b>기록</b>' other
code_is 0; check_site other
has other/index.html '<h1 lang="ko">&lt;b&gt;기록&lt;/b&gt;</h1>'
has other/article/001/0000000001.html '2026-01-05T03:00:00Z">2026-01-05 12:00<'
has other/index.html 'Times are in UTC+09:00.'
run sillok report --oid 002 other
code_is 0; err_has '1 change in 1 article'; check_site other
[ ! -e other/article/001 ] || wrong 'the old report shows through'
run sillok report --kind number other
err_has '1 change in'; [ -e other/kind/number.html ] || wrong kind
run sillok report --limit 1 other
err_has '1 change in'; has other/index.html 'newest changes'
run sillok report --crawl mon..tue other
code_is 0; err_has '2 changes'; check_site other; lacks other/index.html 'each step'; has other/kinds.html 'scope="row">headline mark</th>'; lacks other/index.html 'among them'
run sillok report --crawl mon..tue --every --all --unfold other
code_is 0; check_site other; has other/index.html 'to crawl tue, each step between them. Those of layout'
has other/index.html 'Those that the crawler'
run sillok report --from 2027-01-01 other
code_is 0; err_has '0 changes'; check_site other; has other/index.html 'Nothing changed.'
run sillok report --crawl mon..never other
code_is 2; err_has never; check_site other
run sillok report --crawl mon other
code_is 2; err_has A..B
run sillok report --json other
code_is 2; err_has 'no --json'
ok 'narrowed as changes is'

mkdir foreign && echo mine >foreign/index.html
run sillok report foreign
code_is 2; err_has 'no earlier report'; [ "$(cat foreign/index.html)" = mine ] || wrong 'overwritten'
run sillok report --force foreign
code_is 0; err_has foreign.old; [ "$(cat foreign.old/index.html)" = mine ] || wrong 'not kept'; check_site foreign
echo mine >foreign/notes.txt
run sillok report foreign
code_is 0; err_has foreign.old.2; check_site foreign
[ "$(find foreign.old.2 -type f)" = foreign.old.2/notes.txt ] || wrong 'what was put beside the pages is not kept alone'
echo '<p>mine too' >foreign/mynotes.html
run sillok report foreign
code_is 0; err_has foreign.old.3; check_site foreign
[ "$(find foreign.old.3 -type f)" = foreign.old.3/mynotes.html ] || wrong 'a page of others is not kept'
echo x >file
run sillok report file
code_is 2; err_has 'no folder'; [ "$(cat file)" = x ] || wrong 'overwritten'
mkdir empty; run sillok report empty/
code_is 0; check_site empty; [ ! -e empty.old ] || wrong 'an empty folder is kept'
ln -s empty link; run sillok report link
code_is 0; [ -L link ] || wrong 'the link is gone'; check_site link/
run sillok report no/where
code_is 3; err_has no/where
run sillok report --force .
code_is 2; err_has 'holds the store'
run sillok report
code_is 2
[ -z "$(find . -name '*.new*')" ] || wrong 'left behind'
ok 'nothing of others is lost'

# --- hostile text --------------------------------------------------------------------------

# hostile AID TIME TITLE BODY URL: fields that would like to be something else.
hostile() {
    CATEGORY='<i>' PUBLISHER='</title><script>p()</script>' AUTHOR='"><img src=x onerror=a()>' \
        crawl_file 666 "$1" "$2" "$3" "$4" | sed "s|https://n.news.naver.com/mnews/article/666/$1|$5|"
}
esc=$(printf '\033') rlo=$(printf '\342\200\256')
mkdir h1 h2
hostile 1 '2026-01-05 03:00:00' '<script>alert(1)</script>' 'A body. Then more of it.' 'javascript:alert(2)' >h1/666_1_a.md
hostile 1 '2026-01-06 03:00:00' "\"><svg onload=x> ${esc}[31m ${rlo}gro" '</td></table><script>b()</script> &lt; Then more of it.' \
    'javascript:alert(3)' >h2/666_1_a.md
hostile Ab '2026-01-05 03:00:00' T 'One body.' 'https://x.example/"onclick="y' >h1/666_Ab_a.md
hostile Ab '2026-01-06 03:00:00' T 'Two body.' 'https://x.example/"onclick="y' >h2/666_Ab_a.md
hostile Bl '2026-01-05 03:00:00' '　 ' 'One body.' 'https://x.example/' >h1/666_Bl_a.md
hostile Bl '2026-01-06 03:00:00' '　 ' 'Two body.' 'https://x.example/' >h2/666_Bl_a.md
hostile ab '2026-01-05 03:00:00' T 'One body.' 'data:text/html,<b>' >h1/666_ab_b.md
hostile ab '2026-01-06 03:00:00' T 'Two body.' 'data:text/html,<b>' >h2/666_ab_b.md
sillok -q -s hostile ingest h1 h2 >ingest.log 2>&1
run sillok -s hostile report --all hsite
code_is 0; err_has '4 changes in 4 articles'; check_site hsite
lacks hsite '<script'; lacks hsite '<img'; lacks hsite '<svg onload'; lacks hsite "$esc"; lacks hsite "$rlo"
lacks hsite 'href="javascript'; lacks hsite 'href="data'
has hsite/article/666/1.html '\x1b[31m'; has hsite/article/666/1.html '&lt;U+202E&gt;'
has hsite/article/666/1.html 'javascript:alert(3)'
has hsite/article/666/1.html '&lt;script&gt;b()&lt;/script&gt;'
[ -e 'hsite/article/666/~ab.html' ] && [ -e hsite/article/666/ab.html ] || wrong 'names that differ only in case'
has 'hsite/article/666/~bl.html' '<title>(no headline) – What changed</title>'; has hsite/changes/all.html '>(no headline)</a>'
ok 'hostile text stays text'

# --- not edits -----------------------------------------------------------------------------

mkdir e1 e2 e3
for i in $(seq 10 49); do
    text="소식 $i 번은 이렇다. 바람이 $((i * 7)) 번 불었다. 나무 $((i * 3)) 그루가 섰다."
    crawl_file 008 "$i" '2026-01-05 03:00:00' "소식 $i" "$text" >"e1/008_${i}_a.md"
    crawl_file 008 "$i" '2026-01-06 03:00:00' "소식 $i" "$text 이 글은 누리집이 새로 달았다." >"e2/008_${i}_a.md"
done
crawl_file 008 9 '2026-01-05 03:00:00' '빈 글' "$library_1 $library_2" >e1/008_9_a.md
crawl_file 008 9 '2026-01-06 03:00:00' '빈 글' '' >e2/008_9_a.md
sillok -q -s events ingest e1 e2 >ingest.log 2>&1
run sillok -s events report esite
code_is 0; err_has '0 changes in 0 articles'; err_has '40 no edits'; err_has '1 emptied'; check_site esite
has esite/index.html '1 change that emptied an article, waiting for a second crawl'
has esite/crawls.html '<h2>Not edits</h2>'; has esite/crawls.html '008/10'; has esite/crawls.html 'and 10 more'
has esite/index.html 'that the crawler or the site made'
has esite/kinds.html '; 40 changes that the crawler or the site made, not an editor.'
has esite/kinds.html 'Left out: 1 change that emptied an article, waiting for a second crawl;'
run sillok -s events report --unfold --all esite
code_is 0; err_has '41 changes in 41 articles'; check_site esite; lacks esite/crawls.html 'Not edits'
ok 'what the crawler or the site did stands apart'

# Layout that came back is no edit, and which revision it is again stands at its word.
mkdir layout
crawl_file 010 1 '2026-01-05 03:00:00' '다리' '다리가 열린다. 배는 쉰다.' >layout/a.md
crawl_file 010 1 '2026-01-06 03:00:00' '다리' '다리가 열린다.  배는 쉰다.' >layout/b.md
crawl_file 010 1 '2026-01-07 03:00:00' '다리' '다리가 열린다. 배는 쉰다.' >layout/c.md
crawl_file 010 2 '2026-01-05 03:00:00' '글자' '가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허고노도로. 가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허고노도로모.' >layout/d.md
crawl_file 010 2 '2026-01-06 03:00:00' '글자' '가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허고노도로.' >layout/e.md
sillok -q -s layout.store ingest layout >ingest.log 2>&1
run sillok -s layout.store report --all lsite
code_is 0; check_site lsite
for page in changes/all article/010/1 kind/reverted; do
    has "lsite/$page.html" '<span class="kind">cosmetic</span> <span class="also">reverted to 1</span>'
done
ok 'a kind besides says to which revision, too'
run sillok -s layout.store diff 010/2
out_has 'similarity 0.660'; has lsite/article/010/2.html 'similarity 0.66'
ok 'a page cuts a similarity where diff does'

# --- many ----------------------------------------------------------------------------------

mkdir -p many
for i in $(seq 1 120); do
    crawl_file 009 1 "2026-01-$(printf %02d $((i / 24 + 1))) $(printf %02d $((i % 24))):00:00" "날마다 다른 글$([ "$i" -le 60 ] || echo ', 다시')" \
        "값은 $((i * i)) 원이다. 둘째 줄은 그대로다." >"many/009_1_$i.md"
done
sillok -q -s many.store ingest many >ingest.log 2>&1
run sillok -s many.store report msite
code_is 0; err_has '119 changes in 1 article;'; check_site msite
[ -e msite/article/009/1.3.html ] && [ ! -e msite/article/009/1.4.html ] || wrong 'pages of an article'
[ -e msite/changes/all.2.html ] && [ ! -e msite/changes/all.3.html ] || wrong 'pages of a list'
has msite/changes/all.html '../article/009/1.3.html#r120'
has msite/changes/all.2.html '<title>All changes, page 2 of 2 – What changed</title>'
for page in 1 1.2 1.3; do
    has "msite/article/009/$page.html" '<h1 lang="ko">날마다 다른 글, 다시</h1>'
done
has msite/article/009/1.2.html 'Revisions 51 to 100 of 120, oldest first; <a href="../../article/009/1.3.html#r120">the newest</a>'
has msite/article/009/1.3.html 'of 120, oldest first</p>'
lacks site/article 'oldest first'
ok 'paged: lists, and an article of very many revisions'

has msite/index.html '">01-01 0'
for year in 2023 2024 2026; do
    crawl_file 009 2 "$year-05-05 00:00:00" '해마다 다른 글' "올해는 $year 년이다." >"many/009_2_$year.md"
done
sillok -q -s years ingest many/009_2_* >ingest.log 2>&1
run sillok -s years report ysite
code_is 0; has ysite/index.html '" y="232">2024-05</text>'
ok 'the axis of a plot over years has the year'

for day in 05 06; do
    seq 1300 | awk -v day=$day '{ printf "{\"oid\":\"p%d\",\"aid\":\"1\",\"crawled_at\":\"2026-01-%s %02d:%02d:00\",\
\"title\":\"값\",\"body\":\"%d번째 값은 %d원이다.\"}\n", $1, day, $1 / 60, $1 % 60, $1 * $1, $1 * day }'
done >publishers.ndjson
sillok -q -s publishers.store ingest --crawl all publishers.ndjson >ingest.log 2>&1
run sillok -s publishers.store report psite
code_is 0; err_has '1,300 changes in 1,300 articles;'
[ "$(find psite/publisher -type f | wc -l)" -eq 1300 ] || wrong 'pages of publishers'
for i in 1 700 999 1300; do
    has psite/publisher/p$i.html "article/p$i/1.html#r2"
    [ "$(grep -c '#r2"' psite/publisher/p$i.html)" -eq 1 ] || wrong "p$i has others' changes"
done
ok 'more publishers than are read for at once'

run sillok report --every alone
code_is 2; err_has --crawl; [ ! -e alone ] || wrong "alone was made"
ok '--every alone is refused'
finish
