/*
 * A diff for people: running words, two columns, lines of sentences, HTML.
 *
 * Each format builds styled text (styled.h) from rows and edits and then shows it. Inside
 * a word that was replaced, the syllables that differ are set off: 정[량→성]; this is for
 * the eye only and counts nowhere.
 */
#include "diff/render.h"

#include "diff/chars.h"
#include "diff/diff.h"

#include <string.h>

/* --- the words of a row --- */

static struct sillok_text slice(struct sillok_text t, struct sillok_span s)
{
    return text_make(t.ptr + s.start, s.end - s.start);
}

static int is_blank(struct sillok_text t)
{
    return char_count(t) == 0;
}

enum { SYLLABLES_MAX = 64 }; /* bytes: longer replacements are not one word */

/* The part of @p t between the start and the end that it shares with @p other, whole
 * letters; all of it where they share too little to be one word. */
static struct sillok_span differing(struct sillok_text t, struct sillok_text other)
{
    const struct sillok_span all = { 0, t.len };
    if (t.len > SYLLABLES_MAX || other.len > SYLLABLES_MAX)
        return all;
    size_t start = text_common_start(t, other);
    while (start && (utf8_is_inside(t, start) || utf8_is_inside(other, start)))
        start--;
    size_t end = text_common_end(text_from(t, start), text_from(other, start));
    while (end && utf8_is_inside(t, t.len - end)) /* the same in both */
        end--;
    if (start + end == 0 || start + end == t.len)
        return all;
    uint32_t cp; /* a number is read whole */
    char_decode(t.ptr + start, t.len - start, &cp);
    if (char_class_of(cp) == CHAR_DIGIT)
        return all;
    return (struct sillok_span){ start, t.len - end };
}

/* A replaced word with what differs set off. */
static int add_word(struct buf *out, struct sillok_text t, struct sillok_text other,
                    int style)
{
    const struct sillok_span s = differing(t, other);
    if (s.start == 0 && s.end == t.len)
        return styled_add(out, t, style);
    int r = buf_add_char(out, (char)style);
    r = r < 0 ? r : styled_add(out, text_make(t.ptr, s.start), 0);
    r = r < 0 ? r : buf_add_char(out, STYLE_STRONG);
    r = r < 0 ? r : styled_add(out, slice(t, s), 0);
    r = r < 0 ? r : buf_add_char(out, STYLE_WEAK);
    r = r < 0 ? r : styled_add(out, text_make(t.ptr + s.end, t.len - s.end), 0);
    return r < 0 ? r : buf_add_char(out, STYLE_END);
}

/* One side of a change. Line breaks behind it stay outside of the marks. */
static int add_changed(struct renderer *r, struct buf *out, struct sillok_text t,
                       struct sillok_text other, int style)
{
    if (!t.len)
        return 0;
    if (is_blank(t)) {
        /* elsewhere than in running words blanks are folded away */
        const int signs = r->options.colour || r->options.format != SILLOK_DIFF_WORDS;
        return styled_add_blanks(out, t, style, signs);
    }
    size_t len = t.len;
    while (len && (t.ptr[len - 1] == '\n' || t.ptr[len - 1] == '\r'))
        len--;
    int rc = add_word(out, text_make(t.ptr, len), other, style);
    /* what replaces it brings its own */
    const int replaced = style == STYLE_REMOVED && other.len;
    if (rc == 0 && len < t.len && !replaced)
        rc = styled_add(out, text_make(t.ptr + len, t.len - len), 0);
    return rc;
}

