/*
 * The handle behind sillok/find.h, and which articles a question is about.
 */
#ifndef FIND_FIND_H
#define FIND_FIND_H

#include "find/index.h"

#include "sillok/find.h"

struct sillok_find {
    struct sillok_store *store;
    struct find_place place;
    int no_update;
    uint64_t behind;
};

struct find_question {
    const struct sillok_text *words; /* folded; squeezed with any_blanks */
    size_t n_words;
    int any_blanks; /* the words stand wherever they would without blanks */
    int only_many;  /* of articles with more than one version only */
};

/** Append the versions (uint32_t, ascending) that may have all the words: what the index
 *  names, and all that are not in it. Mends a damaged index once; then does without. */
int find_candidates(struct sillok_find *find, const struct find_question *question,
                    struct buf *out);

#endif
