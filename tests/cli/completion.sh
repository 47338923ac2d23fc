#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
for shell in bash zsh fish; do
    run sillok completion $shell
    code_is 0; err_empty; out_has changes; out_has sort
    mv out $shell.script
done
run sillok completion tcsh
code_is 2; err_has 'bash, zsh or fish'
ok 'a script for each shell'

# complete_words WORDS...: what bash would offer for the last of them.
complete_words() {
    # shellcheck disable=SC2016 # for the inner shell
    bash --norc -c 'source bash.script; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sillok; printf "%s\n" "${COMPREPLY[@]}"' - "$@" >out 2>err
}
complete_words sillok ch
out_is <<'END'
changes
END
complete_words sillok -s store lo
out_is <<'END'
log
END
complete_words sillok diff --format s
out_is <<'END'
side
sentences
END
complete_words sillok diff --format = s
out_is <<'END'
side
sentences
END
complete_words sillok changes --so
out_is <<'END'
--sort
END
complete_words sillok changes --kind head
out_is <<'END'
headline
END
complete_words sillok help ve
out_is <<'END'
verify
version
END
complete_words sillok config limits.file
out_is <<'END'
limits.file_bytes
END
complete_words sillok config --unset zo
out_is <<'END'
zone
END
complete_words sillok changes --kind number,hea
out_is <<'END'
number,headline
END
complete_words sillok changes --flag = silent,number,ann
out_is <<'END'
silent,number,announced
END
touch sign.note
complete_words sillok -s store proof s
out_is <<'END'
status
sign
show
since
END
complete_words sillok proof since --zone KST s
out_is <<'END'
sign.note
END
complete_words sillok cat --j
out_is <<'END'

END
complete_words sillok show --c
out_is <<'END'
--color
END
complete_words sillok log --cs
out_is <<'END'
--csv
--csv-raw
END
complete_words sillok --j
out_is <<'END'
--json
END
sed -n '/^    cat)$/,/;;$/p' zsh.script >out
out_has "'--color="; ! grep -e --json -e --csv out || wrong 'zsh: a form that cat refuses'
grep -e "'not __fish_seen_subcommand_from.* cat .*' -l csv " fish.script >out || wrong 'fish: a form that cat refuses'
ok 'no form that the verb refuses'
touch here.md
complete_words sillok ingest he
out_is <<'END'
here.md
END
ok 'bash: verbs, options, values, lists, settings, actions, files'
if command -v fish >/dev/null; then
    HOME=$work fish --no-config -c 'source fish.script
        for line in "changes --kind number,hea" "report -k typo,number,hea" "config --unset zon" "proof stat" "proof check sign."
            complete -C "sillok $line" | string replace -r "\t.*" ""
        end' >out 2>err
    err_empty
    out_is <<'END'
number,headline
typo,number,headline
zone
status
sign.note
END
    ok 'fish: the same'
else
    skip 'fish: the same' 'no fish'
fi
grep -qF -e "'*--flag=[" zsh.script || wrong 'zsh: an option that may be repeated'
grep -qF -e ':KIND,...:_sequence compadd - reverted ' zsh.script || wrong 'zsh: a list'
grep -qF -e "'1:action:(status init " zsh.script || wrong 'zsh: actions'
ok 'zsh: the same'
for shell in zsh fish; do
    if command -v $shell >/dev/null; then
        run $shell -n $shell.script
        code_is 0
        ok "$shell takes its script"
    else
        skip "$shell takes its script" "no $shell"
    fi
done
finish