static int add_edits(struct renderer *r, struct buf *out, const struct sillok_row *row,
                     int sides)
{
    const struct sillok_text none = { "", 0 };
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < row->n_edits; i++) {
        const struct sillok_edit *e = &r->edits[row->first_edit + i];
        const struct sillok_edit *next = i + 1 < row->n_edits ? e + 1 : NULL;
        const struct sillok_text old_text = slice(r->old_text, e->old_span);
        const struct sillok_text new_text = slice(r->new_text, e->new_span);
        if (e->op == SILLOK_EDIT_SAME) {
            rc = styled_add(out, sides & SIDE_NEW ? new_text : old_text, 0);
        } else if (e->op == SILLOK_EDIT_REMOVED && (sides & SIDE_OLD)) {
            const int replaced = next && next->op == SILLOK_EDIT_ADDED;
            rc = add_changed(r, out, old_text,
                             replaced ? slice(r->new_text, next->new_span) : none,
                             STYLE_REMOVED);
        } else if (e->op == SILLOK_EDIT_ADDED && (sides & SIDE_NEW)) {
            const int replaces = i && e[-1].op == SILLOK_EDIT_REMOVED;
            rc = add_changed(r, out, new_text,
                             replaces ? slice(r->old_text, e[-1].old_span) : none,
                             STYLE_ADDED);
        }
    }
    return rc;
}

/* Append the words of a row, styled; changes of the other side are left out. */
static int add_row(struct renderer *r, struct buf *out, const struct sillok_row *row,
                   int sides)
{
    const struct sillok_text none = { "", 0 };
    const struct sillok_text old_text = slice(r->old_text, row->old_span);
    const struct sillok_text new_text = slice(r->new_text, row->new_span);
    switch (row->op) {
    case SILLOK_ROW_SAME:
        return styled_add(out, sides & SIDE_NEW ? new_text : old_text, 0);
    case SILLOK_ROW_CHANGED:
        return add_edits(r, out, row, sides);
    case SILLOK_ROW_REMOVED:
        return sides & SIDE_OLD ? add_changed(r, out, old_text, none, STYLE_REMOVED) : 0;
    case SILLOK_ROW_ADDED:
        return sides & SIDE_NEW ? add_changed(r, out, new_text, none, STYLE_ADDED) : 0;
    case SILLOK_ROW_MOVED_FROM:
        return sides & SIDE_OLD ? add_changed(r, out, old_text, none, STYLE_MOVED_FROM)
                                : 0;
    case SILLOK_ROW_MOVED_TO:
        return sides & SIDE_NEW ? add_changed(r, out, new_text, none, STYLE_MOVED_TO) : 0;
    }
    return 0;
}

/* --- which rows --- */

/* Unchanged rows from @p row on that are not to be shown; 0 when @p row is. */
static size_t hidden_from(struct renderer *r, size_t row)
{
    if (r->options.context < 0 || r->rows[row].op != SILLOK_ROW_SAME)
        return 0;
    if (row >=
        r->same_end) { /* rows are asked about in order, so this one is its first */
        r->same_start = r->same_end = row;
        while (r->same_end < r->n_rows && r->rows[r->same_end].op == SILLOK_ROW_SAME)
            r->same_end++;
    }
    const size_t context = (size_t)r->options.context;
    const size_t after = r->same_start == 0 ? 0 : context;
    const size_t before = r->same_end == r->n_rows ? 0 : context;
    if (row - r->same_start < after || r->same_end - row <= before)
        return 0;
    return r->same_end - row - before;
}

/* "⋯ 3 sentences unchanged", styled as a note, without a newline. */
static int add_note(struct buf *out, size_t hidden)
{
    return buf_printf(out, "%c⋯ %zu sentence%s unchanged%c", STYLE_NOTE, hidden,
                      hidden == 1 ? "" : "s", STYLE_END);
}

static int add_coarse_note(struct renderer *r)
{
    if (!sillok_diff_figures(r->diff)->coarse)
        return 0;
    return buf_printf(&r->line, "%c⋯ compared coarsely: the texts are very large%c\n",
                      STYLE_NOTE, STYLE_END);
}

static enum style_output output_of(const struct renderer *r)
{
    if (r->options.format == SILLOK_DIFF_HTML)
        return STYLE_TAGS;
    return r->options.colour ? STYLE_COLOUR : STYLE_MARKS;
}

/* Shows the line that was built and empties it. */
static int flush(struct renderer *r)
{
    const int rc = styled_show(r->out, text_make(r->line.ptr, r->line.len), output_of(r));
    buf_clear(&r->line);
    return rc;
}

static int ends_line(const struct buf *b)
{
    return b->len == 0 || b->ptr[b->len - 1] == '\n';
}

/* --- running words --- */

