#include "cli/nearlist.h"

#include "base/fail.h"
#include "base/utf8.h"
#include "cli/fmt.h"
#include "cli/heap.h"
#include "cli/progress.h"
#include "cli/out.h"
#include "cli/rows.h"

#include <stdlib.h>
#include <string.h>

static const struct column columns[] = {
    { "group", NULL },        { "size", NULL },       { "publishers", NULL },
    { "oid", NULL },          { "aid", NULL },        { "revision", NULL },
    { "newest", NULL },       { "jaccard", NULL },    { "same_body", NULL },
    { "same_text", NULL },    { "follow_up", NULL },  { "publisher", NULL },
    { "title", NULL },        { "first_seen", NULL }, { "published_at", NULL },
    { "content_hash", NULL }, { "url", NULL },
};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };
enum { OF_A_GROUP = 3 }; /* the first, which lists without groups leave out */

/* --- options and index --- */

static int parse_min(const char *text, double *out)
{
    size_t i = 0, digits = 0;
    double v = 0, unit = 1;
    for (; text[i] >= '0' && text[i] <= '9'; i++, digits++)
        v = 10 * v + (text[i] - '0');
    if (text[i] == '.')
        for (i++; text[i] >= '0' && text[i] <= '9'; i++, digits++)
            v += (text[i] - '0') * (unit /= 10);
    if (text[i] || !digits || digits > 9 || v <= 0 || v > 1)
        return fail(SILLOK_EINVALID,
                    "--min %.20s: a similarity is above 0 and at most 1, such as 0.7",
                    text);
    *out = v;
    return 0;
}

static int read_options(struct cli *cli, const struct nearlist_args *a,
                        struct sillok_near_options *out)
{
    *out = (struct sillok_near_options)SILLOK_NEAR_OPTIONS_INIT;
    out->oid = a->oid;
    out->across = a->across;
    out->revisions = a->revisions;
    out->all_time = a->all_time;
    out->no_follow_ups = a->no_follow_ups;
    out->same = a->same;
    out->limit = a->limit;
    const int r = a->min ? parse_min(a->min, &out->min) : 0;
    if (r < 0 || !a->since)
        return r;
    const int rc = cli_time(cli, a->since, &out->since_s);
    if (rc == 0 && out->since_s == 0)
        out->since_s = 1; /* of the same month, and 0 says that none is given */
    return rc;
}

/* @p ref  of the article that was asked about, or NULL */
static int check_options(struct cli *cli, const struct nearlist_args *a,
                         const struct sillok_ref *ref)
{
    const struct clash clashes[] = {
        { a->all_time && a->since,
          "--all-time looks at all there is, --since at a part of it: give one of them" },
        { ref && a->across && a->oid && strcmp(a->oid, ref->oid) == 0,
          "--across leaves out the article's own publisher, and --oid names that one: "
          "nothing can be both" },
    };
    return CLASH(cli, clashes);
}

static int update(struct cli *cli, struct sillok_near *near)
{
    struct sillok_near_progress p = { 0, 0 };
    struct progress progress;
    int r;
    progress_init(&progress, cli);
    heap_widen(1);
    while ((r = sillok_near_update(near, &p)) > 0) {
        const struct progress_figures figures = {
            .label = "index", .unit = "texts", .n = p.done, .total = p.total
        };
        progress_show(&progress, &figures);
    }
    progress_clear(&progress);
    return r;
}

int nearlist_open(struct sillok_near **out, struct cli *cli, int no_update)
{
    const int r =
        sillok_near_open(out, cli->store, no_update ? SILLOK_NEAR_NO_UPDATE : 0);
    return r < 0 ? r : update(cli, *out);
}

void nearlist_warn(struct cli *cli, const struct sillok_near *near)
{
    CLEANUP(buf_release) struct buf texts = BUF_INIT;
    const uint64_t n = sillok_near_behind(near);
    if (n == 0)
        return;
    fmt_plural(&texts, n, "text of the store is", "texts of the store are");
    cli_warn(cli, "%.*s not in the index yet", (int)texts.len,
             texts.ptr ? texts.ptr : "");
}

