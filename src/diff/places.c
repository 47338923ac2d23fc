#include "diff/places.h"

#include "diff/change.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Seeds of the fields; the body's is 0. Neither ever changes: the numbers are stored. */
enum { FIELD_SEED = 1000003 };

static uint64_t hash_pair(uint64_t seed, struct sillok_text a, struct sillok_text b)
{
    const uint64_t h = XXH3_64bits_withSeed(a.ptr ? a.ptr : "", a.len, seed);
    return XXH3_64bits_withSeed(b.ptr ? b.ptr : "", b.len, h + a.len);
}

static int add_place(struct buf *out, uint64_t hash)
{
    const uint64_t place = hash & (((uint64_t)1 << 8 * PLACE_BYTES) - 1);
    return buf_add(out, &place, sizeof(place));
}

/* White space around a line that came or went does not make it another. */
static struct sillok_text trimmed(struct sillok_text t)
{
    while (t.len && strchr(" \t\r\n", t.ptr[0]) && t.ptr[0])
        t.ptr++, t.len--;
    while (t.len && strchr(" \t\r\n", t.ptr[t.len - 1]) && t.ptr[t.len - 1])
        t.len--;
    return t;
}

static int add_body_places(struct buf *out, const struct changes *c)
{
    int r = 0;
    for (size_t k = 0; r == 0 && k < c->n; k++)
        r = add_place(out,
                      hash_pair(0, trimmed(c->v[k].old_text), trimmed(c->v[k].new_text)));
    return r;
}

static int compare_places(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return x < y ? -1 : x > y;
}

/* However often it stands there, a place counts once. */
static void make_unique(struct buf *out, size_t start)
{
    uint64_t *v = (uint64_t *)(void *)(out->ptr + start);
    const size_t n = (out->len - start) / sizeof(*v);
    if (n < 2)
        return;
    qsort(v, n, sizeof(*v), compare_places);
    size_t kept = 1;
    for (size_t i = 1; i < n; i++)
        if (v[i] != v[kept - 1])
            v[kept++] = v[i];
    out->len = start + kept * sizeof(*v);
}

static int add_field_places(struct buf *out, const struct sillok_article *before,
                            const struct sillok_article *after)
{
    int r = 0;
    for (int k = 0; k < SILLOK_N_FIELDS && r == 0; k++)
        if (!text_equal(before->fields[k], after->fields[k]))
            r = add_place(out, hash_pair(((uint64_t)k + 1) * FIELD_SEED,
                                         before->fields[k], after->fields[k]));
    return r;
}

int places_classify(struct sillok_change_class *what, struct buf *places,
                    const struct sillok_article *before,
                    const struct sillok_article *after)
{
    struct changes body = { 0 };
    const size_t start = places->len;
    int r = change_classify(what, before, after, NULL, &body);
    if (r == 0)
        r = add_field_places(places, before, after);
    if (r == 0)
        r = add_body_places(places, &body);
    if (r == 0)
        make_unique(places, start);
    changes_release(&body);
    return r;
}
