#!/usr/bin/env bash
# What holds for every verb: options, exit codes, the environment, output that fails.
. "$(dirname "$0")/lib.sh"
store

run sillok
code_is 2; out_empty; err_has 'no verb'
run sillok lgo
code_is 2; err_has "did you mean 'log'"
run sillok fsck
code_is 2; err_has "did you mean 'verify'"
run sillok ls
code_is 2; err_has "did you mean 'articles'"
run sillok help rm
code_is 2; err_has 'nothing is taken out of a store; docs/daily.md says'
run sillok help quux
code_is 2; err_has "no verb 'quux'; 'sillok help' lists them"
run sillok crawls --jsno
code_is 2; err_has "did you mean '--json'"
run sillok crawls --json=1
code_is 2; err_has 'takes no value'
run sillok -s
code_is 2; err_has 'needs a value'
run sillok crawls more
code_is 2; err_has "too much: 'more'; sillok crawls takes nothing but options"
run sillok cat 1 2
code_is 2; err_has "too much: '2'; sillok cat HASH"
run sillok show --csv 001/0000000001
code_is 2; err_has 'show has no --csv'
run sillok crawls --csv --json
code_is 2; err_has 'only one of them'
for line in 'changes --oid 001 --oid=002' 'export --crawl mon --crawl tue both' 'find --oid 001 x --oid 002' \
    'ingest --crawl a mon --crawl b tue' 'crawls --missing mon --missing tue' 'dups --oid 001 --oid 002' \
    'export --article 001/1 --article 001/2 both' 'refused --crawl mon --crawl tue'; do
    # shellcheck disable=SC2086 # words
    run sillok $line
    code_is 2; out_empty; err_has 'it can be given once'
done
[ ! -e both ] || wrong 'a part was exported'
run sillok changes --oid 001 --limit 5 --oid 001 --limit 1 -q
code_is 0; out_lines 1
run sillok changes --limit -1
code_is 2; err_has 'not a number from 1 up'
run sillok changes --limit 99999999999999999999
code_is 2; err_has 'too large: at most 9223372036854775807'
run sillok ingest -j 2147483648 mon
code_is 2; err_has '--jobs 2147483648: too large: at most 2147483647'
run sillok log -12 001/0000000001
code_is 2; err_has "unknown option '-12'; at most so many is -n 12"
run sillok changes -q5
code_is 2; err_has "unknown option '-5'; at most so many is -n 5"
run sillok diff 001/0000000001 -1
code_is 2; err_has "unknown option '-1'; a revision counted from the newest is written @-1"
run sillok config limits.file_bytes -5
code_is 2; err_has "unknown option '-5'; 'sillok help config' lists them"
run sillok -3 log 001/0000000001
code_is 2; err_has "unknown option '-3'; 'sillok help' lists them"
run sillok changes --sort "$(printf '%05000d' 0)"
code_is 2; err_has 'not one of time|significance'
run sillok ingest $'no\nsuch\e[2J'
code_is 2; err_has "'no\x0asuch\x1b[2J'"
[ "$(wc -l <err)" -eq 1 ] || wrong 'not one line'
ok 'wrong use: exit 2 and what may be meant'

run sillok --json -s .sillok crawls
code_is 0; mv out first
run sillok crawls -s .sillok --json
same out first
SILLOK_STORE=$work/.sillok run sillok crawls --json
same out first
run sillok -s lmdb:.sillok crawls --json
same out first
POSIXLY_CORRECT=1 run sillok log 001/0000000001 --json
code_is 0; json_is 'length == 2'
run sillok log --json -- 001/0000000001
code_is 0
ok 'global options before or after the verb, the store by option, environment, URL'
run sillok -s nowhere crawls
code_is 2; err_has nowhere
# shellcheck disable=SC2088 # as a shell passes it
for line in '--store=~/news crawls' '-s ~ init' 'ingest --store=~/news mon' 'ingest mon --profile=~/x.yaml'; do
    # shellcheck disable=SC2086 # words
    run sillok $line
    code_is 2; err_has 'the shell leaves ~ as it is; write --'
