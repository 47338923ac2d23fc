#!/usr/bin/env bash
# What fails is told by its name: one call at a time, with the library of fault.c.
# usage: told.sh PROGRAM FAULT.so
here=$(cd "$(dirname "$0")" && pwd)
library=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
# shellcheck source=tests/cli/lib.sh
. "$here/../cli/lib.sh"
# LD_PRELOAD is a list of names with blanks between them, and a checkout's may have some.
ln -s "$library" "$work/fault.so" && library=$work/fault.so || exit 99

# The library counts into a file of its own, which a sandbox would refuse.
export SILLOK_SANDBOX=off

# with FN:N:WHAT[:MODE] VERB...
with() {
    local fault=$1
    shift
    run env FAULT="$fault" LD_PRELOAD="$library" "$program" -s store "$@"
}

# How often a command calls a function.
calls() {
    local fn=$1
    shift
    COUNT=$work/counts LD_PRELOAD=$library "$program" -s store "$@" >/dev/null 2>&1 </dev/null
    sed -n "s/^$fn //p" counts
}

# every FN WHAT MODE WORD VERB...: whichever call fails (of forty, all over the run; all of
# them are tools/campaign's), the command does what it does undisturbed, or ends with 3 and a
# sentence that has WORD.
every() {
    local fn=$1 what=$2 mode=$3 word=$4 n i want
    shift 4
    n=$(calls "$fn" "$@")
    [ "$n" -gt 0 ] || wrong "$1 does not call $fn"
    run sillok -s store "$@"
    cp out undisturbed
    want=$code
    for ((i = 1; i <= n; i += n / 40 + 1)); do
        with "$fn:$i:$what:$mode" "$@"
        if [ "$code" -eq 3 ]; then
            grep -q "$word" err || { wrong "call $i: no '$word' is said"; say <err; }
        elif [ "$code" -ne "$want" ] || ! cmp -s out undisturbed; then
            wrong "call $i of $n: exit $code, another result"
            say <err
        fi
    done
}

article() { # AID TIME BODY
    local hash
    hash=$(printf '%s' "$3" | sha256sum | cut -d' ' -f1)
    printf -- '---\nid: 1\noid: 001\naid: %s\ntitle: "밤에도 여는 도서관"\ncategory: \npublisher: 한빛일보
author: "기자"\npublished_at: 2026-01-01 00:00\ncrawled_at: %s\nurl: https://example.org/%s
content_hash: %s\n---\n\n# 밤에도 여는 도서관\n\n**한빛일보** | 기자\n\n---\n\n%s\n\n---\n
*Crawled at: %s*\n*Original URL: https://example.org/%s*\n' "$1" "$2" "$1" "$hash" "$3" "$2" "$1"
}

mkdir in more
article 1 '2026-01-02 03:15:33' '도서관이 밤 열 시까지 문을 연다.' >in/1.md
article 2 '2026-01-02 03:15:40' 'The library stays open late.' >in/2.md
article 1 '2026-01-03 03:15:33' '도서관이 밤 열한 시까지 문을 연다.' >more/1.md
printf -- '---\nnothing: of ours\n' >in/odd.md
run sillok -s store ingest -q in
code_is 1
cp -r store first
again() { rm -rf store && cp -r first store; }
ok 'a store to begin with'

last=$(calls readdir ingest -n in)
for ((i = 1; i <= last; i++)); do # small: the folder has three files
    with "readdir:$i:EIO:once" ingest -n in
    code_is 1
    err_has 'cannot read a folder: Input/output error'
done
ok 'a folder that cannot be read to its end is told, wherever that is'

again
last=$(calls pwrite ingest -q more)
again
# The last ones are LMDB's header, the sums of the seal, and its head.
for i in $((last - 2)) $((last - 1)) "$last"; do
    again
    with "pwrite:$i:ENOSPC:once" ingest -q more
    code_is 3
    err_has 'disk full'
    run sillok -s store verify -q
    code_is 0
done
ok 'a full disk at the last write is a full disk, not damage'

# A new table of readers would be written through a map: no room for it ends no process.
again
rm store/data.mdb-lock
with fallocate:1:ENOSPC log 001/1
code_is 3
err_has "data.mdb-lock': disk full"
with fallocate:1:EIO log 001/1
code_is 0
ok 'no room for the table of readers'

for fn in pread write openat; do
    again
    last=$(calls "$fn" ingest -q more)
    for ((i = 1; i <= last; i++)); do
        again
        with "$fn:$i:EINTR:once" ingest -q more
        code_is 0
    done
done
rm -rf store
with fsync:1:EINTR:sticky init
code_is 0
again
ok 'what is interrupted goes on'

with write:1:ENOSPC:sticky crawls
code_is 3
err_has 'cannot write output: disk full'
with write:1:EDQUOT:sticky refused
code_is 3
err_has 'cannot write output: disk full'
with write:1:EDQUOT:sticky export -
code_is 3
err_has 'cannot write the archive: disk full'
ok 'output that does not fit'

# Whichever page does not fit, those before it go too.
last=$(calls write report site)
rm -rf site
for ((i = 1; i <= last; i++)); do
    with "write:$i:ENOSPC:sticky" report site
    [ -e site ] || code_is 3
    [ -z "$(find . -maxdepth 1 -name 'site.*')" ] || { wrong "write $i: half a site is left"; rm -r site.*; }
    rm -rf site
done
ok 'a site that does not fit leaves nothing'

# What was exported lasts once its folder is synced, which comes last.
mkdir files
last=$(calls fsync export files/whole.tar)
[ -s files/whole.tar ] || wrong 'no archive'
with "fsync:$last:EIO" export files/other.tar
code_is 3
err_has "cannot sync 'files': Input/output error"
ok 'a name that may not last is told'

every memory ENOMEM sticky memory crawls
every memory ENOMEM once memory crawls --csv
ok 'a list without memory: whole, or not at all and said'

every memory ENOMEM sticky memory export -
ok 'an archive without memory'

every memory ENOMEM once memory ingest -q -n -j 1 more/1.md
every memory ENOMEM once memory refused --json
ok 'a crawl keeps its name, a JSON line its fields'

every memory ENOMEM once memory config zone KST
ok 'settings that cannot be read for want of memory are not wrong ones'

every memory ENOMEM once memory dups --json
ok 'an index without memory'

again
last=$(calls fdatasync dups)
again
for ((i = 1; i <= last; i++)); do
    with "fdatasync:$i:ENOSPC" dups
    [ -e store/near.mdb ] || code_is 3
    [ -z "$(find store -name 'near.mdb.new*')" ] || { wrong "sync $i: half an index is left"; rm store/near.mdb.new*; }
    rm -f store/near.mdb*
done
ok 'an index that does not fit leaves nothing'

again
(ulimit -f 8 && exec "$program" -s store ingest -q more) >out 2>err </dev/null
code=$?
code_is 3
err_has 'the limit on file sizes (ulimit -f) is reached; nothing of this batch was stored'
run sillok -s store verify -q
code_is 0
run sillok -s store ingest -q more
code_is 0
ok 'a limit on file sizes is named and is no signal'

finish
