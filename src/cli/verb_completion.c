/*
 * sillok completion: scripts for bash, zsh and fish, printed from the verb table.
 *
 * All that a script knows is written into it; it never starts the program, so that TAB
 * answers at once and never touches a store.
 */
#include "cli/cli.h"

#include <string.h>

/* --- words --- */

/* Into single quotes of a shell; with @p zsh also safe inside _arguments' [..] and :..:
 */
static void add_quoted(struct buf *b, const char *str, int zsh)
{
    for (; *str; str++) {
        if (*str == '\'')
            (void)buf_add_str(b, "'\\''");
        else if (zsh && strchr("[]:\\", *str))
            (void)buf_printf(b, "\\%c", *str);
        else
            (void)buf_add_char(b, *str);
    }
}

/* "words|side" -> "words side" */
static void add_choices(struct buf *b, const char *choices)
{
    const char blank = ' ';
    for (choices += choices[0] == '|'; *choices; choices++)
        (void)buf_add(b, *choices == '|' ? &blank : choices, 1);
}

static void add_kinds(struct buf *b)
{
    for (int k = 0; k < SILLOK_N_KINDS; k++)
        (void)buf_printf(b, "%s%s", k ? " " : "", sillok_kind_name((enum sillok_kind)k));
}

static void add_flags(struct buf *b)
{
    for (int i = 0; i < SILLOK_N_FLAGS; i++)
        (void)buf_printf(b, "%s%s", i ? " " : "", sillok_flag_name(i));
}

static void add_settings(struct buf *b)
{
    struct sillok_setting setting;
    for (size_t i = 0; i < sillok_config_count(); i++) {
        sillok_config_at(NULL, i, &setting);
        (void)buf_printf(b, "%s%s", i ? " " : "", setting.key);
    }
}

static void add_verbs(struct buf *b)
{
    for (const struct verb *const *v = all_verbs; *v; v++)
        (void)buf_printf(b, "%s%s", v == all_verbs ? "" : " ", (*v)->name);
}

/* What may stand as the value of an option, as words; 0 when that is not known. */
static int add_values(struct buf *b, const struct option_def *def)
{
    if (def->type == OPTION_CHOICE)
        add_choices(b, def->choices);
    else if (def->type == OPTION_KINDS)
        add_kinds(b);
    else if (def->type == OPTION_FLAGS)
        add_flags(b);
    else if (def->type == OPTION_KEY)
        add_settings(b);
    else
        return 0;
    return 1;
}

/* Words parted by commas, in one option or in several. */
static int is_list(const struct option_def *def)
{
    return def->type == OPTION_KINDS || def->type == OPTION_FLAGS;
}

static int add_operands(struct buf *b, enum operand operand)
{
    switch (operand) {
    case OPERAND_VERB:
        add_verbs(b);
        return 1;
    case OPERAND_SHELL:
        (void)buf_add_str(b, "bash zsh fish");
        return 1;
    case OPERAND_SETTING:
        add_settings(b);
        return 1;
    case OPERAND_NONE:
    case OPERAND_PATH:
        break;
    }
    return 0;
}

static int needs_value(const struct option_def *def)
{
    return def->type != OPTION_FLAG && def->type != OPTION_SECONDS;
}

/* --- bash --- */

/* "-s|--store" */
static void bash_pattern(struct buf *b, const struct option_def *def)
{
    if (def->letter)
        (void)buf_printf(b, "-%c|", def->letter);
    (void)buf_printf(b, "--%s", def->name);
}

static void bash_values(struct buf *b, const struct option_def *def)
{
    for (; def && def->name; def++) {
        CLEANUP(buf_release) struct buf values = BUF_INIT;
        if (!needs_value(def))
            continue;
        (void)buf_add_str(b, "        ");
        bash_pattern(b, def);
        if (def->type == OPTION_PATH)
            (void)buf_add_str(b, ") files=1 ;;\n");
        else if (add_values(&values, def))
            (void)buf_printf(b, ") words='%.*s' ;;\n", (int)values.len, values.ptr);
        else
            (void)buf_add_str(b, ") return ;;\n");
    }
}

static void bash_options(struct buf *b, const struct option_def *def,
                         const struct verb *verb)
{
    for (; def && def->name; def++)
        if (option_fits(def, verb))
            (void)buf_printf(b, " --%s", def->name);
}