done
[ ! -e '~' ] || wrong 'a folder named ~'
sillok -q init './~' 2>/dev/null
# shellcheck disable=SC2088 # its name
run sillok -s '~' crawls
code_is 0
run sillok -s '~old' crawls
code_is 2; err_lacks shell
for inside in .sillok/data.mdb .sillok/format mon/001_0000000003_market.md; do
    for verb in crawls verify config 'config zone KST' 'ingest mon'; do
        # shellcheck disable=SC2086 # words
        run sillok -s $inside $verb
        code_is 2; err_has "'$inside' is no store: that is a folder"
    done
done
run env -C / "$program" crawls
code_is 2; err_has 'no store found'
ok 'no store: exit 2'

for full in 'version' 'crawls' 'crawls --json' 'changes' 'stats' 'show --body 001/0000000001' \
    'export --format ndjson' 'export -' 'help' 'completion bash' 'log 001/0000000001'; do
    # shellcheck disable=SC2086 # words
    sillok $full >/dev/full 2>err; code=$?
    code_is 3; err_has 'cannot write'
    [ "$(grep -c cannot err)" -eq 1 ] || wrong 'said twice'
done
ok 'a full disk behind standard output: exit 3, said once'
sillok export --format ndjson 2>err | head -c 10 >/dev/null; code=${PIPESTATUS[0]}
[ "$code" -eq 0 ] || code_is 141
err_empty
ok 'a reader that leaves: quiet'

for verb in crawls changes stats help; do
    sillok $verb <&- >&- 2>&-; code=$?
    code_is 3
    sillok $verb >&- 2>err; code=$?
    code_is 3; err_has 'cannot write output: Bad file descriptor'
done
sillok export - >&- 2>err; code=$?
code_is 3; err_has 'cannot write'; err_lacks 'byte for byte'
sillok -s closed ingest mon <&- >&- 2>&-; code=$?
code_is 3
run sillok -s closed verify
code_is 0
ok 'with standard input, output and error closed: what should be printed is missed'

# A pipe of 4 KiB that whoever holds it too has made non-blocking, read slowly.
cat >slow.py <<'end'
import fcntl, os, subprocess, sys, time

reads, writes = os.pipe()
fcntl.fcntl(writes, fcntl.F_SETPIPE_SZ, 4096)
fcntl.fcntl(writes, fcntl.F_SETFL, os.O_WRONLY | os.O_NONBLOCK)
program = subprocess.Popen(sys.argv[1:], stdout=writes)
time.sleep(0.3)
held = fcntl.fcntl(writes, fcntl.F_GETFL)
os.close(writes)
with open(reads, "rb") as pipe, open("out", "wb") as out:
    out.write(pipe.read())
sys.exit(program.wait() or (0 if held & os.O_NONBLOCK else 90))
end
for verb in 'export -' 'help ingest'; do
    # shellcheck disable=SC2086 # words
    sillok $verb >first 2>/dev/null
    [ "$(wc -c <first)" -gt 4096 ] || wrong "too short to fill a pipe: $verb"
    # shellcheck disable=SC2086 # words
    python3 slow.py "$program" $verb 2>err; code=$?
    code_is 0; same out first
done
ok 'standard output that is non-blocking is waited for'

run sillok changes --json
mv out first
for env in LC_ALL=C LC_ALL=ko_KR.EUC-KR TZ=Asia/Seoul TZ=:garbage HOME=; do
    run env "$env" "$program" changes --json
    code_is 0; same out first
done
run env -i "$program" changes --json
code_is 0; same out first
ok 'locale, zone and home change nothing'
if command -v perl >/dev/null; then
    perl -e 'my $p = shift; exec { $p } ()' "$program" >out 2>err </dev/null; code=$?
    code_is 2
    ok 'without any argument, not even its name'
else
    skip 'without any argument, not even its name' 'no perl'
fi

run sillok --color=always changes -n 1
out_has $'\033[33m'
run sillok changes -n 1
out_lacks $'\033['
CLICOLOR_FORCE=1 run sillok changes -n 1
out_has $'\033['
NO_COLOR=1 CLICOLOR_FORCE=1 run sillok changes -n 1
out_lacks $'\033['
ok 'colour by option and environment'
finish
