#include "report/sides.h"

#include "base/utf8.h"

/* Of what one table may show; texts of news are far below. */
enum { CONTEXT = 1, FOLD_MIN = 2, SHOWN_MAX = 1 << 20, TEXT_MAX = 256 << 10 };

struct view {
    struct buf *b;
    struct sillok_text old_text, new_text;
    const struct sillok_row *rows;
    const struct sillok_edit *edits;
    size_t n_rows;
    size_t folded; /* bytes of unchanged text shown so far */
};

static struct sillok_text slice(struct sillok_text t, struct sillok_span s)
{
    return text_make(t.ptr + s.start, s.end - s.start);
}

/* --- words -----------------------------------------------------------------------------
 */

static int is_blank(struct sillok_text t)
{
    size_t n;
    for (size_t i = 0; i < t.len; i += n) {
        uint32_t cp;
        n = utf8_decode(t.ptr + i, t.len - i, &cp);
        if (cp > ' ' && cp != 0xA0 && cp != 0x3000 && cp != 0x200B && cp != 0xFEFF)
            return 0;
    }
    return 1;
}

/* Blanks that came or went, as signs. */
static void add_signs(struct buf *b, struct sillok_text t)
{
    size_t n;
    for (size_t i = 0; i < t.len; i += n) {
        uint32_t cp;
        n = utf8_decode(t.ptr + i, t.len - i, &cp);
        if (cp == '\n')
            html_raw(b, "⏎");
        else if (cp == ' ' || cp == '\t' || cp == 0xA0 || cp == 0x3000)
            html_raw(b, "␣");
        else if (cp != '\r')
            html_text(b, text_make(t.ptr + i, n));
    }
}

/* Bytes that both begin with, in whole letters. */
static size_t common_start(struct sillok_text a, struct sillok_text b)
{
    size_t i = 0, n;
    while (i < a.len && i < b.len) {
        uint32_t x, y;
        n = utf8_decode(a.ptr + i, a.len - i, &x);
        if (n != utf8_decode(b.ptr + i, b.len - i, &y) || x != y)
            break;
        i += n;
    }
    while (i && (utf8_is_inside(a, i) || utf8_is_inside(b, i)))
        i--;
    return i;
}

/* Bytes that both end with, behind @p start, in whole letters. */
static size_t common_end(struct sillok_text a, struct sillok_text b, size_t start)
{
    size_t n = 0;
    while (start + n < a.len && start + n < b.len &&
           a.ptr[a.len - n - 1] == b.ptr[b.len - n - 1])
        n++;
    while (n && utf8_is_inside(a, a.len - n))
        n--;
    return n;
}

/* One side of a replacement; @p other is the other side, empty where there is none. */
static void add_changed(struct buf *b, struct sillok_text t, struct sillok_text other)
{
    t = utf8_cut(t, TEXT_MAX);
    other = utf8_cut(other, TEXT_MAX);
    if (is_blank(t)) {
        add_signs(b, t);
        return;
    }
    const size_t start = other.len ? common_start(t, other) : 0;
    const size_t end = other.len ? common_end(t, other, start) : 0;
    const size_t middle = t.len - start - end;
    if (middle == t.len || middle == 0) {
        html_text(b, t);
        return;
    }
    html_text(b, text_make(t.ptr, start));
    html_raw(b, "<b>");
    html_text(b, text_make(t.ptr + start, middle));
    html_raw(b, "</b>");
    html_text(b, text_make(t.ptr + start + middle, end));
}

static void add_del(struct buf *b, struct sillok_text t, struct sillok_text other)
{
    html_raw(b, "<del>");
    add_changed(b, t, other);
    html_raw(b, "</del>");
}

static void add_ins(struct buf *b, struct sillok_text t, struct sillok_text other)
{
    html_raw(b, "<ins>");
    add_changed(b, t, other);
    html_raw(b, "</ins>");
}

