/*
 * Sketches: 64 bytes of a text that tell how alike two texts are, and 16 numbers that are
 * likely to be shared by texts that are.
 *
 * One-permutation MinHash (Li, Owen, Zhang 2012): the shingles' hashes fall into 128 bins
 * by their upper 7 bits, and each bin keeps the least of their lower 32 bits. An empty
 * bin is filled from a full one that a hash of (bin, attempt) names (optimal
 * densification, Shrivastava 2017), so two texts fill theirs alike. In a bin two texts
 * agree with the probability of their Jaccard similarity.
 *
 * Of each bin 4 bits are kept: those agree by chance once in 16, which the estimate takes
 * off. A band is a hash of 4 whole bins; 16 bands use the first 64. Two texts share a
 * band with probability 1 - (1 - J^4)^16: 0.99 at J 0.7, 0.64 at 0.5.
 */
#ifndef NEAR_SKETCH_H
#define NEAR_SKETCH_H

#include <stddef.h>
#include <stdint.h>

enum {
    SKETCH_BINS = 128,
    SKETCH_BYTES = SKETCH_BINS / 2,
    SKETCH_BANDS = 16,
    SKETCH_ROWS = 4,
    SKETCH_BAND_BITS = 40
};

struct sketch {
    uint32_t bins[SKETCH_BINS];
};

/** @p n hashes in any order, repetitions do not matter; at least 1. */
void sketch_make(struct sketch *out, const uint64_t *hashes, size_t n);

/** 4 bits a bin: bin 2i in the lower half of byte i, bin 2i + 1 in the upper. */
void sketch_pack(uint8_t out[SKETCH_BYTES], const struct sketch *s);

/** Estimated Jaccard of two packed sketches; may be a little below 0. */
double sketch_estimate(const uint8_t a[SKETCH_BYTES], const uint8_t b[SKETCH_BYTES]);

/** The number of @p band, SKETCH_BAND_BITS wide. */
uint64_t sketch_band(const struct sketch *s, int band);

#endif
