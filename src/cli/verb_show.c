/* sillok show: one revision of an article, as a person reads it. */
#include "cli/cli.h"

#include "base/utf8.h"
#include "cli/fmt.h"
#include "cli/objects.h"
#include "cli/rows.h"
#include "cli/text.h"

struct show_args {
    int body, file, raw;
};

/* --- the page --- */

/* "publisher | category | author", without what is empty. */
static void add_source(struct buf *b, const struct sillok_article *article)
{
    static const enum sillok_field order[] = { SILLOK_PUBLISHER, SILLOK_CATEGORY,
                                               SILLOK_AUTHOR };
    int n = 0;
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        const size_t before = b->len;
        if (n)
            (void)buf_add_str(b, " | ");
        const size_t start = b->len;
        (void)utf8_add_safe(b, article->fields[order[i]], UTF8_FOLD_SPACE);
        if (b->len == start)
            b->len = before;
        else
            n++;
    }
    if (n)
        (void)buf_add_char(b, '\n');
}

static void add_line(struct buf *b, const char *label, struct sillok_text text)
{
    if (!text.len)
        return;
    (void)buf_printf(b, "%-10s ", label);
    (void)utf8_add_safe(b, text, UTF8_FOLD_SPACE);
    (void)buf_add_char(b, '\n');
}

static void add_page(struct buf *b, const struct cli *cli,
                     const struct sillok_revision *rev, uint32_t revisions)
{
    CLEANUP(buf_release) struct buf title = BUF_INIT;
    const struct sillok_article *article = &rev->article;
    const size_t columns_wide = (size_t)cli->term.columns;
    char hex[SILLOK_ID_HEX_LEN + 1];
    sillok_id_format(&article->content_hash, hex);
    (void)utf8_add_safe(&title, article->fields[SILLOK_TITLE], UTF8_FOLD_SPACE);
    style_on(b, &cli->term, STYLE_BOLD);
    text_wrap(b, text_make(title.ptr, title.len), columns_wide, 0);
    style_off(b, &cli->term, STYLE_BOLD);
    add_source(b, article);
    (void)buf_add_char(b, '\n');
    (void)buf_add_str(b, "article    ");
    add_revision_name(b, article->oid, article->aid, rev->number);
    (void)buf_printf(b, " of %u\n", revisions);
    (void)buf_add_str(b, "seen       ");
    add_seen(b, cli, rev->first_seen_s, rev->last_seen_s);
    (void)buf_add_str(b, " (");
    fmt_plural(b, rev->observations, "visit", "visits");
    (void)buf_add_str(b, ")\n");
    add_line(b, "published", article->fields[SILLOK_PUBLISHED_AT]);
    add_line(b, "modified", article->fields[SILLOK_MODIFIED_AT]);
    add_line(b, "url", article->fields[SILLOK_URL]);
    add_line(b, "body", text_of(hex));
    if (rev->conflict)
        add_line(b, "conflict", text_of("another content stands at the same time"));
    if (rev->hash_mismatch)
        add_line(b, "mismatch", text_of("its files declare another content_hash"));
    (void)buf_add_char(b, '\n');
    text_wrap(b, article->body, columns_wide, 0);
}

/* --- the verb --- */

static int print(struct cli *cli, const struct show_args *a,
                 struct sillok_snapshot *snapshot)
{
    const struct sillok_revision *rev = sillok_snapshot_revision(snapshot);
    if (cli->json)
        return put_json(cli, object_of_snapshot(rev, sillok_snapshot_chain(snapshot)));
    if (!a->raw || !cli->term.out_tty)
        cli_start_pager(cli);
    if (a->body)
        return put_content(cli, rev->article.body.ptr, rev->article.body.len, a->raw);
    if (a->file) {
        struct sillok_text data, name;
        const int r = sillok_snapshot_file(snapshot, &data, &name);
        return r < 0 ? r : put_content(cli, data.ptr, data.len, a->raw);
    }
    CLEANUP(buf_release) struct buf page = BUF_INIT;
    add_page(&page, cli, rev, sillok_snapshot_chain(snapshot));
    return put(&page);
}

static int run(struct cli *cli, const void *args)
{
    const struct show_args *a = args;
    struct sillok_ref ref;
    struct sillok_snapshot *snapshot = NULL;
    const struct clash clashes[] = {
        { a->body + a->file + cli->json > 1,
          "--body, --file and --json: only one of them" },
        { a->raw && !a->body && !a->file,
          "--raw only says how to print what --body and --file give: give one of them as "
          "well" },
    };
    if (CLASH(cli, clashes) != EXIT_DONE)
        return EXIT_USAGE;
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = cli_ref(cli, cli->args[0], &ref);
    if (r == 0)
        r = cli_in_store(cli, sillok_snapshot_open(&snapshot, cli->store, &ref));
    if (r == 0)
        r = print(cli, a, snapshot);
    sillok_snapshot_close(snapshot);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static const struct option_def options[] = {
    { "body", 0, OPTION_FLAG, offsetof(struct show_args, body), NULL, NULL,
      "only the body, byte for byte" },
    { "file", 0, OPTION_FLAG, offsetof(struct show_args, file), NULL, NULL,
      "the original crawl file of the revision's first visit, byte for byte" },
    { "raw", 0, OPTION_FLAG, offsetof(struct show_args, raw), NULL, NULL,
      "with --body and --file: the very bytes to a terminal too" },
    { 0 },
};

const struct verb verb_show = {
    .name = "show",
    .synopsis = "OID/AID[@R]",
    .summary = "an article as a person reads it",
    .help =
        "Without @R the newest revision; @1 is the oldest, @-2 the one before the newest, "
        "@2026-01-02T03:15:33Z the one that stood at that time.\n"
        "The body is filled to the width of the terminal. --body and --file give bytes as "
        "they are; on a terminal control characters in them are made visible.\n"
        "--json has oid, aid, revision, revisions, first_seen, last_seen, observations (visits), "
        "conflict, hash_mismatch, content_hash, title, category, publisher, author, published_at, "
        "modified_at, url, body.",
    .options = options,
    .examples = "sillok show 001/0015812889|the newest revision\n"
                "sillok show 001/0015812889@1|as it was first seen\n"
                "sillok show 001/0015812889@2026-01-05|as it stood then\n"
                "sillok show --file 001/0015812889 >old.md|the crawl file\n",
    .min_args = 1,
    .max_args = 1,
    .formats = VERB_JSON,
    .reach = REACH_STORE | REACH_PAGER,
    .args_size = sizeof(struct show_args),
    .run = run,
};
