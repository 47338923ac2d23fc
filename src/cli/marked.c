#include "cli/marked.h"

#include "base/utf8.h"
#include "cli/text.h"

/* Marks are put in when the lines are made: what a style adds has no width, and must not
 * be taken for text of the article. */
struct marked {
    struct buf text;  /* safe, white space folded */
    struct buf marks; /* struct sillok_span, bytes of that */
};

static int is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A piece keeps one blank at its ends, if it has any there. */
static void add_piece(struct buf *out, struct sillok_text piece)
{
    const size_t before = out->len;
    const int blank_first = piece.len && is_space(piece.ptr[0]);
    const int blank_last = piece.len && is_space(piece.ptr[piece.len - 1]);
    if (blank_first && before && out->ptr[before - 1] != ' ')
        (void)buf_add_char(out, ' ');
    const size_t start = out->len;
    (void)utf8_add_safe(out, piece, UTF8_FOLD_SPACE);
    if (blank_last && out->len > start)
        (void)buf_add_char(out, ' ');
}

static void make(struct marked *m, struct sillok_text text,
                 const struct sillok_span *marks, size_t n, int literal)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        struct sillok_span s;
        add_piece(&m->text, text_make(text.ptr + at, marks[i].start - at));
        s.start = m->text.len;
        (void)buf_add_str(&m->text, literal ? "{=" : "");
        add_piece(&m->text,
                  text_make(text.ptr + marks[i].start, marks[i].end - marks[i].start));
        (void)buf_add_str(&m->text, literal ? "=}" : "");
        s.end = m->text.len;
        (void)buf_add(&m->marks, &s, sizeof(s));
        at = marks[i].end;
    }
    add_piece(&m->text, text_make(text.ptr + at, text.len - at));
}

/* Lines of @p wrapped hold the bytes of the text, blanks at their ends apart. */
static void colour(struct buf *out, const struct cli *cli, const struct marked *m,
                   const struct buf *wrapped, enum style style)
{
    const struct sillok_span *marks =
        (const struct sillok_span *)(const void *)m->marks.ptr;
    const size_t n = m->marks.len / sizeof(*marks);
    size_t at = 0, k = 0;
    int on = 0;
    style_on(out, &cli->term, style);
    for (size_t i = 0; i < wrapped->len; i++) {
        const int text = at < m->text.len && wrapped->ptr[i] == m->text.ptr[at];
        if (wrapped->ptr[i] == '\n')
            while (at < m->text.len && m->text.ptr[at] == ' ')
                at++;
        if (text && !on && k < n && at >= marks[k].start) {
            style_off(out, &cli->term, style);
            style_on(out, &cli->term, STYLE_WARN);
            on = 1;
        }
        if (on && (at >= marks[k].end || wrapped->ptr[i] == '\n')) {
            style_off(out, &cli->term, STYLE_WARN);
            style_on(out, &cli->term, style);
            on = 0;
            k += at >= marks[k].end;
        }
        at += (size_t)text;
        (void)buf_add_char(out, wrapped->ptr[i]);
    }
    style_off(out, &cli->term, on ? STYLE_WARN : style);
}

void marked_add(struct buf *out, const struct cli *cli, struct sillok_text text,
                const struct sillok_span *marks, size_t n, enum style style,
                size_t indent)
{
    struct marked m = { BUF_INIT, BUF_INIT };
    CLEANUP(buf_release) struct buf wrapped = BUF_INIT;
    make(&m, text, marks, n, !cli->term.color);
    const struct sillok_text whole = text_make(m.text.ptr, m.text.len);
    if (cli->term.out_tty)
        text_wrap(&wrapped, whole, (size_t)cli->term.columns, indent);
    else
        (void)buf_add_text(&wrapped, whole);
    /* The first line begins where the caller is. */
    struct buf lines = wrapped;
    const size_t skip = cli->term.out_tty && wrapped.len >= indent ? indent : 0;
    lines.ptr += skip;
    lines.len -= skip;
    while (lines.len && lines.ptr[lines.len - 1] == '\n')
        lines.len--;
    colour(out, cli, &m, &lines, style);
    (void)buf_add_char(out, '\n');
    out->failed |= m.text.failed | m.marks.failed | wrapped.failed;
    buf_release(&m.text);
    buf_release(&m.marks);
}
