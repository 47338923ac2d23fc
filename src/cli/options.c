#include "cli/options.h"

#include "base/nearest.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const struct option_def global_options[] = {
    { "store", 's', OPTION_PATH, offsetof(struct cli, store_option), "STORE", NULL,
      "the store; else $SILLOK_STORE, else the nearest .sillok upwards" },
    { "json", 0, OPTION_FLAG, offsetof(struct cli, json), NULL, NULL,
      "print one JSON object a line" },
    { "csv", 0, OPTION_FLAG, offsetof(struct cli, csv), NULL, NULL,
      "print lists as CSV (RFC 4180)" },
    { "csv-raw", 0, OPTION_FLAG, offsetof(struct cli, csv_raw), NULL, NULL,
      "the same without ' before cells that a spreadsheet would compute" },
    { "quiet", 'q', OPTION_FLAG, offsetof(struct cli, quiet), NULL, NULL,
      "no progress, no notes" },
    { "zone", 0, OPTION_TEXT, offsetof(struct cli, zone_option), "ZONE", NULL,
      "zone of times for people: UTC, KST, Asia/Seoul, +09:00; JSON is always UTC" },
    { "color", 0, OPTION_CHOICE, offsetof(struct cli, color), "WHEN",
      "|auto|always|never", "colour: auto, always or never" },
    { "sandbox", 0, OPTION_CHOICE, offsetof(struct cli, sandbox), "MODE",
      "|auto|off|require",
      "give up rights that are not needed: auto (as far as the system "
      "can), off or require" },
    { "no-pager", 0, OPTION_FLAG, offsetof(struct cli, no_pager), NULL, NULL,
      "do not page long output" },
    { "help", 'h', OPTION_FLAG, offsetof(struct cli, help), NULL, NULL, "show help" },
    { "version", 0, OPTION_FLAG, offsetof(struct cli, version), NULL, NULL,
      "show the version" },
    { 0 },
};

/* What check_format() refuses is not offered either. */
int option_fits(const struct option_def *def, const struct verb *verb)
{
    static const struct {
        const char *name;
        enum verb_format format;
    } forms[] = { { "json", VERB_JSON }, { "csv", VERB_CSV }, { "csv-raw", VERB_CSV } };
    for (size_t i = 0; verb && i < sizeof(forms) / sizeof(forms[0]); i++)
        if (strcmp(def->name, forms[i].name) == 0)
            return (verb->formats & (int)forms[i].format) != 0;
    return 1;
}

/* --- one table for getopt --- */

enum { MAX_OPTIONS = 48, ID_FIRST = 256 };

/* Options by the number that getopt gives back, and where their values go. */
struct parser {
    struct option longs[MAX_OPTIONS + 1];
    const struct option_def *defs[MAX_OPTIONS];
    char *base[MAX_OPTIONS]; /* struct that the offset counts from */
    int n;
    char letters[3 * MAX_OPTIONS + 4];
    struct cli *cli;
};

static int takes_value(const struct option_def *def)
{
    return def->type == OPTION_FLAG      ? no_argument
           : def->type == OPTION_SECONDS ? optional_argument
                                         : required_argument;
}

static void add_table(struct parser *p, const struct option_def *def, void *base)
{
    for (; def && def->name && p->n < MAX_OPTIONS; def++) {
        const int kind = takes_value(def);
        p->longs[p->n] = (struct option){ def->name, kind, NULL, ID_FIRST + p->n };
        p->defs[p->n] = def;
        p->base[p->n] = base;
        p->n++;
        if (!def->letter)
            continue;
        const size_t len = strlen(p->letters);
        snprintf(p->letters + len, sizeof(p->letters) - len, "%c%s", def->letter,
                 kind == no_argument         ? ""
                 : kind == optional_argument ? "::"
                                             : ":");
    }
}

