/* sillok changes: every article that changed. */
#include "cli/cli.h"

#include "base/utf8.h"
#include "cli/diffview.h"
#include "cli/events.h"
#include "cli/fmt.h"
#include "cli/objects.h"
#include "cli/rows.h"
#include "cli/stalelist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct changes_args {
    const char *from, *to, *crawls, *oid, *after;
    uint32_t kinds, flags;
    int all, every, sort, patch, unfold, events, explain;
    int stale, all_time, no_update;
    uint64_t limit;
};

/* --- lines for people --- */

/* "2026-01-02 03:15..01-05 04:00Z": what both ends share stands once. In a narrow place
 * days have to do, where they differ. */
static void add_window(struct buf *b, const struct cli *cli,
                       const struct sillok_change *c, int narrow)
{
    enum { YEAR = 5, DAY = 11 }; /* lengths, with what parts them */
    CLEANUP(buf_release) struct buf after = BUF_INIT;
    CLEANUP(buf_release) struct buf before = BUF_INIT;
    fmt_minute(&after, c->after_s, cli->zone_min);
    fmt_minute(&before, c->before_s, cli->zone_min);
    if (after.len < FMT_MINUTE || before.len < FMT_MINUTE)
        return; /* no memory */
    /* two contents of one moment: nothing lies between */
    if (c->after_s == c->before_s) {
        (void)buf_add_text(b, text_make(after.ptr, after.len));
        (void)buf_add_str(b, narrow ? "" : " (conflict)");
        return;
    }
    const int same_day = memcmp(after.ptr, before.ptr, DAY) == 0;
    const int same_year = memcmp(after.ptr, before.ptr, YEAR) == 0;
    const size_t skip = same_day ? DAY : same_year ? YEAR : 0;
    const int days = narrow && !same_day;
    (void)buf_add(b, after.ptr, days ? DAY - 1 : FMT_MINUTE);
    (void)buf_add_str(b, "..");
    (void)buf_add(b, before.ptr + skip, (days ? DAY - 1 : before.len) - skip);
}

/* The first kind, and what a reader would want to know besides. */
static void add_kind(struct buf *b, const struct sillok_change *c)
{
    const struct words kinds = words_of_kinds(&c->what);
    const char *reverted = sillok_kind_name(SILLOK_KIND_REVERTED);
    for (int i = 0; i < kinds.n; i++) {
        (void)buf_printf(b, "%s%s", i ? "," : "", kinds.word[i]);
        if (c->reverted_to && strcmp(kinds.word[i], reverted) == 0)
            (void)buf_printf(b, " to @%u", c->reverted_to);
    }
    if (c->what.flags & SILLOK_FLAG_MISMATCH)
        (void)buf_add_str(b, " (mismatch)");
}

/* One line; cut to the width of a terminal, whole into a pipe. */
static void add_line(struct buf *b, const struct cli *cli, const struct sillok_change *c)
{
    enum { NAME_COLUMNS = 16, KIND_COLUMNS = 10, TITLE_COLUMNS_MIN = 12 };
    CLEANUP(buf_release) struct buf part = BUF_INIT;
    const size_t width = (size_t)cli->term.columns;
    const int narrow = cli_is_narrow(cli);
    add_window(&part, cli, c, narrow);
    const int is_step = c->from.revision + 1 == c->to.revision;
    const size_t zone = cli->zone_min ? strlen("+09:00") : strlen("Z");
    size_t used = style_cell(b, &cli->term, STYLE_NONE, &part, narrow ? 17 : 29 + zone);
    buf_clear(&part);
    add_revision_name(&part, c->oid, c->aid, is_step ? c->to.revision : c->from.revision);
    if (!is_step)
        (void)buf_printf(&part, "..%u", c->to.revision);
    used += style_cell(b, &cli->term, STYLE_HEAD, &part, NAME_COLUMNS);
    buf_clear(&part);
    add_kind(&part, c);
    used += style_cell(b, &cli->term, STYLE_BOLD, &part, KIND_COLUMNS);
    const struct sillok_text title = c->to.article.fields[SILLOK_TITLE];
    if (cli->term.out_tty && used + TITLE_COLUMNS_MIN <= width)
        (void)utf8_add_fit(b, title, width - used, 0);
    else
        (void)utf8_add_safe(b, title, UTF8_FOLD_SPACE);
    (void)buf_add_char(b, '\n');
}

