#!/usr/bin/env bash
# A report in a browser, at the widths of a phone, a tablet and a desk, in the light and in
# the dark scheme. Skipped where there is no chromium.
#
# The pages stand unchanged in frames of a page of our own, which measures them: nothing
# scrolls sideways, nothing is cut off, plots are painted, text can be read. What is painted
# is looked at in pictures as well (screen.py).
command -v chromium >/dev/null || exit 77
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
store

long=$(printf 'a%.0s' $(seq 1 400)) hangul=$(printf '가%.0s' $(seq 1 300))
mkdir w1 w2
PUBLISHER="$long" AUTHOR="$hangul" crawl_file 003 1 '2026-01-05 03:00:00' "$hangul" "$long one." >w1/003_1_a.md
PUBLISHER="$long" AUTHOR="$hangul" crawl_file 003 1 '2026-01-06 03:00:00' "$long" "$hangul two." >w2/003_1_a.md
hebrew='העירייה תבנה ספרייה ליד הנהר'
crawl_file 004 1 '2026-01-05 03:00:00' "$hebrew" "$hebrew בעלות של 12 מיליון דולר." >w1/004_1_a.md
crawl_file 004 1 '2026-01-06 03:00:00' "$hebrew חדשה" "$hebrew בעלות של 15 מיליון דולר." >w2/004_1_a.md
printf 'no crawl file' >"w2/003_2_${long:0:200}.md"
sillok -q ingest w1 w2 >ingest.log 2>&1
run sillok report --all site
code_is 0

# browse SCHEME FLAG...: 0 is dark, 1 is light.
browse() {
    local scheme=$1
    shift
    timeout 100 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync \
        --allow-file-access-from-files --hide-scrollbars --user-data-dir="$work/profile" \
        --blink-settings="preferredColorScheme=$scheme" "$@" >out 2>err </dev/null
    code=$?
    rm -rf profile
}

# Each frame's line begins with fine or BAD; a BAD one says what is wrong.
cat >measure.js <<'END'
const luminance = c => {
    const [r, g, b] = c.match(/[\d.]+/g).map(v => v / 255)
        .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
};
const isClear = c => c === 'transparent' || / 0\)$/.test(c);
const ground = (e, css) => {
    for (; e; e = e.parentElement)
        if (!isClear(css(e).backgroundColor)) return css(e).backgroundColor;
    return 'rgb(255, 255, 255)';
};
const hasText = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());

