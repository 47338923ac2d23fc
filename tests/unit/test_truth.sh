#!/usr/bin/env bash
# `sillok changes` lists exactly the articles that the sample maker edited, in whatever order
# the crawls come in, and calls the plain kinds by their names.
#
# usage: test_truth.sh SILLOK-SAMPLE SILLOK
# shellcheck disable=SC2317 # finish is called by the trap
set -euo pipefail

sample=$(realpath "$1")
sillok=$(realpath "$2")
work=$(mktemp -d "${TMPDIR:-/tmp}/sillok-truth.XXXXXX")
status=1
finish() {
    if [ "$status" = 0 ]; then rm -rf "$work"; else echo "kept: $work" >&2; fi
}
trap finish EXIT
export LC_ALL=C
cd "$work"
bad=0

report() { # RC NAME
    if [ "$1" = 0 ]; then echo "ok - $2"; else
        echo "not ok - $2"
        bad=1
    fi
}

take_in() { # STORE CRAWL...
    local store=$1 k
    shift
    for k in "$@"; do
        "$sample" -n 6000 -e 0.1 -c 4 --tar --crawl "$k" --truth "truth-$k" - |
            "$sillok" -s "$store" ingest --quiet --crawl "crawl-$k" - >/dev/null
    done
}

changes() { # STORE CRAWL: oid, aid, kind
    "$sillok" -s "$1" changes --quiet --all --json --crawl "crawl-$(($2 - 1))..crawl-$2" |
        python3 -c 'import json, sys
for line in sys.stdin:
    c = json.loads(line)
    print(c["oid"], c["aid"], c["kinds"][0], sep="\t")' | sort
}

kinds_agree() { # TRUTH CHANGES: what each edit may be called, at least 8 times of 10
    join -t "$(printf '\t')" <(awk '{ print $1 "/" $2 "\t" $3 }' "$1" | sort) \
        <(awk '{ print $1 "/" $2 "\t" $3 }' "$2" | sort) | awk -F '\t' '
        BEGIN {
            right["title headline"]; right["number number"]; right["typo typo"]
            right["append added"]; right["insert added"]; right["delete removed"]
            right["byline byline"]; right["space cosmetic"]; right["emptied emptied"]
            right["correction correction"]; right["revert reverted"]; right["rewrite rewritten"]
        }
        $2 != "move" { n[$2]++; if (($2 " " $3) in right) good[$2]++; else other[$2 " as " $3]++ }
        END {
            for (k in n) if (good[k] < 0.8 * n[k]) { print k ": " good[k] + 0 " of " n[k]; bad = 1 }
            for (k in other) print "  " k ": " other[k]
            exit bad
        }'
}

take_in forward 0 1 2 3
take_in backward 3 1 0 2
for k in 1 2 3; do
    changes forward "$k" >forward-"$k"
    changes backward "$k" >backward-"$k"
    diff <(cut -f 1,2 "truth-$k" | sort) <(cut -f 1,2 forward-"$k") >differ-"$k" &&
        rc=0 || rc=$?
    report "$rc" "crawl $k: $(wc -l <"truth-$k") edits, and no other change"
    head -n 10 differ-"$k"
    cmp forward-"$k" backward-"$k" && rc=0 || rc=$?
    report "$rc" "crawl $k: the same when the crawls come in another order"
    kinds_agree "truth-$k" forward-"$k" && rc=0 || rc=$?
    report "$rc" "crawl $k: the kinds have their names"
done
for s in forward backward; do
    "$sillok" -s "$s" verify --quiet && rc=0 || rc=$?
    report "$rc" "$s: the store is whole"
done
[ "$bad" = 0 ] && status=0
exit "$bad"