/* "significance 50.1 = 40 kind number + 10 inside a quotation + 0.1 share of the text" */
static void add_explanation(struct buf *b, const struct cli *cli,
                            const struct sillok_change *c)
{
    const struct sillok_change_class *what = &c->what;
    char room[SILLOK_MAX_PARTS][48];
    const struct words parts = words_of_parts(what, room),
                       flags = words_of_flags(what->flags);
    (void)buf_add_str(b, "    read as before until ");
    fmt_time(b, c->after_s, cli->zone_min);
    (void)buf_add_str(b, " (");
    fmt_plural(b, c->visits_before, "visit", "visits");
    (void)buf_add_str(b, "), as now from ");
    fmt_time(b, c->before_s, cli->zone_min);
    if (flags.n)
        (void)buf_add_str(b, "\n    flags: ");
    for (int i = 0; i < flags.n; i++)
        (void)buf_printf(b, "%s%s", i ? ", " : "", flags.word[i]);
    (void)buf_add_str(b, "\n    why: ");
    (void)utf8_add_safe(b, text_of(what->why), UTF8_FOLD_SPACE);
    (void)buf_printf(b, "\n    significance %.1f = ", what->significance);
    for (int i = 0; i < parts.n; i++)
        (void)buf_printf(b, "%s%s", i ? " + " : "", parts.word[i]);
    (void)buf_add_char(b, '\n');
}

static int put_change(struct cli *cli, const struct changes_args *a,
                      const struct sillok_change *c)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    add_line(&text, cli, c);
    int r = 0;
    if (a->explain)
        add_explanation(&text, cli, c);
    if (a->patch) {
        const struct diffview view = {
            .cli = cli, .format = SILLOK_DIFF_WORDS, .context = 0, .indent = 4
        };
        r = diffview_text(&text, &view, &c->from.article, &c->to.article);
        (void)buf_add_char(&text, '\n');
    }
    return r < 0 ? r : put(&text);
}

/* --- the question --- */

static int fill_options(struct cli *cli, const struct changes_args *a,
                        struct sillok_changes_options *options)
{
    options->every = a->every;
    options->oid = a->oid;
    options->kinds = a->kinds;
    options->flags = a->flags;
    options->all = a->all;
    options->by_significance = a->sort == 1;
    options->unfold = a->unfold;
    options->no_bodies = !a->patch && !a->stale;
    options->limit = a->limit;
    options->after = a->after;
    return cli_span(cli, a->from, a->to, &options->from_s, &options->to_s);
}

/* Parts of the sum, in brackets: what was not listed, and how to see it. */
static void add_part(struct buf *line, uint64_t n, const char *one, const char *many)
{
    if (!n)
        return;
    (void)buf_add_str(line, line->len ? "; " : "");
    fmt_plural(line, n, one, many);
}

/* "12 changes (5 cosmetic, byline or metadata hidden, --all shows them)" */
static void say_sum(struct cli *cli, const struct changes_args *a,
                    struct sillok_changes *it, uint64_t n,
                    const struct events_count *folded, const char *key)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    CLEANUP(buf_release) struct buf parts = BUF_INIT;
    fmt_plural(&line, n, "change", "changes");
    add_part(&parts, sillok_changes_hidden(it),
             "cosmetic, byline or metadata hidden, --all shows it",
             "cosmetic, byline or metadata hidden, --all shows them");
    add_part(&parts, sillok_changes_unconfirmed(it),
             "emptied article waits for a second crawl, --all shows it",
             "emptied articles wait for a second crawl, --all shows them");
    add_part(&parts, folded->changes, "no edit, --unfold lists it",
             "no edits, --events tells of them and --unfold lists them");
    if (parts.len)
        (void)buf_printf(&line, " (%.*s)", (int)parts.len, parts.ptr);
    if (a->limit && n == a->limit && key[0])
        (void)buf_printf(&line, "; go on with --after %s", key);
    cli_note_line(cli, &line);
    if (n == 0)
        cli_note_nothing(cli, a->oid, a->from);
}

/* The change, where others still carry what it took out. */
static int put_stale(const struct changes_args *a, struct stalelist *stale,
                     const struct sillok_change *c)
{
    int r = stalelist_ask(stale, c);
    if (r <= 0)
        return r;
    r = stale->out.format == OUT_TABLE ? put_change(stale->cli, a, c) : 0;
    return r < 0 ? r : stalelist_put(stale, c);
}