static int words_note(struct renderer *r, size_t hidden)
{
    int rc = flush(r);
    if (rc == 0 && !ends_line(r->out))
        rc = buf_add_char(r->out, '\n');
    rc = rc < 0 ? rc : add_note(&r->line, hidden);
    rc = rc < 0 ? rc : buf_add_char(&r->line, '\n');
    return rc < 0 ? rc : flush(r);
}

/* Each row that is shown by @p show, and a note for those that are not. */
static int render_rows(struct renderer *r,
                       int (*show)(struct renderer *, const struct sillok_row *))
{
    int rc = add_coarse_note(r);
    rc = rc < 0 ? rc : flush(r);
    for (size_t i = 0; rc == 0 && i < r->n_rows;) {
        const size_t hidden = hidden_from(r, i);
        rc = hidden ? words_note(r, hidden) : show(r, &r->rows[i]);
        i += hidden ? hidden : 1;
    }
    return rc;
}

static struct sillok_text blanks_behind(struct sillok_text t)
{
    size_t at = t.len;
    while (at && strchr(" \t\r\n", t.ptr[at - 1]))
        at--;
    return text_from(t, at);
}

/* What parted the last sentence of the new text from one that was taken out behind it. */
static struct sillok_text blanks_gone(const struct renderer *r,
                                      const struct sillok_row *row)
{
    const struct sillok_text none = { "", 0 };
    const struct sillok_row *const next = row + 1;
    if (next == r->rows + r->n_rows || row->new_span.end < r->new_text.len ||
        (row->op != SILLOK_ROW_SAME && row->op != SILLOK_ROW_CHANGED) ||
        (next->op != SILLOK_ROW_REMOVED && next->op != SILLOK_ROW_MOVED_FROM) ||
        blanks_behind(slice(r->new_text, row->new_span)).len)
        return none;
    return blanks_behind(slice(r->old_text, row->old_span));
}

static int words_row(struct renderer *r, const struct sillok_row *row)
{
    int rc = add_row(r, &r->line, row, SIDE_OLD | SIDE_NEW);
    rc = rc < 0 ? rc : styled_add(&r->line, blanks_gone(r, row), 0);
    return rc < 0 ? rc : flush(r);
}

static int render_words(struct renderer *r)
{
    int rc = render_rows(r, words_row);
    if (rc == 0 && !ends_line(r->out))
        rc = buf_add_char(r->out, '\n');
    return rc;
}

/* --- lines of sentences --- */

static int sentence_line(struct renderer *r, const struct sillok_row *row, int side,
                         const char *lead, int style)
{
    CLEANUP(buf_release) struct buf words = BUF_INIT;
    int rc = add_row(r, &words, row, side);
    if (rc < 0)
        return rc;
    styled_fold(&words);
    const struct sillok_text t = text_make(words.ptr, words.len);
    if (!r->options.colour) {
        rc = buf_add_str(r->out, lead);
        rc = rc < 0 ? rc : styled_show(r->out, t, STYLE_PLAIN);
    } else { /* the lead says it too, for the changed words have no marks */
        rc = style ? buf_printf(&r->line, "%c%s%c", style, lead, STYLE_END)
                   : buf_add_str(&r->line, lead);
        rc = rc < 0 ? rc : buf_add_text(&r->line, t);
        rc = rc < 0 ? rc : flush(r);
    }
    return rc < 0 ? rc : buf_add_char(r->out, '\n');
}

static int sentence_lines(struct renderer *r, const struct sillok_row *row)
{
    int rc = 0;
    switch (row->op) {
    case SILLOK_ROW_SAME:
        return sentence_line(r, row, SIDE_NEW, "  ", 0);
    case SILLOK_ROW_CHANGED:
        rc = sentence_line(r, row, SIDE_OLD, "- ", STYLE_REMOVED);
        return rc < 0 ? rc : sentence_line(r, row, SIDE_NEW, "+ ", STYLE_ADDED);
    case SILLOK_ROW_REMOVED:
        return sentence_line(r, row, SIDE_OLD, "- ", STYLE_REMOVED);
    case SILLOK_ROW_ADDED:
        return sentence_line(r, row, SIDE_NEW, "+ ", STYLE_ADDED);
    case SILLOK_ROW_MOVED_FROM:
        return sentence_line(r, row, SIDE_OLD, "< ", STYLE_MOVED_FROM);
    case SILLOK_ROW_MOVED_TO:
        return sentence_line(r, row, SIDE_NEW, "> ", STYLE_MOVED_TO);
    }
    return rc;
}

