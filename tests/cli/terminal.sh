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
    'crawls --missing after' 'crawls --missing after --json' 'crawls --missing after --csv' \
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
ok 'a pager on a terminal only, and only where wanted'
as_terminal "$program" --no-pager changes -n 1
out_has "${esc}["
as_terminal env NO_COLOR=1 "$program" --no-pager changes -n 1
out_lacks "${esc}["
ok 'colour on a terminal, NO_COLOR honoured'
as_terminal "$program" export -
code_is 2; out_has 'an archive does not go to a terminal'
ok 'no tar to a terminal'
finish
