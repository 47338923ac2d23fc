#!/usr/bin/env bash
# compact.sh SILLOK SAMPLE: the store written anew in its place; SAMPLE makes articles up.
sample=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
. "$(dirname "$0")/lib.sh"

# Some hundred articles, so that there is something to learn, in three crawls with edits.
"$sample" --seed 3 --articles 260 --edit 0.3 --crawls 3 . || { echo 'Bail out! no sample'; exit 99; }
mkdir crawl-3
crawl_file 001 0000009999 '2026-01-04 03:00:00' '시장' "$market" >crawl-3/market.md
# What no dictionary knows, and a revision of it.
figures=$(for k in 1 2 3 4 5 6 7 8; do sha256 "$k"; done)
for i in 1 2 3; do
    crawl_file 001 "000000800$i" '2026-01-02 03:00:00' '집계표' "집계 $i: $figures" >"crawl-0/table-$i.md"
    crawl_file 001 "000000800$i" '2026-01-03 03:00:00' '집계표' "집계 $i: $figures 정정." >"crawl-1/table-$i.md"
done
printf -- '---\nnothing: of ours\n' >odd.md
# One after the other: a difference is made against what is in.
sillok -q ingest crawl-0 >/dev/null 2>&1
sillok -q ingest crawl-1 odd.md >/dev/null 2>&1
cp -r .sillok whole

answers() { # STORE: all that it says, but for sizes and its own name
    sillok -q -s "$1" export - | tar -xO -f - | sha256sum
    sillok -s "$1" changes --all --json 2>/dev/null
    sillok -s "$1" crawls --json | jq -c 'del(.started)'
    sillok -s "$1" refused --json
    sillok -s "$1" stats --json | jq '{articles, revisions, bodies, observations, uuid}'
}
data_of() { local f; f=$(cut -d' ' -f4 "$1/format"); echo "$1/${f:-data.mdb}"; }
bytes_of() { stat -c %s "$(data_of "$1")"; }
files_of() { find "$1" -name 'data*' -printf '%f\n' | sort | tr '\n' ' '; }

answers .sillok >want
before=$(bytes_of .sillok)
run sillok -q compact
code_is 0
err_empty
grep -qE '/\.sillok: .* (k|M)B -> .* kB \([0-9.]+ %\); verified$' out || wrong "it says: $(cat out)"
[ "$(bytes_of .sillok)" -lt $((before * 8 / 10)) ] || wrong "$before bytes became $(bytes_of .sillok)"
grep -qE '^sillok 4 [0-9a-f-]{36} data-1\.mdb$' .sillok/format || wrong "format: $(cat .sillok/format)"
case $(files_of .sillok) in
*'data.mdb'*) wrong "left: $(files_of .sillok)" ;;
esac
answers .sillok >got
same want got
run sillok verify
code_is 0
run sillok reindex --dry-run
code_is 0
out_has 'nothing differs'
ok 'it is smaller and says the same'

sillok stats --json | jq -e '.bodies_delta >= 3' >/dev/null || wrong "deltas: $(sillok stats --json | jq .bodies_delta)"
same_sum=$(sillok stats --json | jq .body_bytes_stored)
for hash in $(sillok changes --all --json 2>/dev/null | jq -r .to.content_hash | head -5); do
    [ "$(sillok cat "$hash" | sha256sum | cut -d' ' -f1)" = "$hash" ] || wrong "cat $hash"
done
run sillok compact --json
code_is 0
json_is 'length == 1'
json_is '.[0] | keys_unsorted == ["store","uuid","from_format","format","rows","articles","revisions","bodies",
    "observations","refused","from_bytes","bytes"]'
json_is '.[0] | (.store | endswith("/.sillok")) and .format == 4 and .articles > 260 and .refused == 1
    and .rows > 1000'
[ "$(jq .bytes out)" = "$(bytes_of .sillok)" ] || wrong 'another size'
# Bodies have other numbers again, so that those of bases may be a byte longer or shorter.
sillok stats --json >stats
jq -e --argjson was "$same_sum" '(.body_bytes_stored - $was | fabs) <= .bodies_delta' stats >/dev/null ||
    wrong "the second time: $same_sum, then $(jq .body_bytes_stored stats)"
