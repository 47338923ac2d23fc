#include "near/anchors.h"

#include "base/utf8.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

/* The start of the ANCHOR_CHARS characters that end before @p end, or @p end where there
 * are not as many. Counts the bytes that begin a character, so it asks nothing that
 * stands before them. */
static size_t start_of(struct sillok_text t, size_t end)
{
    size_t i = end;
    for (int n = 0; n < ANCHOR_CHARS; n++) {
        if (i == 0)
            return end;
        i = utf8_before(t, i);
    }
    return utf8_is_tail(t.ptr[i]) ? end : i;
}

static int find_stops(struct buf *out, struct sillok_text lower, char stop)
{
    const char *end = lower.ptr + lower.len, *at = lower.ptr;
    int r = 0;
    while (r == 0 && at < end && (at = memchr(at, stop, (size_t)(end - at)))) {
        const size_t i = (size_t)(++at - lower.ptr), start = start_of(lower, i);
        if (start == i)
            continue;
        const uint64_t hash = XXH3_64bits(lower.ptr + start, i - start);
        r = buf_add(out, &hash, sizeof(hash));
    }
    return r;
}

int anchors_find(struct buf *out, struct sillok_text lower)
{
    int r = 0;
    for (const char *stop = ".?!"; *stop && lower.len && r == 0; stop++)
        r = find_stops(out, lower, *stop);
    return r;
}

/* The probes of an anchor among @p n_bits, below 2^32: both halves of it, as in Kirsch
 * and Mitzenmacher 2006, scaled rather than divided. */
static size_t probe(uint64_t anchor, uint32_t i, size_t n_bits)
{
    const uint32_t h = (uint32_t)anchor + i * ((uint32_t)(anchor >> 32) | 1);
    return (size_t)((uint64_t)h * n_bits >> 32);
}

int anchors_pack(struct buf *out, const uint64_t *anchors, size_t n)
{
    const size_t n_bytes = (n * ANCHOR_BITS + 7) / 8, start = out->len;
    const int r = n_bytes ? buf_reserve(out, n_bytes) : 0;
    if (r < 0 || !n_bytes)
        return r;
    uint8_t *bits = (uint8_t *)out->ptr + start;
    memset(bits, 0, n_bytes);
    out->len += n_bytes;
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < ANCHOR_PROBES; k++) {
            const size_t bit = probe(anchors[i], k, 8 * n_bytes);
            bits[bit / 8] |= (uint8_t)(1u << bit % 8);
        }
    return 0;
}

int anchors_may_be_in(struct sillok_text packed, const uint64_t *anchors, size_t n)
{
    const uint8_t *bits = (const uint8_t *)packed.ptr;
    if (!packed.len)
        return n == 0;
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < ANCHOR_PROBES; k++) {
            const size_t bit = probe(anchors[i], k, 8 * packed.len);
            if (!(bits[bit / 8] >> bit % 8 & 1))
                return 0;
        }
    return 1;
}
