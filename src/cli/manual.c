#include "cli/manual.h"

#include "cli/text.h"
#include "sillok/base.h"

#include <string.h>

enum { HELP_COLUMNS = 78, OPTION_COLUMN = 26 };

/* --- parts that help and the man page share --- */

static const char about[] =
    "sillok keeps crawled news articles and what changed in them. Every text is stored once, "
    "under its SHA-256; every crawl can be given back byte for byte; and for every article "
    "there is a chain of revisions that says when it read how.";

static const char naming[] =
    "An article is written OID/AID (publisher id, article id); its address "
    "(https://.../OID/AID) or the name of a crawl file (OID_AID_title.md) is understood too. "
    "A revision is OID/AID@N: @1 is the oldest, @-1 the newest, @2026-01-02T03:15:33Z the "
    "one that stood at that time. A body is written as its hash or a unique start of it.\n"
    "Times are read as 2026-01-02, '2026-01-02 03:15', RFC 3339 with Z or +09:00, now, "
    "today, yesterday, '3 days ago', 2w, or @SECONDS since 1970. What has no zone is in the "
    "zone that --zone or the setting 'zone' names.\n"
    "Data goes to standard output, talk to standard error. Article text never reaches a "
    "terminal with live control characters: they are shown as \\x1b or <U+202E>.";

static const char programs[] =
    "--json prints one object a line. All lines of a list have the same names in the same "
    "order; what is not known or does not apply is null, and a text that an article has not "
    "is empty. Counts and sizes in bytes are whole numbers; what has a point or an exponent "
    "is none. Where a verb tells of events its lines begin with event, and the last one, "
    "with the sums, has none. Ids are strings, of 1 to 64 letters, digits, _ and -: their "
    "zeros count. Times are UTC, with Z, in "
    "whole seconds, whatever --zone says; only published_at and modified_at are as the "
    "publisher wrote them. Places in a text are bytes of its UTF-8. Where bytes are not "
    "UTF-8 they become U+FFFD, and the object has one name more, invalid_utf8, "
    "which is true; places count the bytes that were there.\n"
    "--csv has a line of names first, and rows end in CR LF. What is nested in JSON is "
    "flat (window_after); null is empty; words of a list are parted by blanks or, where they "
    "have some, by semicolons; lists of other things are left out. --csv-raw is the same for "
    "programs: the other puts a ' before a text that begins with = + - @, a tab or CR.\n"
    "What is printed before a verb fails is whole lines and true; whether it is all of them, "
    "the exit status says.";

struct entry {
    const char *name, *text;
};

static const struct entry exit_status[] = {
    { "0", "done; for diff: nothing differs" },
    { "1",
      "diff: something differs; ingest: some input was refused, a source ended early, "
      "one article had two contents at one time, or no file was a crawl file (what could "
      "be taken in is in); reindex --dry-run: something would "
      "change; salvage: something is lost; proof: what is checked does not hold, or is of "
      "another log" },
    { "2",
      "wrong use: an unknown verb, option or value; something named is not there (store, "
      "article, revision, body, crawl, file), is not unique, or stands in the way" },
    { "3", "the system failed: disk, permission, memory, output that cannot be written" },
    { "4", "the store is damaged" },
    { "5", "the store is busy: another process writes" },
    { "129, 130, 141, 143",
      "ended by SIGHUP, SIGINT, SIGPIPE (nobody reads the output any more) or SIGTERM; what was "
      "reported is kept" },
    { NULL, NULL },
};

static const struct entry environment[] = {
    { "SILLOK_STORE", "the store, where -s is not given" },
    { "SILLOK_PAGER, PAGER",
      "pager for log, show, diff, changes, find, articles, dups, similar and clusters on a "
      "terminal; empty, cat, or one that is not there: none. Else less is used, with "
      "LESS=FRX if LESS is not set" },
    { "SILLOK_SANDBOX",
      "auto, off or require; --sandbox goes before it, the setting behind" },
    { "NO_COLOR", "if set and not empty: no colour" },
    { "CLICOLOR_FORCE", "if set, not empty and not 0: colour even into a pipe" },
    { "TERM", "dumb: no colour, no pager, no redrawn line" },
    { "COLUMNS", "width where the terminal does not tell it" },
    { "TMPDIR",
      "where ingest --dry-run makes a store for itself, if there is none yet; else /tmp" },
    { NULL, NULL },
};

