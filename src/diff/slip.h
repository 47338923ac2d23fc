/*
 * Is a small difference a slip of the pen, or another word?
 *
 * Two syllables are most nouns in Korean: 사망 and 부상, 검찰 and 법원 are as near to each other,
 * counted in characters, as 서을 and 서울. What tells them apart is how much of the word stays,
 * counted in what is typed: the letters of a syllable, and those of an alphabet.
 */
#ifndef DIFF_SLIP_H
#define DIFF_SLIP_H

#include "base/buf.h"

/** Edit distance in characters that are not blank, or 99 where it is above @p max or a side
 *  is longer than 24. */
unsigned slip_distance(struct sillok_text a, struct sillok_text b, unsigned max);

/** 1 when another word stands there: most of its letters are others. Where letters only
 *  came, or only went, it is the same word, but for what stands before one: 총리, 부총리.
 *  @param before, after          whole words
 *  @param cut_before, cut_after  less the common start and end */
int slip_is_other_word(struct sillok_text before, struct sillok_text cut_before,
                       struct sillok_text after, struct sillok_text cut_after);

#endif
