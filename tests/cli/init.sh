#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"

run sillok init
code_is 0; out_empty; err_has 'made an empty store in .sillok'
[ -d .sillok ] || wrong 'no .sillok'
ok 'makes .sillok here'

run sillok init
code_is 2; err_has "exists"
ok 'never touches what is there'

run sillok init one/two
code_is 3
ok 'a folder that is missing above is an error of the system'

run sillok init other
code_is 0
run sillok -s other stats --json
code_is 0; json_is '.[0].articles == 0'
ok 'an empty store can be asked'

run sillok --json -s third init
code_is 0; json_is '.[0].store == "third"'
ok 'says in JSON what it made'

run sillok -s a init b
code_is 2; [ ! -e a ] && [ ! -e b ] || wrong 'made one'
ok 'two places are one too many'

SILLOK_STORE=$work/env run sillok init
code_is 0; [ -d env ] || wrong 'not there'
ok 'SILLOK_STORE is understood'

# A volume of a container, say; where nothing may be mounted this is not to be seen.
mounted() { mount -t tmpfs none volume && exec "$program" -s volume "$@"; }
export -f mounted; export program
mkdir volume
if unshare -rm bash -c 'mount -t tmpfs none volume' 2>err; then
    run unshare -rm bash -c 'mounted init'
    code_is 2; err_has "'volume' is where a file system begins: give a folder below it"
    [ "$(echo volume*)" = volume ] || wrong 'something is left'
    ok 'an empty volume is no place, a folder in it is'
fi

[ "$(find .sillok -type f -perm /077 | wc -l)" -eq 0 ] || { wrong 'open to others'; ls -l .sillok | say; }
ok 'files are for the owner alone, whatever the umask'
finish