static int list_stale(struct cli *cli, const struct changes_args *a,
                      struct sillok_changes *it)
{
    struct stalelist stale;
    struct sillok_change change;
    struct events_count folded = { 0, 0 };
    char key[256] = "";
    uint64_t n = 0;
    const struct stalelist_args args = { a->all_time, a->no_update, a->all };
    int r = stalelist_open(&stale, cli, &args);
    while (r == 0 && (r = sillok_changes_next(it, &change)) > 0) {
        n++;
        snprintf(key, sizeof(key), "%s", change.key ? change.key : "");
        r = put_stale(a, &stale, &change);
    }
    const struct events_view view = { cli, stale.out.format, 0, 1 };
    if (r == 0)
        r = events_put(&view, it, &folded);
    if (r == 0)
        say_sum(cli, a, it, n, &folded, key);
    if (r == 0)
        r = stalelist_end(&stale);
    stalelist_close(&stale);
    return r;
}

/* The row, with what `diff --json` has of values and body. */
static int put_patch(struct cli *cli, const struct sillok_change *c)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    struct sillok_diff *bodies = NULL;
    int r = sillok_diff_new(&bodies, c->from.article.body, c->to.article.body);
    if (r == 0)
        r = diffview_json(&line, cli, object_of_change(c), bodies, &c->from.article,
                          &c->to.article);
    sillok_diff_free(bodies);
    return r < 0 ? r : put(&line);
}

static int list(struct cli *cli, const struct changes_args *a, struct sillok_changes *it)
{
    struct out out;
    struct sillok_change change;
    struct events_count folded = { 0, 0 };
    char key[256] = "";
    uint64_t n = 0;
    int r = listing_open(&out, cli, out_format_of(cli), &listing_changes);
    if (r < 0)
        return r;
    const int people = out.format == OUT_TABLE;
    while ((r = sillok_changes_next(it, &change)) > 0) {
        n++;
        snprintf(key, sizeof(key), "%s", change.key ? change.key : "");
        r = people     ? put_change(cli, a, &change)
            : a->patch ? put_patch(cli, &change)
                       : put_change_row(&out, &change);
        if (r < 0)
            break;
    }
    if (r == 0 && !people)
        r = out_close(&out);
    /* A program asks for the events by themselves: its list has rows of one form. */
    const struct events_view view = { cli, out.format, a->patch, !people };
    if (r == 0)
        r = events_put(&view, it, &folded);
    if (r == 0)
        say_sum(cli, a, it, n, &folded, key);
    out_release(&out);
    return r;
}

static int list_events(struct cli *cli, const struct changes_args *a,
                       struct sillok_changes *it)
{
    const struct events_view view = { cli, out_format_of(cli), a->patch, 0 };
    struct events_count count;
    const int r = events_put(&view, it, &count);
    if (r == 0 && count.events == 0)
        cli_note(cli, "no events: all differences are the articles' own");
    return r;
}

static int check_options(struct cli *cli, const struct changes_args *a)
{
    const struct clash clashes[] = {
        { a->events && a->stale,
          "--stale asks about changes and --events lists none: give one of them" },
        { a->events && a->unfold,
          "--unfold lists as changes what --events lists as events: give one of them" },
        { a->events && (a->explain || a->sort || a->limit || a->after),
          "--events lists no changes: --explain, --sort, --limit and --after do not go "
          "with it" },
        { !a->stale && a->all_time,
          "--all-time only says how to look for what --stale lists: give --stale as well" },
        { !a->stale && a->no_update,
          "--no-update only says how to look for what --stale lists: give --stale as "
          "well" },
        { a->every && !a->crawls, CLI_EVERY_ALONE },
        { cli->csv && a->patch, "--patch has no place in a row of CSV: --json has it" },
        { cli->json && a->patch && (a->stale || a->events),
          "--patch is for people here: with --json it goes with neither --stale nor "
          "--events" },
    };
    return CLASH(cli, clashes);
}