/* An action, and once it stands there, files. */
static void bash_actions(struct buf *b, const struct verb *verb)
{
    (void)buf_add_str(b, "words='");
    add_choices(b, verb->actions);
    (void)buf_printf(
        b,
        "'\n"
        "                for i in \"${COMP_WORDS[@]:i+1:COMP_CWORD-i-1}\"; do\n"
        "                    case $i in %s) words='' files=1 ;; esac\n"
        "                done",
        verb->actions);
}

/* With a verb: first the value of the option before the cursor, then options, then what
 * the verb takes. */
static void bash_verb(struct buf *b, const struct verb *verb)
{
    CLEANUP(buf_release) struct buf words = BUF_INIT;
    (void)buf_printf(b, "    %s)\n        case $prev in\n", verb->name);
    bash_values(b, verb->options);
    bash_values(b, global_options);
    (void)buf_add_str(b, "        *)\n            if [[ $cur == -* ]]; then words='");
    bash_options(b, verb->options, verb);
    bash_options(b, global_options, verb);
    (void)buf_add_str(b, "'\n            else ");
    if (verb->actions)
        bash_actions(b, verb);
    else if (add_operands(&words, verb->operand))
        (void)buf_printf(b, "words='%.*s'", (int)words.len, words.ptr);
    else
        (void)buf_add_str(b, verb->operand == OPERAND_PATH ? "files=1" : ":");
    (void)buf_add_str(b, "\n            fi ;;\n        esac ;;\n");
}

static void bash_script(struct buf *b)
{
    (void)buf_add_str(
        b, "# bash completion for sillok: source it, or put it into\n"
           "# ~/.local/share/bash-completion/completions/sillok\n"
           "_sillok() {\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    local verb='' words='' files='' list='' i\n"
           "    COMPREPLY=()\n"
           "    # bash cuts --option=value at the =\n"
           "    [[ $cur == = ]] && cur=''\n"
           "    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        case ${COMP_WORDS[i]} in\n        ");
    int n = 0;
    for (const struct option_def *def = global_options; def->name; def++) {
        if (!needs_value(def))
            continue;
        (void)buf_add_str(b, n++ ? "|" : "");
        bash_pattern(b, def);
    }
    (void)buf_add_str(b, ") ((i++)) ;;\n"
                         "        -*) ;;\n"
                         "        *) verb=${COMP_WORDS[i]}; break ;;\n"
                         "        esac\n"
                         "    done\n"
                         "    case $verb in\n"
                         "    '')\n        case $prev in\n");
    bash_values(b, global_options);
    (void)buf_add_str(b, "        *)\n            if [[ $cur == -* ]]; then words='");
    bash_options(b, global_options, NULL);
    (void)buf_add_str(b, "'\n            else words='");
    add_verbs(b);
    (void)buf_add_str(b, "'\n            fi ;;\n        esac ;;\n");
    for (const struct verb *const *v = all_verbs; *v; v++)
        bash_verb(b, *v);
    (void)buf_add_str(
        b,
        "    esac\n"
        "    # of a list the last word; what stands before it stays\n"
        "    [[ $cur == *,* ]] && list=${cur%,*},\n"
        "    [[ $words ]] &&\n"
        "        mapfile -t COMPREPLY < <(compgen -P \"$list\" -W \"$words\" -- "
        "\"${cur#\"$list\"}\")\n"
        "    if [[ $files ]]; then\n"
        "        compopt -o filenames 2>/dev/null\n"
        "        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$cur\")\n"
        "    fi\n"
        "}\n"
        "complete -F _sillok sillok\n");
}

/* --- zsh --- */

