#!/usr/bin/env bash
# The sample maker: the same options give the same bytes, the truth rows are the truth, and
# the files are what real ones are.
#
# usage: test_sample.sh SILLOK-SAMPLE SILLOK-FLOOR
# shellcheck disable=SC2317 # the functions are called through check
set -euo pipefail

sample=$(realpath "$1")
floor=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/sillok-sample.XXXXXX")
failed=0

finish() {
    if [ "$failed" = 0 ]; then rm -rf "$work"; else echo "kept: $work" >&2; fi
}
trap finish EXIT

check() { # NAME COMMAND...: the command must succeed
    local name=$1
    shift
    if "$@" >"$work/out" 2>"$work/err"; then
        echo "ok - $name"
    else
        echo "not ok - $name"
        head -n 30 "$work/out" "$work/err"
        failed=1
    fi
}

exits() { # STATUS COMMAND...
    local want=$1 got=0
    shift
    "$@" || got=$?
    [ "$got" = "$want" ] || { echo "exit $got, not $want"; return 1; }
}

digest() { # of a folder: names and bytes
    (cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
}

same_folder() { [ "$(digest "$1")" = "$(digest "$2")" ]; }

stream() { # SEED CRAWL: as an archive
    "$sample" -n 300 -c 4 -s "$1" --tar --crawl "$2" - | sha256sum
}

same_stream() { [ "$(stream 1 "$1")" = "$(stream 1 "$1")" ]; }

other_stream() { [ "$(stream 1 0)" != "$(stream 2 0)" ]; }

unpacked() { # CRAWL: the archive holds the very files of the folder
    mkdir -p "$work/tar"
    "$sample" -n 300 -c 4 --tar --crawl "$1" --truth "$work/tar/crawl-$1.truth" - |
        tar -x -C "$work/tar" -f - && same_folder "$work/tar/crawl-$1" "$work/a/crawl-$1" &&
        { [ "$1" = 0 ] || cmp "$work/tar/crawl-$1.truth" "$work/a/crawl-$1.truth.tsv"; }
}

every_hash_holds() { "$floor" "$work/a/crawl-$1" | grep -q '"mismatches":0,'; }

refuses_to_mix() {
    exits 3 "$sample" -n 10 "$work/a" 2>"$work/mix" &&
        grep -q "crawl-0'" "$work/mix"
}

to_full_device() {
    [ ! -w /dev/full ] || exits 3 "$sample" -n 10 --tar /dev/full
}

odd_set() {
    "$sample" --odd "$work/odd" && [ -p "$work/odd/29-pipe.md" ] || return 1
    awk -F '\t' 'NF != 3 || $2 !~ /^(accepted|refused|skipped)$/ || ($2 == "refused" && $3 == "") {
        print; bad = 1 } END { exit bad }' "$work/odd/odd.tsv" || return 1
    # Every entry but the table itself has its row.
    rows=$(wc -l <"$work/odd/odd.tsv")
    entries=$(find "$work/odd" -mindepth 1 -maxdepth 1 -printf x | wc -c)
    [ "$rows" = $((entries - 1)) ]
}

check "makes crawls" "$sample" -n 1500 -c 4 -e 0.15 "$work/big"
check "files, names, hashes and truth agree" python3 "$here/check_sample.py" "$work/big"
cat "$work/out"
check "makes a smaller one" "$sample" -n 300 -c 4 "$work/a"
check "another seed differs" other_stream
for k in 0 1 2 3; do
    check "crawl $k: same options, same bytes" same_stream "$k"
    check "crawl $k: every hash holds" every_hash_holds "$k"
    check "crawl $k: the archive holds the same files" unpacked "$k"
done
check "odd files have verdicts" odd_set
check "never writes into a crawl that is there" refuses_to_mix
check "a full device is an error" to_full_device
check "a missing folder is a system error" exits 3 "$sample" "$work/none/there"
check "help" exits 0 "$sample" --help
check "no folder is a usage error" exits 2 "$sample"
check "bad number is a usage error" exits 2 "$sample" -n many x
check "bad share is a usage error" exits 2 "$sample" -e 1.5 x
check "unknown option is a usage error" exits 2 "$sample" --frobnicate x
check "folder and '-' is a usage error" exits 2 "$sample" -
check "floor: no folder is a usage error" exits 2 "$floor"
check "floor: missing folder is a system error" exits 3 "$floor" "$work/none"
exit "$failed"
