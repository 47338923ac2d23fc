#!/usr/bin/env bash
here=$PWD
. "$(dirname "$0")/lib.sh"
sample
run sillok ingest mon
code_is 0
run sillok proof
code_is 2; err_has 'has no log'; err_has 'sillok proof init'
run sillok proof sign
code_is 2; err_has 'has no log'
[ ! -e .sillok/proof.lock ] || wrong 'a lock of no log'
ok 'a store without a log'

# --- begin, sign ---------------------------------------------------------------------------
run sillok proof init --name 'two words'
code_is 2; err_has "'two words' cannot be the name of a log"
[ ! -e .sillok/proof.key ] || wrong 'a key of no log'
echo half >.sillok/proof.new # of one that was killed
run sillok proof init --name example.org/news
code_is 0; out_lines 1; err_has '.sillok/proof.key'
[ -z "$(find .sillok -name 'proof.new*')" ] || wrong 'left behind'
cp out key
grep -Eq '^example\.org/news\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$' key || wrong "no key: $(cat key)"
[ "$(stat -c %a .sillok/proof.key)" = 600 ] || wrong 'the secret key can be read by others'
grep -q '^PRIVATE+KEY+example\.org/news+' .sillok/proof.key || wrong 'no secret key'
run sillok proof init
code_is 2; err_has 'has a log already'
ok 'a log begins'
run sillok proof --json
json_is '.[0] | .name == "example.org/news" and .entries == 0 and .signed_entries == 0
    and .root == null and .crawls == 1 and .crawls_behind == 1 and .secret == true'
run sillok proof checkpoint
code_is 2; err_has 'nothing was signed yet'
run sillok proof show 001/0000000001
code_is 2; err_has 'nothing was signed yet'
run sillok proof sign
code_is 0; out_has '3 revisions and 1 crawl logged; signed: 5 entries, root '
run sillok proof sign
code_is 0; out_has 'nothing new: 5 entries, root '
run sillok proof sign --json
json_is '.[0] | .new == false and .revisions == 0 and .crawls == 0 and .size == 5
    and (.root | length) == 64'
run sillok proof
code_is 0; out_has 'entries    5, all signed'; out_has 'crawls     1, all logged'
out_has 'secret     here'; out_has "key        $(cat key)"
ok 'what there is, before and after it is signed'

run sillok proof checkpoint
code_is 0; out_has 'example.org/news'
cp out mon.checkpoint
[ "$(sed -n 2p out)" = 5 ] || wrong 'not of five entries'
same mon.checkpoint .sillok/checkpoint
run sillok proof log --json
out_lines 5
json_is 'map(.index) == [0,1,2,3,4] and (.[0].entry | fromjson | .kind) == "log"
    and ([.[1:4][].entry | fromjson | .kind] | unique) == ["revision"]
    and (.[1].entry | fromjson | [.oid, .aid, .first_seen])
        == ["001", "0000000001", "2026-01-05T03:00:00Z"]
    and (.[4].entry | fromjson | [.kind, .crawl, .observations, .refused]) == ["crawl", "mon", 3, 0]'
jq -r '.[1] | .entry' <(jq -s . out) >entry
hash=$({ printf '\0'; head -c -1 entry; } | sha256sum | cut -d' ' -f1)
[ "$(jq -rs '.[1].hash' out)" = "$hash" ] || wrong 'the hash of an entry is another'
run sillok proof log --from 3 --limit 1 --csv
out_lines 2; out_has '3,'
if grep -qr '도서관\|library' .sillok/checkpoint <(sillok proof log); then wrong 'the log has text'; fi
ok 'the checkpoint and the entries'

# --- an ingest adds to it ------------------------------------------------------------------
run sillok ingest --json tue
code_is 0; json_is '.[-1].signed_entries == 9'
run sillok proof --json
json_is '.[0] | .entries == 9 and .signed_entries == 9 and .crawls_behind == 0'
run sillok ingest --json --dry-run mon
json_is '.[-1] | has("signed_entries") | not'
mv .sillok/proof.key secret
run sillok ingest mon
code_is 0; err_has 'nothing was signed: there is no secret key'
run sillok proof sign
code_is 2; err_has 'there is no secret key in'; err_has "/.sillok/proof.key'"
run sillok proof
out_has 'secret     not here'
mv secret .sillok/proof.key
ok 'every ingest logs and signs, where the key is'

