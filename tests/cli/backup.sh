#!/usr/bin/env bash
# backup.sh SILLOK STORE-DAMAGE: the second damages one derived table (tests/store_damage.c).
damage=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
. "$(dirname "$0")/lib.sh"
store
printf -- '---\nnothing: of ours\n' >odd.md
sillok -q ingest odd.md >/dev/null 2>&1
sillok -q config zone KST

exported() { # STORE: names and bytes of all files, as a sum
    sillok -q -s "$1" export - | tar -xO -f - | sha256sum
}
# All that a store says of itself, but for its name and size.
answers() { # STORE
    exported "$1"
    sillok -s "$1" changes --all --json 2>/dev/null
    sillok -s "$1" refused --json
    sillok -s "$1" stats --json | jq 'del(.store, .path, .store_bytes, .free_bytes)'
}
id_of() { cut -d' ' -f3 "$1/format"; }
leftovers() { find . -maxdepth 1 -name '*.new.*'; }

run sillok backup copy
code_is 0
err_empty
grep -qx 'copy: 4 articles, 7 observations, 5 bodies, 1 refused file; .* kB; verified' out ||
    wrong "it says: $(cat out)"
answers .sillok >want
answers copy >got
same want got
[ "$(id_of copy)" = "$(id_of .sillok)" ] || wrong 'another id'
same .sillok/format copy/format
same .sillok/config.yaml copy/config.yaml
run sillok -s copy verify
code_is 0
run sillok -s copy reindex --dry-run
code_is 0
ok 'the copy answers as the store does'

run sillok -s copy ingest mon
code_is 0
mkdir -p wed
crawl_file 001 0000000003 '2026-01-07 03:00:09' '주말마다 야시장' "$market 또 열린다." >wed/a.md
run sillok -s copy ingest wed
code_is 0
out_has '1 changed'
run sillok -s copy verify
code_is 0
answers .sillok >got
same want got
ok 'it can be written to, and the store has none of that'

run sillok backup --json as-json
code_is 0
json_is 'length == 1'
json_is '.[0] | keys_unsorted == ["dest","uuid","from_format","format","rows","articles",
    "revisions","bodies","observations","refused","from_bytes","bytes"]'
json_is '.[0] | .dest == "as-json" and .articles == 4 and .observations == 7 and .bodies == 5
    and .refused == 1 and .from_format == .format and .rows > 20'
[ "$(jq .bytes out)" = "$(stat -c %s as-json/data.mdb)" ] || wrong 'another size'
[ "$(jq .from_bytes out)" = "$(stat -c %s .sillok/data.mdb)" ] || wrong 'another size there'
ok 'for programs'

mkdir empty
ln -s nowhere dangling
touch file
for there in copy empty dangling file .; do
    run sillok backup $there
    code_is 2
    err_has "'$there' exists already"
done
rmdir empty || wrong 'something was put into an empty folder'
run sillok backup no/such/folder
code_is 3
err_has 'no/such/folder'
for there in '' -; do
    for verb in backup salvage report; do
        run sillok "$verb" "$there"
        code_is 2; out_empty
        err_has name
    done
done
[ -z "$(leftovers)" ] || wrong "left: $(leftovers)"
run sillok -s nowhere backup there
code_is 2
[ ! -e there ] || wrong 'something was made'
run sillok backup
code_is 2
[ -z "$(leftovers)" ] || wrong "left: $(leftovers)"
ok 'there is something at the destination, nothing at the origin'

# A writer has the lock; a backup does not ask for it.
exec 9<>.sillok/store.lock
flock -x 9
run sillok backup while-locked
code_is 0
exec 9>&-
ok 'a store that is being written to'

# In the middle of an ingest: what comes out is some batch's end, whole. The writer
# goes on until enough backups have been made, however slow the machine is.
(
    i=0
    until [ -e enough ] || [ $i -ge 2000 ]; do
        i=$((i + 1))
        crawl_file 009 "$(printf %010d "$i")" '2026-01-08 03:00:00' "제목 $i" "본문 $i 이다." >one.md
        sillok -q -s busy ingest --crawl "c$i" one.md >/dev/null 2>&1 || echo failed >>ingest-failed
        echo $i >ingested
    done
) &
until [ -s busy/format ]; do sleep 0.01; done
n=0
while [ $n -lt 6 ]; do
    n=$((n + 1))
    sillok -s busy backup "hot-$n" --json >"hot-$n.json" 2>err || wrong "hot $n: $(cat err)"
    sillok -s "hot-$n" verify >out 2>&1 || wrong "hot $n: $(cat out)"
