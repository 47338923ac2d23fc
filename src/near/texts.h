/*
 * Versions as comparing needs them: where each stands in its article's chain, and the set
 * of its shingles. Kept while a question is answered; sets are dropped when they grow
 * past a bound.
 */
#ifndef NEAR_TEXTS_H
#define NEAR_TEXTS_H

#include "base/map.h"
#include "near/near.h"

/** Where a version stands: the last revision that shows it. */
struct text_info {
    uint64_t article;
    int64_t first_s;
    uint32_t version, revision;
    int newest;
};

/** What a version says. */
struct text_set {
    struct sillok_text f1; /* only of short texts; NULL else */
    uint64_t f1_hash;
    const uint64_t *hashes; /* sorted */
    size_t n;
    int is_short;
};

struct texts {
    struct sillok_store *store;
    struct buf infos; /* struct text_info */
    struct map by_version;
    struct buf sets; /* struct text_set, each owns its memory */
    struct map set_of;
    size_t set_bytes;
    struct near_reader reader;
    struct buf links;
};

void texts_init(struct texts *t, struct sillok_store *store);
void texts_release(struct texts *t);

/** Number of the info of a version, from 0; the numbers stay. Negative error. */
int64_t texts_info(struct texts *t, uint32_t version);
struct text_info *texts_at(const struct texts *t, size_t i);
size_t texts_count(const struct texts *t);

/** Both borrowed until the next call. */
int texts_sets(struct texts *t, uint32_t a, uint32_t b, const struct text_set **set_a,
               const struct text_set **set_b);

/** Similarity that decides: that of the shingles; of short texts 1 for equality, else 0.
 */
double text_set_similarity(const struct text_set *a, const struct text_set *b);

#endif
