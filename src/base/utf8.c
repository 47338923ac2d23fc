/*
 * UTF-8: strict decoding (RFC 3629, table 3-7 of the Unicode standard) and safe printing.
 *
 * Printing goes through one step, next_piece(): it turns the next bit of a text into what
 * a terminal may see and says how wide that is. Appending, measuring and fitting are
 * three loops over it, so they cannot disagree.
 */
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

static size_t invalid(uint32_t *cp)
{
    *cp = UTF8_REPLACEMENT;
    return 1;
}

size_t utf8_decode(const char *ptr, size_t len, uint32_t *cp)
{
    const uint8_t *p = (const uint8_t *)ptr;
    const uint8_t c = p[0];
    if (c < 0x80) {
        *cp = c;
        return 1;
    }
    if (c < 0xC2 || c > 0xF4)
        return invalid(cp);
    if (c < 0xE0) {
        if (len < 2 || !utf8_is_tail((char)p[1]))
            return invalid(cp);
        *cp = (uint32_t)(c & 0x1F) << 6 | (p[1] & 0x3F);
        return 2;
    }
    if (c < 0xF0) {
        if (len < 3 || !utf8_is_tail((char)p[1]) || !utf8_is_tail((char)p[2]))
            return invalid(cp);
        const uint32_t v =
            (uint32_t)(c & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
        if (v < 0x800 || (v >= 0xD800 && v <= 0xDFFF))
            return invalid(cp);
        *cp = v;
        return 3;
    }
    if (len < 4 || !utf8_is_tail((char)p[1]) || !utf8_is_tail((char)p[2]) ||
        !utf8_is_tail((char)p[3]))
        return invalid(cp);
    const uint32_t v = (uint32_t)(c & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
                       (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
    if (v < 0x10000 || v > 0x10FFFF)
        return invalid(cp);
    *cp = v;
    return 4;
}

size_t utf8_common_start(struct sillok_text a, struct sillok_text b)
{
    size_t n = text_common_start(a, b);
    while (n > 0 && ((n < a.len && utf8_is_tail(a.ptr[n])) ||
                     (n < b.len && utf8_is_tail(b.ptr[n]))))
        n--;
    return n;
}

size_t utf8_encode(uint32_t cp, char out[4])
{
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        cp = UTF8_REPLACEMENT;
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

/* A real U+FFFD in the text has three bytes; only the one-byte answer is an invalid one.
 */
static int is_invalid(uint32_t cp, size_t used)
{
    return cp == UTF8_REPLACEMENT && used == 1;
}

/* Length of the valid start of @p t. */
static size_t valid_prefix(struct sillok_text t)
{
    size_t i = 0;
    while (i < t.len) {
        uint64_t word;
        if (t.len - i >= sizeof(word)) {
            memcpy(&word, t.ptr + i, sizeof(word));
            if (!(word & UINT64_C(0x8080808080808080))) {
                i += sizeof(word);
                continue;
            }
        }
        uint32_t cp;
        const size_t used = utf8_decode(t.ptr + i, t.len - i, &cp);
        if (is_invalid(cp, used))
            break;
        i += used;
    }
    return i;
}

int utf8_valid(struct sillok_text t)
{
    return valid_prefix(t) == t.len;
}

const char *utf8_entity(uint32_t cp)
{
    switch (cp) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* Jamo vowels and finals stand inside the block of their leading consonant. */
static int is_inner_jamo(uint32_t cp)
{
    return (cp >= 0x1160 && cp <= 0x11FF) || (cp >= 0xD7B0 && cp <= 0xD7FF);
}

int utf8_is_mark(uint32_t cp)
{
    enum { JOINER = 0x200D };
    if (cp < 0x300 || cp > 0x10FFFF)
        return 0;
    if (is_inner_jamo(cp) || cp == JOINER)
        return 1;
    const utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)cp);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
           category == UTF8PROC_CATEGORY_ME;
}

int utf8_joins(uint32_t before, uint32_t cp, int32_t *state)
{
    if (cp < 0x300 || cp > 0x10FFFF || before > 0x10FFFF) {
        *state = 0;
        return 0;
    }
    return !utf8proc_grapheme_break_stateful((utf8proc_int32_t)before,
                                             (utf8proc_int32_t)cp, state) ||
           utf8_is_mark(cp);
}

int utf8_is_inside(struct sillok_text t, size_t at)
{
    enum { LETTER_MAX = 256 }; /* bytes */
    uint32_t before = 0, cp;
    int32_t state = 0;
    if (at >= t.len || utf8_is_tail(t.ptr[at]))
        return at < t.len;
    /* What joins two signs may stand some signs before: a flag is two letters of a row. */
    size_t i = at > LETTER_MAX ? at - LETTER_MAX : 0;
    while (i < at && utf8_is_tail(t.ptr[i]))
        i++;
    for (; i < at; before = cp) {
        i += utf8_decode(t.ptr + i, t.len - i, &cp);
        (void)utf8_joins(before, cp, &state);
    }
    utf8_decode(t.ptr + at, t.len - at, &cp);
    return utf8_joins(before, cp, &state);
}

int utf8_columns(uint32_t cp)
{
    if (cp < 0x7F)
        return cp >= 0x20;
    if (cp > 0x10FFFF || is_inner_jamo(cp))
        return 0;
    const int w = utf8proc_charwidth((utf8proc_int32_t)cp);
    return w < 0 ? 0 : w > 2 ? 2 : w;
}

int utf8_is_live(uint32_t cp)
{
    if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
        return 1;
    if (cp < 0x61C)
        return 0;
    return cp == 0x61C || cp == 0x200B || cp == 0x200E || cp == 0x200F ||
           (cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069) ||
           cp == 0xFEFF;
}

/* White_Space of the Unicode character database. */
static int is_space(uint32_t cp)
{
    if (cp < 0x80)
        return cp == ' ' || (cp >= '\t' && cp <= '\r');
    return cp == 0x85 || cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) ||
           cp == 0x2028 || cp == 0x2029 || cp == 0x202F || cp == 0x205F || cp == 0x3000;
}

struct piece {
    char bytes[16];
    size_t len;
    size_t columns;
};

static void piece_of_live(struct piece *p, uint32_t cp)
{
    const int n = cp < 0x80
                      ? snprintf(p->bytes, sizeof(p->bytes), "\\x%02x", (unsigned)cp)
                      : snprintf(p->bytes, sizeof(p->bytes), "<U+%04X>", (unsigned)cp);
    p->len = n > 0 ? (size_t)n : 0;
    p->columns = p->len;
}

/* The next bit of @p t from *at on; 0 at the end. Folding needs to know whether anything
 * was printed before: *at is 0 until then or the text began with other than white space.
 */
static int next_piece(struct piece *p, struct sillok_text t, size_t *at, int flags,
                      int printed)
{
    int space = 0;
    while (*at < t.len) {
        uint32_t cp;
        const size_t used = utf8_decode(t.ptr + *at, t.len - *at, &cp);
        if ((flags & UTF8_FOLD_SPACE) && is_space(cp)) {
            space = 1;
            *at += used;
            continue;
        }
        if (space && printed) {
            *p = (struct piece){ " ", 1, 1 };
            return 1;
        }
        *at += used;
        if (is_invalid(cp, used))
            *p = (struct piece){ "\xEF\xBF\xBD", 3, 1 };
        else if ((flags & UTF8_KEEP_NEWLINES) && (cp == '\n' || cp == '\t'))
            *p = (struct piece){ { (char)cp }, 1, 0 };
        else if (utf8_is_live(cp))
            piece_of_live(p, cp);
        else {
            p->len = utf8_encode(cp, p->bytes);
            p->columns = (size_t)utf8_columns(cp);
        }
        return 1;
    }
    return 0;
}

size_t utf8_text_columns(struct sillok_text t)
{
    struct piece p;
    size_t at = 0, columns = 0;
    while (next_piece(&p, t, &at, 0, 1))
        columns += p.columns;
    return columns;
}

int utf8_add_safe(struct buf *out, struct sillok_text t, int flags)
{
    struct piece p;
    size_t at = 0;
    int printed = 0;
    while (next_piece(&p, t, &at, flags, printed)) {
        const int r = buf_add(out, p.bytes, p.len);
        if (r < 0)
            return r;
        printed = 1;
    }
    return 0;
}

/* 1 when the folded text needs no more than @p columns; stops reading once it does. */
static int fits(struct sillok_text t, size_t columns)
{
    struct piece p;
    size_t at = 0, sum = 0;
    int printed = 0;
    while (next_piece(&p, t, &at, UTF8_FOLD_SPACE, printed)) {
        sum += p.columns;
        if (sum > columns)
            return 0;
        printed = 1;
    }
    return 1;
}

int utf8_add_fit(struct buf *out, struct sillok_text t, size_t columns, int pad)
{
    const int cut = !fits(t, columns);
    const size_t room = cut && columns ? columns - 1 : columns;
    struct piece p;
    size_t at = 0, used = 0;
    int r = 0, printed = 0;
    while (r == 0 && next_piece(&p, t, &at, UTF8_FOLD_SPACE, printed)) {
        if (used + p.columns > room)
            break;
        r = buf_add(out, p.bytes, p.len);
        used += p.columns;
        printed = 1;
    }
    if (r == 0 && cut && columns) {
        r = buf_add_str(out, "…");
        used++;
    }
    while (r == 0 && pad && used < columns) {
        r = buf_add_char(out, ' ');
        used++;
    }
    return r;
}

int utf8_add_valid(struct buf *out, struct sillok_text t)
{
    int r = 0;
    while (r == 0 && t.len) {
        const size_t n = valid_prefix(t);
        r = buf_add(out, t.ptr, n);
        t.ptr += n;
        t.len -= n;
        if (r == 0 && t.len) {
            r = buf_add_str(out, "\xEF\xBF\xBD");
            t.ptr++;
            t.len--;
        }
    }
    return r;
}
