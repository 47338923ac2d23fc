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

/**
 * Append the versions (uint32_t, ascending) that may have all the words: what the index
 * names, and all that are not in it. Mends a damaged index once; then does without.
 *
 * @param words      struct sillok_text, folded, @p n of them
 * @param only_many  of articles with more than one version only
 */
int find_candidates(struct sillok_find *find, const struct sillok_text *words, size_t n,
                    int only_many, struct buf *out);

#endif