static int run(struct cli *cli, const void *args)
{
    const struct changes_args *a = args;
    struct sillok_changes_options options = SILLOK_CHANGES_OPTIONS_INIT;
    struct sillok_changes *it = NULL;
    if (check_options(cli, a) != EXIT_DONE)
        return EXIT_USAGE;
    CLEANUP(free) char *crawls = NULL;
    int r = cli_open(cli, CLI_READ, 0);
    /* For a program the list is of one moment. A person may leave it in the pager for a day,
     * and --stale asks an index that others make longer meanwhile. */
    const int held = r == 0 && (cli->json || cli->csv) && !a->stale;
    if (held && (r = sillok_store_hold(cli->store)) < 0)
        return cli_fail(cli, r);
    if (r == 0 && a->crawls)
        r = cli_crawls(cli, &crawls, a->crawls, &options);
    if (r == 0)
        r = fill_options(cli, a, &options);
    if (r == 0)
        r = cli_in_store(cli, sillok_changes_open(&it, cli->store, &options));
    if (r == 0 && !cli->json && !cli->csv)
        cli_start_pager(cli);
    if (r == 0)
        r = a->events  ? list_events(cli, a, it)
            : a->stale ? list_stale(cli, a, it)
                       : list(cli, a, it);
    sillok_changes_close(it);
    if (held)
        sillok_store_release(cli->store);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static const struct option_def options_table[] = {
    { "from", 0, OPTION_TEXT, offsetof(struct changes_args, from), "TIME", NULL,
      "new text first seen at TIME or later" },
    { "to", 0, OPTION_TEXT, offsetof(struct changes_args, to), "TIME", NULL,
      "new text first seen before TIME" },
    { "crawl", 0, OPTION_ONE, offsetof(struct changes_args, crawls), "A..B", NULL,
      "the articles that crawl B saw, against what stood at crawl A" },
    { "every", 0, OPTION_FLAG, offsetof(struct changes_args, every), NULL, NULL,
      "with --crawl: each step between A and B, also one that was undone" },
    { "oid", 0, OPTION_ONE, offsetof(struct changes_args, oid), "OID", NULL,
      "one publisher only" },
    { "kind", 'k', OPTION_KINDS, offsetof(struct changes_args, kinds), "KIND,...", NULL,
      "only what has one of these kinds, first or besides; may be given more than once" },
    { "flag", 0, OPTION_FLAGS, offsetof(struct changes_args, flags), "FLAG,...", NULL,
      "only what has one of these flags: silent, say; may be given more than once" },
    { "all", 'a', OPTION_FLAG, offsetof(struct changes_args, all), NULL, NULL,
      "cosmetic, byline and metadata changes too, and emptied articles at once" },
    { "sort", 0, OPTION_CHOICE, offsetof(struct changes_args, sort), "ORDER",
      "time|significance", "time: newest first; significance: most significant first" },
    { "limit", 'n', OPTION_LIMIT, offsetof(struct changes_args, limit), "N", NULL,
      "at most N changes" },
    { "after", 0, OPTION_TEXT, offsetof(struct changes_args, after), "KEY", NULL,
      "go on after the change with this key" },
    { "unfold", 0, OPTION_FLAG, offsetof(struct changes_args, unfold), NULL, NULL,
      "list what the crawler or the site did change by change, with the others" },
    { "events", 0, OPTION_FLAG, offsetof(struct changes_args, events), NULL, NULL,
      "list only what the crawler or the site did, an event a line" },
    { "patch", 'p', OPTION_FLAG, offsetof(struct changes_args, patch), NULL, NULL,
      "show below each what changed, word by word; as JSON: values and body, as in 'sillok "
      "diff --json'" },
    { "explain", 0, OPTION_FLAG, offsetof(struct changes_args, explain), NULL, NULL,
      "say below each when it was last seen as before, its flags, why it is of its kind, "
      "and what its significance is the sum of; --json and --csv have that always" },
    { "stale", 0, OPTION_FLAG, offsetof(struct changes_args, stale), NULL, NULL,
      "only the changes whose old sentences other articles still carry, and those below" },
    { "all-time", 0, OPTION_FLAG, offsetof(struct changes_args, all_time), NULL, NULL,
      "with --stale: look at all articles" },
    { "no-update", 0, OPTION_FLAG, offsetof(struct changes_args, no_update), NULL, NULL,
      "with --stale: ask the index as it is" },
    { 0 },
};

const struct verb verb_changes = {
    .name = "changes",
    .synopsis = "",
    .summary = "every article that changed, newest first",
    .help =
        "A line for each change: the window of time in which it was made (the last sight of "
        "the old text, the first of the new one), the revision it led to, or from which to "
        "which where others lie between, its kind, and "
        "the title. 'sillok diff' with the name from the line shows it whole. Behind the kind "
        "stands (mismatch) where one of the texts is not what its files' content_hash says.\n"
        "Kinds: reverted, headline, emptied, cosmetic, correction, byline, added, removed, "
        "rewritten, number, typo, word, wording, metadata. Changes that are only cosmetic, "
        "byline or metadata are hidden and counted at the end, unless --all or --kind asks "
        "for them. So is an emptied article (hardly any text is left, or none that can be read) until a second crawl agrees, or a visit an hour later, unless --all or --kind emptied asks for it; an edit after that "
        "visit is told against what stood before it.\n"
        "Flags say more of a change: number, quote, name, moved, negation, opposite, "
        "headline_mark, headline_cosmetic, conflict, mismatch, coarse, extraction, "
        "unconfirmed; silent and announced only where the crawler writes down when the "
        "publisher says that it edited (modified_at). --explain and --json show them, --flag "
        "asks for them; docs/kinds.md says when each is set.\n"
        "When many articles of one publisher, or of small ones, get the same difference in "
        "one crawl, the crawler or the site has changed: that is one event of each, listed "
        "at the end. --events lists the events alone, with --json as objects with event "
        "('folded'), oid, publisher, crawl, n_articles, articles (their aids), sample (of one of "
        "them: aid, revision), window, fields, kinds, why, and no line of sums; "
        "--unfold lists their changes with the others. With --kind or --flag an event has "
        "the articles whose change is such a one.\n"
        "--stale asks of each change who still carries what it took out: a wire report was "
        "corrected, who still has the old number? Listed are articles of any publisher "
        "whose newest revision holds a sentence that was replaced or removed, of at least "
        "12 letters, the same but for white space, quotation marks and the like, and since "
        "when it has been seen there. Not looked for are bylines and notices, nor, without "
        "--all, what more than 20 articles of a publisher carry. Looked at is what was "
        "published in the month of the article, the one before and the one after; "
        "--all-time looks at everything. An index beside the store is asked, as by 'sillok "
        "similar'. --limit counts the changes looked at. Its --json has an object for each "
        "sentence and article: sentence, oid, aid, revision, publisher, title, since, "
        "published_at, content_hash, url (of who carries it), changed (oid, aid, publisher, "
        "title, from, to, after, before, kinds), key.\n"
        "What is new since an earlier run: --from goes by when a text was seen, not by when it "
        "came into the store. A crawl that comes in late brings changes of an earlier time, "
        "and may give known ones another window or key; an emptied article is listed when a "
        "second crawl agrees, under its own time. So a program that keeps up asks without "
        "--from, or from as far back as that may reach, and puts the new list in the place "
        "of the old one: what has a key that was not there is new.\n"
        "Exit 0 whether there are changes or not: this lists, as a log does.\n"
        "--json has oid, aid, publisher, title, from, to (revision, first_seen, last_seen, "
        "content_hash, title), window (after, before), visits_before, fields (that differ: "
        "title, category, publisher, author, published_at, modified_at, url, body), "
        "kinds (first the one that the line shows, then what changed besides), flags, "
        "reverted_to (a revision), similarity (0 to 1, docs/diff.md), added_chars, "
        "removed_chars, significance (0 to 100, docs/kinds.md), significance_parts (what it is the "
        "sum of: '40 kind number'), why, category, url, published_at, modified_at (as the newer file "
        "has them), key (for --after: not to be taken apart); with -p also values and body. "
        "--csv has the same, flat. "
        "Where the headline differs and the body does not, similarity, added_chars and "
        "removed_chars are the headline's. "
        "publisher is as the file has it and may be empty: group by oid.",
    .options = options_table,
    .examples =
        "sillok changes|all, newest first\n"
        "sillok changes -p --from yesterday|with the words that changed\n"
        "sillok changes --crawl crawl-0..crawl-1|between two crawls\n"
        "sillok changes --kind correction --flag silent|corrected without a word\n"
        "sillok changes --kind number,correction --sort significance -n 20|the ones to "
        "look at first\n"
        "sillok changes --kind number,correction --stale|who still has the old number\n"
        "sillok changes --json || jq -r .title|for a program\n",
    .formats = VERB_JSON | VERB_CSV,
    .reach = REACH_STORE_WRITE | REACH_PAGER, /* --stale brings its index up to date */
    .args_size = sizeof(struct changes_args),
    .run = run,
};
