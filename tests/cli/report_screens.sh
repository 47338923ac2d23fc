#!/usr/bin/env bash
# A report in a browser: at the widths of a phone, a tablet and a desk no page scrolls
# sideways, and the policy lets the style sheet through. Skipped where there is no chromium.
#
# The pages stand unchanged in frames of a page of our own, which measures them.
command -v chromium >/dev/null || exit 77
. "$(dirname "$0")/lib.sh"
store

long=$(printf 'a%.0s' $(seq 1 400)) hangul=$(printf '가%.0s' $(seq 1 300))
mkdir w1 w2
PUBLISHER="$long" AUTHOR="$hangul" crawl_file 003 1 '2026-01-05 03:00:00' "$hangul" "$long one." >w1/003_1_a.md
PUBLISHER="$long" AUTHOR="$hangul" crawl_file 003 1 '2026-01-06 03:00:00' "$long" "$hangul two." >w2/003_1_a.md
printf 'no crawl file' >"w2/003_2_${long:0:200}.md"
sillok -q ingest w1 w2 >ingest.log 2>&1
run sillok report --all site
code_is 0

{
    echo '<!DOCTYPE html><meta charset=utf-8><body>'
    (cd site && find . -name '*.html' | LC_ALL=C sort) | while read -r f; do
        for w in 360 800 1400; do
            printf '<iframe style="border:0;width:%spx;height:900px" src="site/%s"></iframe>\n' $w "${f#./}"
        done
    done
    cat <<'END'
<script>
onload = () => {
    const said = [...document.querySelectorAll('iframe')].map(f => {
        const d = f.contentDocument, e = d.documentElement;
        for (const x of d.querySelectorAll('details')) x.open = true;
        const styled = f.contentWindow.getComputedStyle(d.body).wordBreak === 'keep-all';
        const wide = e.scrollWidth > e.clientWidth;
        return `${wide || !styled ? 'BAD' : 'fine'} ${f.getAttribute('src')} ${e.scrollWidth} in ${e.clientWidth} ${styled}`;
    });
    document.body.innerHTML = '';
    const pre = document.createElement('pre');
    pre.textContent = said.join('\n') + '\nend\n';
    document.body.append(pre);
};
</script>
END
} >frames.html
timeout 100 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync \
    --allow-file-access-from-files --hide-scrollbars --user-data-dir="$work/profile" --window-size=1600,1000 \
    --dump-dom "file://$work/frames.html" >out 2>err </dev/null
rm -rf profile
out_has end
out_has 'fine site/index.html 360 in 360 true'
[ "$(grep -cE '^(<.*>)?fine ' out)" -eq $(($(find site -name '*.html' | wc -l) * 3)) ] || { wrong 'pages'; grep -v fine out | head -20 | say; }
out_lacks BAD
ok 'nothing is wider than its window'
finish
