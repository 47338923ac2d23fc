#include "cli/text.h"

#include "base/utf8.h"

#include <string.h>

void text_blanks(struct buf *out, size_t n)
{
    while (n--)
        (void)buf_add_char(out, ' ');
}

/* The line being filled. Words are appended whole; `used` counts columns. */
struct filler {
    struct buf *out;
    size_t columns, indent, used;
};

static void new_line(struct filler *f)
{
    (void)buf_add_char(f->out, '\n');
    f->used = 0;
}

static void add_piece(struct filler *f, const char *ptr, size_t len, size_t columns)
{
    if (f->used == 0)
        text_blanks(f->out, f->indent);
    (void)buf_add(f->out, ptr, len);
    f->used += columns;
}

/* A word too wide to keep whole: as much as fits, then further lines. */
static void break_word(struct filler *f, struct sillok_text word)
{
    size_t start = 0, used = 0, n;
    for (size_t i = 0; i < word.len; i += n) {
        uint32_t cp;
        n = utf8_decode(word.ptr + i, word.len - i, &cp);
        const size_t wide = (size_t)utf8_columns(cp);
        if (f->used + used + wide > f->columns && f->used + used > 0) {
            if (i > start)
                add_piece(f, word.ptr + start, i - start, used);
            new_line(f);
            start = i;
            used = 0;
        }
        used += wide;
    }
    add_piece(f, word.ptr + start, word.len - start, used);
}

static void add_word(struct filler *f, struct sillok_text word)
{
    enum { WIDEST = 2 }; /* a character */
    const size_t wide = utf8_text_columns(word), blank = f->used > 0;
    const size_t used = f->used + blank;
    if (used + wide > f->columns &&
        (wide <= f->columns / 2 || used + WIDEST > f->columns)) {
        new_line(f);
    } else if (blank) {
        (void)buf_add_char(f->out, ' ');
        f->used++;
    }
    if (f->used + wide <= f->columns)
        add_piece(f, word.ptr, word.len, wide);
    else
        break_word(f, word);
}

static void fill_line(struct filler *f, struct sillok_text line)
{
    size_t i = 0;
    while (i < line.len) {
        while (i < line.len && (line.ptr[i] == ' ' || line.ptr[i] == '\t'))
            i++;
        const size_t start = i;
        while (i < line.len && line.ptr[i] != ' ' && line.ptr[i] != '\t')
            i++;
        if (i > start)
            add_word(f, text_make(line.ptr + start, i - start));
    }
    new_line(f);
}

void text_wrap(struct buf *out, struct sillok_text text, size_t columns, size_t indent)
{
    CLEANUP(buf_release) struct buf safe = BUF_INIT;
    (void)utf8_add_safe(&safe, text, UTF8_KEEP_NEWLINES);
    struct filler f = { out, columns > indent + 10 ? columns - indent : 10, indent, 0 };
    size_t start = 0;
    for (size_t i = 0; i <= safe.len; i++) {
        if (i < safe.len && safe.ptr[i] != '\n')
            continue;
        if (i > start || i < safe.len)
            fill_line(&f, text_make(safe.ptr + start, i - start));
        start = i + 1;
    }
    if (safe.failed)
        out->failed = 1;
}

/* --- lines that keep all that is in them --- */

struct breaker {
    struct buf *out;
    size_t columns, indent, used;
    struct buf style; /* the escape sequences that are in force */
};

/* Bytes of an escape sequence that sets colours (ECMA-48 SGR); 0: none begins there. */
static size_t style_len(struct sillok_text t, size_t i)
{
    if (i + 1 >= t.len || t.ptr[i] != '\033' || t.ptr[i + 1] != '[')
        return 0;
    const char *end = memchr(t.ptr + i, 'm', t.len - i);
    return end ? (size_t)(end - t.ptr) + 1 - i : 0;
}

static void add_style(struct breaker *b, struct sillok_text style)
{
    (void)buf_add_text(b->out, style);
    if (text_is(style, "\033[0m"))
        buf_clear(&b->style);
    else
        (void)buf_add_text(&b->style, style);
}

/* A pager takes each line for one without colours. */
static void break_here(struct breaker *b)
{
    if (b->style.len)
        (void)buf_add_str(b->out, "\033[0m");
    (void)buf_add_char(b->out, '\n');
    text_blanks(b->out, b->indent);
    (void)buf_add_text(b->out, buf_text(&b->style));
    b->used = 0;
}

/* Columns from @p i up to the next blank. */
static size_t word_columns(struct sillok_text t, size_t i)
{
    size_t wide = 0, n;
    for (; i < t.len && t.ptr[i] != ' '; i += n) {
        uint32_t cp;
        if ((n = style_len(t, i)) > 0)
            continue;
        n = utf8_decode(t.ptr + i, t.len - i, &cp);
        wide += (size_t)utf8_columns(cp);
    }
    return wide;
}

static int fits(const struct breaker *b, size_t wide)
{
    return b->used == 0 || b->used + wide <= b->columns;
}

void text_break(struct buf *out, struct sillok_text line, size_t columns, size_t indent)
{
    struct breaker b = { out, columns > indent + 10 ? columns - indent : 10, indent, 0,
                         BUF_INIT };
    int at_word = 1;
    for (size_t i = 0, n; i < line.len; i += n) {
        uint32_t cp;
        if ((n = style_len(line, i)) > 0) {
            add_style(&b, text_make(line.ptr + i, n));
            continue;
        }
        n = utf8_decode(line.ptr + i, line.len - i, &cp);
        const size_t word = at_word && cp != ' ' ? word_columns(line, i) : 0;
        at_word = cp == ' ';
        if (at_word && !fits(&b, 1) && !b.style.len)
            continue; /* the line ends in its place */
        if (!fits(&b,
                  word <= b.columns / 2 && word > 1 ? word : (size_t)utf8_columns(cp)))
            break_here(&b);
        (void)buf_add(out, line.ptr + i, n);
        b.used += (size_t)utf8_columns(cp);
    }
    if (b.style.failed)
        out->failed = 1;
    buf_release(&b.style);
}
