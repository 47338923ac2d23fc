/* sillok diff: two revisions of an article, or two articles. */
#include "cli/cli.h"

#include "cli/diffview.h"
#include "cli/fmt.h"
#include "cli/pair.h"
#include "cli/rows.h"

#include <stdlib.h>
#include <string.h>

struct diff_args {
    int format;          /* enum sillok_diff_format and one; 0: not given */
    const char *context; /* "all" or a number */
};

/* --- which two --- */

/* No name of a revision has a slash in it. */
static int is_article(const char *arg)
{
    return strchr(arg, '/') != NULL;
}

static int open_articles(struct cli *cli, struct pair *p, const struct sillok_ref *first)
{
    struct sillok_ref second;
    if (cli->n_args > 2)
        return fail(SILLOK_EINVALID,
                    "give the revisions of two articles as OID/AID@R OID/AID@R");
    int r = cli_ref(cli, cli->args[1], &second);
    if (r == 0)
        r = sillok_snapshot_open(&p->before, cli->store, first);
    if (r == 0)
        r = sillok_snapshot_open(&p->after, cli->store, &second);
    return r;
}

/* X, X@R, X@R1..R2: see pair_open(). X R1 R2. X R1: R1 and the newest. X[@R] Y[@R]: two
 * articles. */
static int open_pair(struct cli *cli, struct pair *p)
{
    struct sillok_ref ref;
    if (cli->n_args == 1)
        return pair_open(p, cli, cli->store, cli->args[0]);
    const int r = cli_ref(cli, cli->args[0], &ref);
    if (r < 0)
        return r;
    if (is_article(cli->args[1]))
        return open_articles(cli, p, &ref);
    if (ref.kind != SILLOK_REF_NEWEST)
        return fail(SILLOK_EINVALID,
                    "give revisions in one way: OID/AID@R, or OID/AID R1 R2");
    return pair_open_revisions(p, cli, cli->store, &ref, cli->args[1],
                               cli->n_args > 2 ? cli->args[2] : NULL);
}

/* --- what is printed --- */

static void add_side(struct buf *b, const struct cli *cli, enum style style,
                     const char *mark, const struct sillok_revision *rev)
{
    style_on(b, &cli->term, style);
    (void)buf_printf(b, "%s ", mark);
    add_revision_name(b, rev->article.oid, rev->article.aid, rev->number);
    (void)buf_add_str(b, "  ");
    add_seen(b, cli, rev->first_seen_s, rev->last_seen_s);
    style_off(b, &cli->term, style);
    (void)buf_add_char(b, '\n');
}

static void add_kinds(struct buf *b, const struct sillok_change_class *what)
{
    const struct words kinds = words_of_kinds(what), flags = words_of_flags(what->flags);
    (void)buf_add_str(b, "    ");
    add_words_list(b, &kinds);
    if (flags.n) {
        (void)buf_add_str(b, " (");
        add_words_list(b, &flags);
        (void)buf_add_char(b, ')');
    }
    (void)buf_add_str(b, "; ");
    fmt_plural(b, what->added_chars, "character added, ", "characters added, ");
    fmt_count(b, what->removed_chars);
    (void)buf_add_str(b, " removed, similarity ");
    (void)buf_add_share(b, what->similarity, 3);
    (void)buf_add_char(b, '\n');
    if (what->flags & SILLOK_FLAG_COARSE)
        (void)buf_add_str(b, "    the texts are large: compared by the coarse method\n");
}

static int put_text(struct cli *cli, const struct diffview *view,
                    const struct sillok_revision *before,
                    const struct sillok_revision *after,
                    const struct sillok_change_class *what)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    add_side(&text, cli, STYLE_OLD, "---", before);
    add_side(&text, cli, STYLE_NEW, "+++", after);
    add_kinds(&text, what);
    (void)buf_add_char(&text, '\n');
    const int r = diffview_text(&text, view, &before->article, &after->article);
    return r < 0 ? r : put(&text);
}

static int same_article(const struct sillok_revision *a, const struct sillok_revision *b)
{
    return text_equal(a->article.oid, b->article.oid) &&
           text_equal(a->article.aid, b->article.aid);
}

static int put_html(const struct diffview *view, const struct sillok_revision *before,
                    const struct sillok_revision *after)
{
    CLEANUP(buf_release) struct buf heading = BUF_INIT;
    CLEANUP(buf_release) struct buf page = BUF_INIT;
    add_revision_name(&heading, before->article.oid, before->article.aid, before->number);
    (void)buf_add_str(&heading, " \xe2\x86\x92 "); /* an arrow */
    if (same_article(before, after))
        (void)buf_printf(&heading, "@%u", after->number);
    else
        add_revision_name(&heading, after->article.oid, after->article.aid,
                          after->number);
    const int r = diffview_html(&page, view, text_make(heading.ptr, heading.len),
                                &before->article, &after->article);
    return r < 0 ? r : put(&page);
}

/* --- the verb --- */

