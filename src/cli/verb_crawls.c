/* sillok crawls: what each crawl brought, and what one of them did not see. */
#include "cli/cli.h"

#include "cli/fmt.h"
#include "cli/objects.h"

struct crawls_args {
    const char *missing;
};

static int list(struct cli *cli)
{
    struct sillok_crawls *it = NULL;
    struct sillok_crawl crawl;
    struct out out;
    uint64_t n = 0;
    int r = listing_open(&out, cli, out_format_of(cli), &listing_crawls);
    if (r < 0)
        return r;
    r = sillok_crawls_open(&it, cli->store);
    while (r == 0 && (r = sillok_crawls_next(it, &crawl)) > 0) {
        n++;
        r = put_crawl_row(&out, &crawl);
    }
    if (r == 0)
        r = out_close(&out);
    if (r == 0 && n == 0)
        cli_note(cli, "no crawls in %s yet", cli->url);
    sillok_crawls_close(it);
    out_release(&out);
    return r;
}

/* --- what one of them did not see --- */

static void say_missing(struct cli *cli, const char *crawl, const char *before,
                        uint64_t n, uint64_t n_again)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    if (!before)
        (void)buf_printf(
            &line,
            "'%s' is the first crawl, or has no files of its own: nothing is "
            "missing from it",
            crawl);
    else if (n == 0)
        (void)buf_printf(&line, "'%s' saw all that '%s' did", crawl, before);
    else {
        fmt_plural(&line, n, "article", "articles");
        (void)buf_printf(&line, " of '%s' that '%s' did not see", before, crawl);
    }
    if (n_again) {
        (void)buf_add_str(&line, "; ");
        fmt_plural(&line, n_again, "was seen again", "were seen again");
    }
    cli_note_line(cli, &line);
}

static int list_missing(struct cli *cli, const char *crawl)
{
    struct sillok_missing *it = NULL;
    struct sillok_missing_article m;
    struct out out;
    uint64_t n = 0, n_again = 0;
    int r = listing_open(&out, cli, out_format_of(cli), &listing_missing);
    if (r < 0)
        return r;
    r = sillok_missing_open(&it, cli->store, crawl);
    while (r == 0 && (r = sillok_missing_next(it, &m)) > 0) {
        n++;
        n_again += m.seen_again_s != 0;
        r = put_missing_row(&out, &m);
    }
    if (r == 0)
        r = out_close(&out);
    if (r == 0)
        say_missing(cli, crawl, sillok_missing_before(it), n, n_again);
    sillok_missing_close(it);
    out_release(&out);
    return r;
}

static int run(struct cli *cli, const void *args)
{
    const struct crawls_args *a = args;
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = a->missing ? list_missing(cli, a->missing) : list(cli);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static const struct option_def options[] = {
    { "missing", 0, OPTION_ONE, offsetof(struct crawls_args, missing), "NAME", NULL,
      "list the articles that are missing from this crawl" },
    { 0 },
};

const struct verb verb_crawls = {
    .name = "crawls",
    .synopsis = "",
    .summary = "what each crawl brought",
    .help =
        "In the order of their last file. new, changed and unchanged go by the times of the "
        "visits: a crawl that comes late moves them, while 'ingest' told, file by file, what "
        "was new to the store at that moment. missing: articles that the crawl before saw and "
        "this one did not; a crawl of a few articles only lacks all the others. mismatch: "
        "files whose declared hash no reading matches; they are kept under the computed one. gap: time since the last file of the crawl before.\n"
        "conflicts: files at whose time the article has another content too, in whichever "
        "crawl; 'ingest' counts those that came upon another, of two the second.\n"
        "--json has crawl, name (the same), started (when it began to come in), "
        "files, observations, new_articles, changed, unchanged, missing, refused, hash_mismatch, conflicts, gap_seconds, first, last.\n"
        "--missing lists the articles that are counted as missing from one crawl, by "
        "publisher and article: taken down, or just not crawled any more. Each with the "
        "revision that the crawl before saw last, when that was, and when the article was "
        "seen again after that, in whichever crawl; '-': not since. --json has oid, aid, "
        "revision, last_seen, seen_again, publisher, title, content_hash.",
    .options = options,
    .examples =
        "sillok crawls|a table\n"
        "sillok crawls --missing tue|which articles of the crawl before it lacks\n"
        "sillok crawls --csv >crawls.csv|for a spreadsheet\n",
    .formats = VERB_JSON | VERB_CSV,
    .reach = REACH_STORE,
    .args_size = sizeof(struct crawls_args),
    .run = run,
};
