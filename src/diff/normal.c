/* Normal forms: see normal.h. */
#include "diff/normal.h"

#include "diff/chars.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

/* 1 when @p cp is in NFC wherever it stands and nothing composes with it backwards:
 * NFC_Quick_Check=Yes and combining class 0, for the blocks that news are written in. */
static int is_steady(uint32_t cp)
{
    if (cp < 0x300)
        return 1;
    if (cp >= 0xAC00 && cp <= 0xD7A3)
        return 1;
    if (cp >= 0x2002 && cp <= 0x206F)
        return 1;
    if (cp >= 0x3000 && cp <= 0x3098)
        return cp < 0x302A || cp > 0x302F;
    return (cp >= 0x309B && cp <= 0x318E) || (cp >= 0x3200 && cp <= 0x9FFF) ||
           (cp >= 0x2190 && cp <= 0x2328) || (cp >= 0x2460 && cp <= 0x27BF) ||
           (cp >= 0xFF00 && cp <= 0xFFEF) || (cp >= 0x2070 && cp <= 0x20CF);
}

/* What F1 makes of a character; 0 drops it. */
static uint32_t fold(uint32_t cp)
{
    cp = char_alike(cp);
    if (cp == '`' || cp == 0xB4)
        return '\'';
    return char_class_of(cp) == CHAR_BLANK ? 0 : cp;
}

static int add_folded(struct buf *out, uint32_t cp)
{
    if (cp == 0x2026)
        return buf_add(out, "...", 3);
    const int is_zero = cp == 0; /* a zero byte is text, not one to drop */
    cp = fold(cp);
    char bytes[4];
    return cp || is_zero ? buf_add(out, bytes, utf8_encode(cp, bytes)) : 0;
}

enum {
    STRETCH_GOAL =
        128,          /* bytes after which a stretch ends where nothing composes across */
    STRETCH_MAX = 256 /* utf8proc sorts marks in quadratic time: more of them stay as they
                         are, also when the outcome is normalized again */
};

/* Appends the NFC of a valid stretch, folded. Where a mark comes to stand behind
 * something else than in the text, because that was folded or dropped, *again is set: it
 * may compose. */
static int add_composed(struct buf *out, struct sillok_text t, int *again)
{
    utf8proc_uint8_t *composed = NULL;
    const utf8proc_ssize_t n =
        utf8proc_map((const utf8proc_uint8_t *)t.ptr, (utf8proc_ssize_t)t.len, &composed,
                     UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (n < 0)
        return n == UTF8PROC_ERROR_NOMEM ? fail_memory() : buf_add_text(out, t);
    int r = 0, same = 0; /* the character before came out as it stood there */
    for (size_t i = 0; r == 0 && i < (size_t)n;) {
        uint32_t cp;
        i += char_decode((const char *)composed + i, (size_t)n - i, &cp);
        *again |= !same && char_may_compose(cp);
        same = fold(cp) == cp;
        r = add_folded(out, cp);
    }
    free(composed);
    return r;
}

/* The end of the stretch at @p at that has to be composed: up to a steady character, an
 * invalid byte, or where nothing composes across once it is long enough. Marks without an
 * end make it longer than STRETCH_MAX, and then nothing else is in it. */
static size_t stretch_end(struct sillok_text t, size_t at)
{
    const size_t start = at;
    size_t anew = start; /* the last place after which something begins */
    while (at < t.len) {
        uint32_t cp;
        const size_t used = char_decode(t.ptr + at, t.len - at, &cp);
        if (is_steady(cp) || (cp == UTF8_REPLACEMENT && used == 1))
            break;
        const int is_anew = !char_may_compose(cp);
        if (at - start >= STRETCH_GOAL && is_anew)
            break;
        anew = is_anew ? at : anew;
        at += used;
        if (at - start > STRETCH_MAX && anew > start)
            return anew;
    }
    return at;
}

/* One of U+AC00..U+D77F, so a syllable, at @p ptr, which has four bytes. */
static int is_hangul(const char *ptr)
{
    return char_is_triple(char_four_bytes(ptr), 0xEAB080, 0xED9DBF);
}

/* Copies ASCII and Hangul from *at on; @p out has room for all that is left. A
 * syllable in the last three bytes is left: four are looked at and copied. */
static void copy_plain(struct buf *out, struct sillok_text t, size_t *at)
{
    const uint8_t *p = (const uint8_t *)t.ptr;
    uint8_t *o = (uint8_t *)out->ptr + out->len;
    size_t i = *at;
    while (i < t.len) {
        if (p[i] < 0x80) {
            *o = p[i] == '`' ? '\'' : p[i];
            o += char_ascii_class[p[i++]] != CHAR_BLANK;
        } else if (i + 4 <= t.len && is_hangul(t.ptr + i)) {
            memcpy(o, p + i, 4);
            o += 3;
            i += 3;
        } else {
            break;
        }
    }
    out->len = (size_t)(o - (uint8_t *)out->ptr);
    *at = i;
}

/* The start of the character before @p at if what is at @p at may compose with it, and
 * that is taken back from @p out; else @p at. */
static size_t take_back(struct buf *out, struct sillok_text t, size_t at)
{
    size_t start = at;
    while (start > 0 && at - start < 4) {
        start--;
        if (!utf8_is_tail(t.ptr[start]))
            break;
    }
    uint32_t cp;
    if (start == at || char_decode(t.ptr + start, at - start, &cp) != at - start ||
        (cp == UTF8_REPLACEMENT && at - start == 1) || !is_steady(cp))
        return at;
    char bytes[4];
    const uint32_t folded = fold(cp);
    out->len -= cp == 0x2026 ? 3 : folded || !cp ? utf8_encode(folded, bytes) : 0;
    return start;
}

/* A byte that is no text. A blank behind it stays: dropped, it might join two such bytes
 * to a character. */
static int add_invalid(struct buf *out, struct sillok_text t, size_t *at)
{
    uint32_t cp;
    size_t used = 1;
    if (*at + 1 < t.len) {
        const size_t next = char_decode(t.ptr + *at + 1, t.len - *at - 1, &cp);
        used += char_class_of(cp) == CHAR_BLANK ? next : 0;
    }
    const int r = buf_add(out, t.ptr + *at, used);
    *at += used;
    return r;
}

/* One step over what is neither ASCII nor Hangul. */
static int add_other(struct buf *out, struct sillok_text t, size_t *at, int *again)
{
    uint32_t cp;
    const size_t used = char_decode(t.ptr + *at, t.len - *at, &cp);
    if (cp == UTF8_REPLACEMENT && used == 1)
        return add_invalid(out, t, at);
    if (is_steady(cp)) {
        *at += used;
        return add_folded(out, cp);
    }
    const size_t from = *at;
    *at = stretch_end(t, from);
    if (*at - from > STRETCH_MAX)
        return buf_add(out, t.ptr + from, *at - from);
    const size_t start = char_may_compose(cp) ? take_back(out, t, from) : from;
    return add_composed(out, text_make(t.ptr + start, *at - start), again);
}

static int add_normal(struct buf *out, struct sillok_text t, int *again)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < t.len;) {
        r = buf_reserve(out, t.len - i);
        if (r < 0)
            return r;
        copy_plain(out, t, &i);
        if (i < t.len)
            r = add_other(out, t, &i, again);
    }
    return r;
}

