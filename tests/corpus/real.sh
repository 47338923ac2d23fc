#!/usr/bin/env bash
# The real crawls, where they lie beside the checkout (../shared/corpus): what they must
# show, to the last article and byte. Skipped (77) where they do not.
set -euo pipefail
sillok=$(realpath "$1")
corpus=$(realpath -q "$2" || true)
if [ ! -e "$corpus/crawl-0.tar.gz" ]; then
    echo "no corpus at $2"
    exit 77
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/sillok-corpus.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir back
fail() { echo "FAILED: $*"; exit 1; }

for n in 0 1 2; do
    "$sillok" -s store ingest --json "$corpus/crawl-$n.tar.gz" 2>err | tail -n 1 >sum
    grep -q '"refused":0,"hash_mismatch":0' sum || fail "crawl-$n: $(cat sum err)"
    mkdir -p "files/$n"
    tar xzf "$corpus/crawl-$n.tar.gz" -C "files/$n"
done
for n in 1 2; do
    cut -f1,2 "$corpus/crawl-$n.truth.tsv" | LC_ALL=C sort >want
    "$sillok" -s store changes --all --crawl "crawl-$((n - 1))..crawl-$n" --csv 2>err |
        tail -n +2 | tr -d '\r' | cut -d, -f1,2 | tr ',' '\t' | LC_ALL=C sort >got
    diff want got >difference || fail "crawl-$n: $(head -5 difference)"
done
for n in 0 1 2; do
    "$sillok" -s store -q export --crawl "crawl-$n" "back/$n"
    diff -r "back/$n" "files/$n/crawl-$n" >difference || fail "export of crawl-$n"
done
before=$(stat -c %s store/data.mdb)
for n in 2 0 1; do
    "$sillok" -s store ingest --json "$corpus/crawl-$n.tar.gz" 2>err | tail -n 1 >sum
    grep -q '"observations":0,' sum || fail "crawl-$n again: $(cat sum)"
done
[ "$(stat -c %s store/data.mdb)" = "$before" ] || fail 'the store grew by what it had'
"$sillok" -s store verify >/dev/null || fail verify

tar xzf "$corpus/real-edits.tar.gz"
for edits in */truth.tsv re/*/truth.tsv; do
    [ -e "$edits" ] || continue
    source=$(dirname "$edits")
    for order in -n -rn; do
        rm -rf store
        for crawl in $(find "$source" -mindepth 1 -maxdepth 1 -name 'crawl-*' |
            sed 's/.*-//' | sort "$order"); do
            "$sillok" -s store -q ingest "$source/crawl-$crawl" >/dev/null
        done
        cut -f1,2 "$edits" | LC_ALL=C sort >want
        "$sillok" -s store changes --all --unfold --csv 2>err | tail -n +2 | tr -d '\r' |
            cut -d, -f1,2 | tr ',' '\t' | LC_ALL=C sort >got
        diff want got >difference || fail "$source $order: $(head -5 difference)"
    done
done
echo 'the real crawls are what they should be'
