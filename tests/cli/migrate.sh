#!/usr/bin/env bash
data=$(cd "$(dirname "$0")/../data" && pwd)
. "$(dirname "$0")/lib.sh"
# tests/data/format-1.*: a store that the program of format 1 made of made-up articles, and
# what that program said of it: the files that it gave back, the log of each article, what it
# refused.
tar -xzf "$data/format-1.tar.gz"

exported() { # STORE: sums and names of all files
    rm -rf files
    mkdir files
    sillok -q -s "$1" export - | tar -C files -xf - 2>/dev/null
    (cd files && find . -type f -print0 | sort -z | xargs -0 sha256sum)
}
logs() { # STORE
    sillok -q -s "$1" export -f ndjson - | jq -r '"\(.oid)/\(.aid)"' | sort -u |
        while read -r article; do
            sillok -s "$1" log --json --reverse -- "$article"
        done | jq -c '{oid, aid, revision, first_seen, last_seen, observations, content_hash,
            title, fields, same_as, conflict}'
}
leftovers() { find . -maxdepth 1 -name '*.new.*'; }
as_new() { # STORE: the golden answers, from it
    exported "$1" >got
    same "$data/format-1.files" got
    logs "$1" >got
    same "$data/format-1.log" got
    sillok -s "$1" refused --json | jq -c 'del(.taken_in)' >got # which that program did not have
    same "$data/format-1.refused" got
}

(cd format-1 && sha256sum data.mdb format config.yaml) >before
run sillok -s format-1 log 701/0000001001
code_is 2
err_has "'format-1' has format 1"
err_has 'sillok migrate'
run sillok -s format-1 migrate new
code_is 0
err_empty
out_has 'new: 66 articles, 114 observations, 81 bodies, 35 refused files'
out_has 'format 4 (was 1); verified'
ok 'a store of format 1 is migrated'

as_new new
ok 'all answers are those of the program that made it'

run sillok -s new verify
code_is 0
run sillok -s new reindex --dry-run --json
code_is 0
json_is 'all(.[] | select(.event == "table"); .wrong + .missing + .extra == 0)'
json_is 'any(.[]; .table == "class" and .rows > 15)'
[ "$(cut -d' ' -f3 new/format)" = "$(cut -d' ' -f3 format-1/format)" ] || wrong 'another id'
[ "$(cut -d' ' -f2 new/format)" = 4 ] || wrong 'another format'
same format-1/config.yaml new/config.yaml
(cd format-1 && sha256sum data.mdb format config.yaml) >after
same before after
[ "$(find format-1 -type f ! -name '*-lock' | wc -l)" -eq 4 ] || wrong 'the old store has more files'
ok 'what is derived is complete; the old store is as it was'

sample
run sillok -s new ingest mon tue
code_is 0
run sillok -s new verify
code_is 0
ok 'the new store is written to'

run sillok -s format-1 migrate --json as-json
code_is 0
json_is '.[0] | .dest == "as-json" and .from_format == 1 and .format == 4 and .articles == 66
    and .observations == 114 and .bodies == 81 and .refused == 35'
[ "$(jq .bytes out)" = "$(stat -c %s as-json/data.mdb)" ] || wrong 'another size'
run sillok -s as-json backup again
code_is 0
exported again >got
same "$data/format-1.files" got
ok 'for programs; and a backup of it'

run sillok -s new migrate other
code_is 2
err_has 'goes on with'
run sillok -s format-1 backup other
code_is 2
err_has 'sillok migrate'
cp -r format-1 newer
sed -i 's/^sillok 1/sillok 9/' newer/format
run sillok -s newer migrate other
code_is 2
err_has 'use a newer sillok'
for version in 0 -1 +1 1x 4294967297 18446744073709551617 ''; do
    sed "s/^sillok 1/sillok $version/" format-1/format >newer/format
    run sillok -s newer migrate other
    code_is 4
    err_has 'does not hold a format record'
done
run sillok -s format-1 migrate new
code_is 2
err_has "'new' exists already, and the store is made new: give a name that is free"
run sillok -s nowhere migrate other
code_is 2
exec 9<>format-1/store.lock
flock -x 9
run sillok -s format-1 migrate other
code_is 5
exec 9>&-
[ ! -e other ] || wrong 'something was made'
[ -z "$(leftovers)" ] || wrong "left: $(leftovers)"
ok 'what is not migrated'

# A store of the present format does not become an older one by a word in its marker, and one
# without its seal is not taken for an old one.
cp -r new disguised
sed -i 's/^sillok 4/sillok 1/' disguised/format
rm disguised/data.mdb-seal
run sillok -s disguised migrate other
code_is 4
cp -r new bare
rm bare/data.mdb-seal
run sillok -s bare migrate other
code_is 4
err_has 'data.mdb-seal'
[ ! -e other ] || wrong 'something was made'
ok 'a seal that should be there'

# No page of it has a sum. Damage is met by the shape of pages, the order of keys and the
# verification; what comes out says the same, or nothing comes out.
size=$(stat -c %s format-1/data.mdb)
said=0
hurt_at() { # OFFSET BYTES, as printf has them
    # shellcheck disable=SC2059
    printf "$2" | dd of=hurt/data.mdb bs=1 seek="$1" conv=notrunc 2>/dev/null
}
hows=('10 \377\377' '12 \001\000\001\000' '16 \377\017\000\000' '2000 \125\252\125' '4080 \377\377\377\377')
for ((page = 0; page < size / 4096; page += 3)); do
    how=${hows[page % 5]}
    rm -rf hurt out-of-hurt
    cp -r format-1 hurt
    hurt_at $((page * 4096 + ${how%% *})) "${how#* }"
    run sillok -s hurt migrate out-of-hurt
    case $code in
    0) sillok -s out-of-hurt verify >out 2>&1 || wrong "page $page, $how: $(cat out)" ;;
    2 | 4)
        said=$((said + 1))
        [ -s err ] || wrong "page $page, $how: nothing is said"
        [ ! -e out-of-hurt ] || wrong "page $page, $how: something was made"
        ;;
    *) wrong "page $page, $how: exit $code: $(cat err)" ;;
    esac
done
[ $said -gt 8 ] || wrong "only $said damages were noticed"
[ -z "$(leftovers)" ] || wrong "left: $(leftovers)"
ok 'a damaged store without sums'

for ((k = 1; k < 8; k += 2)); do
    rm -rf hurt out-of-hurt
    cp -r format-1 hurt
    truncate -s $((size * k / 8 + 100)) hurt/data.mdb
    run sillok -s hurt migrate out-of-hurt
    code_is 4
done
[ ! -e out-of-hurt ] || wrong 'something was made'
ok 'one that was cut off'

(
    ulimit -f 60
    run sillok -s format-1 migrate too-large
    code_is 3
    err_has 'ulimit -f'
    exit $bad
) || bad=1
[ ! -e too-large ] || wrong 'something was made'
[ -z "$(leftovers)" ] || wrong "left: $(leftovers)"
ok 'no room for it'
finish