/* --- two columns --- */

/* What is left of a cell, and the style its next line begins with. */
struct cell {
    struct sillok_text left;
    int style, strong;
};

static int add_padding(struct buf *out, size_t n)
{
    int rc = 0;
    while (rc == 0 && n--)
        rc = buf_add_char(out, ' ');
    return rc;
}

/* The next line of a cell. A style that goes on over the end of the line is closed there
 * and opened again, so that the other column does not take it on. */
static int cell_line(struct renderer *r, struct cell *c, size_t width, int pad)
{
    const struct styled_line line = styled_next_line(c->left, width);
    const struct sillok_text t = text_make(c->left.ptr, line.len);
    int rc = 0;
    if (c->style)
        rc = buf_add_char(&r->line, (char)c->style);
    if (rc == 0 && c->strong)
        rc = buf_add_char(&r->line, STYLE_STRONG);
    rc = rc < 0 ? rc : buf_add_text(&r->line, t);
    styled_state(t, &c->style, &c->strong);
    if (rc == 0 && c->style)
        rc = buf_add_char(&r->line, STYLE_END);
    c->left = text_from(c->left, line.len);
    styled_state(text_make(c->left.ptr, line.next - line.len), &c->style, &c->strong);
    c->left = text_from(c->left, line.next - line.len);
    rc = rc < 0 ? rc
                : styled_show(r->out, text_make(r->line.ptr, r->line.len),
                              r->options.colour ? STYLE_COLOUR : STYLE_PLAIN);
    buf_clear(&r->line);
    if (rc == 0 && pad && line.columns < width)
        rc = add_padding(r->out, width - line.columns);
    return rc;
}

static char gutter_of(enum sillok_row_op op)
{
    switch (op) {
    case SILLOK_ROW_CHANGED:
        return '|';
    case SILLOK_ROW_REMOVED:
        return '<';
    case SILLOK_ROW_ADDED:
        return '>';
    case SILLOK_ROW_MOVED_FROM:
    case SILLOK_ROW_MOVED_TO:
        return 'm';
    case SILLOK_ROW_SAME:
        break;
    }
    return ' ';
}

/* One side of a row as a cell, in @p room. Without colour the marks are part of the text.
 */
static int fill_cell(struct renderer *r, const struct sillok_row *row, int side,
                     struct buf *room)
{
    CLEANUP(buf_release) struct buf words = BUF_INIT;
    int rc = add_row(r, &words, row, side);
    if (rc < 0)
        return rc;
    styled_fold(&words);
    const int marks = !r->options.colour && row->op == SILLOK_ROW_CHANGED;
    if (marks)
        return styled_show(room, text_make(words.ptr, words.len), STYLE_MARKS);
    return buf_add(room, words.ptr, words.len);
}

static int side_row(struct renderer *r, const struct sillok_row *row, size_t width)
{
    CLEANUP(buf_release) struct buf old_words = BUF_INIT;
    CLEANUP(buf_release) struct buf new_words = BUF_INIT;
    int rc = fill_cell(r, row, SIDE_OLD, &old_words);
    rc = rc < 0 ? rc : fill_cell(r, row, SIDE_NEW, &new_words);
    struct cell a = { text_make(old_words.ptr, old_words.len), 0, 0 };
    struct cell b = { text_make(new_words.ptr, new_words.len), 0, 0 };
    char gutter = gutter_of(row->op);
    do {
        const int last = b.left.len == 0;
        rc = rc < 0 ? rc : cell_line(r, &a, width, !last || gutter != ' ');
        if (rc == 0 && (gutter != ' ' || !last))
            rc = buf_printf(r->out, last ? " %c" : " %c ", gutter);
        rc = rc < 0 || last ? rc : cell_line(r, &b, width, 0);
        rc = rc < 0 ? rc : buf_add_char(r->out, '\n');
        gutter = gutter == ' ' ? ' ' : ':';
    } while (rc == 0 && (a.left.len || b.left.len));
    return rc;
}