static int index_of(const struct parser *p, int id)
{
    if (id >= ID_FIRST)
        return id - ID_FIRST;
    for (int i = 0; i < p->n; i++)
        if (p->defs[i]->letter == id)
            return i;
    return -1;
}

/* --- values --- */

static int bad_value(struct parser *p, const struct option_def *def, const char *value,
                     const char *want)
{
    (void)cli_usage(p->cli, "--%s %.200s: %s", def->name, value, want);
    return -1;
}

static int take_number(struct parser *p, const struct option_def *def, const char *value,
                       uint64_t max, uint64_t *out)
{
    const uint64_t least = def->type == OPTION_LIMIT;
    char want[80];
    errno = 0;
    const unsigned long long v = strtoull(value, NULL, 10);
    if (!*value || value[strspn(value, "0123456789")] || v < least)
        return bad_value(p, def, value,
                         least ? "not a number from 1 up" : "not a number from 0 up");
    if (errno || v > max) {
        snprintf(want, sizeof(want), "too large: at most %llu", (unsigned long long)max);
        return bad_value(p, def, value, want);
    }
    *out = v;
    return 0;
}

static int take_choice(struct parser *p, const struct option_def *def, const char *value,
                       int *out)
{
    assert(def->choices); /* by its type */
    const size_t len = strlen(value);
    int i = 0;
    for (const char *word = def->choices; word; i++) {
        const size_t n = strcspn(word, "|");
        if (n == len && n && memcmp(word, value, n) == 0) {
            *out = i;
            return 0;
        }
        word = word[n] ? word + n + 1 : NULL;
    }
    char want[160];
    snprintf(want, sizeof(want), "not one of %s",
             def->choices + (def->choices[0] == '|'));
    return bad_value(p, def, value, want);
}

/* What a word of a comma list can be. */
struct vocabulary {
    const char *what;
    int n;
    int (*parse)(const char *word, size_t len);
    const char *(*name)(int i);
};

static const char *kind_name(int kind)
{
    return sillok_kind_name((enum sillok_kind)kind);
}

static const struct vocabulary kinds = { "kind", SILLOK_N_KINDS, sillok_kind_parse,
                                         kind_name };
static const struct vocabulary flags = { "flag", SILLOK_N_FLAGS, sillok_flag_parse,
                                         sillok_flag_name };

static int take_words(struct parser *p, const struct option_def *def, const char *value,
                      const struct vocabulary *words, uint32_t *out)
{
    for (const char *word = value; word;) {
        const size_t n = strcspn(word, ",");
        const int bit = words->parse(word, n);
        if (bit < 0) {
            char one[64], want[128];
            snprintf(one, sizeof(one), "%.*s", n < 60 ? (int)n : 60, word);
            struct nearest near = { .word = one };
            for (int i = 0; i < words->n; i++)
                nearest_offer(&near, words->name(i));
            snprintf(want, sizeof(want), "no such %s%s%s%s", words->what,
                     near.best ? ", did you mean '"
                               : "; 'sillok help changes' lists them",
                     near.best ? near.best : "", near.best ? "'?" : "");
            return bad_value(p, def, value, want);
        }
        *out |= (uint32_t)1 << bit;
        word = word[n] ? word + n + 1 : NULL;
    }
    return 0;
}

/* --store=~/news comes as it is written, and would be a folder named ~ here. */
static int take_path(struct parser *p, const struct option_def *def, const char *value,
                     const char **at)
{
    struct stat st;
    if (value[0] == '~' && (!value[1] || value[1] == '/') && lstat(value, &st) < 0) {
        (void)cli_usage(p->cli,
                        "--%s=%.200s: behind a = and in quotes the shell leaves ~ as it "
                        "is; write --%s %.200s",
                        def->name, value, def->name, value);
        return -1;
    }
    *at = value;
    return 0;
}