static const struct entry files[] = {
    { ".sillok/", "the store: looked for in the current folder and upwards" },
    { "STORE/data.mdb", "everything that is kept; after a compact STORE/data-N.mdb" },
    { "STORE/data.mdb-lock",
      "who has the store open, STORE/data-N.mdb-lock after a compact; a user who only "
      "reads has to be allowed to write it" },
    { "STORE/config.yaml", "settings; see config" },
    { "docs/NAME.md",
      "documents that are named here: in PREFIX/share/doc/sillok, where this program is "
      "PREFIX/bin/sillok" },
    { NULL, NULL },
};

/* --- options --- */

/* "-n, --limit N" */
static void option_name(struct buf *out, const struct option_def *def)
{
    if (def->letter)
        (void)buf_printf(out, "-%c, ", def->letter);
    (void)buf_printf(out, "--%s", def->name);
    if (def->type == OPTION_SECONDS)
        (void)buf_printf(out, "[=%s]", def->arg);
    else if (def->arg)
        (void)buf_printf(out, " %s", def->arg);
}

/* Two columns; a name too long for the first stands on a line of its own. */
static void add_entry(struct buf *out, const char *name, size_t name_len,
                      const char *text)
{
    CLEANUP(buf_release) struct buf filled = BUF_INIT;
    text_blanks(out, 2);
    (void)buf_add(out, name, name_len);
    text_wrap(&filled, text_of(text), HELP_COLUMNS, OPTION_COLUMN);
    if (name_len + 4 > OPTION_COLUMN) {
        (void)buf_add_char(out, '\n');
        (void)buf_add(out, filled.ptr, filled.len);
        return;
    }
    text_blanks(out, OPTION_COLUMN - 2 - name_len);
    (void)buf_add(out, filled.ptr + OPTION_COLUMN, filled.len - OPTION_COLUMN);
}

static void add_options(struct buf *out, const struct option_def *def,
                        const struct verb *verb)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT;
    for (; def && def->name; def++) {
        if (!option_fits(def, verb))
            continue;
        buf_clear(&name);
        if (!def->letter)
            text_blanks(&name, 4);
        option_name(&name, def);
        add_entry(out, name.ptr, name.len, def->help);
    }
}

static void add_entries(struct buf *out, const char *title, const struct entry *e)
{
    (void)buf_printf(out, "\n%s\n", title);
    for (; e->name; e++)
        add_entry(out, e->name, strlen(e->name), e->text);
}

/* "a|b" pairs, a line each. */
static int next_example(const char **at, struct sillok_text *command,
                        struct sillok_text *text)
{
    const char *line = *at;
    if (!line || !*line)
        return 0;
    const size_t len = strcspn(line, "\n");
    const char *bar = memchr(line, '|', len);
    /* A pipe in the command is written "||". */
    while (bar && bar + 1 < line + len && bar[1] == '|')
        bar = memchr(bar + 2, '|', (size_t)(line + len - bar - 2));
    *command = text_make(line, bar ? (size_t)(bar - line) : len);
    *text = bar ? text_make(bar + 1, (size_t)(line + len - bar - 1)) : text_make("", 0);
    *at = line + len + (line[len] == '\n');
    return 1;
}

static void add_command(struct buf *out, struct sillok_text command)
{
    for (size_t i = 0; i < command.len; i++) {
        (void)buf_add_char(out, command.ptr[i]);
        if (command.ptr[i] == '|' && i + 1 < command.len && command.ptr[i + 1] == '|')
            i++;
    }
}

/* --- help --- */

void manual_overview(struct buf *out)
{
    (void)buf_add_str(out, "usage: sillok [-s STORE] VERB [options] ...\n\n");
    text_wrap(out, text_of(about), HELP_COLUMNS, 0);
    (void)buf_add_str(out, "\nverbs\n");
    for (const struct verb *const *v = all_verbs; *v; v++)
        add_entry(out, (*v)->name, strlen((*v)->name), (*v)->summary);
    (void)buf_add_str(out, "\noptions of every verb, before or after it\n");
    add_options(out, global_options, NULL);
    (void)buf_add_str(out, "\n");
    text_wrap(out, text_of(naming), HELP_COLUMNS, 0);
    add_entries(out, "exit status", exit_status);
    (void)buf_add_str(out, "\nfirst steps\n"
                           "  sillok ingest crawl-0.tar.gz      take a crawl in\n"
                           "  sillok ingest crawl-1.tar.gz      and the next one\n"
                           "  sillok changes                    what changed\n"
                           "  sillok diff OID/AID               how it changed\n"
                           "\n'sillok help VERB' tells more.\n");
}

