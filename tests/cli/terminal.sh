#!/usr/bin/env bash
# What reaches a terminal: colours, a pager, and never a live control character of a text.
. "$(dirname "$0")/lib.sh"
command -v script >/dev/null || { echo '1..0 # SKIP no script(1)'; rm -rf "$work"; exit 0; }
store
mkdir evil
esc=$'\033' rlo=$'\xe2\x80\xae' csi=$'\xc2\x9b'
text_1="body ${esc}[2J one$rlo two."
crawl_file 003 0000000001 '2026-01-05 03:00:00' "title ${esc}]0;owned"$'\a'" end" "$text_1" >evil/1.md
crawl_file 003 0000000001 '2026-01-06 03:00:00' "title ${esc}[31m end" "body ${esc}[2J one$rlo three ${csi}31m." >evil/2.md
printf -- '---\n%s[2J\n' "$esc" >evil/bad$'\033'.md
sillok -q ingest evil >/dev/null 2>&1
hash=$(sha256 "$text_1" | cut -c1-12)
mkdir after
crawl_file 003 0000000002 '2026-01-07 03:00:00' 'another' "$market" >after/3.md
sillok -q ingest after >/dev/null 2>&1

# What of the texts is alive in ./out; our own colours and redraws are taken away first.
none_live() {
    sed "s/${esc}\[[0-9;]*m//g; s/${esc}\[K//g" out >plain
    grep -qe "$esc" -e $'\a' -e "$rlo" -e "$csi" plain && { wrong "live: $*"; cat -v plain | head -5 | say; }
}
for verb in 'show 003/0000000001' 'show --body 003/0000000001@1' 'show --file 003/0000000001@1' "cat $hash" \
    'log 003/0000000001' 'changes' 'changes -p' 'changes --json' 'changes --csv' 'diff 003/0000000001' \
    'diff --format side 003/0000000001' 'diff --format sentences 003/0000000001' \
    'diff --format html 003/0000000001' 'diff --json 003/0000000001' 'show --json 003/0000000001' \
    'export --format ndjson' 'export --format csv' 'stats --publishers' 'refused' 'refused --json' \
    'articles' 'articles --json --body' 'articles --csv' 'crawls --missing after' 'crawls --missing after --json' 'crawls --missing after --csv' \
    'ingest evil' 'ingest --json evil'; do
    # shellcheck disable=SC2086 # words
    as_terminal "$program" --no-pager $verb
    none_live "$verb"
done
ok 'no verb lets a control character of a text through'
as_terminal "$program" --no-pager show --body 003/0000000001@1
out_has '\x1b[2J'; out_has '<U+202E>'
ok 'they are shown'
as_terminal "$program" --no-pager changes --json --oid 003 -q
tr -d '\r' <out >plain && mv plain out
json_is 'length == 1'
ok 'JSON stays JSON'
as_terminal "$program" --no-pager cat --raw "$hash"
out_has "${esc}[2J"
run sillok cat "$hash"
out_has "${esc}[2J"
ok 'raw where asked for, and into a pipe'

as_terminal env SILLOK_PAGER='sed s/^/PAGED:/' "$program" changes -n 1
out_has PAGED:
tail -n 1 out | grep -q '^sillok changes: 1 change' || { wrong 'the sum does not stand behind the page'; say <out; }
as_terminal env SILLOK_PAGER= PAGER='sed s/^/PAGED:/' "$program" changes -n 1
out_lacks PAGED:
as_terminal env PAGER='sed s/^/PAGED:/' "$program" --no-pager changes -n 1
out_lacks PAGED:
run env PAGER='sed s/^/PAGED:/' "$program" changes -n 1
out_lacks PAGED:
as_terminal env SILLOK_PAGER=true "$program" changes -p
code_is 0; out_lacks 'cannot write'
for pager in nonesuch 'nonesuch -R' ./nonesuch ' '; do
    as_terminal env SILLOK_PAGER="$pager" "$program" changes -n 1
    code_is 0; out_has 'Old bridge closes'; out_lacks 'not found'
done
as_terminal env SILLOK_PAGER='X=PAGED: && sed s/^/$X/' "$program" changes -n 1
out_has PAGED:
ok 'a pager on a terminal only, and only where wanted'