[ "$(files_of .sillok)" = 'data-2.mdb data-2.mdb-lock data-2.mdb-seal ' ] || wrong "files: $(files_of .sillok)"
ok 'a second time changes nothing but the name'

# It goes on: the same crawls, one more, one that is older in a store that lacks it.
run sillok ingest --json crawl-1
code_is 0
json_is '.[-1] | .already > 200 and .already == .files'
run sillok ingest crawl-2 crawl-3
code_is 0
sillok -q -s whole ingest crawl-2 crawl-3 >/dev/null
answers whole >want
answers .sillok >got
same want got
run sillok verify
code_is 0
run sillok compact --level 3
code_is 0
answers .sillok >got
same want got
ok 'it is ingested into and compacted again'

sillok backup copy >/dev/null || wrong 'no copy'
grep -q '^sillok 4 ' copy/format || wrong "copy: $(cat copy/format)"
answers copy >got
same want got
sillok -s copy compact >/dev/null || wrong 'the copy is not compacted'
answers copy >got
same want got
sillok salvage saved >/dev/null 2>&1 || wrong 'nothing salvaged'
[ "$(sillok -q -s saved export - | tar -xO -f - | sha256sum)" = "$(head -1 want)" ] || wrong 'salvage lost something'
ok 'backup and salvage of what was compacted'

# A new dictionary in place of the old ones.
run sillok stats --tables --json
json_is 'any(.[]; .table == "dict" and .rows <= 2)'
mkdir tiny
crawl_file 001 0000000001 '2026-01-05 03:00:00' '하나' "$market" >tiny/1.md
sillok -q -s few ingest tiny >/dev/null
run sillok -s few compact
code_is 0
[ "$(sillok -s few cat "$(sha256 "$market")")" = "$market" ] || wrong 'the text'
sillok init -s none >/dev/null 2>&1 || sillok -s none init >/dev/null
run sillok -s none compact
code_is 0
run sillok -s none verify
code_is 0
sillok -q -s none ingest crawl-0 >/dev/null || wrong 'not into what was empty'
ok 'of little, and of nothing'

# Somebody writes: nobody is disturbed, and nothing is touched.
files_of .sillok >before
exec 9<>.sillok/store.lock
flock -x 9
run sillok compact
code_is 5
err_has 'busy'
files_of .sillok >after
same before after
exec 9>&-
ok 'another process writes'

# One that waits for the lock goes on with the new file; a reader with the old one.
cp -r whole shared
mkfifo go
(sillok -s shared ingest --crawl late --json --wait - <go >late.json 2>late.err) &
waiting=$!
exec 8>go
sleep 0.2 # it has the lock and waits for its input
run sillok -s shared compact
code_is 5
tar -cf - -C crawl-0 . >&8
exec 8>&-
wait $waiting || wrong "$(cat late.err)"
(
    exec 9<>shared/store.lock
    flock -x 9
    # The ingest has opened the old file by the time that the lock is free and it is gone.
    (
        exec 9>&-
        sillok -s shared ingest --json --crawl later --wait crawl-3 >later.json 2>later.err
        echo $? >later.code
    ) &
    sleep 0.3
    cp -r shared moved
    sillok -s moved compact --level 1 >/dev/null 9>&-
    cp moved/data-1.mdb moved/data-1.mdb-seal shared/
    cp moved/format shared/format.aside
    mv shared/format.aside shared/format
    rm shared/data.mdb shared/data.mdb-seal shared/data.mdb-lock
    exec 9>&-
    wait
)
[ "$(cat later.code)" = 0 ] || wrong "it says: $(cat later.err)"
sillok -s shared crawls --json | jq -r .name | grep -qx later || wrong 'what it wrote is not in the new file'
[ ! -e shared/data.mdb ] || wrong 'the old file is there again'
run sillok -s shared verify
code_is 0
ok 'a writer that waited writes into the new file'

cp -r whole read
(
    sillok -s read export - 2>reader.err | { sleep 1; cat; } | tar -xO -f - | sha256sum >reader.sum
    echo "${PIPESTATUS[0]}" >reader.code
) &
sleep 0.3
sillok -s read compact >/dev/null || wrong 'not while a reader is there'
wait
[ "$(cat reader.code)" = 0 ] || wrong "the reader: $(cat reader.err)"
[ "$(cat reader.sum)" = "$(head -1 want)" ] || wrong 'the reader got something else'
ok 'a reader goes on reading what it has open'