function faults(frame) {
    const w = frame.contentWindow, d = w.document, root = d.documentElement, bad = [];
    const css = e => w.getComputedStyle(e);
    const wrong = (what, e) => bad.push(`${what}: <${e.localName}> ${e.textContent.trim().slice(0, 40)}`);
    for (const x of d.querySelectorAll('details')) x.open = true;
    if (css(d.body).wordBreak !== 'keep-all') bad.push('no style sheet');
    if (root.scrollWidth > root.clientWidth) bad.push(`${root.scrollWidth} in ${root.clientWidth}`);
    for (const e of d.body.querySelectorAll('*')) {
        const s = css(e), box = e.getBoundingClientRect();
        if (!hasText(e) || s.visibility === 'hidden' || e.closest('.hidden, .skip, thead') || !box.width) continue;
        if (s.overflow === 'hidden' && e.scrollWidth > e.clientWidth) wrong('cut off', e);
        if (!e.closest('.scroll') && (box.left < -1 || box.right > root.clientWidth + 1)) wrong('outside', e);
        if (parseFloat(s.fontSize) < 12) wrong('too small', e);
        if (e.matches('.sides td') && s.direction === 'rtl' && !/start|right/.test(s.textAlign)) wrong('begins on the left', e);
        const a = luminance(e.closest('svg') ? s.fill : s.color), b = luminance(ground(e, css));
        const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        if (ratio < 4.5) wrong(`contrast ${ratio.toFixed(2)}`, e);
    }
    for (const svg of d.querySelectorAll('svg')) {
        const bars = [...svg.querySelectorAll('.bar')].map(e => e.getBoundingClientRect());
        const a = luminance(css(svg.querySelector('.bar')).fill), b = luminance(ground(svg, css));
        if (!bars.some(r => r.width > 20 && r.height > 10)) wrong('no bars', svg);
        if ((Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 3) wrong('pale bars', svg);
        const labels = [...svg.querySelectorAll('.label')].map(e => e.getBoundingClientRect());
        for (const l of labels)
            if (bars.some(r => l.right > r.left && l.top < r.bottom && r.top < l.bottom)) wrong('label on a bar', svg);
        const ticks = [...svg.querySelectorAll('.tick.middle')].map(e => e.getBoundingClientRect());
        for (let i = 1; i < ticks.length; i++)
            if (ticks[i - 1].right > ticks[i].left) wrong('ticks overlap', svg);
        if (!d.getElementById(svg.getAttribute('aria-labelledby'))?.textContent) wrong('no title', svg);
    }
    for (const e of d.querySelectorAll('.kinds tbody th, .kind')) {
        const words = d.createRange();
        words.selectNodeContents(e);
        if (new Set([...words.getClientRects()].map(r => Math.round(r.top))).size > 1) wrong('broken word', e);
    }
    return bad;
}
onload = () => {
    const said = [...document.querySelectorAll('iframe')].map(f => {
        const bad = faults(f);
        const name = `${f.getAttribute('src')} ${f.style.width}`;
        return bad.length ? `BAD ${name}\n  ${bad.slice(0, 5).join('\n  ')}` : `fine ${name}`;
    });
    document.body.innerHTML = '';
    const pre = document.createElement('pre');
    pre.textContent = said.join('\n') + `\n${matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'} end\n`;
    document.body.append(pre);
};
END

# frames SITE [NAME]: its pages, or those of this name, three times each.
frames() {
    echo '<!DOCTYPE html><meta charset=utf-8><body>'
    (cd "$1" && find . -name "${2:-*.html}" | LC_ALL=C sort) | while read -r f; do
        for w in 360 800 1400; do
            printf '<iframe style="border:0;width:%spx;height:900px" src="%s/%s"></iframe>\n' $w "$1" "${f#./}"
        done
    done
    printf '<script>\n%s\n</script>\n' "$(cat measure.js)"
}

frames site >frames.html
n=$(($(find site -name '*.html' | wc -l) * 3))
for scheme in 0:dark 1:light; do
    browse "${scheme%:*}" --window-size=1600,1000 --dump-dom "file://$work/frames.html"
    out_has "${scheme#*:} end"
    out_has 'fine site/index.html 360px'
    [ "$(grep -cE '^(<.*>)?fine ' out)" -eq $n ] || { wrong 'pages'; grep -v fine out | head -40 | say; }
    out_lacks BAD
done
ok 'nothing is wider than its window, cut off or hard to read, in both schemes'

# The measuring itself: each fault put into a page is found.
cp -r site bad
printf '%s\n' '.lead { color: #999; }' '.kinds th { max-width: 2rem; overflow-wrap: anywhere; min-width: 0 !important; }' \
    '.quiet { white-space: nowrap; max-width: none; }' '.plot .bar { width: 1px; }' '.sides td { text-align: left; }' >>bad/style.css
frames bad "[1ik]*.html" >frames.html
browse 1 --window-size=1600,1000 --dump-dom "file://$work/frames.html"
for fault in 'contrast 2' 'broken word' 'no bars' ' in 360' 'begins on the left'; do out_has "$fault"; done
ok 'faults are found'

# The same as pictures: light is light, dark is dark, the plots are there.
printf '<!DOCTYPE html><body style="margin:0"><iframe style="border:0;width:360px;height:1500px" src="site/index.html">' >picture.html
browse 0 --window-size=360,1500 --screenshot="$work/dark.png" "file://$work/picture.html"
browse 1 --window-size=360,1500 --screenshot="$work/light.png" "file://$work/picture.html"
run python3 "$here/screen.py" light.png '#fbfaf7' '#3a6ea5'
code_is 0
run python3 "$here/screen.py" dark.png '#15171a' '#6d9fd8'
code_is 0
run python3 "$here/screen.py" light.png '#15171a' '#6d9fd8'
code_is 1
ok 'it is painted: ground, text and bars in the colours of the scheme'
finish
