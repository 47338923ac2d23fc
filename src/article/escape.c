#include "article/escape.h"

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