static int render_side(struct renderer *r)
{
    const size_t columns = r->options.columns > 0 ? (size_t)r->options.columns : 80;
    const size_t width = columns < 23 ? 10 : (columns - 3) / 2;
    int rc = add_coarse_note(r);
    rc = rc < 0 ? rc : flush(r);
    for (size_t i = 0; rc == 0 && i < r->n_rows;) {
        const size_t hidden = hidden_from(r, i);
        if (hidden) {
            rc = words_note(r, hidden);
            i += hidden;
            continue;
        }
        rc = side_row(r, &r->rows[i++], width);
    }
    return rc;
}

/* --- HTML --- */

static const char *class_of(enum sillok_row_op op)
{
    static const char *const names[] = { "same",  "changed",    "removed",
                                         "added", "moved-from", "moved-to" };
    return names[op];
}

static int html_row(struct renderer *r, const struct sillok_row *row)
{
    int rc = add_row(r, &r->line, row, SIDE_OLD | SIDE_NEW);
    if (rc < 0)
        return rc;
    styled_fold(&r->line);
    rc = buf_printf(r->out, "<p class=\"%s\">", class_of(row->op));
    rc = rc < 0 ? rc : flush(r);
    return rc < 0 ? rc : buf_add_str(r->out, "</p>\n");
}

static int render_html(struct renderer *r)
{
    int rc = buf_add_str(r->out, "<div class=\"sillok-diff\">\n");
    if (rc == 0 && sillok_diff_figures(r->diff)->coarse)
        rc = buf_add_str(r->out,
                         "<p class=\"note\">⋯ compared coarsely: the texts are very "
                         "large</p>\n");
    for (size_t i = 0; rc == 0 && i < r->n_rows;) {
        const size_t hidden = hidden_from(r, i);
        if (!hidden) {
            rc = html_row(r, &r->rows[i++]);
            continue;
        }
        i += hidden;
        rc = buf_add_str(r->out, "<p class=\"note\">");
        rc = rc < 0 ? rc : add_note(&r->line, hidden);
        rc = rc < 0 ? rc : flush(r);
        rc = rc < 0 ? rc : buf_add_str(r->out, "</p>\n");
    }
    return rc < 0 ? rc : buf_add_str(r->out, "</div>\n");
}

/* --- dispatch --- */

static int render(struct renderer *r)
{
    switch (r->options.format) {
    case SILLOK_DIFF_WORDS:
        return render_words(r);
    case SILLOK_DIFF_SIDE:
        return render_side(r);
    case SILLOK_DIFF_SENTENCES:
        return render_rows(r, sentence_lines);
    case SILLOK_DIFF_HTML:
        return render_html(r);
    case SILLOK_DIFF_JSON:
        return render_json(r);
    }
    return fail(SILLOK_EINVALID, "no such format: %d", (int)r->options.format);
}

int sillok_diff_render(char **out, size_t *len, const struct sillok_diff *diff,
                       struct sillok_text old_text, struct sillok_text new_text,
                       const struct sillok_render_options *options)
{
    static const struct sillok_render_options usual = SILLOK_RENDER_OPTIONS_INIT;
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    struct renderer r = {
        .out = &b, .diff = diff, .old_text = old_text, .new_text = new_text
    };
    size_t n_edits;
    r.old_text.ptr = old_text.ptr ? old_text.ptr : "";
    r.new_text.ptr = new_text.ptr ? new_text.ptr : "";
    r.rows = sillok_diff_rows(diff, &r.n_rows);
    r.edits = sillok_diff_edits(diff, &n_edits);
    r.options = options ? *options : usual;
    buf_init(&r.line, BUF_CEILING);
    int rc = diff_fits(diff, old_text, new_text);
    rc = rc < 0 ? rc : render(&r);
    buf_release(&r.line);
    if (rc < 0)
        return rc;
    char *text = buf_take(&b, len);
    if (!text)
        return fail_memory();
    *out = text;
    return 0;
}
