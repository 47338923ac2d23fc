/*
 * Shingles: a text as the set of its runs of five characters.
 *
 * The text is F1 (diff/normal.h) in lower case, so that white space, quotation marks and
 * case make no difference. A shingle is five code points that follow each other, known by
 * the XXH3-64 of their numbers. Similarity is that of sets (Jaccard): shingles that
 * both have, of all that either has.
 *
 * Cost: one pass over F1 and a hash per character; sorting only for the exact figure.
 */
#ifndef NEAR_SHINGLE_H
#define NEAR_SHINGLE_H

#include "base/buf.h"

enum {
    SHINGLE_CHARS = 5,
    SHINGLE_TEXT_MIN = 20 /* characters; below, only equality says something */
};

/** The shingles of a text. Reusable. */
struct shingles {
    struct buf f1, lower;
    struct buf hashes; /* uint64_t: one per place, or a sorted set */
    size_t n;          /* of hashes */
    size_t n_chars;    /* code points of the lower-case F1 */
    uint64_t f1_hash;  /* XXH3-64 of F1, before the case is folded */
};

void shingles_init(struct shingles *s);
void shingles_release(struct shingles *s);

/** Take the shingles of @p text, any bytes, in their order with repetitions. */
int shingles_read(struct shingles *s, struct sillok_text text);

/** Make the hashes a set: sorted, each once. */
void shingles_sort(struct shingles *s);

const uint64_t *shingles_hashes(const struct shingles *s);

/** Jaccard of two sorted sets; 0 where both are empty. */
double shingles_jaccard(const uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b);

#endif
