#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
store
hash=$(sha256 "$market")
printf %s "$market" >body

run sillok cat "$hash"
code_is 0; err_empty; same out body
run sillok cat "${hash:0:6}"
code_is 0; same out body
run sillok cat "$(echo "$hash" | tr a-f A-F)"
code_is 0; same out body
ok 'a body by its hash, by the start of it, in capitals'

run sillok cat "$(printf %064d 0)"
code_is 2; out_empty; err_has 'no body'
run sillok cat xyz
code_is 2; err_has 'hex'
run sillok cat ab
code_is 2
ok 'unknown, no hex, too short'
finish