static void zsh_option(struct buf *b, const struct option_def *def)
{
    CLEANUP(buf_release) struct buf values = BUF_INIT;
    (void)buf_add_str(b, " \\\n        ");
    if (def->letter && is_list(def))
        (void)buf_printf(b, "\\*{-%c,--%s=}'", def->letter, def->name);
    else if (def->letter)
        (void)buf_printf(b, "'(-%c --%s)'{-%c,--%s%s}'", def->letter, def->name,
                         def->letter, def->name, needs_value(def) ? "=" : "");
    else
        (void)buf_printf(b, "'%s--%s%s", is_list(def) ? "*" : "", def->name,
                         needs_value(def)              ? "="
                         : def->type == OPTION_SECONDS ? "=-"
                                                       : "");
    (void)buf_add_char(b, '[');
    add_quoted(b, def->help, 1);
    (void)buf_add_char(b, ']');
    if (def->arg) {
        (void)buf_add_str(b, def->type == OPTION_SECONDS ? "::" : ":");
        add_quoted(b, def->arg, 1);
        (void)buf_add_char(b, ':');
    }
    if (def->type == OPTION_PATH)
        (void)buf_add_str(b, "_files");
    else if (add_values(&values, def))
        (void)buf_printf(b, is_list(def) ? "_sequence compadd - %.*s" : "(%.*s)",
                         (int)values.len, values.ptr);
    (void)buf_add_char(b, '\'');
}

static void zsh_options(struct buf *b, const struct option_def *def,
                        const struct verb *verb)
{
    for (; def && def->name; def++)
        if (option_fits(def, verb))
            zsh_option(b, def);
}

static void zsh_verb(struct buf *b, const struct verb *verb)
{
    CLEANUP(buf_release) struct buf words = BUF_INIT;
    (void)buf_printf(b, "    %s)\n        _arguments", verb->name);
    zsh_options(b, verb->options, verb);
    zsh_options(b, global_options, verb);
    if (verb->actions) {
        (void)buf_add_str(b, " \\\n        '1:action:(");
        add_choices(b, verb->actions);
        (void)buf_add_str(b, ")'");
    }
    (void)buf_add_str(b, " \\\n        '*:");
    if (add_operands(&words, verb->operand))
        (void)buf_printf(b, "argument:(%.*s)'", (int)words.len, words.ptr);
    else
        (void)buf_add_str(b, verb->actions || verb->operand == OPERAND_PATH
                                 ? "path:_files'"
                                 : "argument: '");
    (void)buf_add_str(b, " ;;\n");
}

static void zsh_script(struct buf *b)
{
    (void)buf_add_str(b, "#compdef sillok\n"
                         "# zsh completion for sillok: put it into a folder of $fpath as "
                         "_sillok\n"
                         "_sillok() {\n"
                         "    local curcontext=$curcontext state line\n"
                         "    typeset -A opt_args\n"
                         "    _arguments -C");
    zsh_options(b, global_options, NULL);
    (void)buf_add_str(b, " \\\n        '1:verb:->verb' '*::argument:->argument'\n"
                         "    if [[ $state == verb ]]; then\n"
                         "        local -a verbs\n"
                         "        verbs=(\n");
    for (const struct verb *const *v = all_verbs; *v; v++) {
        (void)buf_printf(b, "            '%s:", (*v)->name);
        add_quoted(b, (*v)->summary, 0);
        (void)buf_add_str(b, "'\n");
    }
    (void)buf_add_str(b, "        )\n"
                         "        _describe verb verbs\n"
                         "        return\n"
                         "    fi\n"
                         "    case $line[1] in\n");
    for (const struct verb *const *v = all_verbs; *v; v++)
        zsh_verb(b, *v);
    (void)buf_add_str(b, "    esac\n"
                         "}\n"
                         "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
                         "    _sillok \"$@\"\n"
                         "else\n"
                         "    compdef _sillok sillok\n"
                         "fi\n");
}

/* --- fish --- */

static void fish_option(struct buf *b, const struct option_def *def,
                        const char *condition)
{
    CLEANUP(buf_release) struct buf values = BUF_INIT;
    (void)buf_printf(b, "complete -c sillok%s -l %s", condition, def->name);
    if (def->letter)
        (void)buf_printf(b, " -s %c", def->letter);
    if (def->type == OPTION_PATH)
        (void)buf_add_str(b, " -rF");
    else if (needs_value(def))
        (void)buf_add_str(b, " -x");
    if (add_values(&values, def))
        (void)buf_printf(b, is_list(def) ? " -a '(__sillok_list %.*s)'" : " -a '%.*s'",
                         (int)values.len, values.ptr);
    (void)buf_add_str(b, " -d '");
    /* fish knows \' inside single quotes, and takes the shells' '\'' as well. */
    add_quoted(b, def->help, 0);
    (void)buf_add_str(b, "'\n");
}

