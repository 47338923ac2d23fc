#!/usr/bin/env bash
# Every odd file of the sample maker gets the verdict that its table says, the others go on,
# and what was taken in comes out byte for byte.
#
# usage: test_odd.sh SILLOK-SAMPLE SILLOK
set -euo pipefail

sample=$(realpath "$1")
sillok=$(realpath "$2")
work=$(mktemp -d "${TMPDIR:-/tmp}/sillok-odd.XXXXXX")
status=1
finish() {
    if [ "$status" = 0 ]; then rm -rf "$work"; else echo "kept: $work" >&2; fi
}
trap finish EXIT
export LC_ALL=C
cd "$work"

die() {
    echo "not ok - $*"
    exit 1
}

"$sample" --odd odd
rc=0
timeout 60 "$sillok" -s store ingest --json odd >ingest.json 2>ingest.err || rc=$?
[ "$rc" = 1 ] || die "ingest exits with $rc, not 1"
echo "ok - ingest goes on and exits with 1"

SILLOK=$sillok python3 - <<'PYTHON' || die "verdicts differ"
import json
import os
import subprocess

rows = [line.rstrip("\n").split("\t") for line in open("odd/odd.tsv")]
want = {name: note for name, verdict, note in rows if verdict == "refused"}
listing = subprocess.run([os.environ["SILLOK"], "-s", "store", "refused", "--json"],
                         capture_output=True, check=True).stdout


def shown(name):  # as the table writes names
    raw = name.encode("utf-8", "surrogateescape")
    return "".join(f"\\x{b:02x}" if b < 32 or b > 126 or b == 92 else chr(b) for b in raw)


got = {shown(r["name"]): r["code"] for r in map(json.loads, listing.splitlines())}
bad = 0
for name in sorted(set(want) | set(got)):
    if want.get(name) != got.get(name):
        print(f"{name}: expected {want.get(name)}, got {got.get(name)}")
        bad = 1
total = json.loads(open("ingest.json").read().splitlines()[-1])
accepted = sum(verdict == "accepted" for _, verdict, _ in rows)
figures = {"observations": accepted, "refused": len(want), "hash_mismatch": 1, "conflicts": 1}
for key, value in figures.items():
    if total[key] != value:
        print(f"{key}: expected {value}, got {total[key]}")
        bad = 1
raise SystemExit(bad)
PYTHON
echo "ok - every verdict is the expected one"

"$sillok" -s store verify --quiet || die "verify"
echo "ok - the store is whole"

"$sillok" -s store export --quiet --crawl odd out || die "export"
accepted=0
for f in out/*; do
    cmp -s "$f" "odd/${f#out/}" || die "comes out otherwise: $f"
    accepted=$((accepted + 1))
done
[ "$accepted" = "$(awk -F '\t' '$2 == "accepted"' odd/odd.tsv | wc -l)" ] ||
    die "$accepted files came out"
echo "ok - accepted files come out byte for byte"
status=0
