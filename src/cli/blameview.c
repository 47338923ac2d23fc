#include "cli/blameview.h"

#include "base/fail.h"
#include "cli/fmt.h"
#include "cli/marked.h"
#include "cli/out.h"
#include "cli/rows.h"
#include "sillok/blame.h"

static const struct column columns[] = {
    { "oid", NULL },           { "aid", NULL },        { "where", NULL },
    { "text", NULL },          { "gone", NULL },       { "revision", NULL },
    { "start", NULL },         { "end", NULL },        { "first_revision", NULL },
    { "last_revision", NULL }, { "first_seen", NULL }, { "last_seen", NULL },
    { "came.how", NULL },      { "came.after", NULL }, { "came.before", NULL },
    { "went.how", NULL },      { "went.after", NULL }, { "went.before", NULL },
    { "n_spans", NULL },
};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static const struct column span_columns[] = {
    { "first_revision", NULL }, { "last_revision", NULL }, { "first_seen", NULL },
    { "last_seen", NULL },      { "came.how", NULL },      { "came.after", NULL },
    { "came.before", NULL },    { "went.how", NULL },      { "went.after", NULL },
    { "went.before", NULL },
};
enum { N_SPAN_COLUMNS = sizeof(span_columns) / sizeof(span_columns[0]) };

struct names {
    const char *oid, *aid;
};

/* --- for programs --- */

static void fill_window(struct cell out[3], const struct sillok_blame_window *w,
                        const char *whole)
{
    const int is = w->how != SILLOK_BLAME_NOT;
    out[0] = !is ? cell_none()
                 : cell_str(w->how == SILLOK_BLAME_REWORDED ? "reworded" : whole);
    out[1] = is ? cell_time(w->after_s) : cell_none();
    out[2] = is ? cell_time(w->before_s) : cell_none();
}

static void fill_span(struct cell cells[N_SPAN_COLUMNS],
                      const struct sillok_blame_span *s)
{
    cells[0] = cell_count(s->first_revision);
    cells[1] = cell_count(s->last_revision);
    cells[2] = cell_time(s->first_seen_s);
    cells[3] = cell_time(s->last_seen_s);
    fill_window(cells + 4, &s->came, "added");
    fill_window(cells + 7, &s->went, "removed");
}

static void fill_cells(struct cell cells[N_COLUMNS], const struct names *names,
                       const struct sillok_blame_sentence *s)
{
    const struct sillok_blame_span *last = &s->spans[s->n_spans - 1];
    const struct sillok_blame_span whole = {
        .first_revision = s->spans[0].first_revision,
        .last_revision = last->last_revision,
        .first_seen_s = s->spans[0].first_seen_s,
        .last_seen_s = last->last_seen_s,
        .came = s->spans[0].came,
        .went = last->went,
    };
    cells[0] = cell_str(names->oid);
    cells[1] = cell_str(names->aid);
    cells[2] = cell_str(s->where == SILLOK_BLAME_TITLE ? "title" : "body");
    cells[3] = cell_text(s->text);
    cells[4] = cell_flag(s->gone);
    cells[5] = cell_count(s->revision);
    cells[6] = cell_count(s->range.start);
    cells[7] = cell_count(s->range.end);
    fill_span(cells + 8, &whole);
    cells[8 + N_SPAN_COLUMNS] = cell_count(s->n_spans);
    _Static_assert(8 + N_SPAN_COLUMNS + 1 == N_COLUMNS, "a cell for each column");
}

static int put_object(struct cli *cli, const struct cell *cells,
                      const struct sillok_blame_sentence *s)
{
    json_t *object = json_of_cells(columns, cells, N_COLUMNS);
    json_t *spans = json_array();
    int r = object && spans ? 0 : fail_memory();
    for (size_t i = 0; i < s->n_spans && r == 0; i++) {
        struct cell row[N_SPAN_COLUMNS];
        fill_span(row, &s->spans[i]);
        if (json_array_append_new(spans,
                                  json_of_cells(span_columns, row, N_SPAN_COLUMNS)) < 0)
            r = fail_memory();
    }
    if (r < 0 || json_object_set(object, "spans", spans) < 0) {
        json_decref(object);
        object = NULL;
    }
    json_decref(spans);
    return put_json(cli, object);
}

/* --- for people --- */

void blameview_add_window(struct buf *b, const struct cli *cli, int64_t after_s,
                          int64_t before_s)
{
    const int narrow = cli_is_narrow(cli);
    (void)buf_add_str(b, "between ");
    (narrow ? fmt_minute : fmt_time)(b, after_s, cli->zone_min);
    (void)buf_add_str(b, " and ");
    (narrow ? fmt_minute : fmt_time)(b, before_s, cli->zone_min);
}

