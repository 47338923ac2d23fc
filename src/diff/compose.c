/* NFC with a way back: see compose.h. */
#include "diff/compose.h"

#include <stdlib.h>

#include <utf8proc.h>

/* More marks on one character are not text; what is behind them is composed by itself. */
enum { CLUSTER_MAX_BYTES = 64 };

/* A cluster that came out otherwise. */
struct place {
    size_t start, end;           /* in the composed text */
    size_t from_start, from_end; /* where that stood */
};

/* 1 when @p cp belongs to what is before it; a joiner composes with nothing. */
static int joins(uint32_t cp)
{
    return cp >= 0x300 && (char_may_compose(cp) || cp == 0x200D);
}

/* 1 when @p cp alone is in NFC, for what is met in news; signs but for Ohm, Kelvin and
 * Angstrom (U+2126, U+212A, U+212B), the angle brackets U+2329 and U+232A, and U+2ADC. */
static int is_composed(uint32_t cp)
{
    static const struct {
        uint32_t from, to;
    } ranges[] = {
        { 0x2010, 0x20CF }, { 0x2100, 0x2125 }, { 0x212C, 0x2328 },   { 0x232B, 0x2ADB },
        { 0x3000, 0x9FFF }, { 0xFF00, 0xFFFF }, { 0x1F000, 0x1FAFF },
    };
    if (cp < 0x340 || (cp >= 0xAC00 && cp <= 0xD7A3))
        return 1;
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (cp >= ranges[i].from && cp <= ranges[i].to)
            return 1;
    return 0;
}

struct cluster cluster_at(struct sillok_text t, size_t at)
{
    uint32_t cp, then = 0;
    size_t used = char_decode(t.ptr + at, t.len - at, &cp);
    const int invalid = cp == UTF8_REPLACEMENT && used == 1;
    size_t end = at;
    int n = 0;
    do {
        end += used;
        n++;
        used = end < t.len ? char_decode(t.ptr + end, t.len - end, &then) : 0;
    } while (used && !invalid && joins(then) && end + used - at < CLUSTER_MAX_BYTES);
    return (struct cluster){ end, n == 1 && (invalid || is_composed(cp)) };
}

int cluster_compose(struct buf *out, struct sillok_text cluster)
{
    utf8proc_uint8_t *composed = NULL;
    const utf8proc_ssize_t n =
        utf8proc_map((const utf8proc_uint8_t *)cluster.ptr, (utf8proc_ssize_t)cluster.len,
                     &composed, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (n == UTF8PROC_ERROR_NOMEM)
        return fail_memory();
    const int r = n < 0 ? buf_add_text(out, cluster) : buf_add(out, composed, (size_t)n);
    free(composed);
    return r;
}

/* 1 when among bytes [0, n) of @p p, which has two more, one begins a character that may
 * not be NFC. Without a branch, so that it is done in vectors: Hangul syllables (EA B0 ..
 * ED 9D), Hanzi (E4 .. E9), Latin below U+0300 and the dashes and quotes of U+2010 ..
 * U+203F (E2 80 90 ..) are what nearly every text consists of. */
static int has_suspect(const uint8_t *p, size_t n)
{
    uint8_t hit = 0;
    for (size_t i = 0; i < n; i++) {
        const uint8_t a = p[i], b = p[i + 1], c = p[i + 2];
        const uint8_t fine = (uint8_t)((a < 0xCC) | ((a >= 0xE4) & (a <= 0xE9)) |
                                       ((a == 0xEA) & (b >= 0xB0)) | (a == 0xEB) |
                                       (a == 0xEC) | ((a == 0xED) & (b <= 0x9D)) |
                                       ((a == 0xE2) & (b == 0x80) & (c >= 0x90)));
        hit |= (uint8_t)(fine ^ 1);
    }
    return hit;
}

/* The first cluster in bytes [at, end) that has to be looked at, or @p end. */
static size_t find_cluster(struct sillok_text t, size_t at, size_t end)
{
    size_t last = utf8_before(t, at); /* a mark belongs to the character before it */
    for (at = last; at < end;) {
        uint32_t cp;
        const size_t used = char_decode(t.ptr + at, t.len - at, &cp);
        if (!is_composed(cp) || joins(cp))
            return last;
        last = at;
        at += used;
    }
    return end;
}

/* The first byte from which clusters have to be looked at; t.len when there is none. */
static size_t skip_steady(struct sillok_text t)
{
    enum { BLOCK = 64 };
    const uint8_t *p = (const uint8_t *)t.ptr;
    size_t at = 0;
    while (at + 2 < t.len) {
        const size_t n = t.len - 2 - at < BLOCK ? t.len - 2 - at : BLOCK;
        const size_t found =
            has_suspect(p + at, n) ? find_cluster(t, at, at + n) : at + n;
        if (found < at + n)
            return found;
        at += n;
    }
    return find_cluster(t, at, t.len);
}

static int add_cluster(struct composed *out, struct sillok_text t, size_t at,
                       struct cluster c)
{
    const size_t start = out->bytes.len, len = c.end - at;
    const struct sillok_text one = text_make(t.ptr + at, len);
    if (c.steady)
        return buf_add_text(&out->bytes, one);
    const int r = cluster_compose(&out->bytes, one);
    const struct place place = { start, out->bytes.len, at, c.end };
    if (r < 0 || text_equal(text_make(out->bytes.ptr + start, place.end - start), one))
        return r;
    return buf_add(&out->places, &place, sizeof(place));
}

int compose(struct composed *out, struct sillok_text t)
{
    size_t at = skip_steady(t);
    out->text = t;
    if (at == t.len)
        return 0;
    int r = buf_add(&out->bytes, t.ptr, at);
    while (r == 0 && at < t.len) {
        const struct cluster c = cluster_at(t, at);
        r = add_cluster(out, t, at, c);
        at = c.end;
    }
    if (r == 0 && out->places.len)
        out->text = text_make(out->bytes.ptr, out->bytes.len);
    return r;
}

void composed_release(struct composed *c)
{
    buf_release(&c->bytes);
    buf_release(&c->places);
}

int composed_differs(const struct composed *c)
{
    return c->places.len != 0;
}

size_t composed_origin(const struct composed *c, size_t at)
{
    const struct place *v = (const struct place *)(const void *)c->places.ptr;
    size_t from = 0, to = c->places.len / sizeof(*v);
    while (from < to) { /* the first that ends behind it */
        const size_t mid = from + (to - from) / 2;
        *(v[mid].end <= at ? &from : &to) = v[mid].end <= at ? mid + 1 : mid;
    }
    if (from < c->places.len / sizeof(*v) && at > v[from].start)
        return v[from].from_end;
    return from ? v[from - 1].from_end + (at - v[from - 1].end) : at;
}