# Whom the store was for the new file is for, whatever the umask of a job at night is.
cp -r whole shared
chmod 640 shared/*
: >>"$(data_of shared)-lock"
chmod 660 "$(data_of shared)-lock"
(umask 077 && sillok -q -s shared compact >/dev/null) || wrong 'no compact'
(umask 077 && sillok -q -s shared config zone KST) || wrong 'no setting'
(umask 077 && sillok -q -s shared config zone UTC) || wrong 'no setting'
modes=$(cd shared && stat -c '%a %n' config.yaml data* format | sed 's/data-[0-9]*/data/' | tr '\n' ' ')
[ "$modes" = '640 config.yaml 640 data.mdb 660 data.mdb-lock 640 data.mdb-seal 640 format ' ] ||
    wrong "permissions: $modes"
readers=$(data_of shared)-lock
rm "$readers"
run sillok -s shared crawls
code_is 0
[ "$(stat -c %a "$readers")" = 640 ] || wrong 'the table of readers'
ok 'who may read the store may read it afterwards'

# A new file is of the group of its folder or of who makes it, and those are let in by nobody.
group=65534
[ "$(id -u)" -eq 0 ] || group=$(id -G | tr ' ' '\n' | grep -vx "$(id -g)" | head -1)
if [ -n "$group" ]; then
    cp -r whole grouped
    chmod 640 grouped/*
    chgrp "$group" grouped/*
    sillok -q -s grouped compact >/dev/null || wrong 'no compact'
    sillok -q -s grouped config zone KST || wrong 'no setting'
    modes=$(cd grouped && stat -c '%a' config.yaml data* format | tr '\n' ' ')
    [ "$modes" = '600 600 600 600 600 ' ] || wrong "for another group: $modes"
    chmod 644 grouped/*
    chgrp "$group" grouped/*
    sillok -q -s grouped compact >/dev/null || wrong 'no compact'
    [ "$(stat -c %a "$(data_of grouped)")" = 644 ] || wrong 'not for everybody'
    chmod 640 grouped/*
    chgrp "$group" grouped grouped/*
    chmod g+s grouped
    sillok -q -s grouped compact >/dev/null || wrong 'no compact'
    [ "$(stat -c '%a %g' "$(data_of grouped)" grouped/format | sort -u)" = "640 $group" ] ||
        wrong 'not for the group'
    ok 'a group that the store was not for is not let in'
else
    skip 'a group that the store was not for' 'who runs this is in one group only'
fi

# Who may read the data and not write beside it is told which file it is.
as_other() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@" 2>/dev/null; }
chmod 755 "$work" shared
chmod 644 shared/*
if [ "$(id -u)" -eq 0 ] && as_other test -x "$program" && as_other test -r shared/format; then
    run setpriv --reuid=65534 --regid=65534 --clear-groups "$program" -s shared crawls
    code_is 3; out_empty
    err_has "'$readers' for writing: permission denied"
    chmod 666 "$readers"
    run setpriv --reuid=65534 --regid=65534 --clear-groups "$program" -s shared crawls
    code_is 0
    rm "$readers"
    chown 65534:65534 "$(data_of shared)"
    for sandbox in auto off; do
        rm -f "$readers"
        sillok --sandbox $sandbox -s shared crawls >/dev/null
        [ "$(stat -c '%u %g' "$readers")" = '65534 65534' ] ||
            wrong "the table of readers is for root alone, --sandbox $sandbox"
    done
    ok 'who may read the data is told of the table of readers, which is its owner'"'"'s'
else
    skip 'another user, who may read' 'needs root and setpriv'
fi

# What a kill leaves is removed, and is in nobody's way.
cp -r whole killed
for f in data-1.mdb data-1.mdb-seal data-1.mdb-lock data-7.mdb format.new.123; do
    echo rubbish >killed/$f
done
echo mine >killed/data-x.mdb
answers killed >got
same want got
run sillok -s killed compact
code_is 0
[ -z "$(find killed -name 'data-7*' -o -name 'format.new*')" ] || wrong "left: $(ls killed)"
[ "$(cat killed/data-x.mdb)" = mine ] || wrong 'a file of somebody else'
answers killed >got
same want got
ok 'what a kill has left'

# A reader is stopped once its sandbox is for the files that are, and goes on when they are gone.
if [ "${SILLOK_SANDBOX-}" != off ] && sillok --sandbox require stats >/dev/null 2>&1 &&
    can_trace; then
    cp -r whole turn
    strace -o trace -e trace=landlock_restrict_self \
        -e inject=landlock_restrict_self:signal=SIGSTOP \
        sh -c 'echo $$ >reader; exec "$0" -s turn crawls' "$program" >out 2>err &
    for _ in $(seq 200); do
        grep -q '^State:.*stop' "/proc/$(cat reader 2>/dev/null)/status" 2>/dev/null && break
        sleep 0.05
    done
    sillok -q -s turn compact >/dev/null
    kill -CONT "$(cat reader)"
    wait $!
    code=$?
    code_is 5; out_empty; err_has 'compacted at this very moment'
    run sillok -s turn crawls
    code_is 0
    ok 'a reader that meets the switch is told to ask again'
fi

# The old file behind the new marker, and a file under another name, are told.
cp -r .sillok wrong-name
mv "$(data_of wrong-name)" wrong-name/data-99.mdb
mv "$(data_of wrong-name)-seal" wrong-name/data-99.mdb-seal
run sillok -s wrong-name verify
code_is 4
err_has 'is missing'
sed -i 's/data-[0-9]*/data-99/' wrong-name/format
run sillok -s wrong-name verify
code_is 4
err_has 'made under another name'
for line in 'data.mdb' 'data-0.mdb' 'data-01.mdb' '../data-1.mdb'; do
    sed "s|data-.*|$line|" .sillok/format >wrong-name/format
    run sillok -s wrong-name verify
    code_is 4
    err_has 'does not hold a format record'