# --- proofs --------------------------------------------------------------------------------
sillok show --file 001/0000000001@1 >old.md 2>/dev/null
sillok show --file 001/0000000001@2 >new.md 2>/dev/null
run sillok proof show 001/0000000001
code_is 0; out_has 'c2sp.org/tlog-proof@v1'
cp out new.proof
run sillok proof show 001/0000000001@1
cp out old.proof
run sillok proof show 001/0000000003 --crawl tue
cp out seen.proof
mkdir elsewhere && cp key ./*.proof old.md new.md tue/*market.md mon.checkpoint elsewhere && cd elsewhere
run sillok proof check new.proof --key key
code_is 0
out_has 'holds  001/0000000001 had the text '
out_has ' at 2026-01-06 03:00:00Z, when it was first seen so'
out_has "of 9 in the log 'example.org/news'"
run sillok proof check new.proof --key "$(cat key)" --file new.md
code_is 0; out_has 'the file has this text, title and metadata'
run sillok proof check new.proof --key key --file old.md
code_is 1; err_has 'the proof does not hold: the file has another text'
run sillok proof check old.proof --key key --file old.md --json
json_is '.[0] | .holds and .kind == "revision" and .oid == "001" and .aid == "0000000001"
    and .at == "2026-01-05T03:00:00Z" and .file_checked and .size == 9 and .crawl == null'
sed 's/새로 문 열어/새로 문을 열어/' old.md >title.md
run sillok proof check old.proof --key key --file title.md
code_is 1; err_has 'another title'
run sillok proof check seen.proof --key key --file 001_0000000003_market.md
code_is 0; out_has 'as crawl tue saw it'
run sillok proof check seen.proof --key key --file new.md
code_is 1; err_has 'the file is of another article'
run sillok proof check --zone KST new.proof --key key
out_has '2026-01-06 12:00:00+09:00'
sillok -s ../.sillok proof show 002/0000000002 | sillok proof check - --key key >out 2>err
code=$?; code_is 0; out_has 'holds  002/0000000002'
run sillok proof check <(cat new.proof) --key <(cat key) --file <(cat new.md)
code_is 0; err_empty; out_has 'the file has this text, title and metadata'
run sillok proof check <(yes | head -c 99999999) --key key
code_is 2; err_has "larger than"
ok 'proofs hold, without the store'
# A pipe among the operands takes nothing from the sandbox.
if sillok -s ../.sillok --sandbox require stats >/dev/null 2>&1; then
    run sillok -s ../.sillok --sandbox require proof since <(sillok -s ../.sillok proof checkpoint 2>/dev/null)
    code_is 0; err_empty; out_has 'old 9'
    run sillok -s pipes --sandbox require ingest <(cat new.md)
    code_is 1; err_has 'but a pipe: a tar or NDJSON that comes through one is read as -'; err_lacks rights
    ok 'a pipe of the shell, in the sandbox'
else
    skip 'a pipe of the shell, in the sandbox' 'no sandbox here'
fi

# A crawler that writes lines has its lines to show.
printf '%s\n' '{"oid":"005","aid":"1","title":"섬 다리","body":"다리가 놓였다.","crawled_at":"2026-01-05 03:00:00"}' \
    '{"oid":"005","aid":"2","title":"The bridge","body":"It is built.","crawled_at":"2026-01-05 03:00:00"}' >lines.ndjson
sillok -q -s lines ingest lines.ndjson >/dev/null
sillok -s lines proof init --name example.org/lines >lines.key 2>/dev/null
sillok -s lines proof sign >/dev/null
sillok -s lines proof show 005/1 >lines.proof
sillok -s lines show --file 005/1 >line 2>/dev/null
run sillok proof check lines.proof --key lines.key --file line
code_is 0; out_has 'the file has this text, title and metadata'
{ printf '\xef\xbb\xbf'; cat line; } >marked
run sillok proof check lines.proof --key lines.key --file marked
code_is 0
sed -n 2p lines.ndjson >line
run sillok proof check lines.proof --key lines.key --file line
code_is 1; err_has 'the file is of another article'
sed -n '1s/다리가/배가/p' lines.ndjson >line
run sillok proof check lines.proof --key lines.key --file line
code_is 1; err_has 'the file has another text'
ok 'of an article that came as a line of NDJSON, too'

# Of an article that a crawl saw often each visit has its place, by its time.
long=$(printf '월%.0s' $(seq 100)) # 300 bytes, and a result has room for 255
for i in 1 2 3 4 5 6; do
    printf '{"oid":"009","aid":"1","crawled_at":"2026-01-05 03:00:0%d","title":"값","body":"값은 %d원이다."}\n' "$i" "$i"
done >visits.ndjson
sillok -q -s visits ingest --crawl "$long" visits.ndjson >/dev/null
sillok -s visits proof init --name example.org/visits >visits.key 2>/dev/null
sillok -s visits proof sign >/dev/null
for i in 1 2 3 4 5 6; do
    sillok -s visits proof show "009/1@$i" --crawl "$long" >visit.proof
    { sed -n 's/^extra //p' visit.proof | base64 -d && echo; } >out
    json_is ".[0] | .number == $i - 1 and (.observation | fromjson | .crawled_at) == \"2026-01-05T03:00:0${i}Z\""
    run sillok proof check visit.proof --key visits.key --json
    code_is 0
    json_is ".[0] | .holds and .at == \"2026-01-05T03:00:0${i}Z\" and .crawl == \"${long:0:255}\""
done
ok 'visits of one article are sorted by their times'

# Whoever wants to cheat: another key, another checkpoint, another entry.
sillok -q -s other ingest ../mon >/dev/null
sillok -s other proof init --name example.org/news >other.key 2>/dev/null
sillok -s other proof sign >/dev/null
run sillok proof check new.proof --key other.key
code_is 1; err_has 'no signature by the key'
sillok -s other proof checkpoint >other.checkpoint
run sillok proof check other.checkpoint --key key
code_is 1; err_has 'no signature by the key'
{ sed '/^$/q' new.proof; cat mon.checkpoint; } >mixed.proof
run sillok proof check mixed.proof --key key
code_is 1; err_has 'the entry is not in the log that the checkpoint signs'
extra=$(sed -n 's/^extra //p' new.proof | base64 -d | sed 's/2026-01-06/2026-01-05/' | base64 -w0)
sed "s|^extra .*|extra $extra|" new.proof >early.proof
run sillok proof check early.proof --key key
code_is 1; err_has 'the entry is not in the log'
hash=$(sed -n 's/^extra //p' old.proof | base64 -d | jq -r '.opening | fromjson | .content_hash')
extra=$(sed -n 's/^extra //p' new.proof | base64 -d |
    sed "s/content_hash\\\\\":\\\\\"[0-9a-f]*/content_hash\\\\\":\\\\\"$hash/" | base64 -w0)
