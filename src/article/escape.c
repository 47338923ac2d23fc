#include "article/escape.h"

#include "base/utf8.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static const struct {
    char plain;
    uint8_t len;
    const char *entity;
} entities[] = {
    { '&', 5, "&amp;" },  { '<', 4, "&lt;" },    { '>', 4, "&gt;" },
    { '"', 6, "&quot;" }, { '\'', 6, "&#x27;" }, { '`', 6, "&#x60;" },
    { '=', 6, "&#x3D;" },
};
enum { N_ENTITIES = sizeof(entities) / sizeof(entities[0]) };

/* Index of the entity that begins at p, or -1. *p is '&'. */
static int entity_at(const char *p, size_t left)
{
    for (int i = 0; i < N_ENTITIES; i++)
        if (left >= entities[i].len &&
            memcmp(p, entities[i].entity, entities[i].len) == 0)
            return i;
    return -1;
}

int escape_has_entity(struct sillok_text t)
{
    const char *p = t.ptr, *end = t.len ? t.ptr + t.len : p;
    while (p < end && (p = memchr(p, '&', (size_t)(end - p)))) {
        if (entity_at(p, (size_t)(end - p)) >= 0)
            return 1;
        p++;
    }
    return 0;
}

/* 1 + the entity that a character becomes, 0 for none. next_special() knows them too. */
static const uint8_t entity_of[256] = {
    ['&'] = 1, ['<'] = 2, ['>'] = 3, ['"'] = 4, ['\''] = 5, ['`'] = 6, ['='] = 7,
};

/* Index of the first character from @p i on that becomes an entity, or t.len. */
static size_t next_special(struct sillok_text t, size_t i)
{
#ifdef __SSE2__
    const __m128i amp = _mm_set1_epi8('&'), quote = _mm_set1_epi8('"'),
                  tick = _mm_set1_epi8('`'), less = _mm_set1_epi8('<'),
                  one = _mm_set1_epi8(1), two = _mm_set1_epi8(2),
                  equal = _mm_set1_epi8('=');
    for (; t.len - i >= sizeof(__m128i); i += sizeof(__m128i)) {
        const __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(t.ptr + i));
        /* & and ' differ in the lowest bit, < and > in the one above it */
        __m128i found = _mm_cmpeq_epi8(_mm_andnot_si128(one, c), amp);
        found = _mm_or_si128(found, _mm_cmpeq_epi8(_mm_andnot_si128(two, c), less));
        found = _mm_or_si128(found, _mm_cmpeq_epi8(c, quote));
        found = _mm_or_si128(found, _mm_cmpeq_epi8(c, tick));
        found = _mm_or_si128(found, _mm_cmpeq_epi8(c, equal));
        const unsigned at = (unsigned)_mm_movemask_epi8(found);
        if (at)
            return i + (size_t)__builtin_ctz(at);
    }
#endif
    while (i < t.len && !entity_of[(uint8_t)t.ptr[i]])
        i++;
    return i;
}

int escape_has_bare(struct sillok_text t)
{
    for (size_t i = 0; (i = next_special(t, i)) < t.len; i++)
        if (t.ptr[i] != '&' || entity_at(t.ptr + i, t.len - i) < 0)
            return 1;
    return 0;
}

int escape_undo(struct buf *out, struct sillok_text t)
{
    /* The result is never longer, so one reservation serves all appends. */
    int r = buf_reserve(out, t.len);
    if (r < 0 || !t.len)
        return r;
    const char *p = t.ptr, *end = t.ptr + t.len;
    while (p < end) {
        const char *amp = memchr(p, '&', (size_t)(end - p));
        const size_t run = (size_t)((amp ? amp : end) - p);
        memcpy(out->ptr + out->len, p, run);
        out->len += run;
        if (!amp)
            break;
        const int e = entity_at(amp, (size_t)(end - amp));
        out->ptr[out->len++] = e < 0 ? '&' : entities[e].plain;
        p = amp + (e < 0 ? 1 : entities[e].len);
    }
    return 0;
}

/* --- what others write --- */