/* Global ones go with any verb, but for those that do not take them. */
static void fish_global_options(struct buf *b)
{
    for (const struct option_def *def = global_options; def->name; def++) {
        CLEANUP(buf_release) struct buf condition = BUF_INIT;
        for (const struct verb *const *v = all_verbs; *v; v++)
            if (!option_fits(def, *v))
                (void)buf_printf(&condition, "%s %s",
                                 condition.len ? ""
                                               : " -n 'not __fish_seen_subcommand_from",
                                 (*v)->name);
        (void)buf_add_str(&condition, condition.len ? "'" : "");
        (void)buf_add_char(&condition, '\0');
        if (condition.failed)
            return;
        fish_option(b, def, condition.ptr);
    }
}

static void fish_actions(struct buf *b, const struct verb *verb)
{
    CLEANUP(buf_release) struct buf words = BUF_INIT;
    add_choices(&words, verb->actions);
    const struct sillok_text w = buf_text(&words);
    (void)buf_printf(b,
                     "complete -c sillok -n '__fish_seen_subcommand_from %s; and not "
                     "__fish_seen_subcommand_from %.*s' -a '%.*s'\n"
                     "complete -c sillok -n '__fish_seen_subcommand_from %s; and "
                     "__fish_seen_subcommand_from %.*s' -F\n",
                     verb->name, (int)w.len, w.ptr, (int)w.len, w.ptr, verb->name,
                     (int)w.len, w.ptr);
}

static void fish_script(struct buf *b)
{
    (void)buf_add_str(
        b, "# fish completion for sillok: put it into\n"
           "# ~/.config/fish/completions/sillok.fish\n"
           "# of a list the last word; what stands before it stays\n"
           "function __sillok_list\n"
           "    set -l had (commandline -ct | string replace -r '^--[^=]*=' '' | "
           "string replace -r '[^,]*$' '')\n"
           "    printf '%s\\n' \"$had\"$argv\n"
           "end\n"
           "complete -c sillok -f\n");
    fish_global_options(b);
    for (const struct verb *const *v = all_verbs; *v; v++) {
        CLEANUP(buf_release) struct buf words = BUF_INIT;
        CLEANUP(buf_release) struct buf condition = BUF_INIT;
        (void)buf_printf(b, "complete -c sillok -n __fish_use_subcommand -a %s -d '",
                         (*v)->name);
        add_quoted(b, (*v)->summary, 0);
        (void)buf_add_str(b, "'\n");
        (void)buf_printf(&condition, " -n '__fish_seen_subcommand_from %s'%c", (*v)->name,
                         0);
        if (condition.failed)
            return;
        for (const struct option_def *def = (*v)->options; def && def->name; def++)
            fish_option(b, def, condition.ptr);
        if ((*v)->actions)
            fish_actions(b, *v);
        else if (add_operands(&words, (*v)->operand))
            (void)buf_printf(b, "complete -c sillok%s -a '%.*s'\n", condition.ptr,
                             (int)words.len, words.ptr);
        else if ((*v)->operand == OPERAND_PATH)
            (void)buf_printf(b, "complete -c sillok%s -F\n", condition.ptr);
    }
}

/* --- the verb --- */

static int run(struct cli *cli, const void *args)
{
    static const struct {
        const char *name;
        void (*print)(struct buf *b);
    } shells[] = { { "bash", bash_script },
                   { "zsh", zsh_script },
                   { "fish", fish_script } };
    (void)args;
    CLEANUP(buf_release) struct buf script = BUF_INIT;
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
        if (strcmp(cli->args[0], shells[i].name) != 0)
            continue;
        shells[i].print(&script);
        const int r = put(&script);
        return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
    }
    return cli_usage(cli, "no script for '%.40s': bash, zsh or fish", cli->args[0]);
}

const struct verb verb_completion = {
    .name = "completion",
    .synopsis = "SHELL",
    .summary = "print a completion script for bash, zsh or fish",
    .help =
        "SHELL is bash, zsh or fish. The script completes verbs, options and their values; "
        "it never starts sillok.",
    .examples =
        "source <(sillok completion bash)|for this shell\n"
        "sillok completion fish >~/.config/fish/completions/sillok.fish|for good\n"
        "sillok completion zsh >~/.zfunc/_sillok|for good, ~/.zfunc being in $fpath\n",
    .min_args = 1,
    .max_args = 1,
    .operand = OPERAND_SHELL,
    .run = run,
};
