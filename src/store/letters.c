#include "store/letters.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum {
    FIRST_CODE = 0x80,
    RAW_LETTER = 0xfe,
    RAW_BYTE = 0xff,
    N_CODES = RAW_LETTER - FIRST_CODE, /* of one byte, or the first of two */
    N_SECOND = 255
};
enum { LETTERS_MAX = 4096, N_POINTS = 1 << 16 };
/* Below U+0800 a letter has two bytes. */
enum { FIRST_OF_THREE = 0x800 };
/* A letter that a sample has once or twice is hardly met again. */
enum { LEAST_COUNT = 3 };

/* What a code stands for. Four bytes are written for each and `len` of them stay. */
struct meaning {
    uint8_t bytes[3];
    uint8_t len; /* 0: nothing */
};

struct letters {
    unsigned n, first_pair; /* L of the table in the header */
    uint16_t *points;
    /* By the first byte; from 256 on by 256 (first byte - first_pair) + second. */
    struct meaning meanings[];
};

/* The code of a letter, its first byte low, above 255 where there are two; 0 none. Of what
 * has three bytes the letters below U+0800 have none: nothing that is UTF-8 says them so. */
struct letters_table {
    uint16_t of_byte[256];
    uint16_t of_two[FIRST_OF_THREE];
    uint16_t of_three[N_POINTS];
};

/* --- in UTF-8 --- */

/* Has it two or three bytes in UTF-8? Surrogates have none. */
static int is_letter(unsigned point)
{
    return point >= FIRST_CODE && (point < 0xd800 || point > 0xdfff);
}

/* A letter of three bytes, well-formed or nearly so: reading does not ask. */
static int is_three(const uint8_t *p)
{
    return (p[0] & 0xf0) == 0xe0 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80;
}

static unsigned point_of_three(const uint8_t *p)
{
    return (p[0] & 15u) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u);
}

/* --- an alphabet --- */

/* First bytes of pairs are taken from the codes of one byte, each for 255 letters. */
static unsigned first_pair_of(unsigned n)
{
    unsigned pairs = 0;
    while (N_CODES - pairs + N_SECOND * pairs < n)
        pairs++;
    return RAW_LETTER - pairs;
}

