#include "near/sketch.h"

#include "base/buf.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { BIN_SHIFT = 57 }; /* 64 less the bits of SKETCH_BINS */
_Static_assert(SKETCH_BINS == 1 << (64 - BIN_SHIFT), "bins are named by the upper bits");
_Static_assert(SKETCH_BANDS *SKETCH_ROWS <= SKETCH_BINS, "bands fit into the bins");

/* A bin that had a shingle, to fill the empty bin @p i from. */
static unsigned donor_of(unsigned i, const uint8_t full[SKETCH_BINS])
{
    uint8_t name[8];
    for (uint32_t attempt = 1;; attempt++) {
        put_be(name, i, 4);
        put_be(name + 4, attempt, 4);
        const unsigned k = (unsigned)(XXH3_64bits(name, sizeof(name)) >> BIN_SHIFT);
        if (full[k])
            return k;
    }
}

void sketch_make(struct sketch *out, const uint64_t *hashes, size_t n)
{
    uint8_t full[SKETCH_BINS] = { 0 };
    unsigned n_full = 0;
    memset(out->bins, 0xff, sizeof(out->bins));
    for (size_t i = 0; i < n; i++) {
        uint32_t *bin = &out->bins[hashes[i] >> BIN_SHIFT];
        const uint32_t v = (uint32_t)hashes[i];
        *bin = v < *bin ? v : *bin;
        full[hashes[i] >> BIN_SHIFT] = 1;
    }
    for (unsigned i = 0; i < SKETCH_BINS; i++)
        n_full += full[i];
    for (unsigned i = 0; i < SKETCH_BINS && n_full; i++)
        if (!full[i])
            out->bins[i] = out->bins[donor_of(i, full)];
}

void sketch_pack(uint8_t out[SKETCH_BYTES], const struct sketch *s)
{
    for (size_t i = 0; i < SKETCH_BYTES; i++)
        out[i] = (uint8_t)((s->bins[2 * i] & 15) | (s->bins[2 * i + 1] & 15) << 4);
}

/* Zero half bytes of @p x. */
static unsigned zero_nibbles(uint64_t x)
{
    const uint64_t low = 0x1111111111111111u;
    x |= x >> 1;
    x |= x >> 2;
    return 16 - (unsigned)__builtin_popcountll(x & low);
}

double sketch_estimate(const uint8_t a[SKETCH_BYTES], const uint8_t b[SKETCH_BYTES])
{
    unsigned same = 0;
    for (int i = 0; i < SKETCH_BYTES; i += 8) {
        uint64_t x, y;
        memcpy(&x, a + i, sizeof(x));
        memcpy(&y, b + i, sizeof(y));
        same += zero_nibbles(x ^ y);
    }
    const double chance = 1.0 / 16, share = (double)same / SKETCH_BINS;
    return (share - chance) / (1 - chance);
}

uint64_t sketch_band(const struct sketch *s, int band)
{
    uint8_t row[4 * SKETCH_ROWS];
    const uint32_t *bins = s->bins + (size_t)band * SKETCH_ROWS;
    for (size_t i = 0; i < SKETCH_ROWS; i++)
        put_be(row + 4 * i, bins[i], 4);
    const uint64_t h = XXH3_64bits_withSeed(row, sizeof(row), (XXH64_hash_t)band);
    return h >> (64 - SKETCH_BAND_BITS);
}