done
touch enough
wait
[ ! -e ingest-failed ] || wrong 'a backup was in the way of an ingest'
[ "$(cat ingested)" -ge 2 ] || wrong "only $(cat ingested) ingests in the time of $n backups"
for i in $(seq $n); do jq .observations "hot-$i.json"; done >counts
sort -n -c counts || wrong "they do not grow: $(xargs <counts)"
sillok -s busy backup hot-last >out
[ "$(exported hot-last)" = "$(exported busy)" ] || wrong 'other bytes'
ok 'while a writer is at work'

# A store that salvage has made holds bodies that no article names, as files.
cp -r .sillok loose
mkdir loose/bodies
printf %s "$storm" >"loose/bodies/$(sha256 "$storm")"
run sillok -s loose backup loose-copy
code_is 0
same "loose/bodies/$(sha256 "$storm")" "loose-copy/bodies/$(sha256 "$storm")"
ok 'bodies that are files'

# Any page damaged: no copy, or one that is as it was. Never one with damage in it.
size=$(stat -c %s .sillok/data.mdb)
refused=0
for ((page = 0; page < size / 4096; page += 3)); do
    rm -rf hurt out-of-hurt
    cp -r .sillok hurt
    printf '\377\000\377' | dd of=hurt/data.mdb bs=1 seek=$((page * 4096 + 1000)) conv=notrunc 2>/dev/null
    printf '\377\000\377' | dd of=hurt/data.mdb bs=1 seek=$((page * 4096 + 4000)) conv=notrunc 2>/dev/null
    run sillok -s hurt backup out-of-hurt
    if [ "$code" -eq 0 ]; then
        [ "$(exported out-of-hurt)" = "$(exported .sillok)" ] || wrong "page $page: other bytes"
    else
        refused=$((refused + 1))
        code_is 4
        err_has "'sillok salvage'"
        [ ! -e out-of-hurt ] || wrong "page $page: something was made"
    fi
done
[ $refused -gt 2 ] || wrong "only $refused damages were noticed"
[ -z "$(leftovers)" ] || wrong "left: $(leftovers)"
ok 'a damaged store'

cp -r .sillok lying
"$damage" lying drop-rev || wrong 'cannot damage it'
run sillok -s lying backup out-of-lying
code_is 4
err_has 'no copy was made'
[ ! -e out-of-lying ] || wrong 'something was made'
[ -z "$(leftovers)" ] || wrong "left: $(leftovers)"
ok 'a store that is damaged though all its pages are what was written'

(
    ulimit -f 20
    run sillok backup too-large
    code_is 3
    err_has 'ulimit -f'
    exit $bad
) || bad=1
[ ! -e too-large ] || wrong 'something was made'
[ -z "$(leftovers)" ] || wrong "left: $(leftovers)"
ok 'no room for it'

# A stop: nothing is left. The signal may come before the work begins or after it. timeout
# signals the program and then its group, which is one stop.
stopped=0
for wait_s in 0.00 0.01 0.02 0.03 0.05 0.08; do
    rm -rf stopped
    timeout -s TERM "$wait_s" "$program" backup stopped >out 2>err
    case $? in
    124 | 143) stopped=$((stopped + 1)) ;;
    esac
    [ ! -e stopped ] || sillok -s stopped verify >out || wrong 'half a copy'
    [ -z "$(leftovers)" ] || wrong "left after $wait_s s: $(leftovers)"
done
if can_trace; then
    # While it is begun: the folder aside is made, and the log is to be copied.
    rm -rf stopped
    traced -e trace=mkdir -e inject=mkdir:signal=SIGTERM:when=1 "$program" backup stopped >out 2>err
    [ $? = 143 ] || wrong "no end by a signal: $(cat err)"
    [ ! -e stopped ] && [ -z "$(leftovers)" ] || wrong "left: $(leftovers)"
fi
ok 'a stop by a signal'

# Whoever signs in the log holds its lock, for minutes where much is new.
cp -r .sillok signs
sillok -s signs proof init >/dev/null 2>&1
flock signs/proof.lock timeout -k 20 1 "$program" -s signs backup waits >out 2>err
[ $? = 124 ] || wrong 'a stop is not heard while somebody signs'
err_has 'stopped by a signal'
[ ! -e waits ] && [ -z "$(leftovers)" ] || wrong "left: $(leftovers)"
flock signs/proof.lock sleep 1 &
until ! flock -n signs/proof.lock true; do sleep 0.01; done
run sillok -s signs backup waits
code_is 0
run sillok -s waits verify
code_is 0
wait
ok 'a backup waits for who signs'
finish