static int compare_counts(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* The letter of two or three bytes that the text begins with; 0: it is another. Sets the
 * length of either. */
static unsigned letter_at(const uint8_t *p, size_t left, size_t *n)
{
    if (p[0] < FIRST_CODE) {
        *n = 1;
        return 0;
    }
    if (left >= 3 && is_three(p)) {
        const unsigned point = point_of_three(p);
        *n = 3;
        if (point >= FIRST_OF_THREE && is_letter(point))
            return point;
    }
    uint32_t cp;
    *n = utf8_decode((const char *)p, left, &cp);
    return *n == 2 || *n == 3 ? cp : 0;
}

static void count_letters(uint64_t counts[N_POINTS], struct sillok_text sample)
{
    const uint8_t *p = (const uint8_t *)sample.ptr;
    size_t n;
    for (size_t i = 0; i < sample.len; i += n)
        counts[letter_at(p + i, sample.len - i, &n)]++;
}

int letters_make(struct buf *out, struct sillok_text sample)
{
    uint64_t *counts = calloc(N_POINTS, sizeof(*counts));
    if (!counts)
        return fail_memory();
    count_letters(counts, sample);
    unsigned n = 0;
    /* Of letters that are as frequent, the lower one first: the same everywhere. */
    for (unsigned cp = FIRST_CODE; cp < N_POINTS; cp++)
        if (counts[cp] >= LEAST_COUNT)
            counts[n++] = counts[cp] << 16 | (N_POINTS - 1 - cp);
    qsort(counts, n, sizeof(*counts), compare_counts);
    if (n > LETTERS_MAX)
        n = LETTERS_MAX;
    int r = buf_add_varint(out, n);
    for (unsigned i = 0; i < n && r == 0; i++) {
        uint8_t point[2];
        put_be(point, N_POINTS - 1 - (counts[i] & (N_POINTS - 1)), sizeof(point));
        r = buf_add(out, point, sizeof(point));
    }
    free(counts);
    return r;
}

static struct meaning meaning_of(uint32_t cp)
{
    char bytes[4] = { 0 };
    struct meaning m = { .len = (uint8_t)utf8_encode(cp, bytes) };
    memcpy(m.bytes, bytes, sizeof(m.bytes));
    return m;
}

/* Where its meaning stands. */
static unsigned place_of(const struct letters *l, unsigned i)
{
    const unsigned singles = l->first_pair - FIRST_CODE, pair = i - singles;
    return i < singles ? FIRST_CODE + i
                       : 256 * (1 + pair / N_SECOND) + 1 + pair % N_SECOND;
}

/* Its code points, two bytes each; NULL: there are none such. */
static const uint8_t *take_points(struct cursor *c, size_t *n)
{
    const uint64_t count = cursor_varint(c);
    c->bad |= count > LETTERS_MAX;
    *n = c->bad ? 0 : (size_t)count;
    const uint8_t *points = cursor_bytes(c, 2 * *n);
    return c->bad ? NULL : points;
}

void letters_skip(struct cursor *c)
{
    size_t n;
    (void)take_points(c, &n);
}

int letters_read(struct letters **out, struct cursor *c)
{
    size_t n;
    const uint8_t *points = take_points(c, &n);
    if (!points)
        return fail(SILLOK_ECORRUPT, "an alphabet is damaged");
    const unsigned first_pair = first_pair_of((unsigned)n);
    const size_t places = 256 * (1 + (size_t)(RAW_LETTER - first_pair));
    CLEANUP(letters_free)
    struct letters *l =
        calloc(1, sizeof(*l) + places * sizeof(struct meaning) + n * sizeof(*l->points));
    if (!l)
        return fail_memory();
    l->n = (unsigned)n;
    l->first_pair = first_pair;
    l->points = (uint16_t *)(void *)(l->meanings + places);
    for (unsigned b = 0; b < FIRST_CODE; b++)
        l->meanings[b] = meaning_of(b);
    for (unsigned i = 0; i < n; i++) {
        l->points[i] = (uint16_t)get_be(points + 2 * (size_t)i, 2);
        if (!is_letter(l->points[i]))
            return fail(SILLOK_ECORRUPT, "an alphabet has what is no letter");
        l->meanings[place_of(l, i)] = meaning_of(l->points[i]);
    }
    *out = STEAL(l);
    return 0;
}

void letters_free(struct letters *l)
{
    free(l);
}

int letters_table_new(struct letters_table **out, const struct letters *l)
{
    struct letters_table *t = calloc(1, sizeof(*t));
    if (!t)
        return fail_memory();
    for (unsigned b = 1; b < FIRST_CODE; b++)
        t->of_byte[b] = (uint16_t)b;
    for (unsigned i = 0; i < l->n; i++) {
        const unsigned place = place_of(l, i), first = l->first_pair + place / 256 - 1;
        const unsigned code = place < 256 ? place : first | place % 256 << 8;
        uint16_t *of = l->points[i] < FIRST_OF_THREE ? t->of_two : t->of_three;
        of[l->points[i]] = (uint16_t)code;
    }
    *out = t;
    return 0;
}

void letters_table_free(struct letters_table *t)
{
    free(t);
}

/* --- writing --- */

/* Two bytes are written always, and one of them stays where there is one. */
static uint8_t *put_code(uint8_t *to, unsigned code)
{
    to[0] = (uint8_t)code;
    to[1] = (uint8_t)(code >> 8);
    return to + 1 + (code > 0xff);
}

static int is_two(const uint8_t *p)
{
    return (p[0] & 0xe0) == 0xc0 && (p[1] & 0xc0) == 0x80;
}

static unsigned point_of_two(const uint8_t *p)
{
    return (p[0] & 31u) << 6 | (p[1] & 63u);
}

/* The letter at @p, whatever it is; returns how many bytes it has. */
static size_t put_rare(const struct letters_table *t, uint8_t **to, const uint8_t *p,
                       size_t left)
{
    const int three = left >= 3 && is_three(p), two = left >= 2 && is_two(p);
    const unsigned code = three ? t->of_three[point_of_three(p)]
                          : two ? t->of_two[point_of_two(p)]
                                : t->of_byte[p[0]];
    const size_t n = three ? 3 : two && code ? 2 : 1;
    if (code || p[0] == 0) {
        *to = put_code(*to, code);
        return n;
    }
    *(*to)++ = three ? RAW_LETTER : RAW_BYTE;
    memcpy(*to, p, n);
    *to += n;
    return n;
}

int letters_encode(const struct letters_table *t, struct buf *out, struct sillok_text raw)
{
    const int r = buf_reserve(out, letters_bound(raw.len) + 2);
    if (r < 0)
        return r;
    uint8_t *to = (uint8_t *)out->ptr + out->len;
    const uint8_t *p = (const uint8_t *)(raw.len ? raw.ptr : ""), *const end =
                                                                      p + raw.len;
    while (end - p >= 4) {
        unsigned code;
        if (is_three(p) && (code = t->of_three[point_of_three(p)]) != 0) {
            /* With the blank behind it, or what else of ASCII: when words end is hard to
             * guess. */
            const unsigned more = p[3] < FIRST_CODE;
            to = put_code(to, code);
            *to = p[3];
            to += more;
            p += 3 + more;
        } else if ((code = t->of_byte[p[0]]) != 0) {
            to = put_code(to, code);
            p++;
        } else if (is_two(p) && (code = t->of_two[point_of_two(p)]) != 0) {
            to = put_code(to, code);
            p += 2;
        } else {
            uint8_t *rare = to; /* `to` stays in a register */
            p += put_rare(t, &rare, p, (size_t)(end - p));
            to = rare;
        }
    }
    while (p < end)
        p += put_rare(t, &to, p, (size_t)(end - p));
    out->len = (size_t)(to - (uint8_t *)out->ptr);
    return 0;
}

/* --- reading --- */

static int not_coded(void)
{
    return fail(SILLOK_ECORRUPT, "a stored text is none of its alphabet");
}

int letters_decode(const struct letters *l, struct buf *out, struct sillok_text coded,
                   size_t raw_len)
{
    /* Four bytes are written for each letter, also for the last. */
    const int r = buf_reserve(out, raw_len + sizeof(struct meaning));
    if (r < 0)
        return r;
    uint8_t *to = (uint8_t *)out->ptr + out->len, *const end_to = to + raw_len;
    const uint8_t *p = (const uint8_t *)coded.ptr, *const end = p + coded.len;
    while (p < end && to <= end_to) {
        const unsigned c = p[0];
        struct meaning m;
        if (c < l->first_pair) {
            m = l->meanings[c];
            p++;
        } else if (c < RAW_LETTER && end - p >= 2) {
            m = l->meanings[256 * (1 + c - l->first_pair) + p[1]];
            p += 2;
        } else {
            const size_t n = c == RAW_LETTER ? 3 : 1;
            if (c < RAW_LETTER || (size_t)(end - p) <= n || (size_t)(end_to - to) < n)
                return not_coded();
            memcpy(to, p + 1, n);
            to += n;
            p += 1 + n;
            continue;
        }
        memcpy(to, &m, sizeof(m));
        if (m.len == 0)
            return not_coded();
        to += m.len;
    }
    if (p != end || to != end_to)
        return not_coded();
    out->len += raw_len;
    return 0;
}