# A store on the way up may be anybody's: it says neither what is run nor with what rights.
sillok config pager 'sed "s/^/AB:/;s/AB/STORE/"' && sillok config sandbox off
as_terminal env -u SILLOK_PAGER -u SILLOK_SANDBOX PAGER=cat "$program" changes -n 1
code_is 0; out_lacks STORE:
out_has "'pager: sed "; out_has "'sandbox: off' of "; out_has 'set SILLOK_SANDBOX'
as_terminal env -u SILLOK_PAGER -u SILLOK_SANDBOX PAGER=cat "$program" -s .sillok changes -n 1
out_has STORE:; out_lacks 'not followed'
as_terminal env -u SILLOK_PAGER SILLOK_SANDBOX=auto PAGER=cat SILLOK_STORE=.sillok "$program" changes -n 1
out_has STORE:
as_terminal env SILLOK_PAGER= SILLOK_SANDBOX=auto "$program" changes -n 1
out_lacks 'not followed'
sillok config pager require # a word of the other setting is a program here
as_terminal env -u SILLOK_PAGER -u SILLOK_SANDBOX PAGER=cat "$program" changes -n 1
code_is 0; out_has "'pager: require' of "
sillok config --unset pager && sillok config --unset sandbox
ok 'a store that nobody named names no program and loosens no sandbox'
as_terminal "$program" --no-pager changes -n 1
out_has "${esc}["
as_terminal env NO_COLOR=1 "$program" --no-pager changes -n 1
out_lacks "${esc}["
ok 'colour on a terminal, NO_COLOR honoured'

# A long paragraph fits the terminal, keeps what it says, and no colour goes on over an end
# of line, for a pager takes each line by itself.
mkdir long
words='가나다라 마바사 the harbour 아자차카타파하거너더러머버서어저처커터퍼허 bridge 漢字'
for _ in 1 2 3 4 5 6; do words+=" $words"; [ ${#words} -lt 900 ] || break; done
crawl_file 004 1 '2026-01-05 03:00:00' '긴 글' "$words 끝에 1200명이 왔다. 위원회는 정량 평가를 한다. 나머지는 그대로다." >long/1.md
crawl_file 004 1 '2026-01-06 03:00:00' "긴 글 $words" "$words 끝에 2100명이 하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉 열 열하나 왔다. 위원회는 정성 평가를 한다. 나머지는  그대로다. 마지막 문장은 새로 왔고 길다 ${words:0:60}." >long/2.md
sillok -q ingest long >/dev/null
cat >narrow.py <<'END'
import re, sys, unicodedata
columns, whole = int(sys.argv[1]), open(sys.argv[3], encoding="utf-8").read().split("\n")
lines = open(sys.argv[2], encoding="utf-8", newline="").read().replace("\r\n", "\n").split("\n")
style = r"\x1b\[[0-9;]*m"

def looks(lines):
    """Each character but blanks with the colours that it has."""
    on, out = [], []
    for part in re.findall(f"{style}|[^\x1b]", "".join(lines)):
        if part == "\x1b[0m":
            on = []
        elif part[0] == "\x1b":
            on = [p for p in on if p != "\x1b[1;4m"] if part == "\x1b[22;24m" else on + [part]
        elif not part.isspace():
            out.append((part, tuple(on)))
    return out

body = lines[4:]  # behind the three lines of the head, which are as long as they are
for line in body:
    wide = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in re.sub(style, "", line))
    assert wide <= columns, (wide, line)
    on = re.findall(style, line)
    assert not on or on[-1] == "\x1b[0m", line
assert len(body) > 20, len(body)
assert looks(body) == looks(whole[4:]), "other text, or other colours"
assert any("\x1b[1;4m" in on for _, on in looks(body)), "nothing is strong"
END
for format in words sentences; do
    run sillok --color always diff -f $format 004/1
    mv out whole
    for columns in 33 60; do
        as_terminal env COLUMNS=$columns "$program" --color always --no-pager diff -f $format 004/1
        python3 narrow.py $columns out whole 2>difference || { wrong "$format in $columns columns"; say <difference; }
    done
done
ok 'differences fit the terminal'
as_terminal "$program" export -
code_is 2; out_has 'an archive does not go to a terminal'
ok 'no tar to a terminal'
finish
