#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
store
run sillok config
code_is 0; out_has limits.file_bytes; out_has naver
run sillok config --json
json_is 'map(select(.key == "zone"))[0] | .value == "UTC" and .set == false'
out_has fixed.key_bytes
run sillok config fixed.key_bytes 128
code_is 2; err_has 'fixed.key_bytes is 64 and cannot be changed'
ok 'all settings'
run sillok config zone KST
code_is 0; out_empty
run sillok config zone
out_is <<'END'
KST
END
run sillok log -n 1 001/0000000001
out_has '+09:00'
run sillok --zone UTC log -n 1 001/0000000001
out_has 03:00:00Z
ok 'a setting acts, an option outranks it'
run sillok config --unset zone
run sillok config zone
out_is <<'END'
UTC
END
ok '--unset'

run bash -c 'echo half >.sillok/config.yaml.new.$$; exec "$0" config zone KST' "$program"
code_is 0; [ "$(ls .sillok/*.new.* 2>/dev/null | wc -l)" -eq 0 ] || wrong 'left behind'
run sillok config zone
out_is <<'END'
KST
END
run sillok config --unset zone
ok 'what a killed process left under our own process number is in no way'

run sillok config zon
code_is 2; err_has "did you mean 'zone'"
run sillok config jobs many
code_is 2
run sillok config zone KST UTC
code_is 2
ok 'wrong use'
# Three that write at once: none takes back what another has written.
lost=0
for _ in {1..25}; do
    rm -f .sillok/config.yaml
    sillok config zone KST & sillok config jobs 2 & sillok config limits.file_bytes 32M & wait
    [ "$(wc -l <.sillok/config.yaml)" -eq 3 ] || lost=$((lost + 1))
done
[ "$lost" -eq 0 ] || wrong "$lost of 25 times a setting was lost"
rm -f .sillok/config.yaml
ok 'settings written at the same time are all there'

exec 9<.sillok && flock 9
run sillok config zone KST
code_is 5; err_has 'another process has had'; err_has 'locked for 10 s'
exec 9<&-
[ ! -e .sillok/config.yaml ] || wrong 'written all the same'
ok 'a folder that somebody else has locked: exit 5, and not for ever'

for wrong_use in '--json zone KST' '--csv --unset zone' '--csv zone'; do
    # shellcheck disable=SC2086 # several words
    run sillok config $wrong_use
    code_is 2; out_empty
done
[ ! -e .sillok/config.yaml ] || wrong 'written all the same'
ok 'a form for what prints nothing'

printf 'zone: UTC\nlimit.file_bytes: 1\n' >.sillok/config.yaml
run sillok crawls
code_is 2; err_has 'config.yaml:2:1:'; err_has "did you mean 'limits.file_bytes'"
ok 'a mistyped key in the file: where, and what may be meant'

printf 'zoen: {}\n' >.sillok/config.yaml
run sillok crawls
code_is 2; err_has 'config.yaml:1:1: zoen: an empty map or list'
ok 'a mistyped key that holds nothing'

printf 'pager:\n  less -R\nlimits:\n  file_bytes: 1M\n' >.sillok/config.yaml
cp .sillok/config.yaml before
run sillok config pager more
code_is 2; out_empty; err_has "cannot change 'pager' in one line: edit line 1 of"
run sillok config --unset limits.file_bytes
code_is 2; out_empty; err_has "edit line 4 of"
same .sillok/config.yaml before
ok 'what one line does not change is told, and the file stays'

rm .sillok/config.yaml
run sillok config sandbox maybe
code_is 2; err_has 'auto, off or require'
run sillok --sandbox off crawls
code_is 0
SILLOK_SANDBOX=maybe run sillok crawls
code_is 2; err_has 'SILLOK_SANDBOX must be auto, off or require'
SILLOK_SANDBOX=maybe run sillok --sandbox auto crawls
code_is 0
run sillok config sandbox off
SILLOK_SANDBOX=maybe run sillok crawls
code_is 2
run sillok config sandbox
out_is <<'END'
off
END
printf 'pager: "a\\e"\n' >.sillok/config.yaml
run sillok crawls
code_is 2; err_has 'without control characters'
ok 'the sandbox: option, environment, setting'

rm -f .sillok/config.yaml
printf 'name: other\nzone: UTC\n' >other.yml
run sillok config profile nobody
code_is 2; err_has "there is no profile 'nobody'"
run sillok config profile other.yaml
code_is 2; err_has "there is no file 'other.yaml'"
printf 'name: other\nzone: Seoul\n' >other.yaml
run sillok config profile other.yaml
code_is 2; err_has 'other.yaml:2:1: zone: a zone is'
[ ! -e .sillok/config.yaml ] || wrong 'written all the same'
run sillok config profile other.yml
code_is 0
run sillok config profile
out_is <<END
$(pwd -P)/other.yml
END
mkdir elsewhere
run bash -c 'cd elsewhere && exec "$0" ingest -n ../tue' "$program"
[ "$code" -ne 2 ] || wrong 'not found from another folder'
printf 'profile: gone.yaml\n' >.sillok/config.yaml
run sillok ingest --crawl again tue
code_is 2; err_has "the setting profile: there is no file 'gone.yaml'"
run sillok config profile naver
code_is 0
ok 'a profile is looked at when it is set, and is the same one from every folder'

printf 'limits.file_bytes: 100\n' >.sillok/config.yaml
run sillok ingest --crawl again tue
code_is 1; err_has '(too_large)'
ok 'limits act'
finish
