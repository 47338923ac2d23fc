#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
store
run sillok verify
code_is 0; out_has 'all is well'
run sillok verify --fast
code_is 0
run sillok verify --subset 2/3
code_is 0
run sillok verify --json
json_is '.[-1] | .damaged == 0 and .checked > 0'
ok 'a whole store'

# Three parts have each row once, but for the few that every part looks at.
all=$(jq -s '.[-1].checked' <out) sum=0
for part in 1/3 2/3 3/3; do
    run sillok verify --json --subset $part
    n=$(jq -s '.[-1].checked' <out)
    [ "$n" -lt "$all" ] || wrong "part $part has $n of $all"
    sum=$((sum + n))
done
[ "$sum" -ge "$all" ] && [ "$sum" -le $((all + 20)) ] || wrong "$sum in three parts of $all"
ok 'a part counts what it has checked'
for part in 0/3 4/3 3 a/b 1/; do
    run sillok verify --subset "$part"
    code_is 2; err_has "$part"
done
ok 'a part that is none'

cp -r .sillok short && head -c 3000 .sillok/data.mdb >short/data.mdb
run sillok -s short verify
code_is 4
ok 'a store cut short: exit 4'
cp -r .sillok zeros
size=$(stat -c %s zeros/data.mdb)
dd if=/dev/zero of=zeros/data.mdb bs=4096 seek=2 count=$((size / 4096 - 2)) conv=notrunc 2>/dev/null
run sillok -s zeros verify
code_is 4
ok 'pages of zeros: exit 4'
# Whatever page is hit, all the rest is looked at as well, and each thing is told once. What is
# read when a store is opened is another matter.
told=0
for page in $(seq 2 $((size / 4096 - 1))); do
    rm -rf hit && cp -r .sillok hit
    printf '\377\377\377' | dd of=hit/data.mdb bs=1 seek=$((page * 4096 + 60)) conv=notrunc 2>/dev/null
    run sillok -s hit verify
    [ "$code" = 4 ] || continue # a page that is not in use
    [ -z "$(sort out | uniq -d)" ] || wrong "page $page: told twice"
    if [ -s out ]; then
        tail -1 out | grep -q ' rows checked in .* damaged$' || wrong "page $page: not to the end"
        told=$((told + 1))
    else
        grep -q 'list of tables\|table of tables\|(meta)\|(seg)\|(crawl)' err || wrong "page $page: nothing told"
    fi
    if grep -q '(hash)' out; then
        out_has '5 bodies cannot be looked for by their hash; they are not lost by that'
        [ "$(wc -l <out)" = 3 ] || wrong 'more than the table and its page'
        run sillok -s hit stats
        [ "$code" = 4 ] || wrong 'stats tells of a size that it cannot know'
    fi
done
[ "$told" -ge 8 ] || wrong "only $told pages"
ok 'each page in turn: a full account'
# Of a commit that a crash left unsealed pages are known by their shape alone. Texts are
# compared with their hash then, whoever reads them.
mkdir one two
crawl_file 004 1 '2026-01-05 03:00:00' 'One' "$market" >one/004_1.md
crawl_file 004 2 '2026-01-06 03:00:00' 'Two' 'qzxwvjk 9183746502 pbmtrgf 5647382910' >two/004_2.md
sillok -q -s unsealed ingest one >/dev/null 2>&1
cp unsealed/data.mdb-seal seal
sillok -q -s unsealed ingest two >/dev/null 2>&1
cp seal unsealed/data.mdb-seal
run sillok -s unsealed show 004/2
code_is 0; out_has 'qzxwvjk'
LC_ALL=C grep -qa 'qzxwvjk' unsealed/data.mdb || wrong 'the text is not where it can be hit'
LC_ALL=C sed -i 's/qzxwvjk/qzxwvjl/' unsealed/data.mdb
for q in 'show 004/2' 'export -' 'export --format csv -'; do
    # shellcheck disable=SC2086 # words on purpose
    run sillok -s unsealed $q
    code_is 4; err_has 'does not have its hash'
done
run sillok -s unsealed verify --json
code_is 4
json_is 'length > 1 and all(.[:-1][]; .event == "damage" and .table != "" and .what != "")
    and any(.[:-1][]; .what | test("^004/2 ")) and .[-1].damaged == length - 1'
ok 'a commit without its sums: no text that is not what its hash says'
# Cut off while it is read: no answer, but an end and a sentence.
mkdir many
for i in $(seq 1 400); do
    crawl_file 003 "$i" '2026-01-05 03:00:00' "글 $i" "$(seq -s ' ' "$i" $((i + 400)))" >"many/$i.md"
done
sillok -q -s cut ingest many >/dev/null
mkfifo pipe
sillok -q -s cut export --crawl many - >pipe 2>err &
exec 8<pipe
head -c 1000 <&8 >/dev/null
truncate -s 8192 cut/data.mdb
cat <&8 >/dev/null
wait $!
code=$?
exec 8<&-
code_is 4
err_has 'the store is damaged'
ok 'a store that is cut off while it is read'
# What a table of readers is a link to would be written over by whoever asks the store.
cp -r .sillok foreign
sillok -s foreign proof init --name example.org/odd >/dev/null 2>&1
sillok -s foreign dups >/dev/null 2>&1
for file in data.mdb-lock near.mdb-lock proof.mdb-lock; do
    case $file in data*) verb=stats ;; near*) verb=dups ;; *) verb='proof log' ;; esac
    for to in there missing; do
        rm -rf odd missing && cp -r foreign odd
        echo 'kept as it is' | tee there >kept
        ln -sf "$PWD/$to" odd/$file
        run sillok -s odd --sandbox off $verb
        [ "$verb" = dups ] || { code_is 4; err_has "$file' is a symbolic link, which is not followed"; }
        cmp -s there kept || wrong "$verb writes through $file"
        [ ! -e missing ] || wrong "$verb makes what $file leads to"
    done
done
ok 'links in the place of tables of readers'
finish
