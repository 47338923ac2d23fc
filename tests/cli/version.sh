#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
run sillok version
code_is 0; grep -qE '^sillok [0-9]+\.[0-9]+\.[0-9]+$' out || wrong form
mv out first
run sillok --version
code_is 0; same out first
run sillok version --json
json_is '.[0].version | test("^[0-9.]+$")'
run sillok version now
code_is 2
ok 'says its version'

# Behind a verb too, which then does nothing else.
mkdir empty && cd empty || exit 99
for verb in init 'ingest ..' 'log' 'crawls more' 'compact --level 1' version; do
    # shellcheck disable=SC2086 # words
    run sillok $verb --version
    code_is 0; same out ../first; rm out err difference
    [ -z "$(ls -A)" ] || wrong "$verb did something"
done
cd ..
run sillok --csv --version
code_is 2; err_has 'has no --csv'
ok 'asked of a verb'
finish
