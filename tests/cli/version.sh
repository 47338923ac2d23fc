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
finish
