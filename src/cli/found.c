/* What stands in a row of what is found. */
#include "cli/found.h"

#include <string.h>

static const struct column columns[] = {
    { "oid", NULL },
    { "aid", NULL },
    { "publisher", NULL },
    { "title", NULL },
    { "url", NULL },
    { "published_at", NULL },
    { "where", NULL },
    { "text", NULL },
    { "gone", NULL },
    { "revision", NULL },
    { "start", NULL },
    { "end", NULL },
    { "first_revision", NULL },
    { "last_revision", NULL },
    { "first_seen", NULL },
    { "last_seen", NULL },
    { "came.how", NULL },
    { "came.after", NULL },
    { "came.before", NULL },
    { "went.how", NULL },
    { "went.after", NULL },
    { "went.before", NULL },
    { "n_spans", NULL },
    { "content_hash", NULL },
};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };
const struct listing listing_found = { columns, N_COLUMNS };

static struct cell cell_how(const struct sillok_blame_window *w, const char *whole)
{
    return w->how == SILLOK_BLAME_NOT        ? cell_none()
           : w->how == SILLOK_BLAME_REWORDED ? cell_str("reworded")
                                             : cell_str(whole);
}

static struct cell cell_at(const struct sillok_blame_window *w, int64_t time_s)
{
    return w->how == SILLOK_BLAME_NOT ? cell_none() : cell_time(time_s);
}

static void fill_cells(struct cell cells[N_COLUMNS], const struct sillok_find_row *row)
{
    const struct sillok_article *a = &row->article;
    const struct sillok_blame_sentence *s = &row->sentence;
    const struct sillok_blame_span *first = &s->spans[0],
                                   *last = &s->spans[s->n_spans - 1];
    const struct cell all[] = {
        cell_text(a->oid),
        cell_text(a->aid),
        cell_text(a->fields[SILLOK_PUBLISHER]),
        cell_text(a->fields[SILLOK_TITLE]),
        cell_text(a->fields[SILLOK_URL]),
        cell_text(a->fields[SILLOK_PUBLISHED_AT]),
        cell_str(s->where == SILLOK_BLAME_TITLE ? "title" : "body"),
        cell_text(s->text),
        cell_flag(s->gone),
        cell_count(s->revision),
        cell_count(s->range.start),
        cell_count(s->range.end),
        cell_count(first->first_revision),
        cell_count(last->last_revision),
        cell_time(first->first_seen_s),
        cell_time(last->last_seen_s),
        cell_how(&last->came, "added"),
        cell_at(&last->came, last->came.after_s),
        cell_at(&last->came, last->came.before_s),
        cell_how(&last->went, "removed"),
        cell_at(&last->went, last->went.after_s),
        cell_at(&last->went, last->went.before_s),
        cell_count(s->n_spans),
        cell_id(&a->content_hash),
    };
    _Static_assert(sizeof(all) / sizeof(all[0]) == N_COLUMNS, "a cell for each column");
    memcpy(cells, all, sizeof(all));
}

int put_found_row(struct out *out, const struct sillok_find_row *row)
{
    struct cell cells[N_COLUMNS];
    fill_cells(cells, row);
    return out_row(out, cells);
}

static json_t *marks_of(const struct sillok_find_row *row)
{
    json_t *marks = json_array();
    for (size_t i = 0; i < row->n_marks && marks; i++) {
        json_t *mark = json_pack("[I,I]", (json_int_t)row->marks[i].start,
                                 (json_int_t)row->marks[i].end);
        if (json_array_append_new(marks, mark) < 0) {
            json_decref(marks);
            marks = NULL;
        }
    }
    return marks;
}

json_t *object_of_found(const struct sillok_find_row *row)
{
    struct cell cells[N_COLUMNS];
    fill_cells(cells, row);
    json_t *object = json_of_cells(columns, cells, N_COLUMNS);
    if (object && json_object_set_new(object, "marks", marks_of(row)) == 0)
        return object;
    json_decref(object);
    return NULL;
}
