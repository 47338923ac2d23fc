/* sillok reindex: derive again what the store derives. */
#include "cli/cli.h"

#include "cli/fmt.h"
#include "cli/out.h"
#include "cli/progress.h"
#include "cli/rows.h"
#include "sillok/audit.h"

#include <string.h>

struct reindex_args {
    int dry_run;
};

/* One run. */
struct reindex {
    struct cli *cli;
    struct progress progress;
    int dry_run;
    uint64_t rows, different, reclassified;
};

static struct words words_of_set(enum sillok_kind kind, uint32_t kinds)
{
    const struct sillok_change_class c = { .kind = kind, .kinds = kinds };
    return words_of_kinds(&c);
}

static int put_change(struct reindex *x, const struct sillok_reindex_event *e)
{
    static const struct column columns[] = {
        { "event", NULL },        { "oid", NULL },          { "aid", NULL },
        { "revision", NULL },     { "stored_kinds", NULL }, { "kinds", NULL },
        { "stored_rules", NULL }, { "rules", NULL },
    };
    const struct words stored = words_of_set(e->stored.kind, e->stored.kinds);
    const struct words present = words_of_set(e->present.kind, e->present.kinds);
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    x->reclassified++;
    if (x->cli->json) {
        const struct cell cells[] = { cell_str("change"),
                                      cell_str(e->oid),
                                      cell_str(e->aid),
                                      cell_count(e->revision),
                                      cell_words(&stored),
                                      cell_words(&present),
                                      cell_count(e->rules_version),
                                      cell_count(SILLOK_RULES_VERSION) };
        return put_json(x->cli, json_of_cells(columns, cells, 8));
    }
    (void)buf_printf(&line, "%s/%s@%u ", e->oid, e->aid, e->revision);
    for (int i = 0; i < stored.n; i++)
        (void)buf_printf(&line, "%s%s", i ? "," : "", stored.word[i]);
    (void)buf_add_str(&line, " -> ");
    for (int i = 0; i < present.n; i++)
        (void)buf_printf(&line, "%s%s", i ? "," : "", present.word[i]);
    (void)buf_add_char(&line, '\n');
    return put(&line);
}

static void add_count(struct buf *line, uint64_t n, const char *what)
{
    if (n)
        (void)buf_printf(line, ", %llu %s", (unsigned long long)n, what);
}

static int put_table(struct reindex *x, const struct sillok_reindex_event *e)
{
    static const struct column columns[] = {
        { "event", NULL },  { "table", NULL },      { "rows", NULL },
        { "wrong", NULL },  { "missing", NULL },    { "extra", NULL },
        { "mended", NULL }, { "older_rules", NULL }
    };
    const uint64_t different = e->wrong + e->missing + e->extra;
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    x->rows += e->rows;
    x->different += different;
    if (x->cli->json) {
        const struct cell cells[] = {
            cell_str("table"),
            cell_str(e->table),
            cell_count(e->rows),
            cell_count(e->wrong),
            cell_count(e->missing),
            cell_count(e->extra),
            cell_count(x->dry_run ? 0 : different),
            cell_count(e->older_rules),
        };
        return put_json(x->cli, json_of_cells(columns, cells, 8));
    }
    (void)buf_printf(&line, "%-8s ", e->table);
    fmt_plural(&line, e->rows, "row", "rows");
    add_count(&line, e->wrong - e->older_rules, "wrong");
    add_count(&line, e->older_rules, "by other rules");
    add_count(&line, e->missing, "missing");
    add_count(&line, e->extra,
              strcmp(e->table, "class") == 0 ? "no longer needed" : "too many");
    if (different && !x->dry_run)
        (void)buf_add_str(&line, ": made anew");
    (void)buf_add_char(&line, '\n');
    return put(&line);
}

static int put_renewed(struct reindex *x, const struct sillok_reindex_event *e)
{
    static const struct column columns[] = { { "event", NULL }, { "why", NULL } };
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    if (x->cli->json) {
        const struct cell cells[] = { cell_str("renewed"), cell_str(e->why) };
        return put_json(x->cli, json_of_cells(columns, cells, 2));
    }
    (void)buf_printf(&line, "a new file for the store: %s\n", e->why);
    return put(&line);
}

static int take_event(struct reindex *x, const struct sillok_reindex_event *e)
{
    const struct progress_figures figures = { .unit = "rows",
                                              .n = e->checked,
                                              .total = e->total };
    if (e->kind == SILLOK_REINDEX_PROGRESS) {
        progress_show(&x->progress, &figures);
        return 0;
    }
    progress_clear(&x->progress);
    if (e->kind == SILLOK_REINDEX_RENEWED)
        return put_renewed(x, e);
    return e->kind == SILLOK_REINDEX_TABLE ? put_table(x, e) : put_change(x, e);
}