static int is_digit(char c, unsigned base, unsigned *v)
{
    const char low = (char)(c | 0x20);
    *v = c >= '0' && c <= '9'       ? (unsigned)(c - '0')
         : low >= 'a' && low <= 'f' ? (unsigned)(low - 'a') + 10
                                    : base;
    return *v < base;
}

/* "&#39;" or "&#x27;" at p (HTML, 13.2.5.80): its length, 0 for none. *p is '&'. */
static size_t number_at(const char *p, size_t left, uint32_t *cp)
{
    enum { MOST_DIGITS = 7, LAST = 0x10FFFF };
    if (left < 4 || p[1] != '#')
        return 0;
    const unsigned base = (p[2] | 0x20) == 'x' ? 16 : 10;
    const size_t first = base == 16 ? 3 : 2;
    size_t at = first;
    unsigned v;
    for (*cp = 0; at < left && at < first + MOST_DIGITS && is_digit(p[at], base, &v);
         at++)
        *cp = *cp * base + v;
    const int is_char = *cp > 0 && *cp <= LAST && !(*cp >= 0xD800 && *cp < 0xE000);
    return at > first && at < left && p[at] == ';' && is_char ? at + 1 : 0;
}

/* One of the names that texts are made safe with, and of the signs of Korean and English
 * texts. */
static size_t name_at(const char *p, size_t left, uint32_t *cp)
{
    static const struct {
        const char *name;
        uint32_t cp;
    } names[] = {
        { "&apos;", '\'' },    { "&nbsp;", 0xA0 },     { "&middot;", 0xB7 },
        { "&lsquo;", 0x2018 }, { "&rsquo;", 0x2019 },  { "&ldquo;", 0x201C },
        { "&rdquo;", 0x201D }, { "&hellip;", 0x2026 }, { "&ndash;", 0x2013 },
        { "&mdash;", 0x2014 },
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const size_t n = strlen(names[i].name);
        *cp = names[i].cp;
        if (left >= n && memcmp(p, names[i].name, n) == 0)
            return n;
    }
    return 0;
}

static size_t other_at(const char *p, size_t left, uint32_t *cp)
{
    const size_t n = number_at(p, left, cp);
    return n ? n : name_at(p, left, cp);
}

int escape_has_other(struct sillok_text t)
{
    uint32_t cp;
    for (const char *p; t.len && (p = memchr(t.ptr, '&', t.len));) {
        t = text_from(t, (size_t)(p - t.ptr));
        if (entity_at(t.ptr, t.len) < 0 && other_at(t.ptr, t.len, &cp))
            return 1;
        t = text_from(t, 1);
    }
    return 0;
}

int escape_undo_any(struct buf *out, struct sillok_text t)
{
    int r = buf_reserve(out, t.len); /* no reference is shorter than its character */
    while (r == 0 && t.len) {
        const char *amp = memchr(t.ptr, '&', t.len);
        const size_t run = amp ? (size_t)(amp - t.ptr) : t.len;
        r = buf_add(out, t.ptr, run);
        t = text_from(t, run);
        if (r < 0 || !t.len)
            break;
        const int e = entity_at(t.ptr, t.len);
        uint32_t cp = '&';
        char text[4];
        size_t n = e < 0 ? other_at(t.ptr, t.len, &cp) : entities[e].len;
        if (e >= 0)
            cp = (uint8_t)entities[e].plain;
        else if (!n)
            cp = '&', n = 1;
        r = buf_add(out, text, utf8_encode(cp, text));
        t = text_from(t, n);
    }
    return r;
}

int escape_do(struct buf *out, struct sillok_text t)
{
    size_t from = 0;
    for (size_t i = 0; (i = next_special(t, i)) < t.len; i++) {
        const int e = entity_of[(uint8_t)t.ptr[i]];
        int r = buf_add(out, t.ptr + from, i - from);
        if (r == 0)
            r = buf_add(out, entities[e - 1].entity, entities[e - 1].len);
        if (r < 0)
            return r;
        from = i + 1;
    }
    return buf_add(out, t.ptr + from, t.len - from);
}
