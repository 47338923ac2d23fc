/* sillok log: the chain of one article. */
#include "cli/cli.h"

#include "base/utf8.h"
#include "cli/blameview.h"
#include "cli/fmt.h"
#include "cli/objects.h"
#include "cli/rows.h"

#include <stdlib.h>

struct log_args {
    uint64_t limit;
    int reverse, blame;
};

/* --- one revision --- */

static void add_change(struct buf *b, const struct cli *cli,
                       const struct sillok_revision *rev, int64_t after_s)
{
    const struct words kinds = words_of_kinds(&rev->change);
    const struct words flags = words_of_flags(rev->change.flags);
    (void)buf_add_str(b, "    ");
    style_on(b, &cli->term, STYLE_BOLD);
    add_words_list(b, &kinds);
    style_off(b, &cli->term, STYLE_BOLD);
    if (flags.n) {
        (void)buf_add_str(b, " (");
        add_words_list(b, &flags);
        (void)buf_add_char(b, ')');
    }
    if (rev->same_as)
        (void)buf_printf(b, ", reads as revision %u did", rev->same_as);
    const int at_once = after_s == rev->first_seen_s;
    (void)buf_add_str(b,
                      at_once ? "; both contents were seen at " : "; changed between ");
    fmt_time(b, after_s, cli->zone_min);
    if (!at_once) {
        (void)buf_add_str(b, " and ");
        fmt_time(b, rev->first_seen_s, cli->zone_min);
    }
    (void)buf_add_char(b, '\n');
}

static void add_block(struct buf *b, const struct cli *cli,
                      const struct sillok_revision *rev, int64_t after_s)
{
    char hex[SILLOK_ID_HEX_LEN + 1];
    sillok_id_format(&rev->article.content_hash, hex);
    style_on(b, &cli->term, STYLE_HEAD);
    (void)buf_printf(b, "revision %u", rev->number);
    style_off(b, &cli->term, STYLE_HEAD);
    (void)buf_add_str(b, "  ");
    add_seen(b, cli, rev->first_seen_s, rev->last_seen_s);
    (void)buf_add_str(b, "  (");
    fmt_plural(b, rev->observations, "visit", "visits");
    (void)buf_add_str(b, ")\n");
    if (rev->number > 1)
        add_change(b, cli, rev, after_s);
    if (rev->conflict)
        (void)buf_add_str(b, "    conflict: another content stands at the same time\n");
    if (rev->hash_mismatch)
        (void)buf_add_str(b,
                          "    hash mismatch: its files declare another content_hash\n");
    (void)buf_add_str(b, "    ");
    (void)utf8_add_safe(b, rev->article.fields[SILLOK_TITLE], UTF8_FOLD_SPACE);
    (void)buf_printf(b, "\n    body %.16s\n", hex);
}

/* --- the chain, in the order asked for --- */

/* The chain comes oldest first; what is printed newest first waits here, as text. */
struct pile {
    struct buf text;
    struct buf ends; /* size_t: where each piece ends */
};

static int print_pile(struct pile *pile, int reverse, const char *between)
{
    const size_t n = pile->ends.len / sizeof(size_t);
    const size_t *ends = (const size_t *)(const void *)pile->ends.ptr;
    int r = pile->text.failed || pile->ends.failed ? fail_memory() : 0;
    for (size_t k = 0; k < n && r == 0; k++) {
        const size_t i = reverse ? k : n - 1 - k;
        const size_t start = i ? ends[i - 1] : 0;
        if (k)
            r = put_bytes(between, text_of(between).len);
        if (r == 0)
            r = put_bytes(pile->text.ptr + start, ends[i] - start);
    }
    return r;
}

static int collect(struct cli *cli, struct sillok_log *log, const struct log_args *args,
                   struct out *out, struct pile *pile)
{
    const uint32_t count = sillok_log_count(log);
    struct sillok_revision rev;
    int64_t after_s = 0;
    int r;
    out->into = &pile->text;
    while ((r = sillok_log_next(log, &rev)) > 0) {
        const uint64_t rank = args->reverse ? rev.number : count - rev.number + 1;
        if (!args->limit || rank <= args->limit) {
            if (out->format == OUT_TABLE)
                add_block(&pile->text, cli, &rev, after_s);
            else
                r = put_revision_row(out, &rev, after_s);
            (void)buf_add(&pile->ends, &pile->text.len, sizeof(pile->text.len));
        }
        after_s = rev.last_seen_s;
        if (r < 0)
            break;
    }
    return r;
}

