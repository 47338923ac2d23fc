# shellcheck shell=bash
# What the tests of the verbs share; sourced with the program as SILLOK or $1.
#
#   run sillok log 001/0000000001      output in ./out, talk in ./err, exit code in $code
#   code_is 0
#   out_is <<'END' ... END             diff -u, expected against actual
#   ok 'what is shown by that'
#
# A failed check prints the difference, and the temporary folder stays.

set -u
name=$(basename "$0" .sh)
program=${1:-${SILLOK:-sillok}}
case $program in */*) program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program") ;; esac
program=$(command -v "$program") || { echo "Bail out! no program"; exit 99; }
work=$(mktemp -d "${TMPDIR:-/tmp}/sillok-$name.XXXXXX") || exit 99
checks=0 failed=0 bad=0 code=0

# The program has to behave the same in a poor environment, so all tests run in one.
unset SILLOK_STORE SILLOK_PAGER PAGER LESS NO_COLOR CLICOLOR_FORCE COLUMNS POSIXLY_CORRECT
export LC_ALL=C TZ=nonsense TERM=dumb
umask 000
cd "$work" || exit 99

# libarchive 3.6 forgets its output buffer when a write has failed; only sanitizers see that.
echo 'leak:libarchive' >lsan
export LSAN_OPTIONS=${LSAN_OPTIONS:-suppressions=$work/lsan:print_suppressions=0}

sillok() { "$program" "$@"; }
# A check whose name is written wrong would never fail.
command_not_found_handle() {
    echo "Bail out! there is no '$1'" >/dev/stderr
    kill $$
}

finish() {
    echo "1..$checks"
    if [ "$failed" -eq 0 ]; then
        cd / && rm -rf "$work"
        exit 0
    fi
    echo "# $failed of $checks failed; see $work"
    exit 1
}

run() {
    "$@" >out 2>err </dev/null
    code=$?
}

say() { sed 's/^/# /'; }
wrong() {
    bad=1
    echo "# wrong: $*"
}

code_is() { [ "$code" -eq "$1" ] || { wrong "exit code $code, not $1"; say <err; }; }
# Expected on standard input.
out_is() { diff -u --label expected --label actual - out >difference || { wrong output; say <difference; }; }
err_is() { diff -u --label expected --label actual - err >difference || { wrong talk; say <difference; }; }
out_has() { grep -qF -e "$1" out || { wrong "output lacks: $1"; head -20 out | say; }; }
err_has() { grep -qF -e "$1" err || { wrong "talk lacks: $1"; head -20 err | say; }; }
err_lacks() { ! grep -qF -e "$1" err || wrong "stderr has: $1"; }
out_lacks() { ! grep -qF -e "$1" out || wrong "output has: $1"; }
out_empty() { [ ! -s out ] || { wrong "output is not empty"; head -5 out | say; }; }
err_empty() { [ ! -s err ] || { wrong "talk is not empty"; head -5 err | say; }; }
out_lines() { [ "$(wc -l <out)" -eq "$1" ] || { wrong "not $1 lines"; head -20 out | say; }; }
same() { cmp -- "$1" "$2" >difference 2>&1 || { wrong "$1 and $2 differ"; say <difference; }; }
# A jq expression is true of the whole output, read as a list of objects.
json_is() { jq -se "$1" out >/dev/null 2>difference || { wrong "not so: $1"; head -3 out | say; }; }
sha256() { printf %s "$1" | sha256sum | cut -d' ' -f1; }

# End of one check: what went wrong since the last one decides.
ok() {
    checks=$((checks + 1))
    if [ "$bad" -eq 0 ]; then
        echo "ok $checks - $1"
    else
        echo "not ok $checks - $1"
        failed=$((failed + 1))
    fi
    bad=0
}
skip() {
    checks=$((checks + 1))
    echo "ok $checks - $1 # SKIP $2"
}

# --- crawl files ---------------------------------------------------------------------------

# crawl_file OID AID TIME TITLE BODY: as the crawler writes it, with the right hash.
crawl_file() {
    local url="https://n.news.naver.com/mnews/article/$1/$2"
    printf -- '---\nid: %s_%s\ntitle: "%s"\ncategory: %s\npublisher: %s\nauthor: %s\n' \
        "$1" "$2" "$4" "${CATEGORY:-사회}" "${PUBLISHER:-하늘일보}" "${AUTHOR:-김하늘 기자}"
    printf 'published_at: %s\ncrawled_at: %s\nurl: %s\noid: %s\naid: %s\ncontent_hash: %s\n---\n\n' \
        "${PUBLISHED:-2026-01-01 08:00}" "$3" "$url" "$1" "$2" "$(sha256 "$5")"
    printf '# %s\n\n**%s** | %s | %s\n\n---\n\n%s\n\n---\n\n' \
        "$4" "${PUBLISHER:-하늘일보}" "${PUBLISHED:-2026-01-01 08:00}" "${CATEGORY:-사회}" "$5"
    printf '*Crawled at: %s*\n*Source: [원문 보기](%s)*\n' "$3" "$url"
}

library_1='시립 도서관이 새 건물에서 문을 열었다. 첫날 방문객은 1200명이었다. 관장은 더 많은 책을 들이겠다고 말했다.'
library_2='시립 도서관이 새 건물에서 문을 열었다. 첫날 방문객은 2100명이었다. 관장은 더 많은 책을 들이겠다고 말했다.'
bridge='The old bridge over the river will close for repairs in March. Buses will take another road.'
market='전통시장에 야시장이 열린다. 상인회는 주말마다 음악회를 준비한다.'
storm='A storm is on its way to the coast. Ferries stay in the harbour.'

harbour() { PUBLISHER='Harbour Times' AUTHOR='Ann Weaver' CATEGORY=World crawl_file "$@"; }

# Two crawls, a day apart: in the second one number, one headline and one new article.
sample() {
    mkdir -p mon tue
    crawl_file 001 0000000001 '2026-01-05 03:00:00' '시립 도서관 새로 문 열어' "$library_1" >mon/001_0000000001_library.md
    harbour 002 0000000002 '2026-01-05 03:00:05' 'Old bridge to close' "$bridge" >mon/002_0000000002_bridge.md
    crawl_file 001 0000000003 '2026-01-05 03:00:09' '주말마다 야시장' "$market" >mon/001_0000000003_market.md
    crawl_file 001 0000000001 '2026-01-06 03:00:00' '시립 도서관 새로 문 열어' "$library_2" >tue/001_0000000001_library.md
    harbour 002 0000000002 '2026-01-06 03:00:05' 'Old bridge closes in March' "$bridge" >tue/002_0000000002_bridge.md
    crawl_file 001 0000000003 '2026-01-06 03:00:09' '주말마다 야시장' "$market" >tue/001_0000000003_market.md
    harbour 002 0000000004 '2026-01-06 03:00:12' 'Storm nears the coast' "$storm" >tue/002_0000000004_storm.md
}

# The sample, taken in.
store() {
    sample
    sillok -q ingest mon tue >ingest.log 2>&1 || { echo "Bail out! ingest failed"; cat ingest.log; exit 99; }
}

# traced [OPTION]... COMMAND...: under strace, as far as the system has it and lets us; what
# looks for leaks cannot do so there.
can_trace() { strace -o trace true 2>/dev/null; }
traced() {
    ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 SILLOK_SANDBOX=off strace -o trace "$@"
}

# stopped_at CALLS WHEN OPTION... -- ARGUMENT...: `sillok --sandbox off ARGUMENT...` behind us,
# stopped at the WHEN-th of CALLS, which the OPTIONs of strace narrow. go_on: to its end, as run.
stopped_at() {
    local calls=$1 when=$2 options=()
    shift 2
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    rm -f stopped trace
    ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
        strace -o trace "${options[@]}" -e "trace=$calls" -e "inject=$calls:signal=SIGSTOP:when=$when" \
        sh -c 'echo $$ >stopped; exec "$0" --sandbox off "$@"' "$program" "$@" >out 2>err &
    for _ in $(seq 400); do
        ! grep -q 'stopped by SIGSTOP' trace 2>/dev/null || return 0
        sleep 0.05
    done
    wrong "it was not stopped: $*"
}
go_on() {
    kill -CONT "$(cat stopped)"
    wait $!
    code=$?
}

# as_terminal COMMAND...: with a terminal for its output, which goes to ./out. What
# quotes the line has to be the shell that reads it: sh does not know $'\353'.
as_terminal() {
    local line
    line=$(printf '%q ' "$@")
    SHELL=$BASH TERM=xterm script -qec "$line" /dev/null >out 2>err </dev/null
    code=$?
}