/* --- cells --- */

size_t nearlist_publisher(struct buf *b, const struct cli *cli,
                          const struct sillok_article *a, size_t wide)
{
    CLEANUP(buf_release) struct buf cell = BUF_INIT;
    if (cli->term.out_tty)
        (void)utf8_add_fit(&cell, a->fields[SILLOK_PUBLISHER], wide, 1);
    else
        (void)utf8_add_safe(&cell, a->fields[SILLOK_PUBLISHER], UTF8_FOLD_SPACE);
    return style_cell(b, &cli->term, STYLE_NONE, &cell, wide);
}

void nearlist_title(struct buf *b, const struct cli *cli, const struct sillok_article *a,
                    size_t used)
{
    enum { TITLE_MIN = 12 };
    const size_t width = (size_t)cli->term.columns;
    if (cli->term.out_tty && used + TITLE_MIN <= width)
        (void)utf8_add_fit(b, a->fields[SILLOK_TITLE], width - used, 0);
    else
        (void)utf8_add_safe(b, a->fields[SILLOK_TITLE], UTF8_FOLD_SPACE);
}

/* --- rows --- */

static int put_row(struct out *out, const struct sillok_near_row *row, int grouped)
{
    const struct sillok_article *a = &row->article;
    const struct cell cells[] = {
        cell_count(row->group),
        cell_count(row->size),
        cell_count(row->publishers),
        cell_text(a->oid),
        cell_text(a->aid),
        cell_count(row->revision),
        cell_flag(row->newest),
        cell_real(row->jaccard),
        cell_flag(row->same_body),
        cell_flag(row->same_text),
        cell_flag(row->follow_up),
        cell_text(a->fields[SILLOK_PUBLISHER]),
        cell_text(a->fields[SILLOK_TITLE]),
        cell_time(row->first_seen_s),
        cell_text(a->fields[SILLOK_PUBLISHED_AT]),
        cell_id(&a->content_hash),
        cell_text(a->fields[SILLOK_URL]),
    };
    _Static_assert(sizeof(cells) / sizeof(cells[0]) == N_COLUMNS,
                   "a cell for each column");
    return out_row(out, grouped ? cells : cells + OF_A_GROUP);
}

static const char *relation(const struct sillok_near_row *row)
{
    return row->same_body   ? "=body"
           : row->same_text ? "=text"
           : row->follow_up ? "follow-up"
                            : "";
}

/* "0.93  =text      001/0000000001@1  하늘일보      2026-01-05 03:00  title" */
static void add_line(struct buf *b, const struct cli *cli,
                     const struct sillok_near_row *row, int is_first)
{
    enum { RELATION = 9, NAME = 16, PUBLISHER = 14, DAY = 10 };
    CLEANUP(buf_release) struct buf part = BUF_INIT;
    const struct sillok_article *a = &row->article;
    if (is_first)
        (void)buf_add_str(&part, "   -");
    else
        (void)buf_add_share(&part, row->jaccard, 2);
    size_t used = style_cell(b, &cli->term, STYLE_BOLD, &part, 4);
    buf_clear(&part);
    (void)buf_add_str(&part, is_first ? "" : relation(row));
    used += style_cell(b, &cli->term, STYLE_NONE, &part, RELATION);
    buf_clear(&part);
    add_revision_name(&part, a->oid, a->aid, row->revision);
    used += style_cell(b, &cli->term, STYLE_HEAD, &part, NAME);
    buf_clear(&part);
    used += nearlist_publisher(b, cli, a, PUBLISHER);
    buf_clear(&part);
    fmt_minute(&part, row->first_seen_s, cli->zone_min);
    if (cli_is_narrow(cli) && part.len > DAY)
        part.len = DAY;
    used += style_cell(b, &cli->term, STYLE_DIM, &part, 0);
    nearlist_title(b, cli, a, used);
    (void)buf_add_char(b, '\n');
}

