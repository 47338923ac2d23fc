/* sillok find: text that stands, and text that stood. */
#include "cli/cli.h"

#include "base/utf8.h"
#include "cli/blameview.h"
#include "cli/fmt.h"
#include "cli/found.h"
#include "cli/marked.h"
#include "cli/progress.h"
#include "cli/rows.h"
#include "sillok/find.h"

#include <string.h>

struct find_args {
    const char *from, *to, *oid;
    int removed, added, any_blanks, no_update;
    uint64_t limit;
};

/* --- lines for people --- */

/* "removed between A and B", or what else there is to say about when. */
static void add_when(struct buf *b, const struct cli *cli,
                     const struct sillok_blame_sentence *s)
{
    const struct sillok_blame_span *last = &s->spans[s->n_spans - 1];
    const struct sillok_blame_window *w = s->gone ? &last->went : &last->came;
    const char *fate = sillok_blame_fate(s);
    if (!fate) {
        (void)buf_add_str(b, "seen ");
        add_seen(b, cli, last->first_seen_s, last->last_seen_s);
        return;
    }
    style_str(b, &cli->term, s->gone ? STYLE_OLD : STYLE_NEW, fate);
    (void)buf_add_char(b, ' ');
    blameview_add_window(b, cli, w->after_s, w->before_s);
}

static int put_block(struct cli *cli, const struct sillok_find_row *row, int is_first)
{
    enum { INDENT = 4 };
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    const struct sillok_article *a = &row->article;
    const struct sillok_blame_sentence *s = &row->sentence;
    const int is_title = s->where == SILLOK_BLAME_TITLE;
    (void)buf_add_str(&b, is_first ? "" : "\n");
    style_on(&b, &cli->term, STYLE_HEAD);
    add_revision_name(&b, a->oid, a->aid, s->revision);
    style_off(&b, &cli->term, STYLE_HEAD);
    (void)buf_add_str(&b, "  ");
    add_when(&b, cli, s);
    (void)buf_add_char(&b, '\n');
    if (!is_title) {
        (void)buf_printf(&b, "%*s", INDENT, "");
        marked_add(&b, cli, a->fields[SILLOK_TITLE], NULL, 0, STYLE_BOLD, INDENT);
    }
    const char *label = is_title ? "headline: " : "";
    (void)buf_printf(&b, "%*s%s", INDENT, "", label);
    marked_add(&b, cli, s->text, row->marks, row->n_marks, STYLE_NONE,
               INDENT + strlen(label));
    return put(&b);
}

struct tally {
    uint64_t sentences, articles;
};

static void say_sum(struct cli *cli, const struct find_args *a, const struct tally *sum)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    fmt_plural(&line, sum->sentences, "sentence", "sentences");
    (void)buf_add_str(&line, " in ");
    fmt_plural(&line, sum->articles, "article", "articles");
    if (a->limit && sum->sentences == a->limit)
        (void)buf_add_str(&line, ", there may be more: --limit");
    if (!sum->sentences && !a->any_blanks)
        (void)buf_add_str(&line, "; --any-blanks looks for other blanks, too");
    cli_note_line(cli, &line);
}

/* A terminal of EUC-KR sends EUC-KR, which is in no text. */
static void note_encoding(struct cli *cli)
{
    int i = 0;
    while (i < cli->n_args && utf8_valid(text_of(cli->args[i])))
        i++;
    if (i < cli->n_args)
        cli_note(cli,
                 "what was asked for is not UTF-8, as the texts are: does the terminal "
                 "send another encoding? 'iconv -f CP949 -t UTF-8' turns Korean ones");
}

static int list(struct cli *cli, const struct find_args *a, struct sillok_find_rows *rows)
{
    struct out out;
    struct sillok_find_row row;
    CLEANUP(buf_release) struct buf name = BUF_INIT;
    CLEANUP(buf_release) struct buf last = BUF_INIT;
    struct tally sum = { 0, 0 };
    int r = listing_open(&out, cli, out_format_of(cli), &listing_found);
    if (r == 0 && out.format == OUT_TABLE)
        cli_start_pager(cli);
    while (r == 0 && (r = sillok_find_next(rows, &row)) > 0) {
        buf_clear(&name);
        add_revision_name(&name, row.article.oid, row.article.aid, 0);
        const int is_new =
            !text_equal(text_make(name.ptr, name.len), text_make(last.ptr, last.len));
        const struct buf swap = last;
        last = name;
        name = swap;
        sum.articles += (uint64_t)is_new;
        r = out.format == OUT_TABLE  ? put_block(cli, &row, sum.sentences == 0)
            : out.format == OUT_JSON ? put_json(cli, object_of_found(&row))
                                     : put_found_row(&out, &row);
        sum.sentences++;
    }
    if (r == 0 && out.format == OUT_CSV)
        r = out_close(&out);
    if (r == 0)
        say_sum(cli, a, &sum);
    if (r == 0 && sum.sentences == 0) {
        cli_note_nothing(cli, a->oid, a->from);
        note_encoding(cli);
    }
    out_release(&out);
    return r;
}

/* --- the question --- */

static int update(struct cli *cli, struct sillok_find *find)
{
    struct sillok_find_progress p = { 0, 0 };
    struct progress progress;
    int r;
    progress_init(&progress, cli);
    while ((r = sillok_find_update(find, &p)) > 0) {
        const struct progress_figures figures = {
            .label = "index", .unit = "texts", .n = p.done, .total = p.total
        };
        progress_show(&progress, &figures);
    }
    progress_clear(&progress);
    if (r != SILLOK_EIO && r != SILLOK_EBUSY)
        return r;
    cli_warn(cli, "%s; the texts are read instead", sillok_error_message());
    return 0;
}