static int take_one(struct parser *p, const struct option_def *def, const char *value,
                    const char **at)
{
    if (*at && strcmp(*at, value) != 0) {
        (void)cli_usage(p->cli, "--%s %.200s and --%s %.200s: it can be given once",
                        def->name, *at, def->name, value);
        return -1;
    }
    *at = value;
    return 0;
}

static int take_value(struct parser *p, int i, const char *value)
{
    const struct option_def *def = p->defs[i];
    void *at = p->base[i] + def->offset;
    uint64_t number = 0;
    int r = 0;
    switch (def->type) {
    case OPTION_FLAG:
        *(int *)at = 1;
        return 0;
    case OPTION_PATH:
        return take_path(p, def, value, at);
    case OPTION_TEXT:
    case OPTION_KEY:
        *(const char **)at = value;
        return 0;
    case OPTION_ONE:
        return take_one(p, def, value, at);
    case OPTION_COUNT:
    case OPTION_LIMIT:
        return take_number(p, def, value, INT64_MAX, at);
    case OPTION_SECONDS:
    case OPTION_INT:
        r = value ? take_number(p, def, value, INT_MAX, &number) : 0;
        if (r == 0)
            *(int *)at = value ? (int)number : -1;
        return r;
    case OPTION_CHOICE:
        return take_choice(p, def, value, at);
    case OPTION_KINDS:
        return take_words(p, def, value, &kinds, at);
    case OPTION_FLAGS:
        return take_words(p, def, value, &flags, at);
    }
    return 0;
}

/* --- what getopt refuses --- */

static void say_unknown_long(const struct parser *p, const char *arg)
{
    char word[64];
    snprintf(word, sizeof(word), "%.*s",
             (int)strcspn(arg + 2, "=") < 60 ? (int)strcspn(arg + 2, "=") : 60, arg + 2);
    struct nearest near = { .word = word };
    int fits = 0;
    for (int i = 0; i < p->n; i++) {
        fits += strncmp(p->defs[i]->name, word, strlen(word)) == 0;
        nearest_offer(&near, p->defs[i]->name);
    }
    if (fits > 1)
        (void)cli_usage(p->cli, "option '--%s' could be several; write it out", word);
    else if (near.best)
        (void)cli_usage(p->cli, "unknown option '--%s', did you mean '--%s'?", word,
                        near.best);
    else
        (void)cli_usage(p->cli, "unknown option '--%s'; 'sillok help%s%s' lists them",
                        word, p->cli->verb ? " " : "",
                        p->cli->verb ? p->cli->verb->name : "");
}

/* -5 is how git and head are told how many, and how the newest revision is counted from. */
static void say_number(const struct parser *p, const char *arg)
{
    const struct verb *verb = p->cli->verb;
    const char *at = strchr(arg, optopt); /* -q5: behind other letters */
    const int n = at ? (int)strspn(at, "0123456789") : 0;
    char shown[24];
    snprintf(shown, sizeof(shown), "%.*s", n < 20 ? n : 20, at ? at : "");
    int has_limit = 0;
    for (int i = 0; i < p->n; i++)
        has_limit |= p->defs[i]->type == OPTION_LIMIT;
    if (has_limit)
        (void)cli_usage(p->cli, "unknown option '-%s'; at most so many is -n %s", shown,
                        shown);
    else if (verb && strstr(verb->synopsis, "[@R]"))
        (void)cli_usage(p->cli,
                        "unknown option '-%s'; a revision counted from the newest is "
                        "written @-%s",
                        shown, shown);
    else
        (void)cli_usage(p->cli, "unknown option '-%s'; 'sillok help%s%s' lists them",
                        shown, verb ? " " : "", verb ? verb->name : "");
}

