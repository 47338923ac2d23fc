#include "cli/stalelist.h"

#include "base/utf8.h"
#include "cli/fmt.h"
#include "cli/nearlist.h"
#include "cli/rows.h"

static const struct column columns[] = {
    { "sentence", NULL },
    { "oid", NULL },
    { "aid", NULL },
    { "revision", NULL },
    { "publisher", NULL },
    { "title", NULL },
    { "since", NULL },
    { "published_at", NULL },
    { "content_hash", NULL },
    { "url", NULL },
    { "changed.oid", NULL },
    { "changed.aid", NULL },
    { "changed.publisher", NULL },
    { "changed.title", NULL },
    { "changed.from", NULL },
    { "changed.to", NULL },
    { "changed.after", NULL },
    { "changed.before", NULL },
    { "changed.kinds", NULL },
    { "key", NULL },
};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

int stalelist_open(struct stalelist *s, struct cli *cli, const struct stalelist_args *a)
{
    *s = (struct stalelist){ .cli = cli };
    s->options.all_time = a->all_time;
    s->options.standing = a->standing;
    int r = out_open(&s->out, cli, out_format_of(cli), columns, N_COLUMNS);
    if (r == 0)
        r = nearlist_open(&s->near, cli, a->no_update);
    return r;
}

void stalelist_close(struct stalelist *s)
{
    sillok_stale_close(s->it);
    sillok_near_close(s->near);
    out_release(&s->out);
}

int stalelist_ask(struct stalelist *s, const struct sillok_change *change)
{
    sillok_stale_close(s->it);
    s->it = NULL;
    const int r = sillok_stale_open(&s->it, s->near, change, &s->options);
    if (r < 0)
        return r;
    s->n_lost += sillok_stale_sentences(s->it);
    s->n_standing += sillok_stale_standing(s->it);
    return sillok_stale_next(s->it, &s->row);
}

static int put_row(struct stalelist *s, const struct sillok_change *c)
{
    const struct sillok_article *a = &s->row.article;
    const struct words kinds = words_of_kinds(&c->what);
    const struct cell cells[] = {
        cell_text(s->row.text),
        cell_text(a->oid),
        cell_text(a->aid),
        cell_count(s->row.revision),
        cell_text(a->fields[SILLOK_PUBLISHER]),
        cell_text(a->fields[SILLOK_TITLE]),
        cell_time(s->row.since_s),
        cell_text(a->fields[SILLOK_PUBLISHED_AT]),
        cell_id(&a->content_hash),
        cell_text(a->fields[SILLOK_URL]),
        cell_text(c->oid),
        cell_text(c->aid),
        cell_text(c->to.article.fields[SILLOK_PUBLISHER]),
        cell_text(c->to.article.fields[SILLOK_TITLE]),
        cell_count(c->from.revision),
        cell_count(c->to.revision),
        cell_time(c->after_s),
        cell_time(c->before_s),
        cell_words(&kinds),
        cell_str(c->key),
    };
    _Static_assert(sizeof(cells) / sizeof(cells[0]) == N_COLUMNS,
                   "a cell for each column");
    return out_row(&s->out, cells);
}

/* "    The old sentence." */
static void add_sentence(struct buf *b, const struct stalelist *s)
{
    (void)buf_add_str(b, "    ");
    style_on(b, &s->cli->term, STYLE_OLD);
    (void)utf8_add_safe(b, s->row.text, UTF8_FOLD_SPACE);
    style_off(b, &s->cli->term, STYLE_OLD);
    (void)buf_add_char(b, '\n');
}

/* "        002/0000000001@1  Harbour Times  since 2026-01-05 03:00  title" */
static void add_carrier(struct buf *b, const struct stalelist *s)
{
    enum { INDENT = 8, NAME = 16, PUBLISHER = 14 };
    CLEANUP(buf_release) struct buf part = BUF_INIT;
    const struct cli *cli = s->cli;
    const struct sillok_article *a = &s->row.article;
    size_t used = INDENT;
    (void)buf_printf(b, "%*s", INDENT, "");
    add_revision_name(&part, a->oid, a->aid, s->row.revision);
    used += style_cell(b, &cli->term, STYLE_HEAD, &part, NAME);
    buf_clear(&part);
    used += nearlist_publisher(b, cli, a, PUBLISHER);
    buf_clear(&part);
    (void)buf_add_str(&part, "since ");
    fmt_minute(&part, s->row.since_s, cli->zone_min);
    used += style_cell(b, &cli->term, STYLE_DIM, &part, 0);
    nearlist_title(b, cli, a, used);
    (void)buf_add_char(b, '\n');
}

static int put_lines(struct stalelist *s, int is_first)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    if (is_first)
        add_sentence(&text, s);
    add_carrier(&text, s);
    return put(&text);
}

int stalelist_put(struct stalelist *s, const struct sillok_change *change)
{
    size_t sentence = 0;
    int r = 1;
    while (r > 0) {
        const int is_first = s->row.sentence != sentence;
        sentence = s->row.sentence;
        s->n_stale += (uint64_t)is_first;
        s->n_rows++;
        r = s->out.format == OUT_TABLE ? put_lines(s, is_first) : put_row(s, change);
        if (r == 0)
            r = sillok_stale_next(s->it, &s->row);
    }
    return r;
}

int stalelist_end(struct stalelist *s)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    const int r = s->out.format == OUT_TABLE ? 0 : out_close(&s->out);
    nearlist_warn(s->cli, s->near);
    fmt_count(&line, s->n_stale);
    (void)buf_add_str(&line, " of ");
    fmt_plural(&line, s->n_lost, "sentence", "sentences");
    (void)buf_add_str(&line, " that they took out or replaced ");
    (void)buf_add_str(&line, s->n_stale == 1 ? "stands" : "stand");
    (void)buf_add_str(&line, " elsewhere still, in ");
    fmt_plural(&line, s->n_rows, "place", "places");
    if (s->n_standing) {
        (void)buf_add_str(&line, " (");
        fmt_plural(&line, s->n_standing, "standing phrase of a publisher",
                   "standing phrases of publishers");
        (void)buf_printf(&line, " left out, --all shows %s)",
                         s->n_standing == 1 ? "it" : "them");
    }
    cli_note(s->cli, "%.*s", (int)line.len, line.ptr ? line.ptr : "");
    return r;
}
