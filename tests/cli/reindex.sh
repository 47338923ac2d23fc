#!/usr/bin/env bash
# reindex.sh SILLOK STORE-DAMAGE: the second damages one derived table (tests/store_damage.c).
damage=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
. "$(dirname "$0")/lib.sh"
store
# A third crawl: one text goes back to what it was; and one that is older than all, later.
mkdir -p wed sun
crawl_file 001 0000000001 '2026-01-07 03:00:00' '시립 도서관 새로 문 열어' "$library_1" >wed/001_0000000001_library.md
harbour 002 0000000002 '2026-01-07 03:00:05' 'Old bridge closes in March' "$bridge Boats go on." >wed/002_0000000002_bridge.md
harbour 002 0000000002 '2026-01-04 03:00:05' 'The old bridge' "$bridge" >sun/002_0000000002_bridge.md
sillok -q ingest wed sun >/dev/null 2>&1

# All that a user can ask about changes, of store $1.
answers() {
    local q
    for q in 'changes --all --json' 'changes --crawl sun..wed --every --all' \
        'log 002/0000000002 --json' 'crawls --json' 'export -'; do
        echo "== $q"
        # shellcheck disable=SC2086 # words on purpose
        sillok -s "$1" $q 2>&1
    done
}
answers .sillok >before

run sillok reindex -n
code_is 0
sed -i 's/ in [0-9.]* s:/ in a moment:/' out
out_is <<'END'
hash     6 rows
article  4 rows
rev      7 rows
log      5 rows
crawl    4 rows
class    5 rows
31 rows derived in a moment: nothing differs
END
ok 'a whole store: nothing differs'

# Damage that verify finds, its table, what it lacks: answers stay as they were where only
# a class is meant, and are again what they were when all is mended.
while read -r how table figures; do
    cp -r .sillok damaged
    "$damage" damaged "$how" || wrong "cannot damage $how"
    [ "$table" != class ] || { answers damaged >answer; same before answer; }
    run sillok -s damaged verify
    code_is 4
    run sillok -s damaged reindex --dry-run --json
    code_is 1
    json_is "[.[] | select(.event == \"table\" and .table == \"$table\")][0] | [.wrong, .missing, .extra, .mended] == $figures"
    run sillok -s damaged reindex
    code_is 0; out_has 'made anew'; out_has 'mended'
    run sillok -s damaged verify
    code_is 0
    run sillok -s damaged reindex -n
    code_is 0; out_has 'nothing differs'
    answers damaged >answer
    same before answer
    rm -rf damaged
    ok "$how"
done <<'END'
clear-hash hash [0,6,0,0]
drop-article article [0,1,0,0]
flip-article article [1,0,0,0]
flip-lone article [1,0,0,0]
false-lone article [1,0,0,0]
left-rev rev [0,0,1,0]
drop-rev rev [0,1,0,0]
extra-rev rev [0,0,1,0]
flip-rev rev [1,0,0,0]
drop-log log [0,1,0,0]
extra-log log [0,0,1,0]
crawl-figures crawl [1,0,0,0]
flip-class class [1,0,0,0]
wrong-class class [1,0,0,0]
END

# What is only missing, of other rules, or of no use any more, is no damage.
while read -r how figures; do
    cp -r .sillok damaged
    "$damage" damaged "$how" || wrong "cannot damage $how"
    answers damaged >answer
    same before answer
    run sillok -s damaged verify
    code_is 0
    run sillok -s damaged reindex -n --json
    code_is 1
    json_is "[.[] | select(.table == \"class\")][0] | [.wrong, .missing, .extra] == $figures"
    run sillok -s damaged reindex
    code_is 0
    run sillok -s damaged reindex -n
    code_is 0
    answers damaged >answer
    same before answer
    rm -rf damaged
    ok "$how: no damage"
done <<'END'
clear-class [0,5,0]
old-class [1,0,0]
extra-class [0,0,1]
END