static int fill_options(struct cli *cli, const struct find_args *a,
                        struct sillok_find_options *o)
{
    o->oid = a->oid;
    o->removed = a->removed;
    o->added = a->added;
    o->any_blanks = a->any_blanks;
    o->limit = a->limit;
    return cli_span(cli, a->from, a->to, &o->from_s, &o->to_s);
}

static int run(struct cli *cli, const void *args)
{
    const struct find_args *a = args;
    struct sillok_find_options options = SILLOK_FIND_OPTIONS_INIT;
    struct sillok_find *find = NULL;
    struct sillok_find_rows *rows = NULL;
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = fill_options(cli, a, &options);
    if (r == 0)
        r = sillok_find_open(&find, cli->store, a->no_update ? SILLOK_FIND_NO_UPDATE : 0);
    if (r == 0)
        r = update(cli, find);
    if (r == 0)
        r = sillok_find_ask(&rows, find, (const char *const *)cli->args,
                            (size_t)cli->n_args, &options);
    if (r == 0)
        r = list(cli, a, rows);
    const uint64_t behind = r == 0 ? sillok_find_behind(find) : 0;
    if (behind) {
        CLEANUP(buf_release) struct buf texts = BUF_INIT;
        fmt_plural(&texts, behind, "text was not in the index and was read",
                   "texts were not in the index and were read");
        cli_note_line(cli, &texts);
    }
    sillok_find_rows_close(rows);
    sillok_find_close(find);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static const struct option_def options_table[] = {
    { "removed", 'r', OPTION_FLAG, offsetof(struct find_args, removed), NULL, NULL,
      "only what does not stand in the newest revision any more" },
    { "added", 'a', OPTION_FLAG, offsetof(struct find_args, added), NULL, NULL,
      "only what came with a later revision than the first" },
    { "any-blanks", 0, OPTION_FLAG, offsetof(struct find_args, any_blanks), NULL, NULL,
      "with blanks in other places, or none, too" },
    { "from", 0, OPTION_TEXT, offsetof(struct find_args, from), "TIME", NULL,
      "what came or went and was first seen, or first missed, at TIME or later" },
    { "to", 0, OPTION_TEXT, offsetof(struct find_args, to), "TIME", NULL,
      "the same before TIME" },
    { "oid", 0, OPTION_ONE, offsetof(struct find_args, oid), "OID", NULL,
      "articles of this publisher only" },
    { "limit", 'n', OPTION_LIMIT, offsetof(struct find_args, limit), "N", NULL,
      "at most N sentences" },
    { "no-update", 0, OPTION_FLAG, offsetof(struct find_args, no_update), NULL, NULL,
      "ask the index as it is, and read what is not in it" },
    { 0 },
};

const struct verb verb_find = {
    .name = "find",
    .synopsis = "TEXT...",
    .summary = "sentences and headlines that say, or said, something",
    .help =
        "Finds the sentences and headlines that have the text, in the newest revision of "
        "each article and in all earlier ones. For each: the newest revision that has it, "
        "the window of time in which it was removed, reworded or added, or when it was "
        "seen, the title, and the sentence with what was found marked: {=so=}, or in "
        "colour. 'sillok log --blame OID/AID' shows the whole article that way.\n"
        "Several words have to be in one sentence, all of them, in any order; words in "
        "one argument of the shell ('old bridge') are one piece with the blanks between them, and "
        "quotation marks inside it are looked for as they are. They are found as written and "
        "inside longer words too, whatever their length; capitals, the number of blanks, "
        "what is invisible, the form of quotation marks, and composed or decomposed letters make no "
        "difference. No character has a meaning of its own.\n"
        "Korean is written with blanks and without: with --any-blanks 국민연금 finds 국민 연금 too, and "
        "'국민 연금' finds 국민연금. A short word may then be found over two others (정부 in "
        "안정 부문).\n"
        "--removed also finds sentences that were reworded: the new wording may still have "
        "the text. With both --removed and --added: what was either. --from and --to are "
        "about the first visit that saw it, or missed it, which is the end of the window.\n"
        "The text that was seen first most lately comes first. What is told has been read in the "
        "store; an index beside it, find.db, says where to look and is brought up to date "
        "first. Bylines, categories and other metadata are not searched.\n"
        "Exit 0 whether something is found or not.\n"
        "--json has oid, aid, publisher, title, url, published_at, where (title, body), text, "
        "gone, revision (the newest that has it), start and end (bytes in its body or title), first_revision, "
        "last_revision, first_seen, last_seen, came and went (how: added, removed or reworded; "
        "after, before; of the last time that it stood), n_spans (how many times it "
        "stood), content_hash, marks (pairs of bytes of text). --csv has all but the marks.",
    .options = options_table,
    .examples =
        "sillok find 도서관|in what stands and in what stood\n"
        "sillok find --removed --from '1 week ago' 정부|removed this week\n"
        "sillok find 항만 예산|both words in one sentence\n"
        "sillok find --any-blanks 국민연금|국민 연금 too\n"
        "sillok find --added --oid 001 '바로잡습니다'|corrections that were put in later\n"
        "sillok find --json 'old bridge' || jq -r .text|for a program\n",
    .min_args = 1,
    .max_args = -1,
    .formats = VERB_JSON | VERB_CSV,
    .reach = REACH_STORE_WRITE | REACH_PAGER,
    .args_size = sizeof(struct find_args),
    .run = run,
};
