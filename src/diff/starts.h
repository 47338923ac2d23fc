/*
 * What the words of a list may begin with: of a place in a text it tells, without a look at
 * the list, that most likely none of them begins there.
 */
#ifndef DIFF_STARTS_H
#define DIFF_STARTS_H

#include <stdint.h>

/** A bit for each of 4,096 kinds of beginnings; all zero: of none. */
struct starts {
    uint64_t kinds[64];
};

/** @param start  the first bytes of a word, as its user makes a number of them */
static inline uint32_t starts_kind(uint32_t start)
{
    return start * UINT32_C(2654435761) >> 20;
}

static inline void starts_add(struct starts *s, uint32_t start)
{
    s->kinds[starts_kind(start) / 64] |= UINT64_C(1) << starts_kind(start) % 64;
}

/** 0: no word that was added begins so. 1: one does, or another of the same kind. */
static inline int starts_may_be(const struct starts *s, uint32_t start)
{
    return (int)(s->kinds[starts_kind(start) / 64] >> starts_kind(start) % 64 & 1);
}

#endif
