#!/usr/bin/env bash
top=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/lib.sh"
run sillok help
code_is 0; err_empty
verbs=$(sed -n '/^verbs$/,/^$/s/^  \([a-z]*\)  .*/\1/p' out)
[ "$(echo "$verbs" | wc -l)" -ge 16 ] || wrong verbs
ok 'lists the verbs'

# In display columns: a Hangul syllable has two.
narrow() { [ "$(LC_ALL=C.UTF-8 wc -L <out)" -le 79 ] || wrong "too wide: $(LC_ALL=C.UTF-8 wc -L <out) columns"; }
for verb in $verbs; do
    run sillok help "$verb"
    code_is 0; err_empty; out_has "usage: sillok [-s STORE] $verb"; out_has examples
    narrow; mv out first
    run sillok "$verb" --help
    code_is 0; same out first
    run sillok -h "$verb"
    code_is 0; same out first
done
run sillok --help
code_is 0; narrow
ok 'every verb: under 80 columns, with examples, the same by --help'

# What a verb refuses is not among its options.
for verb in $verbs; do
    run sillok help "$verb"
    sed -n '/^options that other verbs have too$/,/^$/p' out >offered
    for form in json csv csv-raw; do
        run sillok -s nowhere "$verb" "--$form"
        refuses=$(grep -c "^sillok $verb: $verb has no --${form%-raw}$" err)
        offers=$(grep -c -- "^      --$form  " offered)
        [ $((refuses + offers)) -eq 1 ] || wrong "$verb --$form: offered $offers, refused $refuses"
    done
done
run sillok help
for form in json csv csv-raw; do out_has "      --$form  "; done
ok 'of --json and --csv those that the verb has'

for verb in changes diff; do
    run sillok help $verb
    tr '\n' ' ' <out >line && mv line out
    out_has "similarity, added_chars and removed_chars are the headline's"
done
run sillok help find
tr '\n' ' ' <out >line && mv line out
out_has "words in one argument of the shell ('old bridge') are one piece"
ok 'what figures are of, and what a piece is'

run sillok help lgo
code_is 2; err_has "did you mean 'log'"
ok 'an unknown verb'
run sillok help --man
code_is 0; err_empty
for verb in $verbs; do out_has "## $verb"; done
out_has '# EXIT STATUS'; out_has 'SILLOK\_STORE'
out_has 'reindex --dry-run: something would'; out_has 'salvage: something is lost'; out_has 'proof: what'
out_has 'find, articles, dups, similar and clusters'; out_has TMPDIR; out_has data-N.mdb
docs=$(sed 's/\\//g' out | grep -o 'docs/[a-z]*\.md' | sort -u)
[ "$(echo "$docs" | wc -l)" -ge 4 ] || wrong "of documents only $docs"
for doc in $docs; do [ -e "$top/$doc" ] || wrong "there is no $doc"; done
if command -v scdoc >/dev/null; then
    scdoc <out >sillok.1 2>err || { wrong scdoc; say <err; }
    ok 'the manual, which scdoc takes'
else
    skip 'the manual, which scdoc takes' 'no scdoc'
fi
finish