/* It may be gone, or only not be asked for any more. A hint, no answer: an error is none. */
static void note_last_crawl(struct cli *cli, struct sillok_log *log)
{
    struct sillok_last_crawl last;
    if (!cli->quiet && sillok_log_last_crawl(log, &last) == 0 && last.later)
        cli_note(cli, "last seen in crawl '%s'; %llu later crawl%s no visit of it",
                 last.name, (unsigned long long)last.later,
                 last.later == 1 ? " has" : "s have");
}

static int run_blame(struct cli *cli, const struct log_args *a)
{
    struct sillok_ref ref;
    if (a->reverse || a->limit)
        return cli_usage(cli, "--blame lists sentences in reading order: it goes with "
                              "neither --reverse nor --limit");
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = cli_article(cli, cli->args[0], &ref);
    if (r == 0)
        r = blameview_put(cli, ref.oid, ref.aid);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static int run(struct cli *cli, const void *args)
{
    const struct log_args *a = args;
    if (a->blame)
        return run_blame(cli, a);
    struct sillok_ref ref;
    struct sillok_log *log = NULL;
    struct out out;
    struct pile pile = { BUF_INIT, BUF_INIT };
    int r = listing_open(&out, cli, out_format_of(cli), &listing_revisions);
    if (r == 0)
        r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = cli_article(cli, cli->args[0], &ref);
    if (r == 0)
        r = cli_in_store(cli, sillok_log_open(&log, cli->store, ref.oid, ref.aid));
    if (r == 0 && out.format == OUT_CSV)
        r = out_close(&out); /* the head, before rows that may be turned round */
    if (r == 0)
        r = collect(cli, log, a, &out, &pile);
    if (r == 0)
        cli_start_pager(cli);
    if (r == 0)
        r = print_pile(&pile, a->reverse, out.format == OUT_TABLE ? "\n" : "");
    if (r == 0 && out.format == OUT_TABLE)
        note_last_crawl(cli, log);
    sillok_log_close(log);
    out_release(&out);
    buf_release(&pile.text);
    buf_release(&pile.ends);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static const struct option_def options[] = {
    { "limit", 'n', OPTION_LIMIT, offsetof(struct log_args, limit), "N", NULL,
      "at most N revisions" },
    { "reverse", 0, OPTION_FLAG, offsetof(struct log_args, reverse), NULL, NULL,
      "oldest first" },
    { "blame", 'b', OPTION_FLAG, offsetof(struct log_args, blame), NULL, NULL,
      "sentence by sentence: when each that ever stood came, and went" },
    { 0 },
};

const struct verb verb_log = {
    .name = "log",
    .synopsis = "OID/AID",
    .summary = "the revisions of an article",
    .help =
        "A revision is a run of visits at which title, metadata and body were the same. For "
        "each: when it was first and last seen, at how many visits, what kind of change "
        "led to it, in which window of time that change was made (after the last sight of "
        "the old text, before the first of the new one), and the title. Newest first, with "
        "--json and --csv too; --reverse turns it round. Behind them it is noted how many crawls "
        "came after the last one that saw the article: it may be gone, or not be fetched any "
        "more.\n"
        "--json has oid, aid, revision, first_seen, last_seen, observations (visits), "
        "content_hash, title, kinds, fields, flags, similarity, added_chars, removed_chars, significance, "
        "window, same_as (an earlier revision that it goes back to), conflict, "
        "hash_mismatch (all its files declare another hash than that of their body).\n"
        "--blame lists instead every sentence that ever stood in the article, in the order "
        "of the newest text, with the revisions in which it stood (@2.. still stands) and the "
        "windows of time in which it came and went; gone ones (-) are where they were, "
        "headlines first. A sentence that moved, or differs only in blanks or in "
        "composed letters, is the same; one that was reworded is gone, and the new wording "
        "came. With --json an object each: "
        "oid, aid, where (title, body), text, gone, revision (the newest that has it), start "
        "and end (bytes in that revision's body or title), first_revision, last_revision, "
        "first_seen, last_seen, came (of the first time that it stood) and went (of the "
        "last; how: added, removed or reworded; after, before), n_spans, and spans, one for "
        "each time that it stood. --csv has all but the spans.",
    .options = options,
    .examples = "sillok log 001/0015812889|all revisions, newest first\n"
                "sillok log -n 1 --json 001/0015812889|the newest, for a program\n"
                "sillok log --blame 001/0015812889|when each sentence came and went\n",
    .min_args = 1,
    .max_args = 1,
    .formats = VERB_JSON | VERB_CSV,
    .reach = REACH_STORE | REACH_PAGER,
    .args_size = sizeof(struct log_args),
    .run = run,
};
