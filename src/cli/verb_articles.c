/* sillok articles: what there is, an article a line. */
#include "cli/cli.h"

#include "cli/fmt.h"
#include "cli/objects.h"

struct articles_args {
    const char *from, *to, *oid;
    int body;
    uint64_t limit;
};

static int list(struct cli *cli, const struct articles_args *a,
                struct sillok_articles *it, uint64_t *n)
{
    struct sillok_listed_article article;
    struct out out;
    int r = listing_open(&out, cli, out_format_of(cli),
                         a->body ? &listing_articles_with_body : &listing_articles);
    if (r == 0 && out.format == OUT_TABLE)
        cli_start_pager(cli);
    while (r == 0 && (!a->limit || *n < a->limit) &&
           (r = sillok_articles_next(it, &article)) > 0) {
        ++*n;
        r = put_article_row(&out, &article);
    }
    if (r == 0)
        r = out_close(&out);
    out_release(&out);
    return r;
}

static void say_sum(struct cli *cli, const struct articles_args *a, uint64_t n)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    fmt_plural(&line, n, "article", "articles");
    if (a->limit && n == a->limit)
        (void)buf_add_str(&line, ", there may be more: --limit");
    cli_note_line(cli, &line);
    if (n == 0)
        cli_note_nothing(cli, a->oid, a->from);
}

static int run(struct cli *cli, const void *args)
{
    const struct articles_args *a = args;
    struct sillok_articles_options o = SILLOK_ARTICLES_OPTIONS_INIT;
    struct sillok_articles *it = NULL;
    uint64_t n = 0;
    if (a->body && !cli->json && !cli->csv)
        return cli_usage(cli, "--body is for programs: give --json or --csv as well; "
                              "'sillok show' has the text of one");
    o.oid = a->oid;
    o.bodies = a->body;
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = cli_span(cli, a->from, a->to, &o.from_s, &o.to_s);
    if (r == 0)
        r = sillok_articles_open(&it, cli->store, &o);
    if (r == 0)
        r = list(cli, a, it, &n);
    if (r == 0)
        say_sum(cli, a, n);
    sillok_articles_close(it);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static const struct option_def options[] = {
    { "from", 0, OPTION_TEXT, offsetof(struct articles_args, from), "TIME", NULL,
      "first seen at TIME or later" },
    { "to", 0, OPTION_TEXT, offsetof(struct articles_args, to), "TIME", NULL,
      "first seen before TIME" },
    { "oid", 0, OPTION_ONE, offsetof(struct articles_args, oid), "OID", NULL,
      "articles of this publisher only" },
    { "body", 0, OPTION_FLAG, offsetof(struct articles_args, body), NULL, NULL,
      "with the text; with --json or --csv" },
    { "limit", 'n', OPTION_LIMIT, offsetof(struct articles_args, limit), "N", NULL,
      "at most N articles" },
    { 0 },
};

const struct verb verb_articles = {
    .name = "articles",
    .synopsis = "",
    .summary = "every article there is, one a line",
    .help =
        "By publisher and article. For each: its newest revision, of which the number is how "
        "many it has, when it was seen first and last, at how many visits, and the title as "
        "it reads now.\n"
        "What the last crawl did not see any more has an older last_seen; 'sillok crawls "
        "--missing' tells it crawl by crawl.\n"
        "--json has oid, aid, revisions (how many), first_seen, last_seen, observations "
        "(visits), publisher, title, category, author, published_at, modified_at, url, "
        "content_hash, all as the newest revision has them; with --body also body. --csv has "
        "the same.",
    .options = options,
    .examples =
        "sillok articles --oid 001|what there is of a publisher\n"
        "sillok articles --from '1 week ago'|what is new this week\n"
        "sillok articles --json --body >corpus.ndjson|each article once, as it reads now\n"
        "sillok articles --json || jq 'select(.revisions>4)'|what changed most often\n",
    .formats = VERB_JSON | VERB_CSV,
    .reach = REACH_STORE | REACH_PAGER,
    .args_size = sizeof(struct articles_args),
    .run = run,
};
