/* sillok crawls: what each crawl brought. */
#include "cli/cli.h"

#include "cli/fmt.h"
#include "cli/objects.h"

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

static int run(struct cli *cli, const void *args)
{
    (void)args;
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = list(cli);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

const struct verb verb_crawls = {
    .name = "crawls",
    .synopsis = "",
    .summary = "what each crawl brought",
    .help =
        "In the order of their first file. missing: articles of the crawl before that this "
        "one did not see. mismatch: files whose declared hash no reading matches; they are "
        "kept under the computed one. gap: time since the last file of the crawl before.\n"
        "--json has crawl, name, started, files, observations, new_articles, changed, "
        "unchanged, missing, refused, hash_mismatch, conflicts, gap_seconds, first, last.",
    .examples = "sillok crawls|a table\n"
                "sillok crawls --csv >crawls.csv|for a spreadsheet\n",
    .formats = VERB_JSON | VERB_CSV,
    .reach = REACH_STORE,
    .run = run,
};
