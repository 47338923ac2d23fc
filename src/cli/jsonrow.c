#include "cli/jsonrow.h"

#include "base/quote.h"

#include <stdio.h>
#include <string.h>

/* --- values --- */

/* Always with a point or an exponent, so that who reads it sees that it is no integer;
 * "1e-07" is "1e-7". */
static void add_real(struct buf *b, double v)
{
    char text[32];
    snprintf(text, sizeof(text), "%.6g", v);
    char *e = strchr(text, 'e');
    if (e) {
        const char *digits = e + 1 + (e[1] == '-' || e[1] == '+');
        const char *minus = e[1] == '-' ? "-" : "";
        digits += strspn(digits, "0");
        (void)buf_add(b, text, (size_t)(e - text));
        (void)buf_printf(b, "e%s%s", minus, digits);
        return;
    }
    (void)buf_add_str(b, text);
    if (!strchr(text, '.'))
        (void)buf_add_str(b, ".0");
}

static void add_words(struct buf *b, const struct words *words)
{
    for (int i = 0; i < words->n; i++) {
        (void)buf_add_char(b, i ? ',' : '[');
        quote_json(b, text_of(words->word[i]));
    }
    (void)buf_add_str(b, words->n ? "]" : "[]");
}

/* 1: not all of it was UTF-8. */
static int add_value(struct buf *b, const struct cell *c)
{
    char text[SILLOK_TIME_LEN];
    switch (c->type) {
    case CELL_NONE:
        (void)buf_add_str(b, "null");
        break;
    case CELL_TEXT:
        return quote_json_bytes(b, c->hex[0] ? text_of(c->hex) : c->text);
    case CELL_COUNT:
    case CELL_SIZE:
    case CELL_SPAN:
        (void)buf_add_number(b, (int64_t)c->count);
        break;
    case CELL_REAL:
        add_real(b, c->real);
        break;
    case CELL_FLAG:
        (void)buf_add_str(b, c->count ? "true" : "false");
        break;
    case CELL_TIME:
        sillok_time_format(c->time_s, 0, text);
        quote_json(b, text_of(text));
        break;
    case CELL_WORDS:
        add_words(b, &c->words);
        break;
    }
    return 0;
}

/* --- objects --- */

/* What stands before the dot: the name of the inner object. */
static struct sillok_text inner_name(const char *path)
{
    const char *dot = strchr(path, '.');
    return text_make(path, dot ? (size_t)(dot - path) : 0);
}

static void add_name(struct buf *b, struct sillok_text name)
{
    quote_json(b, name);
    (void)buf_add_char(b, ':');
}

void jsonrow_add(struct buf *b, const struct column *columns, const struct cell *cells,
                 size_t n)
{
    struct sillok_text inner = { "", 0 }; /* the one that is open */
    int invalid = 0;
    (void)buf_add_char(b, '{');
    for (size_t i = 0; i < n; i++) {
        const char *path = columns[i].path;
        const struct sillok_text name = inner_name(path);
        const int same = text_equal(name, inner);
        if (inner.len && !same)
            (void)buf_add_char(b, '}');
        if (i)
            (void)buf_add_char(b, ',');
        if (name.len && !same) {
            add_name(b, name);
            (void)buf_add_char(b, '{');
        }
        inner = name;
        add_name(b, text_of(name.len ? path + name.len + 1 : path));
        invalid |= add_value(b, &cells[i]);
    }
    if (inner.len)
        (void)buf_add_char(b, '}');
    (void)buf_add_str(b, invalid ? ",\"invalid_utf8\":true}" : "}");
}
