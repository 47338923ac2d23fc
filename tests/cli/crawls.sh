#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
sillok -q init
run sillok crawls
code_is 0; out_empty; err_has 'no crawls'
run sillok crawls --csv
code_is 0; out_lines 1
ok 'none yet'

store
run sillok crawls
code_is 0; err_empty
out_is <<'END'
crawl  files  new  changed  unchanged  missing  refused  mismatch          gap  first             last
mon        3    3        0          0        0        0         0            -  2026-01-05 03:00  2026-01-05 03:00
tue        4    1        2          1        0        0         0  23 h 59 min  2026-01-06 03:00  2026-01-06 03:00
END
ok 'a table'
run sillok crawls --json
json_is 'length == 2'
json_is '.[1] | .crawl == "tue" and .name == "tue" and .files == 4 and .new_articles == 1 and .changed == 2 and .unchanged == 1 and .refused == 0 and .hash_mismatch == 0 and .first == "2026-01-06T03:00:00Z" and .last == "2026-01-06T03:00:12Z" and (.started | endswith("Z"))'
ok 'the fields that others rely on'
finish