static void say_refused(const struct parser *p, int result, char *arg)
{
    const int i = optopt ? index_of(p, optopt) : -1;
    if (i >= 0 && result == ':')
        (void)cli_usage(p->cli, "option '--%s' needs a value: %s", p->defs[i]->name,
                        p->defs[i]->arg);
    else if (i >= 0)
        (void)cli_usage(p->cli, "option '--%s' takes no value", p->defs[i]->name);
    else if (strncmp(arg, "--", 2) == 0)
        say_unknown_long(p, arg);
    else if (optopt >= '0' && optopt <= '9')
        say_number(p, arg);
    else
        (void)cli_usage(p->cli, "unknown option '-%c'; 'sillok help%s%s' lists them",
                        optopt, p->cli->verb ? " " : "",
                        p->cli->verb ? p->cli->verb->name : "");
}

static enum options_result read_all(struct parser *p, int argc, char **argv, int keep)
{
    optind = 0; /* glibc: start over */
    opterr = 0;
    for (;;) {
        const int at = optind ? optind : 1;
        const int id = getopt_long(argc, argv, p->letters, p->longs, NULL);
        if (id == -1)
            return OPTIONS_OK;
        if (id == 1 && keep) { /* not an option: letters begins with '-' */
            p->cli->args[p->cli->n_args++] = optarg;
            continue;
        }
        const int i = index_of(p, id);
        if (id == '?' || id == ':' || i < 0) {
            say_refused(p, id, argv[at < argc ? at : argc - 1]);
            return OPTIONS_BAD;
        }
        if (take_value(p, i, optarg) < 0)
            return OPTIONS_BAD;
    }
}

/* --- the two passes --- */

enum options_result options_global(struct cli *cli, int argc, char **argv, int *next)
{
    struct parser p = { .cli = cli, .letters = "+:" };
    add_table(&p, global_options, cli);
    const enum options_result r = read_all(&p, argc, argv, 0);
    *next = optind;
    return r;
}

/* A form that a verb does not have is refused: silence would leave a reader of JSON with
 * text for people. */
static int check_format(struct cli *cli)
{
    const char *name = cli->verb->name;
    cli->csv |= cli->csv_raw; /* which says how */
    if (cli->json && cli->csv)
        (void)cli_usage(cli, "--json and --csv: only one of them");
    else if (cli->json && !(cli->verb->formats & VERB_JSON))
        (void)cli_usage(cli, "%s has no --json", name);
    else if (cli->csv && !(cli->verb->formats & VERB_CSV))
        (void)cli_usage(cli, "%s has no --csv", name);
    else
        return 0;
    return -1;
}

static int check_count(struct cli *cli)
{
    const struct verb *verb = cli->verb;
    if (cli->n_args < verb->min_args)
        (void)cli_usage(cli, "something is missing: sillok %s %s", verb->name,
                        verb->synopsis);
    else if (verb->max_args >= 0 && cli->n_args > verb->max_args)
        (void)cli_usage(cli, "too much: '%s'; sillok %s %s", cli->args[verb->max_args],
                        verb->name,
                        *verb->synopsis ? verb->synopsis : "takes nothing but options");
    else if (verb->reach & REACH_BESIDE && cli->n_args && strcmp(cli->args[0], "-") == 0)
        (void)cli_usage(cli,
                        "'-' is standard output, and a folder is made: name it, as ./- "
                        "where that is its name");
    else
        return 0;
    return -1;
}

enum options_result options_verb(struct cli *cli, int argc, char **argv, void *args)
{
    struct parser p = { .cli = cli, .letters = "-:" };
    add_table(&p, cli->verb->options, args);
    add_table(&p, global_options, cli);
    cli->args = calloc((size_t)argc + 1, sizeof(*cli->args));
    if (!cli->args) {
        (void)cli_fail(cli, fail_memory());
        return OPTIONS_BAD;
    }
    const enum options_result r = read_all(&p, argc, argv, 1);
    while (r == OPTIONS_OK && optind < argc) /* behind "--" */
        cli->args[cli->n_args++] = argv[optind++];
    if (r != OPTIONS_OK || cli->help || cli->version)
        return r;
    return check_format(cli) < 0 || check_count(cli) < 0 ? OPTIONS_BAD : OPTIONS_OK;
}