done
sed 's| data-.*||' .sillok/format >wrong-name/format
run sillok -s wrong-name verify
code_is 4
err_has "'wrong-name/data.mdb' is missing"
ok 'a marker that names something else'

# A damaged store: nothing is written anew, unless the damage is where nothing is.
size=$(stat -c %s whole/data.mdb)
refused=0
for ((page = 0; page < size / 4096; page += 7)); do
    rm -rf hurt
    cp -r whole hurt
    printf '\377\000\377' | dd of=hurt/data.mdb bs=1 seek=$((page * 4096 + 1000)) conv=notrunc 2>/dev/null
    printf '\377\000\377' | dd of=hurt/data.mdb bs=1 seek=$((page * 4096 + 4000)) conv=notrunc 2>/dev/null
    run sillok -s hurt compact --level 1
    if [ "$code" -eq 0 ]; then
        [ "$(sillok -q -s hurt export - | tar -xO -f - | sha256sum)" = "$(head -1 want)" ] || wrong "page $page: other bytes"
    else
        refused=$((refused + 1))
        code_is 4
        [ -e hurt/data.mdb ] || wrong "page $page: the old file is gone"
        [ -z "$(find hurt -name 'data-*')" ] || wrong "page $page: left: $(files_of hurt)"
    fi
done
[ $refused -gt 2 ] || wrong "only $refused damages were noticed"
ok 'a damaged store'

(
    ulimit -f 20
    run sillok -s whole compact
    code_is 3
    err_has 'ulimit -f'
    exit $bad
) || bad=1
case $(files_of whole) in
*data-1*) wrong "left: $(files_of whole)" ;;
esac
answers whole >got
same want got
ok 'no room for it'

run sillok compact --level 23
code_is 2
run sillok compact --level -1
code_is 2
run sillok -s nowhere compact
code_is 2
run sillok compact operand
code_is 2
cp -r whole linked
mv linked/data.mdb elsewhere.mdb
ln -s ../elsewhere.mdb linked/data.mdb
run sillok -s linked compact
code_is 2
err_has 'is a link'
ok 'what cannot be done'

stopped=0
for wait_s in 0.05 0.1 0.2 0.4; do
    rm -rf halted
    cp -r whole halted
    timeout -s TERM $wait_s "$program" -s halted compact >out 2>err && continue
    stopped=$((stopped + 1))
    sillok -s halted verify >out || wrong "after $wait_s s: $(cat out)"
done
[ $stopped -gt 0 ] || wrong 'none was stopped'
ok 'a stop by a signal'
finish
