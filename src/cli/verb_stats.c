/* sillok stats: what is stored, and what that saved. */
#include "cli/cli.h"

#include "base/utf8.h"
#include "cli/fmt.h"
#include "cli/objects.h"

#include <stdlib.h>

struct stats_args {
    int publishers, tables;
};

enum { TABLES_MAX = 64 };

/* --- the whole --- */

static int print_row(struct cli *cli, const struct sillok_stats *s)
{
    struct out out;
    int r = listing_open(&out, cli, out_format_of(cli), &listing_stats);
    if (r == 0)
        r = put_stats_row(&out, sillok_store_path(cli->store), s);
    if (r == 0)
        r = out_close(&out);
    out_release(&out);
    return r;
}

/* --- for people --- */

/* "  the same text again     98.0 MB -> 30.1 MB   3.3 x" */
static void add_saving(struct buf *b, const char *what, uint64_t before, uint64_t after)
{
    if (!before)
        return;
    (void)buf_printf(b, "  %-30s", what);
    fmt_size(b, before);
    (void)buf_add_str(b, " -> ");
    fmt_size(b, after);
    if (after)
        (void)buf_printf(b, "  (%.1f x)", (double)before / (double)after);
    (void)buf_add_char(b, '\n');
}

static void add_head(struct buf *b, const struct cli *cli, const struct sillok_stats *s)
{
    (void)buf_add_str(b, "store         ");
    fmt_name(b, text_of(sillok_store_path(cli->store)));
    (void)buf_printf(b, ", format %d, ", s->format);
    (void)utf8_add_safe(b, text_of(s->engine), UTF8_FOLD_SPACE);
    (void)buf_add_str(b, "\narticles      ");
    fmt_count(b, s->articles);
    (void)buf_add_str(b, " in ");
    fmt_plural(b, s->revisions, "revision", "revisions");
    (void)buf_add_str(b, ": ");
    fmt_plural(b, s->changes, "change", "changes");
    (void)buf_add_str(b, "\nvisits        ");
    fmt_count(b, s->observations);
    (void)buf_add_str(b, " in ");
    fmt_plural(b, s->crawls, "crawl", "crawls");
    if (s->refused) {
        (void)buf_add_str(b, "; ");
        fmt_plural(b, s->refused, "file", "files");
        (void)buf_add_str(b, " refused");
    }
    if (s->observations) {
        (void)buf_add_str(b, "\nseen          ");
        fmt_time(b, s->first_s, cli->zone_min);
        (void)buf_add_str(b, " .. ");
        fmt_time(b, s->last_s, cli->zone_min);
    }
    (void)buf_add_str(b, "\n");
}

static void add_savings(struct buf *b, const struct cli *cli,
                        const struct sillok_stats *s)
{
    (void)buf_add_char(b, '\n');
    style_str(b, &cli->term, STYLE_BOLD, "what was saved");
    (void)buf_add_char(b, '\n');
    add_saving(b, "each text kept once", s->body_bytes_seen, s->body_bytes);
    add_saving(b, "those texts, compressed", s->body_bytes, s->body_bytes_stored);
    add_saving(b, "  of them, changes as deltas", s->delta_bytes, s->delta_bytes_stored);
    add_saving(b, "all files, in the store", s->files_bytes, s->store_bytes);
    (void)buf_add_str(b, "  texts: ");
    fmt_count(b, s->bodies);
    (void)buf_add_str(b, ", of which ");
    fmt_count(b, s->bodies_delta);
    (void)buf_add_str(b, " as deltas, ");
    fmt_count(b, s->bodies_dictionary);
    (void)buf_add_str(b, " with the dictionary (");
    fmt_size(b, s->dictionary_bytes);
    (void)buf_add_str(b, "), ");
    fmt_count(b, s->bodies_plain);
    (void)buf_add_str(b, " plain\n");
    if (s->free_bytes) {
        (void)buf_add_str(b, "  free inside the store: ");
        fmt_size(b, s->free_bytes);
        (void)buf_add_char(b, '\n');
    }
}

static int print_stats(struct cli *cli, const struct sillok_stats *s)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    if (cli->json || cli->csv)
        return print_row(cli, s);
    add_head(&text, cli, s);
    if (s->observations)
        add_savings(&text, cli, s);
    return put(&text);
}