/* "@1, @3..5": the revisions in which it stood; nothing behind ".." : it still does. */
static void add_revisions(struct buf *b, const struct sillok_blame_sentence *s)
{
    for (size_t i = 0; i < s->n_spans; i++) {
        const struct sillok_blame_span *p = &s->spans[i];
        const int open = p->went.how == SILLOK_BLAME_NOT;
        (void)buf_printf(b, "%s@%u", i ? "," : "", p->first_revision);
        if (open)
            (void)buf_add_str(b, "..");
        else if (p->last_revision > p->first_revision)
            (void)buf_printf(b, "..%u", p->last_revision);
    }
}

enum { INDENT = 14 }; /* of sentences: the mark, the revisions */

static void add_windows(struct buf *b, const struct cli *cli,
                        const struct sillok_blame_span *s, int again)
{
    const struct {
        const struct sillok_blame_window *w;
        const char *whole, *reworded;
    } both[] = { { &s->came, again ? "came back" : "came",
                   again ? "came back" : "new wording" },
                 { &s->went, "went", "was reworded" } };
    for (int i = 0; i < 2; i++) {
        if (both[i].w->how == SILLOK_BLAME_NOT)
            continue;
        (void)buf_printf(b, "%*s", INDENT, "");
        style_on(b, &cli->term, STYLE_DIM);
        (void)buf_add_str(b, both[i].w->how == SILLOK_BLAME_REWORDED ? both[i].reworded
                                                                     : both[i].whole);
        (void)buf_add_char(b, ' ');
        blameview_add_window(b, cli, both[i].w->after_s, both[i].w->before_s);
        style_off(b, &cli->term, STYLE_DIM);
        (void)buf_add_char(b, '\n');
    }
}

static int put_lines(struct cli *cli, const struct sillok_blame_sentence *s)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    CLEANUP(buf_release) struct buf revisions = BUF_INIT;
    const int later = s->spans[0].came.how != SILLOK_BLAME_NOT || s->n_spans > 1;
    const enum style style = s->gone ? STYLE_OLD : later ? STYLE_NEW : STYLE_NONE;
    style_str(&b, &cli->term, style, s->gone ? "- " : later ? "+ " : "  ");
    add_revisions(&revisions, s);
    const size_t used =
        2 + style_cell(&b, &cli->term, STYLE_HEAD, &revisions, INDENT - 4);
    if (used > INDENT)
        (void)buf_printf(&b, "\n%*s", INDENT, "");
    marked_add(&b, cli, s->text, NULL, 0, style, INDENT);
    for (size_t i = 0; i < s->n_spans; i++)
        add_windows(&b, cli, &s->spans[i], i > 0);
    return put(&b);
}

static int put_head(struct cli *cli, const struct names *names,
                    const struct sillok_blame *blame)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    for (uint32_t i = 1; i <= sillok_blame_revisions(blame); i++) {
        int64_t first_s, last_s;
        sillok_blame_seen(blame, i, &first_s, &last_s);
        style_on(&b, &cli->term, STYLE_HEAD);
        add_revision_name(&b, text_of(names->oid), text_of(names->aid), i);
        style_off(&b, &cli->term, STYLE_HEAD);
        (void)buf_add_str(&b, "  ");
        add_seen(&b, cli, first_s, last_s);
        (void)buf_add_char(&b, '\n');
    }
    (void)buf_add_char(&b, '\n');
    return put(&b);
}

/* --- both --- */

static int put_all(struct cli *cli, struct out *out, const struct names *names,
                   struct sillok_blame *blame)
{
    struct sillok_blame_sentence s;
    struct cell cells[N_COLUMNS];
    int body = 0, r;
    while ((r = sillok_blame_next(blame, &s)) > 0) {
        if (out->format == OUT_TABLE) {
            r = !body && s.where == SILLOK_BLAME_BODY ? put_bytes("\n", 1) : 0;
            body |= s.where == SILLOK_BLAME_BODY;
            r = r < 0 ? r : put_lines(cli, &s);
        } else {
            fill_cells(cells, names, &s);
            r = out->format == OUT_JSON ? put_object(cli, cells, &s)
                                        : out_row(out, cells);
        }
        if (r < 0)
            break;
    }
    return r < 0 || out->format != OUT_CSV ? r : out_close(out);
}

int blameview_put(struct cli *cli, const char *oid, const char *aid)
{
    struct sillok_blame *blame = NULL;
    struct out out;
    const struct names names = { oid, aid };
    int r = cli_in_store(cli, sillok_blame_open(&blame, cli->store, oid, aid));
    if (r < 0)
        return r;
    r = out_open(&out, cli, out_format_of(cli), columns, N_COLUMNS);
    if (r == 0 && out.format == OUT_TABLE) {
        cli_start_pager(cli);
        r = put_head(cli, &names, blame);
    }
    if (r == 0)
        r = put_all(cli, &out, &names, blame);
    out_release(&out);
    sillok_blame_close(blame);
    return r;
}