static void add_edits(struct view *v, const struct sillok_row *row, int is_new)
{
    const struct sillok_text none = { "", 0 };
    const struct sillok_edit *e = &v->edits[row->first_edit];
    const size_t start = v->b->len;
    for (size_t i = 0; i < row->n_edits && v->b->len - start <= SHOWN_MAX; i++) {
        const struct sillok_text old_text = slice(v->old_text, e[i].old_span);
        const struct sillok_text new_text = slice(v->new_text, e[i].new_span);
        if (e[i].op == SILLOK_EDIT_SAME)
            html_text(v->b, utf8_cut(is_new ? new_text : old_text, TEXT_MAX));
        else if (e[i].op == SILLOK_EDIT_REMOVED && !is_new) {
            const int replaced = i + 1 < row->n_edits && e[i + 1].op == SILLOK_EDIT_ADDED;
            add_del(v->b, old_text,
                    replaced ? slice(v->new_text, e[i + 1].new_span) : none);
        } else if (e[i].op == SILLOK_EDIT_ADDED && is_new) {
            const int replaces = i && e[i - 1].op == SILLOK_EDIT_REMOVED;
            add_ins(v->b, new_text,
                    replaces ? slice(v->old_text, e[i - 1].old_span) : none);
        }
    }
}

/* --- rows ------------------------------------------------------------------------------
 */

static void add_cell(struct view *v, const struct sillok_row *row, int is_new)
{
    const struct sillok_text none = { "", 0 };
    struct sillok_text t = none;
    struct buf *b = v->b;
    if (row)
        t = is_new ? slice(v->new_text, row->new_span)
                   : slice(v->old_text, row->old_span);
    if (!row || t.len == 0) {
        html_raw(b, "<td class=\"none\"></td>");
        return;
    }
    html_raw(b, "<td");
    html_attr(b, "class", text_of(is_new ? "new" : "old"));
    html_lang(b, t);
    html_raw(b, ">");
    switch (row->op) {
    case SILLOK_ROW_SAME:
        html_text(b, utf8_cut(t, TEXT_MAX));
        break;
    case SILLOK_ROW_CHANGED:
        add_edits(v, row, is_new);
        break;
    case SILLOK_ROW_REMOVED:
        add_del(b, t, none);
        break;
    case SILLOK_ROW_ADDED:
        add_ins(b, t, none);
        break;
    case SILLOK_ROW_MOVED_FROM:
        html_raw(b, "<span class=\"moved\">moved from here</span> ");
        add_del(b, t, none);
        break;
    case SILLOK_ROW_MOVED_TO:
        html_raw(b, "<span class=\"moved\">moved to here</span> ");
        add_ins(b, t, none);
        break;
    }
    html_raw(b, "</td>");
}

/* A row of the table: what @p old_row has left and @p new_row right, either may be none.
 */
static void add_pair(struct view *v, const struct sillok_row *old_row,
                     const struct sillok_row *new_row)
{
    const int same = old_row && old_row->op == SILLOK_ROW_SAME;
    html_raw(v->b, "<tr");
    html_attr(v->b, "class", text_of(same ? "same" : "changed"));
    html_raw(v->b, ">");
    add_cell(v, old_row, 0);
    add_cell(v, new_row, 1);
    html_raw(v->b, "</tr>\n");
}

static void add_row(struct view *v, const struct sillok_row *row)
{
    add_pair(v, row, row);
}

/* The end of the rows of this kind that begin at @p i. */
static size_t run_end(const struct view *v, size_t i, enum sillok_row_op op)
{
    while (i < v->n_rows && v->rows[i].op == op)
        i++;
    return i;
}

/* Sentences that went and such that came in their place stand beside each other. */
static size_t add_replaced(struct view *v, size_t i)
{
    const size_t came = run_end(v, i, SILLOK_ROW_REMOVED);
    const size_t end = run_end(v, came, SILLOK_ROW_ADDED);
    for (size_t a = i, b = came; a < came || b < end; a++, b++)
        add_pair(v, a < came ? &v->rows[a] : NULL, b < end ? &v->rows[b] : NULL);
    return end;
}

/* Rows [from, to) are unchanged and stand behind a fold. */
static void add_fold(struct view *v, size_t from, size_t to)
{
    const struct sillok_span span = { v->rows[from].new_span.start,
                                      v->rows[to - 1].new_span.end };
    const struct sillok_text t = slice(v->new_text, span);
    struct buf *b = v->b;
    const int whole = v->folded + t.len <= TEXT_MAX;
    html_raw(b, "<tr class=\"fold\"><td colspan=\"2\">");
    if (whole) {
        v->folded += t.len;
        html_raw(b, "<details><summary>");
    }
    html_number(b, to - from);
    html_raw(b, " sentences unchanged");
    if (whole) {
        html_raw(b, "</summary>");
        sides_add_text(b, t);
        html_raw(b, "</details>");
    }
    html_raw(b, "</td></tr>\n");
}