/* A second time is enough: in its text nothing is left to fold or to drop. */
int normal_text(struct buf *out, struct sillok_text t)
{
    const size_t start = out->len;
    int again = 0;
    int r = add_normal(out, t, &again);
    if (r < 0 || !again)
        return r;
    CLEANUP(buf_release) struct buf once = BUF_INIT;
    r = buf_add(&once, out->ptr + start, out->len - start);
    if (r < 0)
        return r;
    out->len = start;
    return add_normal(out, text_make(once.ptr, once.len), &again);
}

int normal_letters(struct buf *out, struct sillok_text t)
{
    CLEANUP(buf_release) struct buf f1 = BUF_INIT;
    int r = normal_text(&f1, t);
    for (size_t i = 0; r == 0 && i < f1.len;) {
        uint32_t cp;
        const size_t used = char_decode(f1.ptr + i, f1.len - i, &cp);
        const int keep = char_is_word(char_class_of(cp)) || cp == '%' || cp == '$' ||
                         (cp == UTF8_REPLACEMENT && used == 1);
        if (keep && cp < 0x80) {
            r = buf_add_char(out, (char)(char_is_upper(cp) ? cp + 32 : cp));
        } else if (keep && used > 1) {
            char bytes[4];
            const uint32_t lower = (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp);
            r = buf_add(out, bytes, utf8_encode(lower, bytes));
        } else if (keep) {
            r = buf_add_char(out, f1.ptr[i]);
        }
        i += used;
    }
    return r;
}

static int same(int (*form)(struct buf *out, struct sillok_text t), struct sillok_text a,
                struct sillok_text b)
{
    CLEANUP(buf_release) struct buf x = BUF_INIT;
    CLEANUP(buf_release) struct buf y = BUF_INIT;
    int r = form(&x, a);
    r = r < 0 ? r : form(&y, b);
    return r < 0 ? r : text_equal(buf_text(&x), buf_text(&y));
}

int normal_same_text(struct sillok_text a, struct sillok_text b)
{
    return same(normal_text, a, b);
}

int normal_same_letters(struct sillok_text a, struct sillok_text b)
{
    return same(normal_letters, a, b);
}