static int put_sum(struct reindex *x)
{
    static const struct column columns[] = { { "rows", NULL },
                                             { "different", NULL },
                                             { "reclassified", NULL },
                                             { "seconds", NULL } };
    const double seconds = progress_seconds(&x->progress);
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    if (x->cli->json) {
        const struct cell cells[] = { cell_count(x->rows), cell_count(x->different),
                                      cell_count(x->reclassified), cell_real(seconds) };
        return put_json(x->cli, json_of_cells(columns, cells, 4));
    }
    fmt_plural(&line, x->rows, "row", "rows");
    (void)buf_add_str(&line, " derived in ");
    fmt_duration(&line, seconds);
    (void)buf_add_str(&line, ": ");
    if (!x->different)
        (void)buf_add_str(&line, "nothing differs");
    else {
        fmt_plural(&line, x->different, "differs", "differ");
        (void)buf_add_str(&line, x->dry_run ? "; sillok reindex mends that" : "; mended");
    }
    if (x->reclassified) {
        (void)buf_add_str(&line, "; ");
        fmt_plural(&line, x->reclassified, "change is of another kind",
                   "changes are of another kind");
    }
    (void)buf_add_char(&line, '\n');
    return put(&line);
}

static int run(struct cli *cli, const void *args)
{
    const struct reindex_args *a = args;
    struct reindex x = { .cli = cli, .dry_run = a->dry_run };
    struct sillok_reindex_options options = SILLOK_REINDEX_OPTIONS_INIT;
    struct sillok_reindex *it = NULL;
    struct sillok_reindex_event event;
    options.dry_run = a->dry_run;
    progress_init(&x.progress, cli);
    int r = cli_open(cli, a->dry_run ? CLI_READ : CLI_WRITE, 0);
    if (r == 0)
        r = sillok_reindex_open(&it, cli->store, &options);
    while (r == 0 && (r = sillok_reindex_next(it, &event)) > 0)
        r = take_event(&x, &event);
    progress_clear(&x.progress);
    if (r == 0)
        r = put_sum(&x);
    sillok_reindex_close(it);
    if (r < 0)
        return cli_fail(cli, r);
    return a->dry_run && x.different ? EXIT_DIFFERS : EXIT_DONE;
}

static const struct option_def options[] = {
    { "dry-run", 'n', OPTION_FLAG, offsetof(struct reindex_args, dry_run), NULL, NULL,
      "say what is different, write nothing; exit 1 if anything is" },
    { 0 },
};

const struct verb verb_reindex = {
    .name = "reindex",
    .synopsis = "",
    .summary = "derive again what the store derives",
    .help =
        "Texts and visits are what a store holds; the hash index, the list of articles, "
        "the chains, the log of changes and what kind each change is are derived from "
        "them. This derives them again, compares, and writes what differs: after damage "
        "that verify has found in them, and after an update with other rules for the "
        "kinds of change. The indexes beside the store are removed, and made anew by the "
        "next 'find' or 'similar'. Nobody has to wait: readers see the old tables or the new ones. It can be "
        "stopped and run again at any time.\n"
        "A line for each table says how many rows it has to have, and how many were wrong, "
        "missing or too many. Where an older crawl came in between two revisions, the kind of "
        "the step from one to the other is no longer needed, and is no damage. A line "
        "'OID/AID@N old -> new' names a change that was stored as another kind than the "
        "present rules give. Changes that are compared when somebody asks (texts above 1 MB) "
        "have no row.\n"
        "Where a page of a derived table is damaged, the table cannot be written where it "
        "is. Then a new file is made of the texts and visits, in the store's folder; it "
        "needs about the room that the store has. When all is derived and verified there, "
        "it takes the place of the old one with one rename.\n"
        "--json: objects with event 'table' (table: hash, article, rev, log, crawl or class; "
        "rows, wrong, missing, extra, mended, older_rules: so many of the wrong ones were written by other rules), "
        "event 'change' (oid, aid, revision, stored_kinds, kinds, stored_rules, "
        "rules) and event 'renewed' (why: a new file had to be made); as the last line rows, "
        "different, reclassified, seconds.\n"
        "Where texts or visits themselves are damaged, it stops and changes nothing of "
        "what depends on them (exit 4).",
    .options = options,
    .examples =
        "sillok reindex --dry-run|would anything change?\n"
        "sillok reindex|mend it\n"
        "sillok reindex -n --json || jq 'select(.event==\"change\")'|changes that "
        "other rules see otherwise\n",
    .formats = VERB_JSON,
    .reach = REACH_STORE_WRITE,
    .args_size = sizeof(struct reindex_args),
    .run = run,
};