static void add_same(struct view *v, size_t from, size_t to)
{
    const size_t first = from == 0 ? from : from + CONTEXT;
    const size_t last = to == v->n_rows ? to : to - CONTEXT;
    if (to - from < 2 * CONTEXT + FOLD_MIN || last < first + FOLD_MIN) {
        for (size_t i = from; i < to; i++)
            add_row(v, &v->rows[i]);
        return;
    }
    for (size_t i = from; i < first; i++)
        add_row(v, &v->rows[i]);
    add_fold(v, first, last);
    for (size_t i = last; i < to; i++)
        add_row(v, &v->rows[i]);
}

static void add_rows(struct view *v)
{
    const size_t start = v->b->len;
    for (size_t i = 0; i < v->n_rows;) {
        if (v->b->len - start > SHOWN_MAX) {
            html_raw(v->b, "<tr class=\"fold\"><td colspan=\"2\">The texts are too long "
                           "to be shown further; <code>sillok diff</code> shows them "
                           "whole.</td></tr>\n");
            return;
        }
        const size_t end = run_end(v, i, SILLOK_ROW_SAME);
        if (end > i) {
            add_same(v, i, end);
            i = end;
        } else if (v->rows[i].op == SILLOK_ROW_REMOVED) {
            i = add_replaced(v, i);
        } else
            add_row(v, &v->rows[i++]);
    }
}

static void add_head(struct buf *b, const struct sides *s)
{
    html_raw(b, "<table class=\"sides\">\n<caption>");
    html_str(b, s->caption);
    html_raw(b, "</caption>\n<thead><tr><th scope=\"col\">");
    html_printf(b, "Revision %u", s->from);
    html_raw(b, "</th><th scope=\"col\">");
    html_printf(b, "Revision %u", s->to);
    html_raw(b, "</th></tr></thead>\n<tbody>\n");
}

static void add_notes(struct view *v, const struct sillok_diff *diff)
{
    if (sillok_diff_figures(diff)->coarse)
        html_raw(v->b, "<tr class=\"fold\"><td colspan=\"2\">Compared coarsely: the "
                       "texts are very large.</td></tr>\n");
    if (run_end(v, 0, SILLOK_ROW_SAME) == v->n_rows)
        html_raw(v->b, "<tr class=\"fold\"><td colspan=\"2\">Only blanks between the "
                       "sentences differ.</td></tr>\n");
}

int sides_add(struct buf *b, const struct sides *s, struct sillok_text old_text,
              struct sillok_text new_text)
{
    struct sillok_diff *diff = NULL;
    size_t n_edits;
    if (text_equal(old_text, new_text))
        return 0;
    const int r = sillok_diff_new(&diff, old_text, new_text);
    if (r < 0)
        return r;
    struct view v = { .b = b, .old_text = old_text, .new_text = new_text };
    v.old_text.ptr = old_text.ptr ? old_text.ptr : "";
    v.new_text.ptr = new_text.ptr ? new_text.ptr : "";
    v.rows = sillok_diff_rows(diff, &v.n_rows);
    v.edits = sillok_diff_edits(diff, &n_edits);
    add_head(b, s);
    add_notes(&v, diff);
    add_rows(&v);
    html_raw(b, "</tbody>\n</table>\n");
    sillok_diff_free(diff);
    return 0;
}

void sides_add_text(struct buf *b, struct sillok_text t)
{
    const int cut = t.len > TEXT_MAX;
    t = utf8_cut(t, TEXT_MAX);
    while (t.len) {
        const char *end = memchr(t.ptr, '\n', t.len);
        const size_t n = end ? (size_t)(end - t.ptr) : t.len;
        const struct sillok_text line = text_make(t.ptr, n);
        if (!is_blank(line)) {
            html_raw(b, "<p");
            html_lang(b, line);
            html_raw(b, ">");
            html_text(b, line);
            html_raw(b, "</p>\n");
        }
        t = text_make(t.ptr + n + (end != NULL), t.len - n - (end != NULL));
    }
    if (cut)
        html_raw(b, "<p class=\"quiet\">The text is longer than is shown here.</p>\n");
}