void manual_verb(struct buf *out, const struct verb *verb)
{
    struct sillok_text command, text;
    (void)buf_printf(out, "sillok %s - %s\n\nusage: sillok [-s STORE] %s%s%s%s\n\n",
                     verb->name, verb->summary, verb->name, *verb->synopsis ? " " : "",
                     verb->synopsis, verb->options ? " [options]" : "");
    text_wrap(out, text_of(verb->help), HELP_COLUMNS, 0);
    if (verb->options) {
        (void)buf_add_str(out, "\noptions\n");
        add_options(out, verb->options, verb);
    }
    (void)buf_add_str(out, "\noptions that other verbs have too\n");
    add_options(out, global_options, verb);
    const char *at = verb->examples;
    if (at)
        (void)buf_add_str(out, "\nexamples\n");
    while (next_example(&at, &command, &text)) {
        text_blanks(out, 2);
        add_command(out, command);
        (void)buf_add_char(out, '\n');
        text_wrap(out, text, HELP_COLUMNS, 6);
    }
}

/* --- the man page, as scdoc(5) --- */

static void add_scdoc(struct buf *out, struct sillok_text t)
{
    for (size_t i = 0; i < t.len; i++) {
        const char c = t.ptr[i];
        const int starts = i == 0 || t.ptr[i - 1] == '\n';
        /* Marks of scdoc anywhere, and those that count at the start of a line. */
        if (strchr("\\*_`", c) || (starts && strchr("#-.|[];:+", c)))
            (void)buf_add_char(out, '\\');
        (void)buf_add_char(out, c);
        if (c == '\n')
            (void)buf_add_char(out,
                               '\n'); /* our paragraphs are lines, theirs are parted */
    }
}

static void scdoc_str(struct buf *out, const char *str)
{
    add_scdoc(out, text_of(str));
}

static void scdoc_entry(struct buf *out, const char *name, const char *text)
{
    (void)buf_add_char(out, '*');
    scdoc_str(out, name);
    (void)buf_add_str(out, "*\n\t");
    scdoc_str(out, text);
    (void)buf_add_str(out, "\n\n");
}

static void scdoc_options(struct buf *out, const struct option_def *def)
{
    for (; def && def->name; def++) {
        CLEANUP(buf_release) struct buf name = BUF_INIT;
        option_name(&name, def);
        (void)buf_add_char(&name, '\0');
        scdoc_entry(out, name.ptr ? name.ptr : "", def->help);
    }
}

static void scdoc_entries(struct buf *out, const char *title, const struct entry *e)
{
    (void)buf_printf(out, "# %s\n\n", title);
    for (; e->name; e++)
        scdoc_entry(out, e->name, e->text);
}

static void scdoc_examples(struct buf *out, const struct verb *verb)
{
    struct sillok_text command, text;
    const char *at = verb->examples;
    while (next_example(&at, &command, &text)) {
        add_scdoc(out, text);
        (void)buf_add_str(out, ":\n\n```\n");
        add_command(out, command);
        (void)buf_add_str(out, "\n```\n\n");
    }
}

static void scdoc_verb(struct buf *out, const struct verb *verb)
{
    (void)buf_printf(out, "## %s %s", verb->name,
                     verb->synopsis); /* nothing is marked up */
    (void)buf_add_str(out, "\n\n");
    scdoc_str(out, verb->help);
    (void)buf_add_str(out, "\n\n");
    scdoc_options(out, verb->options);
}

void manual_page(struct buf *out)
{
    (void)buf_add_str(out, "sillok(1)\n\n# NAME\n\n"
                           "sillok - a store for crawled news that knows what changed\n\n"
                           "# SYNOPSIS\n\n*sillok* [-s _STORE_] _VERB_ [options] ...\n\n"
                           "# DESCRIPTION\n\n");
    scdoc_str(out, about);
    (void)buf_add_str(out, "\n\n");
    scdoc_str(out, naming);
    (void)buf_add_str(
        out, "\n\n# OPTIONS\n\nThese stand before or after the verb. "
             "\\--json, \\--csv and \\--csv-raw are for verbs that can print so: "
             "_sillok help VERB_ lists what one takes.\n\n");
    scdoc_options(out, global_options);
    (void)buf_add_str(out, "# VERBS\n\n");
    for (const struct verb *const *v = all_verbs; *v; v++)
        scdoc_verb(out, *v);
    (void)buf_add_str(out, "# OUTPUT FOR PROGRAMS\n\n");
    scdoc_str(out, programs);
    (void)buf_add_str(out, "\n\n");
    scdoc_entries(out, "EXIT STATUS", exit_status);
    scdoc_entries(out, "ENVIRONMENT", environment);
    scdoc_entries(out, "FILES", files);
    (void)buf_add_str(out, "# EXAMPLES\n\n");
    for (const struct verb *const *v = all_verbs; *v; v++)
        scdoc_examples(out, *v);
}
