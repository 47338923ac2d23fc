#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
store

exported() { # STORE: names and bytes of all files, as a sum
    for c in $(sillok -s "$1" crawls --json | jq -r .crawl | sort); do
        sillok -s "$1" export --quiet --crawl "$c" - | tar -xO -f -
    done | sha256sum
}
before=$(exported .sillok)

run sillok salvage whole
code_is 0
out_has ' 0 observations lost'
[ "$(exported whole)" = "$before" ] || wrong 'other bytes'
run sillok -s whole verify
code_is 0
ok 'a whole store comes out whole'

run sillok salvage whole
code_is 2
err_has "'whole' exists already, and the store is made new: give a name that is free"
run sillok -s nowhere salvage there
code_is 2
err_has nowhere
[ ! -e there ] || wrong 'something was made'
ok 'there is something at the destination, nothing at the origin'

# Both headers, the seal and the marker are gone: only pages are left.
cp -r .sillok headless
dd if=/dev/zero of=headless/data.mdb bs=4096 count=2 conv=notrunc 2>/dev/null
rm headless/data.mdb-seal
run sillok -s headless log 001/0000000001
code_is 4
run sillok -s headless salvage out-of-headless
code_is 0
[ "$(exported out-of-headless)" = "$before" ] || wrong 'other bytes'
ok 'without headers and seal'

cp -r .sillok noted
rm noted/format
run sillok -s noted salvage out-of-noted
code_is 0
[ "$(exported out-of-noted)" = "$before" ] || wrong 'other bytes'
ok 'without the marker of a store'

# Most of what a later program wrote would be told as lost.
cp -r .sillok newer && sed -i 's/^sillok [0-9]*/sillok 99/' newer/format
run sillok -s newer salvage out-of-newer
code_is 2
err_has "'newer' has format 99"; err_has 'use a newer sillok'
[ ! -e out-of-newer ] || wrong 'something was made'
rm newer/format
run sillok -s newer salvage out-of-newer
code_is 0
[ "$(exported out-of-newer)" = "$before" ] || wrong 'other bytes'
ok 'of a later format; without its marker, as the error says'

# What cannot be counted is told all the same.
size=$(stat -c %s .sillok/data.mdb)
cp -r .sillok short && truncate -s $((size - 5 * 4096)) short/data.mdb
run sillok -s short salvage out-of-short
code_is 1; out_has 'lost what stood in 5 pages behind the end of the file'
cp -r .sillok nothing && : >nothing/data.mdb
run sillok -s nothing salvage out-of-nothing
code_is 1; out_has "in $((size / 4096 - 2)) pages behind the end"; out_has '0 observations of 0 bodies'
cp -r .sillok zeros && head -c "$size" /dev/zero >zeros/data.mdb
run sillok -s zeros salvage out-of-zeros
code_is 1; out_has 'no header, or no list of tables, says what it was'
cp -r .sillok rolled
mkdir more && crawl_file 001 0000000009 '2026-01-07 03:00:00' '시장 하나 더' "$market" >more/001_0000000009.md
cp rolled/data.mdb old.mdb
sillok -q -s rolled ingest more >/dev/null 2>&1
cp old.mdb rolled/data.mdb
run sillok -s rolled salvage out-of-rolled
code_is 1; out_has 'the file is older than its seal'
[ "$(exported out-of-rolled)" = "$before" ] || wrong 'other bytes'
ok 'what is gone beyond counting: a cut, an empty, a blank and an old file'

# A stop: nothing is left, whether it comes when the folder aside is made or later.
if can_trace; then
    for call in mkdir:1 fdatasync:1 fdatasync:4; do
        traced -f -e trace="${call%:*}" -e inject="${call%:*}:signal=SIGTERM:when=${call#*:}" \
            "$program" salvage halted >out 2>err
        code=$?
        code_is 143; err_has "stopped by a signal: nothing was made at 'halted'"
        [ -z "$(find . -maxdepth 1 -name 'halted*')" ] || wrong "left: $(ls -d halted*)"
        rm -rf halted*
    done
    ok 'a stop by a signal'
fi

# Something else in the place of a file: nobody waits for it.
for file in data.mdb data.mdb-seal data.mdb-lock; do
    for thing in 'mkfifo' 'mkdir' 'ln -s loop'; do
        case "$file $thing" in # exit 3, as any such name
        'data.mdb ln'* | 'data.mdb-lock ln'*) continue ;;
        esac
        rm -rf odd && cp -r .sillok odd && rm -f odd/$file
        $thing odd/$file
        [ "$thing" != 'ln -s loop' ] || ln -sf $file odd/loop
        run timeout 20 "$program" -s odd log 001/0000000001
        code_is 4; err_has 'damaged'; err_has "$file'"
        [ $file = data.mdb ] || { run timeout 20 "$program" -s odd salvage odd.out; code_is 0; rm -rf odd.out; }
    done