/* An article may be there with several of its revisions. */
static void add_count(struct buf *b, const struct nearlist_args *a, uint64_t n)
{
    if (a->revisions)
        fmt_plural(b, n, "revision", "revisions");
    else
        fmt_plural(b, n, "article", "articles");
}

static void add_heading(struct buf *b, const struct cli *cli,
                        const struct nearlist_args *a, const struct sillok_near_row *row)
{
    if (row->group > 1)
        (void)buf_add_char(b, '\n');
    style_on(b, &cli->term, STYLE_BOLD);
    (void)buf_printf(b, "group %llu", (unsigned long long)row->group);
    style_off(b, &cli->term, STYLE_BOLD);
    (void)buf_add_str(b, ": ");
    add_count(b, a, row->size);
    (void)buf_add_str(b, ", ");
    fmt_plural(b, row->publishers, "publisher", "publishers");
    (void)buf_add_char(b, '\n');
}

static int put_line(struct cli *cli, const struct nearlist_args *a,
                    const struct sillok_near_row *row, int is_first)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    if (is_first)
        add_heading(&text, cli, a, row);
    add_line(&text, cli, row, is_first);
    return put(&text);
}

/* As many as were asked for are no count of what there is. */
static void say_sum(struct cli *cli, const struct nearlist_args *a, uint64_t n_rows,
                    uint64_t n_groups, int grouped)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    if (grouped) {
        fmt_plural(&line, n_groups, "group", "groups");
        (void)buf_add_str(&line, ", ");
    }
    add_count(&line, a, n_rows);
    if (a->limit && (grouped ? n_groups : n_rows) == a->limit)
        (void)buf_add_str(&line, ", there may be more: --limit");
    cli_note_line(cli, &line);
}

static int print(struct cli *cli, struct sillok_near_rows *rows, int grouped,
                 const struct nearlist_args *a)
{
    struct out out;
    struct sillok_near_row row;
    uint64_t n = 0, group = 0;
    const size_t from = grouped ? 0 : OF_A_GROUP;
    int r = out_open(&out, cli, out_format_of(cli), columns + from, N_COLUMNS - from);
    if (r == 0 && out.format == OUT_TABLE)
        cli_start_pager(cli);
    while (r == 0 && (r = sillok_near_next(rows, &row)) > 0) {
        const int is_first = grouped && row.group != group;
        n++;
        group = row.group;
        r = out.format == OUT_TABLE ? put_line(cli, a, &row, is_first)
                                    : put_row(&out, &row, grouped);
    }
    if (r == 0 && out.format != OUT_TABLE)
        r = out_close(&out);
    if (r == 0) {
        say_sum(cli, a, n, group, grouped);
        if (n == 0)
            cli_note_oid(cli, a->oid);
    }
    out_release(&out);
    sillok_near_rows_close(rows);
    return r;
}

int nearlist_run(struct cli *cli, const struct nearlist_args *a, const char *name,
                 nearlist_fn *ask, int grouped)
{
    struct sillok_near_options options;
    struct sillok_near *near = NULL;
    struct sillok_near_rows *rows = NULL;
    struct sillok_ref ref;
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0 && name)
        r = cli_ref(cli, name, &ref);
    if (r == 0 && check_options(cli, a, name ? &ref : NULL) != EXIT_DONE)
        return EXIT_USAGE;
    if (r == 0)
        r = read_options(cli, a, &options);
    if (r == 0)
        r = nearlist_open(&near, cli, a->no_update);
    if (r == 0)
        r = ask(&rows, near, name ? &ref : NULL, &options);
    if (r == 0) {
        nearlist_warn(cli, near);
        r = print(cli, rows, grouped, a);
    }
    sillok_near_close(near);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}
