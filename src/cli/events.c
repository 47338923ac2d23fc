#include "cli/events.h"

#include "base/utf8.h"
#include "cli/diffview.h"
#include "cli/fmt.h"
#include "cli/rows.h"

#include <stdio.h>

static const struct column columns[] = {
    { "event", NULL },           { "oid", NULL },          { "publisher", NULL },
    { "crawl", NULL },           { "n_articles", NULL },   { "sample.aid", NULL },
    { "sample.revision", NULL }, { "window.after", NULL }, { "window.before", NULL },
    { "fields", NULL },          { "kinds", NULL },        { "why", NULL },
};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static void fill_cells(struct cell *cells, const struct sillok_event *e)
{
    const struct sillok_change *sample = e->sample;
    const struct words fields = words_of_fields(sample->what.fields);
    const struct words kinds = words_of_kinds(&sample->what);
    const struct cell row[] = {
        cell_str("folded"),
        cell_text(e->oid),
        cell_text(sample->to.article.fields[SILLOK_PUBLISHER]),
        cell_str(e->crawl),
        cell_count(e->n_articles),
        cell_text(sample->aid),
        cell_count(sample->to.revision),
        cell_time(sample->after_s),
        cell_time(sample->before_s),
        cell_words(&fields),
        cell_words(&kinds),
        cell_str(sample->what.why),
    };
    _Static_assert(sizeof(row) / sizeof(row[0]) == N_COLUMNS, "a cell for each column");
    for (int i = 0; i < N_COLUMNS; i++)
        cells[i] = row[i];
}

/* The row, and the articles as a list. Asking for them ends the texts of the sample. */
static int put_object(struct cli *cli, struct sillok_changes *it,
                      const struct cell *cells)
{
    json_t *object = json_of_cells(columns, cells, N_COLUMNS);
    json_t *articles = json_array();
    struct sillok_text aid;
    int r = object && articles ? 1 : fail_memory();
    while (r > 0 && (r = sillok_changes_next_article(it, &aid)) > 0)
        if (json_array_append_new(articles, json_stringn(aid.ptr, aid.len)) < 0)
            r = fail_memory();
    if (r < 0 || json_object_set(object, "articles", articles) < 0) {
        json_decref(object);
        object = NULL;
    }
    json_decref(articles);
    return r < 0 ? r : put_json(cli, object);
}

static int put_lines(const struct events_view *view, const struct sillok_event *e)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    const struct cli *cli = view->cli;
    const struct sillok_change *sample = e->sample;
    const struct sillok_text publisher = sample->to.article.fields[SILLOK_PUBLISHER];
    const struct diffview diff = { .cli = cli, .format = SILLOK_DIFF_WORDS, .indent = 4 };
    (void)buf_add_str(&text, "not an edit: ");
    style_on(&text, &cli->term, STYLE_BOLD);
    fmt_plural(&text, e->n_articles, "article", "articles");
    style_off(&text, &cli->term, STYLE_BOLD);
    (void)buf_add_str(&text, " of ");
    (void)utf8_add_safe(&text, e->oid, 0);
    if (publisher.len)
        (void)buf_add_char(&text, ' ');
    (void)utf8_add_safe(&text, publisher, UTF8_FOLD_SPACE);
    (void)buf_add_str(&text, e->n_articles == 1 ? " has" : " have");
    (void)buf_add_str(&text, " the same difference in crawl ");
    fmt_name(&text, text_of(e->crawl));
    (void)buf_add_str(&text, ", such as ");
    add_revision_name(&text, sample->oid, sample->aid, sample->to.revision);
    (void)buf_add_char(&text, '\n');
    int r = 0;
    if (view->patch) {
        r = diffview_text(&text, &diff, &sample->from.article, &sample->to.article);
        (void)buf_add_char(&text, '\n');
    }
    return r < 0 ? r : put(&text);
}

static int put_event(const struct events_view *view, struct out *out,
                     struct sillok_changes *it, const struct sillok_event *e)
{
    struct cell cells[N_COLUMNS];
    if (view->format == OUT_TABLE)
        return put_lines(view, e);
    fill_cells(cells, e);
    return view->format == OUT_JSON ? put_object(view->cli, it, cells)
                                    : out_row(out, cells);
}

int events_put(const struct events_view *view, struct sillok_changes *it,
               struct events_count *count)
{
    struct sillok_event event;
    struct out out;
    int r = out_open(&out, view->cli, view->format, columns, N_COLUMNS);
    if (r < 0)
        return r;
    *count = (struct events_count){ 0, 0 };
    while (r >= 0 && (r = sillok_changes_next_event(it, &event)) > 0) {
        count->events++;
        count->changes += event.n_changes;
        if (!view->quiet)
            r = put_event(view, &out, it, &event);
    }
    if (r == 0 && !view->quiet && view->format == OUT_CSV)
        r = out_close(&out);
    out_release(&out);
    return r;
}
