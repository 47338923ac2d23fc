/*
 * Units of numbers: a rate that rose by 0.5% and one that rose by 0.5%p, 35kg and 35t, 5억원 and
 * 5억달러 differ in nothing else.
 *
 * How a unit is written does not matter (kg, ㎏, 킬로그램). What is counted one by one (명,
 * 건, 개) is no unit here: 4개 지역 and 4곳 are one.
 */
#ifndef DIFF_UNIT_H
#define DIFF_UNIT_H

#include "base/buf.h"

/** 1 when a number in a change, or right before it, has another unit. The texts of the change
 *  stand in all of the texts, which are borrowed; both have as many numbers, and one that has
 *  no unit on a side that is known says nothing. */
int units_differ(struct sillok_text before, struct sillok_text all_before,
                 struct sillok_text after, struct sillok_text all_after);

#endif