cp -r .sillok damaged
"$damage" damaged old-class
run sillok -s damaged reindex --dry-run --json
code_is 1
json_is '[.[] | select(.event == "change")] | length == 1 and (.[0] | .stored_rules == 0 and .rules > 0 and .oid != "" and .aid != "" and .revision > 1 and .stored_kinds[0] != .kinds[0])'
json_is '[.[] | select(.table == "class")][0] | .wrong == 1 and .older_rules == 1'
json_is '.[-1] | .reclassified == 1 and .different == 1 and .rows == 31'
run sillok -s damaged reindex -n
grep -q '@[0-9] .* -> ' out || wrong 'the change is not told'
out_has '5 rows, 1 by other rules'; out_lacks '1 wrong'
run sillok -s damaged reindex
out_has ' -> '; out_has 'is of another kind'
run sillok -s damaged reindex --json
code_is 0
json_is '[.[] | select(.event == "change")] | length == 0'
ok 'changes of another kind under the present rules'

sillok dups >/dev/null 2>&1
sillok similar 001/0000000001 >/dev/null 2>&1
touch .sillok/near.mdb .sillok/near.lock .sillok/find.db .sillok/find.db-wal
run sillok reindex -n
[ -e .sillok/near.mdb ] && [ -e .sillok/find.db ] || wrong 'a dry run removed something'
run sillok reindex
code_is 0
for f in near.mdb near.mdb-lock find.db find.db-wal; do
    [ ! -e .sillok/$f ] || wrong "$f is still there"
done
answers .sillok >answer
same before answer
ok 'the indexes beside the store are removed'

(
    flock -x 9
    echo $$ >&9
    run sillok reindex
    code_is 5; err_has busy
    run sillok reindex -n
    code_is 0
    exit $bad
) 9>>.sillok/store.lock || bad=1
ok 'somebody writes: exit 5, but for a dry run'

mkdir format1 && cp .sillok/data.mdb format1 && sed 's/sillok 4/sillok 1/' .sillok/format >format1/format
run sillok -s format1 changes
code_is 2; err_has 'format 1'; err_has 'sillok migrate'
ok 'a store of the format before'

# A page of a derived table: where nothing can be written in it, the truth gets a new file.
answers .sillok >before
for table in hash article rev log class; do
    cp -r .sillok torn
    "$damage" torn tear-$table || wrong "cannot tear $table"
    run sillok -s torn verify
    code_is 4; out_has "($table"; out_has 'reindex mends this'; out_lacks 'figures'; out_lacks 'expected'
    run sillok -s torn reindex -n --json
    code_is 1
    json_is "[.[] | select(.event == \"table\" and .wrong > 0) | .table] | index(\"$table\") != null"
    [ ! -e torn/data-1.mdb ] || wrong 'a dry run wrote a file'
    cp -r torn told
    run sillok -s told reindex --json
    code_is 0
    json_is "[.[] | select(.event == \"renewed\")] | length == 1 and (.[0].why | test(\"^page [0-9]+ of .*\\\\($table\\\\) is not what was written$\"))"
    json_is '[.[] | select(.event == "table") | .table] == ["hash", "article", "rev", "log", "crawl", "class"]'
    run sillok -s torn reindex
    code_is 0; out_has 'a new file for the store: page'; out_has 'made anew'; out_has 'mended'
    [ -e torn/data-1.mdb ] && [ ! -e torn/data.mdb ] || wrong "no other file: $(ls torn)"
    run sillok -s torn verify
    code_is 0
    run sillok -s torn reindex -n
    code_is 0; out_has 'nothing differs'
    answers torn >answer
    same before answer
    sillok -s torn -q ingest mon >/dev/null 2>&1 || wrong 'it takes nothing more in'
    rm -rf torn told
    ok "a damaged page of $table"
done

cp -r .sillok torn
"$damage" torn tear-rev && "$damage" torn tear-body || wrong 'cannot tear'
cp -r torn whole
run sillok -s torn reindex
code_is 4; err_has '(body)'
cmp torn/data.mdb whole/data.mdb || wrong 'the store is another'
cmp torn/format whole/format || wrong 'the marker is another'
[ ! -e torn/data-1.mdb ] || wrong 'a file was left'
ok 'a damaged page of what is derived from: nothing is changed'

cp -r .sillok cut && head -c 3000 .sillok/data.mdb >cut/data.mdb
run sillok -s cut reindex
code_is 4
ok 'a store cut short: exit 4'
finish