done
rm -rf odd && cp -r .sillok odd && rm odd/format
run sillok -s odd log 001/0000000001
code_is 4; err_has "'odd/format' is missing"
rm -f odd/store.lock && mkfifo odd/store.lock
run timeout 20 "$program" -s odd salvage odd.out
code_is 0
ok 'a pipe, a folder, a loop in the place of a file, and no marker'

# Every page zeroed in turn: what comes out verifies, and what is lost is told.
size=$(stat -c %s .sillok/data.mdb)
lost=0
for ((page = 2; page < size / 4096; page += 2)); do
    rm -rf hurt out-of-hurt
    cp -r .sillok hurt
    dd if=/dev/zero of=hurt/data.mdb bs=4096 seek=$page count=1 conv=notrunc 2>/dev/null
    run sillok -s hurt salvage out-of-hurt --json
    [ "$code" -le 1 ] || wrong "page $page: exit $code: $(cat err)"
    same=0
    [ "$(exported out-of-hurt)" = "$before" ] && same=1
    if [ "$code" -eq 1 ]; then
        lost=$((lost + 1))
        jq -se '(.[-1] | .observations_lost + .refusals_lost + .files_lost > 0) or
            (.[0].what // "" | startswith("the name of a "))' out >/dev/null ||
            wrong "page $page: nothing is said to be lost"
    elif [ $same -eq 0 ]; then
        wrong "page $page: other bytes, and nothing is said to be lost"
    fi
    sillok -s out-of-hurt verify >out || wrong "page $page: $(cat out)"
done
[ $lost -gt 0 ] || wrong 'no page held anything'
ok 'each page lost in turn'

(ulimit -f 8 && sillok salvage cut >out 2>err)
code=$?
code_is 3
err_has 'limit on file sizes'
[ -z "$(ls -d cut* 2>/dev/null)" ] || wrong "left: $(ls -d cut*)"
run sillok salvage cut
code_is 0
ok 'one that fails leaves nothing, and nothing is in the way of the next'

exec 9<>.sillok/store.lock
flock -x 9
run sillok salvage busy
code_is 5
exec 9>&-
ok 'a store that is being written to'

# More than is written into the file aside at once; what stands behind the first commit has
# to find what stands before it.
for i in $(seq 1 14); do
    printf '{"oid":"701","aid":"%d","crawled_at":"2026-03-02T00:00:%02dZ","title":"큰 글 %d","body":"%s"}\n' \
        $((i % 7)) "$i" "$i" "$(head -c 600000 /dev/urandom | base64 -w0)"
done >large.ndjson
run sillok -s large ingest large.ndjson
run sillok -s large salvage out-of-large
code_is 0; out_has '14 observations of 14 bodies brought out, 0 observations lost'
[ "$(exported large)" = "$(exported out-of-large)" ] || wrong 'other bytes'
run sillok -s out-of-large verify
code_is 0
ok 'a store of many megabytes'

# What stands beside the tables: settings as they were, and what an earlier salvage left.
cp -r .sillok set
sillok -s set config zone KST
echo '# 우리 크롤러' >>set/config.yaml
mkdir set/bodies
printf '남은 본문' >set/bodies/whole
name=$(sha256sum <set/bodies/whole | cut -d' ' -f1)
mv set/bodies/whole "set/bodies/$name"
run sillok -s set salvage out-of-set
code_is 0
cmp set/config.yaml out-of-set/config.yaml || wrong 'other settings'
cmp "set/bodies/$name" "out-of-set/bodies/$name" || wrong 'another text'
printf ' ' >>"set/bodies/$name"
printf 'zone: [\n' >set/config.yaml
run sillok -s set salvage out-of-unset
code_is 1; out_has 'lost the settings: set/config.yaml:'; out_has "lost a text without an article: 'set/bodies/$name'"
[ ! -e out-of-unset/config.yaml ] && [ ! -e "out-of-unset/bodies/$name" ] || wrong 'what is damaged came along'
run sillok -s out-of-unset verify
code_is 0
ok 'settings, and texts that an earlier salvage could give to no article'

cp -r .sillok slashed
run sillok -s slashed salvage slashed.out/
code_is 0
run sillok -s slashed.out verify
code_is 0
ok 'a folder may be written with a slash at its end'

finish
