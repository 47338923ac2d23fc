/* sillok report: a static site of the changes. */
#include "cli/cli.h"

#include "base/time.h"
#include "cli/fmt.h"
#include "sillok/report.h"

#include <stdlib.h>
#include <string.h>

struct report_args {
    const char *from, *to, *crawls, *oid, *title, *now, *published_zone;
    uint32_t kinds;
    int all, every, unfold, force;
    uint64_t limit;
};

static int fill_options(struct cli *cli, const struct report_args *a, char **crawls,
                        struct sillok_report_options *options)
{
    struct sillok_changes_options *changes = &options->changes;
    changes->every = a->every;
    changes->oid = a->oid;
    changes->kinds = a->kinds;
    changes->all = a->all;
    changes->unfold = a->unfold;
    changes->limit = a->limit;
    options->title = a->title;
    options->zone_min = cli->zone_min;
    options->force = a->force;
    int r = a->crawls ? cli_crawls(cli, crawls, a->crawls, changes) : 0;
    if (r == 0)
        r = cli_span(cli, a->from, a->to, &changes->from_s, &changes->to_s);
    if (r == 0 && a->now)
        r = cli_time(cli, a->now, &options->made_s);
    if (r == 0 && a->published_zone)
        r = time_parse_zone(&options->published_zone_min, a->published_zone);
    return r;
}

static void add_part(struct buf *line, uint64_t n, const char *what)
{
    if (!n)
        return;
    (void)buf_add_str(line, line->len ? "; " : "");
    fmt_count(line, n);
    (void)buf_printf(line, " %s", what);
}

static void add_left_out(struct buf *line, const struct sillok_report_counts *n)
{
    CLEANUP(buf_release) struct buf parts = BUF_INIT;
    add_part(&parts, n->hidden, "cosmetic, byline or metadata hidden, --all shows them");
    add_part(&parts, n->unconfirmed,
             "emptied, waiting for a second crawl, --all shows them");
    add_part(&parts, n->folded, "no edits, told on the page of crawls");
    if (parts.len)
        (void)buf_printf(line, " (%.*s)", (int)parts.len, parts.ptr);
}

/* "659 changes in 618 articles, 905 pages, 9.1 MB: site/index.html" */
static void say_sum(struct cli *cli, const struct sillok_report_counts *n)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    fmt_plural(&line, n->changes, "change", "changes");
    (void)buf_add_str(&line, " in ");
    fmt_plural(&line, n->articles, "article", "articles");
    add_left_out(&line, n);
    (void)buf_add_str(&line, "; ");
    fmt_plural(&line, n->pages, "page", "pages");
    (void)buf_add_str(&line, ", ");
    fmt_size(&line, n->bytes);
    (void)buf_add_str(&line, "; begin at ");
    fmt_name(&line, text_of(cli->args[0]));
    (void)buf_add_str(&line, "/index.html");
    cli_note_line(cli, &line);
    buf_clear(&line);
    if (!n->aside)
        return;
    fmt_name(&line, text_of(n->aside));
    cli_warn(cli, "what was there before is in %.*s", (int)line.len,
             line.ptr ? line.ptr : "");
}

static int run(struct cli *cli, const void *args)
{
    const struct report_args *a = args;
    struct sillok_report_options options = SILLOK_REPORT_OPTIONS_INIT;
    struct sillok_report_counts counts = { 0 };
    CLEANUP(free) char *crawls = NULL;
    if (a->every && !a->crawls)
        return cli_usage(cli, CLI_EVERY_ALONE);
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = fill_options(cli, a, &crawls, &options);
    if (r == 0)
        r = cli_in_store(
            cli, sillok_report_write(cli->store, cli->args[0], &options, &counts));
    if (r == 0)
        say_sum(cli, &counts);
    if (r == 0 && counts.changes == 0)
        cli_note_nothing(cli, a->oid, a->from);
    sillok_free(counts.aside);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static const struct option_def options_table[] = {
    { "from", 0, OPTION_TEXT, offsetof(struct report_args, from), "TIME", NULL,
      "new text first seen at TIME or later" },
    { "to", 0, OPTION_TEXT, offsetof(struct report_args, to), "TIME", NULL,
      "new text first seen before TIME" },
    { "crawl", 0, OPTION_ONE, offsetof(struct report_args, crawls), "A..B", NULL,
      "the articles that crawl B saw, against what stood at crawl A" },
    { "every", 0, OPTION_FLAG, offsetof(struct report_args, every), NULL, NULL,
      "with --crawl: each step between A and B, also one that was undone" },
    { "oid", 0, OPTION_ONE, offsetof(struct report_args, oid), "OID", NULL,
      "one publisher only" },
    { "kind", 'k', OPTION_KINDS, offsetof(struct report_args, kinds), "KIND,...", NULL,
      "only what has one of these kinds, first or besides; may be given more than once" },
    { "all", 'a', OPTION_FLAG, offsetof(struct report_args, all), NULL, NULL,
      "cosmetic, byline and metadata changes too" },
    { "unfold", 0, OPTION_FLAG, offsetof(struct report_args, unfold), NULL, NULL,
      "list what the crawler or the site did change by change" },
    { "limit", 'n', OPTION_LIMIT, offsetof(struct report_args, limit), "N", NULL,
      "the newest N changes" },
    { "title", 0, OPTION_TEXT, offsetof(struct report_args, title), "TEXT", NULL,
      "heading of the report" },
    { "now", 0, OPTION_TEXT, offsetof(struct report_args, now), "TIME", NULL,
      "print TIME as the time of making; without it none is printed" },
    { "published-zone", 0, OPTION_TEXT, offsetof(struct report_args, published_zone),
      "ZONE", NULL, "of the times of publication; +09:00 if not given" },
    { "force", 0, OPTION_FLAG, offsetof(struct report_args, force), NULL, NULL,
      "also where DIR holds something else, which is put aside" },
    { 0 },
};

const struct verb verb_report = {
    .name = "report",
    .synopsis = "DIR",
    .summary = "a static site of the changes, to hand on",
    .help =
        "DIR/index.html has the overview: how much changed when, at which publisher, of "
        "which kind, how long after publication. From there lead lists of the changes, a "
        "page for each changed article with its timeline and side-by-side diffs, and a "
        "page on the crawls. Open it from disk or put it on any web server: there is no "
        "script and nothing from outside.\n"
        "The site is made aside and renamed to DIR. An earlier report is replaced; a "
        "folder that is none is refused, and with --force renamed to DIR.old. The same "
        "store and options give the same bytes; so no time of making is printed, unless "
        "--now gives it.\n"
        "Which changes: as 'sillok changes' has it.",
    .options = options_table,
    .examples =
        "sillok report site|everything\n"
        "sillok report --from '1 week ago' --zone KST --title 'Last week' week|a week\n"
        "sillok report --crawl crawl-0..crawl-1 --kind number,correction site|between two "
        "crawls\n",
    .min_args = 1,
    .max_args = 1,
    .operand = OPERAND_PATH,
    .reach = REACH_BESIDE,
    .args_size = sizeof(struct report_args),
    .run = run,
};