sed "s|^extra .*|extra $extra|" new.proof >text.proof
run sillok proof check text.proof --key key
code_is 1; err_has 'the content that it shows is not the one that was logged'
ok 'what is not so does not hold'

# --- nothing was changed since --------------------------------------------------------------
run sillok -s ../.sillok proof since mon.checkpoint
code_is 0
cp out since.proof
run sillok proof check since.proof --key key --since mon.checkpoint
code_is 0; out_has 'holds  the first 5 entries are unchanged among the 9 in the log'
run sillok proof check since.proof --key key
code_is 2; err_has 'about an older checkpoint'
run sillok proof check mon.checkpoint --key key
code_is 0; out_has 'holds  5 entries, root '
run sillok proof check mon.checkpoint --key key --since mon.checkpoint
code_is 2
run sillok -s other proof since mon.checkpoint
code_is 1; err_has 'no signature by the key'
run sillok -s ../.sillok proof since key
code_is 2; err_has 'not a signed note'
cd ..
ok 'an old checkpoint is where the log of now begins'

# What docs/proof.md has for those who have no sillok.
doc=$(dirname "$0")/../../docs/proof.md
case $0 in /*) ;; *) doc=$here/$doc ;; esac
if command -v python3 >/dev/null; then
    sed -n '/^```python$/,/^```$/p' "$doc" | sed '1d;$d' >check.py
    for proof in new old seen; do
        run python3 check.py elsewhere/$proof.proof
        code_is 0; out_has "001 000000000"; out_has " $(sed -n '/^$/,$p' elsewhere/$proof.proof | sed -n 4p)"
    done
    run python3 check.py elsewhere/text.proof
    [ "$code" -ne 0 ] || wrong 'a text that was not logged passes'
    ok 'the check of the document'
else
    skip 'the check of the document' 'there is no python3'
fi

# --- tiles ---------------------------------------------------------------------------------
run sillok proof tiles site
code_is 0; err_has '3 files written'
find site -type f | LC_ALL=C sort >out
out_is <<'END'
site/checkpoint
site/tile/0/000.p/9
site/tile/entries/000.p/9
END
sillok proof log --json | jq -r .hash | while read -r hash; do printf '%b' "$(sed 's/../\\x&/g' <<<"$hash")"; done >tile
same tile site/tile/0/000.p/9
run sillok proof tiles site
err_has '0 files written'
run sillok -s elsewhere/other proof tiles site
code_is 1; err_has 'tiles of something else'
ok 'the log as static files'

# A store on the way up may be anybody's: it begins no file elsewhere.
mkdir found && cd found
sillok init >/dev/null && sillok -q ingest ../tue >/dev/null
sillok proof init --name example.org/found >/dev/null 2>&1
sillok config checkpoint_copy "$PWD/begun" >/dev/null
run sillok proof sign
code_is 3; err_has 'is missing, and a store that nobody named'
mkdir more && harbour 002 0000000009 '2026-01-06 03:00:12' 'Ferry late' "$storm" >more/002_0000000009_ferry.md
run sillok ingest more
code_is 3; err_has 'all files are in; not all is signed: the copy '
[ ! -e begun ] || wrong 'a copy was begun'
run sillok -s .sillok proof sign
code_is 0; same begun .sillok/checkpoint
run sillok ingest ../tue
code_is 0
cd ..
rm -r found
ok 'a store that nobody named begins no copy of its checkpoint'

# --- what was signed is not signed otherwise ------------------------------------------------
sillok config checkpoint_copy "$PWD/outside" >/dev/null
run sillok proof sign
code_is 3; err_has 'is missing'; err_has 'sillok proof checkpoint >FILE'
run sillok verify
code_is 4; out_has 'is missing'
sillok proof checkpoint >outside
run sillok proof sign
code_is 0; same outside .sillok/checkpoint
cp -r .sillok yesterday
mkdir wed && harbour 002 0000000004 '2026-01-07 03:00:12' 'Storm passes' "$storm" >wed/002_0000000004_storm.md
run sillok ingest wed
code_is 0; same outside .sillok/checkpoint
run sillok verify
code_is 0
run sillok -s yesterday verify
code_is 4; out_has 'damaged proof: '; out_has "but the copy '$PWD/outside' says that 11 were signed"
run sillok -s yesterday ingest tue
code_is 4; err_has 'all files are in; not all is signed: the log '
same outside .sillok/checkpoint
ok 'an old folder, put back, signs nothing'
rm -rf old && cp -r yesterday old && cp .sillok/checkpoint old
run sillok -s old log 001/0000000001
code_is 4; err_has 'older than its log of proofs'
rm -rf gone && cp -r .sillok gone && rm gone/proof.mdb
run sillok -s gone verify
code_is 4; out_has 'the log is gone'
run sillok -s gone verify --subset 2/3
code_is 0
run sillok -s gone verify --subset 1/3
code_is 4
rm -rf forged && cp -r .sillok forged && cp elsewhere/other.checkpoint forged/checkpoint
run sillok -s forged verify
code_is 4; out_has "no signature by the key of 'example.org/news'"
run sillok -s forged proof show 001/0000000001
code_is 4
ok 'verify tells what is not as it was signed'

# --- copies --------------------------------------------------------------------------------
run sillok backup copy
code_is 0
run sillok -s copy verify
code_is 0
same copy/checkpoint .sillok/checkpoint
[ ! -e copy/proof.key ] || wrong 'the secret key was copied'
run sillok -s copy proof show 001/0000000001
sillok proof check out --key key >/dev/null 2>&1 || wrong 'a proof of a copy does not hold'
sillok compact >/dev/null 2>&1
run sillok verify
code_is 0
run sillok proof sign
code_is 0; out_has 'nothing new'
run sillok reindex
code_is 0
run sillok verify
code_is 0
ok 'a backup has the log, a compacted store goes on with it'

# Each is stopped at a call on a file; meanwhile the store goes on in another file, and the log.
overtaken_at() { # WHEN CALLS FILE VERB [OPERAND]
    rm -rf turn late
    sillok backup turn >/dev/null 2>&1
    cp .sillok/proof.key turn/
    sillok -s turn config --unset checkpoint_copy
    : >turn/proof.lock
    stopped_at "$2" "$1" -P "turn/$3" -- -s turn "${@:4}"
    sillok -q -s turn compact >/dev/null
    crawl_file 001 0000000077 '2026-01-09 03:00:00' '야시장 끝' "$market" >late.md
    sillok -q -s turn ingest --crawl late late.md >/dev/null
    go_on
}
if can_trace; then
    overtaken_at 1 openat proof.mdb verify
    code_is 5; err_has 'compacted at this very moment'
    overtaken_at 1 openat proof.lock backup late
    code_is 5; err_has 'compacted at this very moment'
    [ ! -e late ] || wrong 'a copy of two moments'
    # The last look at the data before what was signed is read: the store is opened again.
    traced -e trace=fstat,newfstatat,openat -P turn/data-1.mdb -P turn/checkpoint \
        "$program" -s turn verify >/dev/null 2>&1
    last=$(sed '/checkpoint/,$d' trace | grep -c stat)
    overtaken_at "$last" fstat,newfstatat data.mdb verify
    code_is 0; out_has 'all is well'
    run sillok -s turn verify
    code_is 0
    ok 'a store and a log that go on in another file are not held against each other'
else
    skip 'a store and a log that go on in another file' 'needs strace'
fi
sillok -s .sillok salvage saved >/dev/null 2>&1
run sillok -s saved verify
code_is 0
run sillok -s saved proof init
code_is 0
run sillok -s saved proof sign
code_is 0; out_has 'logged; signed: '
run sillok -s saved config checkpoint_copy
out_is <<<''
ok 'what was salvaged begins a log of its own'

# --- a key of one's own --------------------------------------------------------------------
sillok -s other.key ingest -q mon >/dev/null && sillok -s other.key proof init --name other.org -q >other.pub
for store in given taken; do sillok -s "$store" ingest -q mon >/dev/null; done
run sillok -s given proof init --key nowhere
code_is 2; err_has "there is no 'nowhere'"
run sillok -s given proof init --key key
code_is 2; err_has 'a secret one begins with PRIVATE+KEY+'
run sillok -s given proof init --key .sillok/proof.key --name other.org
code_is 2; err_has "the key is that of 'example.org/news', not of 'other.org'"
[ -z "$(find given -name 'proof.*' ! -name '*.lock')" ] || wrong 'it has begun'
for way in .sillok/proof.key -; do
    rm -f given/proof.mdb*
    "$program" -s given proof init --key "$way" <.sillok/proof.key >out 2>err
    code=$?
    code_is 0; same out key; same given/proof.key .sillok/proof.key
    [ "$(stat -c %a given/proof.key)" = 600 ] || wrong 'the secret key can be read by others'
done
run sillok -s given proof sign
code_is 0
# A key that is there stays, and is the log's.
cp other.key/proof.key taken/
run sillok -s taken proof init --key .sillok/proof.key
code_is 2; err_has "there is another key in 'taken/proof.key'"
run sillok -s taken proof init
code_is 0; same out other.pub; same taken/proof.key other.key/proof.key
# Of another log it signs nothing.
cp .sillok/proof.key taken/
run sillok -s taken proof sign
code_is 2; err_has "the key in 'taken/proof.key' is not that of the log"
ok 'a key that is given, or was there'

# --- the command line ----------------------------------------------------------------------
run sillok proof nonsense
code_is 2; err_has "there is no 'proof nonsense'"
run sillok proof show
code_is 2; err_has 'takes one argument: OID/AID[@R]'
run sillok proof sign all
code_is 2; err_has 'takes no argument'
run sillok proof sign --crawl mon
code_is 2; err_has "--crawl does not go with 'proof sign'"
run sillok proof --csv
code_is 2
for action in checkpoint 'show 001/0000000001' 'since saved.checkpoint' 'tiles json'; do
    # shellcheck disable=SC2086 # words
    run sillok proof $action --json
    code_is 2; out_empty; err_has "proof ${action% *} has no --json"
done
[ ! -e json ] || wrong 'it was made all the same'
run sillok proof check new.proof
code_is 2; err_has 'say whose log it is'
run sillok proof check nothing.proof --key key
code_is 2; err_has "there is no 'nothing.proof'"
run sillok proof check key --key key
code_is 2; err_has 'not a signed note'
run sillok proof check new.proof --key new.proof
code_is 2; err_has 'not a key'
run sillok proof check new.proof --key .sillok/proof.key
code_is 2; err_has 'secret'
head -c 2000000 /dev/zero >large
run sillok proof check large --key key
code_is 2; err_has 'larger than'
ok 'what is asked wrongly'
finish