static void say_same(struct cli *cli, const struct pair *p)
{
    const struct sillok_revision *rev = sillok_snapshot_revision(p->before);
    if (!same_article(rev, sillok_snapshot_revision(p->after)))
        cli_note(cli, "both articles say the same, under the same title and metadata");
    else if (sillok_snapshot_chain(p->before) == 1)
        cli_note(cli, "%s has one revision: nothing has changed", cli->args[0]);
    else if (cli->n_args == 1)
        cli_note(cli, "%s is the first revision: nothing came before it", cli->args[0]);
    else if (rev->number == sillok_snapshot_revision(p->after)->number)
        cli_note(cli, "that is revision %u twice: nothing differs", rev->number);
    else
        cli_note(cli, "nothing differs");
}

static int put_json_of(struct cli *cli, const struct pair *p)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    const int r = pair_json(&line, cli, p);
    return r < 0 ? r : put(&line);
}

static int put_pair(struct cli *cli, struct diffview *view, const struct pair *p)
{
    const struct sillok_revision *before = sillok_snapshot_revision(p->before);
    const struct sillok_revision *after = sillok_snapshot_revision(p->after);
    view->bodies = p->bodies;
    if (view->format == SILLOK_DIFF_JSON)
        return put_json_of(cli, p);
    if (!p->differs) {
        say_same(cli, p);
        return 0;
    }
    if (view->format == SILLOK_DIFF_HTML)
        return put_html(view, before, after);
    cli_start_pager(cli);
    return put_text(cli, view, before, after, &p->what);
}

static int parse_context(struct cli *cli, const char *text, int *out)
{
    char *end;
    *out = 1;
    if (!text)
        return 0;
    if (text_is(text_of("all"), text)) {
        *out = -1;
        return 0;
    }
    const long n = strtol(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || n > 1000000)
        return cli_usage(cli, "--context %.40s: not a number of sentences, nor 'all'",
                         text);
    *out = (int)n;
    return 0;
}

static int run(struct cli *cli, const void *args)
{
    const struct diff_args *a = args;
    struct diffview view = { .cli = cli, .format = SILLOK_DIFF_WORDS };
    CLEANUP(pair_release) struct pair p = PAIR_INIT;
    if (a->format)
        view.format = (enum sillok_diff_format)(a->format - 1);
    else if (cli->json)
        view.format = SILLOK_DIFF_JSON;
    const int is_json = view.format == SILLOK_DIFF_JSON;
    const struct clash clashes[] = {
        { cli->json && !is_json,
          "--json is --format json: give one of them, or no other format" },
        { is_json && a->context,
          "--context is for people: json has all rows, unchanged ones too" },
    };
    if (CLASH(cli, clashes) != EXIT_DONE ||
        parse_context(cli, a->context, &view.context) != EXIT_DONE)
        return EXIT_USAGE;
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = cli_in_store(cli, open_pair(cli, &p));
    if (r == 0)
        r = pair_compare(&p);
    if (r == 0)
        r = put_pair(cli, &view, &p);
    if (r < 0)
        return cli_fail(cli, r);
    return p.differs ? EXIT_DIFFERS : EXIT_DONE;
}

static const struct option_def options[] = {
    { "format", 'f', OPTION_CHOICE, offsetof(struct diff_args, format), "FORMAT",
      "|words|side|sentences|html|json",
      "words (running text with [-old-]{+new+}, or colours), side (two columns), sentences "
      "(- and + lines), html (a page), json" },
    { "context", 'U', OPTION_TEXT, offsetof(struct diff_args, context), "N", NULL,
      "unchanged sentences around a change; 'all' for the whole text; else 1" },
    { 0 },
};

const struct verb verb_diff = {
    .name = "diff",
    .synopsis = "OID/AID[@R] [R1 [R2] | OID/AID[@R]]",
    .summary = "what differs between two revisions, or two articles",
    .help =
        "OID/AID compares the last two revisions: the last change. OID/AID@R shows the "
        "change that led to revision R, as 'changes' names it, and OID/AID@R..R2 all that "
        "happened from R to R2. With R1 alone, that "
        "revision is compared with the newest; with R1 and R2, these two. A revision is "
        "written 2, @2, @-1 (the newest), or as a time. Two articles are compared as they "
        "stand now, or at the revisions named with @R.\n"
        "Headline and metadata come first, then the body: sentences are aligned, and words "
        "compared inside them. On a terminal long lines break at blanks; into a pipe or a "
        "file each is written whole. Exit 1 when something differs, 0 when nothing does.\n"
        "--json (or --format json) is one object: oid, aid (of to), from and to (oid, aid, "
        "revision, first_seen, last_seen, content_hash), differs, fields, kinds, flags, similarity, added_chars, removed_chars, significance, values (of "
        "changed fields: from and to) and body (rows and edits with byte ranges; null if "
        "the same). Where the headline differs and the body does not, similarity, "
        "added_chars and removed_chars are the headline's.",
    .options = options,
    .examples = "sillok diff 001/0015812889|the last change\n"
                "sillok diff 001/0015812889@2|the change that led to revision 2\n"
                "sillok diff 001/0015812889 1|the first text and the newest\n"
                "sillok diff --format side 001/0015812889 1 3|in two columns\n"
                "sillok diff 001/0015812889 003/0013680021@1|two articles\n"
                "sillok diff --format html 001/0015812889 >diff.html|for a browser\n",
    .min_args = 1,
    .max_args = 3,
    .formats = VERB_JSON,
    .reach = REACH_STORE | REACH_PAGER,
    .args_size = sizeof(struct diff_args),
    .run = run,
};
