/*
 * The numbers of a piece of text, to tell whether others stand there now.
 */
#ifndef DIFF_NUMBER_H
#define DIFF_NUMBER_H

#include "base/utf8.h"

/**
 * A sum over the numbers of @p t: the same for the same multiset of values.
 *
 * A number is a run of digits with what multiplies it (3천, 1조 2,000억), or two or more
 * Korean numerals before a unit (삼십명). It counts by its value, so 3,000, 3000 and 3천
 * are one; a minus, △, ▽, ▼ or ± before it counts, a decimal point too. Digits between
 * letters (a4b) are part of a name.
 */
uint64_t numbers_sum(struct sillok_text t);

/** Bytes of a sign of money at the start of @p t, 0 when there is none; @p which, if not
 *  NULL, is its place in the list of them. */
size_t number_money(struct sillok_text t, int *which);

#endif
