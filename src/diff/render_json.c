/*
 * A diff for programs: one object.
 *
 *   {"rows": [{"op": "same", "old": [0, 12], "new": [0, 12], "text": "..."},
 *             {"op": "changed", "old": [..], "new": [..],
 *              "edits": [{"op": "removed", "old": [12, 18], "new": [12, 12],
 *                         "text": ".."}]}],
 *    "figures": {"similarity": 0.9871, "added_chars": 2, ...}}
 *
 * Ranges are bytes [start, end) of the texts as they are; "text" has invalid bytes
 * replaced by U+FFFD, and what would act on a terminal escaped. All rows are written.
 */
#include "diff/render.h"

#include <stdio.h>

static int add_string(struct buf *out, struct sillok_text t)
{
    int r = buf_add_char(out, '"');
    for (size_t i = 0; r == 0 && i < t.len;) {
        uint32_t cp;
        const size_t used = utf8_decode(t.ptr + i, t.len - i, &cp);
        if (cp == '"' || cp == '\\')
            r = buf_printf(out, "\\%c", (char)cp);
        else if (cp == '\n')
            r = buf_add_str(out, "\\n");
        else if (utf8_is_live(cp)) /* all of them are below U+10000 */
            r = buf_printf(out, "\\u%04x", (unsigned)cp);
        else if (cp == UTF8_REPLACEMENT)
            r = buf_add_str(out, "\xEF\xBF\xBD");
        else
            r = buf_add(out, t.ptr + i, used);
        i += used;
    }
    return r < 0 ? r : buf_add_char(out, '"');
}

static int add_spans(struct buf *out, const char *op, struct sillok_span a,
                     struct sillok_span b)
{
    return buf_printf(out, "{\"op\": \"%s\", \"old\": [%zu, %zu], \"new\": [%zu, %zu]",
                      op, a.start, a.end, b.start, b.end);
}

/* The text of a row or an edit: the new one where there is one. */
static int add_text(struct renderer *r, struct sillok_span a, struct sillok_span b)
{
    const int is_new = b.end > b.start;
    const struct sillok_span s = is_new ? b : a;
    const struct sillok_text t = is_new ? r->new_text : r->old_text;
    const int rc = buf_add_str(r->out, ", \"text\": ");
    return rc < 0 ? rc : add_string(r->out, text_make(t.ptr + s.start, s.end - s.start));
}

static int add_edit(struct renderer *r, const struct sillok_edit *e)
{
    static const char *const names[] = { "same", "removed", "added" };
    int rc = add_spans(r->out, names[e->op], e->old_span, e->new_span);
    rc = rc < 0 ? rc : add_text(r, e->old_span, e->new_span);
    return rc < 0 ? rc : buf_add_char(r->out, '}');
}

static int add_row(struct renderer *r, const struct sillok_row *row)
{
    static const char *const names[] = { "same",  "changed",    "removed",
                                         "added", "moved_from", "moved_to" };
    int rc = add_spans(r->out, names[row->op], row->old_span, row->new_span);
    if (row->op == SILLOK_ROW_MOVED_FROM || row->op == SILLOK_ROW_MOVED_TO)
        rc = rc < 0 ? rc : buf_printf(r->out, ", \"other\": %zu", row->other);
    if (row->op != SILLOK_ROW_CHANGED) {
        rc = rc < 0 ? rc : add_text(r, row->old_span, row->new_span);
        return rc < 0 ? rc : buf_add_char(r->out, '}');
    }
    rc = rc < 0 ? rc : buf_add_str(r->out, ", \"edits\": [");
    for (size_t i = 0; rc == 0 && i < row->n_edits; i++) {
        rc = i ? buf_add_str(r->out, ", ") : 0;
        rc = rc < 0 ? rc : add_edit(r, &r->edits[row->first_edit + i]);
    }
    return rc < 0 ? rc : buf_add_str(r->out, "]}");
}

static int add_figures(struct renderer *r)
{
    const struct sillok_diff_figures *f = sillok_diff_figures(r->diff);
    /* written by hand: %f would follow the locale */
    const int in_10000 = (int)(f->similarity * 10000 + 0.5);
    return buf_printf(r->out,
                      "\"figures\": {\"similarity\": %d.%04d, \"added_chars\": %zu, "
                      "\"removed_chars\": %zu, \"hunks\": %zu, \"sentences_added\": %zu, "
                      "\"sentences_removed\": %zu, \"sentences_changed\": %zu, "
                      "\"sentences_moved\": %zu, \"coarse\": %s}",
                      in_10000 / 10000, in_10000 % 10000, f->added_chars,
                      f->removed_chars, f->n_hunks, f->sentences_added,
                      f->sentences_removed, f->sentences_changed, f->sentences_moved,
                      f->coarse ? "true" : "false");
}

int render_json(struct renderer *r)
{
    int rc = buf_add_str(r->out, "{\"rows\": [");
    for (size_t i = 0; rc == 0 && i < r->n_rows; i++) {
        rc = i ? buf_add_str(r->out, ",\n ") : 0;
        rc = rc < 0 ? rc : add_row(r, &r->rows[i]);
    }
    rc = rc < 0 ? rc : buf_add_str(r->out, "],\n ");
    rc = rc < 0 ? rc : add_figures(r);
    return rc < 0 ? rc : buf_add_str(r->out, "}\n");
}