/* --- parts --- */

static int print_publishers(struct cli *cli)
{
    struct sillok_publisher_stats *list = NULL;
    struct out out;
    size_t n = 0;
    int r = listing_open(&out, cli, out_format_of(cli), &listing_publishers);
    if (r < 0)
        return r;
    r = sillok_store_publishers(cli->store, &list, &n);
    for (size_t i = 0; i < n && r == 0; i++)
        r = put_publisher_row(&out, &list[i]);
    if (r == 0)
        r = out_close(&out);
    sillok_publishers_free(list, n);
    out_release(&out);
    return r;
}

static int print_tables(struct cli *cli)
{
    static const struct column parts[] = {
        { "table", "table" },
        { "rows", "rows" },
        { "bytes", "size" },
    };
    struct sillok_table_stats tables[TABLES_MAX];
    struct out out;
    const int n = sillok_store_tables(cli->store, tables, TABLES_MAX);
    if (n < 0)
        return n;
    int r = out_open(&out, cli, out_format_of(cli), parts, 3);
    for (int i = 0; i < n && i < TABLES_MAX && r == 0; i++) {
        const struct cell cells[] = { cell_str(tables[i].name),
                                      cell_count(tables[i].rows),
                                      cell_size(tables[i].bytes) };
        r = out_row(&out, cells);
    }
    if (r == 0)
        r = out_close(&out);
    out_release(&out);
    return r;
}

static int get_stats(struct cli *cli, struct sillok_stats *out)
{
    const int r = sillok_store_stats(cli->store, out);
    if (r < 0 || out->store_bytes)
        return r;
    return fail(SILLOK_ECORRUPT,
                "the store is damaged: how much of it is in use cannot be told "
                "('sillok verify' tells which page)");
}

static int run(struct cli *cli, const void *args)
{
    const struct stats_args *a = args;
    struct sillok_stats stats;
    if (a->publishers && a->tables)
        return cli_usage(cli, "--publishers and --tables: only one of them");
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0 && !a->publishers)
        r = get_stats(cli, &stats);
    if (r == 0)
        r = a->publishers ? print_publishers(cli)
            : a->tables   ? print_tables(cli)
                          : print_stats(cli, &stats);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static const struct option_def options[] = {
    { "publishers", 0, OPTION_FLAG, offsetof(struct stats_args, publishers), NULL, NULL,
      "a line for each publisher" },
    { "tables", 0, OPTION_FLAG, offsetof(struct stats_args, tables), NULL, NULL,
      "a line for each table of the store" },
    { 0 },
};

const struct verb verb_stats = {
    .name = "stats",
    .synopsis = "",
    .summary = "what is stored and what was saved",
    .help =
        "How many articles, revisions and visits there are, and what each layer saved: a "
        "text that comes again is kept once, texts are compressed with a common dictionary, "
        "and a changed text is kept as its difference. Sizes are powers of 1000; --json has "
        "them in bytes.\n"
        "--json has store, uuid, engine, format, articles, revisions, changes (revisions that "
        "are not an article's first), versions (what articles read, once also where it came back), "
        "bodies (different texts), observations (visits; one that came under two "
        "names is two here and one in 'log', a file that several crawls have is one here and "
        "in each of them in 'crawls'), crawls, refused, files_bytes (all "
        "files that were taken in), body_bytes_seen (the texts of all visits), body_bytes "
        "(each text once), body_bytes_stored (those as they are stored), bodies_delta, "
        "bodies_dictionary and bodies_plain (how many are stored how), delta_bytes and "
        "delta_bytes_stored (of the first of these), dictionary_bytes, store_bytes (in use), "
        "free_bytes (free inside the store), first and last (of all visits). With "
        "--publishers a line has oid, articles, changed_articles, changes and publisher (its "
        "name in its newest article), with --tables table, rows and bytes. --csv has the "
        "same.",
    .options = options,
    .examples = "sillok stats|the whole store\n"
                "sillok stats --publishers|who changes how much\n",
    .formats = VERB_JSON | VERB_CSV,
    .reach = REACH_STORE,
    .args_size = sizeof(struct stats_args),
    .run = run,
};
