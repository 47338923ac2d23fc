/*
 * Numbers that become other numbers, nearly in the same order.
 *
 * Things are taken by their old numbers, ascending, some of which may be missing, and given
 * new ones from 1 on, in another order. A new number differs little from how many were taken
 * before, so that count is kept for each block of old numbers, and for each old one the
 * difference: two bytes a number, 20 MB for ten millions.
 */
#ifndef STORE_NUMBERS_H
#define STORE_NUMBERS_H

#include "base/buf.h"

struct numbers {
    struct buf counts;      /* uint64_t: how many were taken before a block */
    struct buf differences; /* uint16_t, see numbers.c */
    uint64_t n_taken, n_given;
};

void numbers_init(struct numbers *n);
void numbers_release(struct numbers *n);

/** @p old is larger than all that were taken. */
int numbers_take(struct numbers *n, uint64_t old);
/** It gets the next number. At most 32,000 may be taken between that and numbers_take(). */
int numbers_give(struct numbers *n, uint64_t old);
/** The new number; 0: it was given none. */
uint64_t numbers_of(const struct numbers *n, uint64_t old);

#endif
